"""The play of the demo tenant, without a database: the same wish is the same play, and what it says is true."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from nightowl_cli.demo.catalogue import problem, problems, signal
from nightowl_cli.demo.story import Wish, tell
from nightowl_cli.simulate.bodies import PATHS, Posted, over
from nightowl_common.ids import new_id
from nightowl_enrichment.engine import PatternBook
from nightowl_enrichment.model import StoredPattern
from nightowl_ingest.engine import READERS
from nightowl_ingest.model import Limits

NOW = datetime(2026, 3, 29, 6, 30, tzinfo=UTC)


def test_the_same_wish_is_the_same_play():
    """Row by row; another seed is another one."""
    plays = [tell(Wish(seed=seed, now=NOW, days=9, scale=0.3)).digest() for seed in (7, 7, 8)]

    assert plays[0] == plays[1] != plays[2]


@pytest.mark.parametrize("days", [2, 9])
def test_nothing_happens_after_now(days):
    """Not in a row of what alerts went through."""
    rows = tell(Wish(now=NOW, days=days, scale=0.5)).tables

    assert max(row["at"] for row in rows["alert_timeline"]) <= NOW + timedelta(minutes=1)
    assert all(row["first_fired_at"] < NOW for row in rows["alerts"])
    assert all(row["at"] <= NOW for row in rows["audit_log"])


@pytest.mark.parametrize("hour", range(0, 24, 4))
def test_a_small_play_has_something_of_everything_at_any_hour(hour):
    """Whoever shows a demo at midnight finds votes about entries as well."""
    rows = tell(Wish(now=NOW.replace(hour=hour), days=6, scale=0.4)).tables

    assert rows["alert_votes"], "nobody said whether an entry helped"


def test_what_is_written_down_is_found_by_its_words():
    """Each error pattern fits every instance of its own problem, or people's words, which alerts do not say."""
    for what in problems():
        patterns = [] if what.knowledge is None else what.knowledge.patterns
        book = PatternBook([StoredPattern(incident_id=new_id(), title=what.name, pattern=each) for each in patterns])
        for instance in range(what.instances if patterns else 0):
            found = signal(what, instance)
            if what.name not in {"KubeDeploymentReplicasMismatch", "JobFailed"}:  # theirs are lines of a log
                assert book.find(f"{found.title}\n{found.description}"), (what.name, found.description)


@pytest.mark.parametrize("name", sorted({each.source: each.name for each in problems()}.values()))
@pytest.mark.parametrize("is_over", [False, True])
def test_bodies_are_read_as_they_are_meant(name, is_over):
    """By the very readers that the webhooks use: severity, title, service and state of each source."""
    what = problem(name)
    posted = Posted(signals=[signal(what, 0), signal(what, 1)], began=NOW, at=NOW)
    sent = over(posted, after=timedelta(minutes=5)) if is_over else posted

    reading = READERS[PATHS[sent.source]](msgspec.json.encode(sent.body()), Limits())

    assert reading.rejected == []
    first = reading.alerts[0]
    assert (first.title, first.severity) == (posted.signals[0].title, what.severity)
    assert first.labels["service"] == what.service
    assert first.status == ("resolved" if is_over else "firing")
    if what.source == "signoz":
        assert reading.source == "signoz"
    else:
        assert first.fingerprint == posted.signals[0].fingerprint

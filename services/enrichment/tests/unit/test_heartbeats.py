"""Which alerts are beats, and when a miss may be believed."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from nightowl_alerting.noise.model import Matcher
from nightowl_alerting.transitions import Received
from nightowl_contracts import ReceivedAlert
from nightowl_enrichment.engine import Patience, find_beats
from nightowl_enrichment.model import Beat, Watched


def received(*, source="alertmanager", status="firing", **labels) -> Received:
    alert = ReceivedAlert(index=0, fingerprint="f", status=status, severity="info", title="Watchdog", labels=labels)
    at = datetime(2026, 3, 1, tzinfo=UTC)
    return Received(alert=alert, source=source, receipt_id=UUID(int=1), new_id=UUID(int=2), at=at)


def watched(*matchers: tuple[str, str, str], n: int = 1) -> Watched:
    return Watched(id=UUID(int=n), matchers=[Matcher(name=name, op=op, value=value) for name, op, value in matchers])


WATCHDOG = watched(("alertname", "=", "Watchdog"))


def test_a_beat_of_a_name_is_one_whatever_matchers_say():
    """The source says it; the label says whose."""
    beats = find_beats([received(source="heartbeat", status="resolved", heartbeat="nightly")], [WATCHDOG])

    assert beats == [Beat(position=0, name="nightly")]


def test_only_a_firing_alert_that_fits_every_matcher_is_a_beat():
    """What fits one of two is an ordinary alert, and so is the end of a watchdog."""
    both = watched(("alertname", "=", "Watchdog"), ("cluster", "=", "eu"))
    alerts = [
        received(alertname="Watchdog", cluster="us"),
        received(alertname="Watchdog", cluster="eu"),
        received(alertname="Watchdog", cluster="eu", status="resolved"),
    ]

    assert find_beats(alerts, [both]) == [Beat(position=1, heartbeat_id=both.id)]


def test_an_alert_may_be_a_beat_of_several():
    """Each of them has heard it."""
    other = watched(("alertname", "=~", "Watch.*"), n=2)

    beats = find_beats([received(alertname="Watchdog")], [WATCHDOG, other])

    assert [each.heartbeat_id for each in beats] == [WATCHDOG.id, other.id]


def test_a_miss_is_believed_at_once_when_all_is_handled():
    """Nothing received can still be the missing beat."""
    assert Patience(60).is_over(lag=0, now=5.0)


@pytest.mark.parametrize("lag", [3, None])
def test_a_miss_waits_while_calls_are_not_handled_but_not_for_ever(lag):
    """Behind, or with nobody to ask: 60 s without a break, then it is told all the same."""
    patience = Patience(60)

    assert not patience.is_over(lag=lag, now=100.0)
    assert not patience.is_over(lag=lag, now=159.0)
    assert patience.is_over(lag=lag, now=160.0)


def test_having_caught_up_once_begins_the_wait_anew():
    """What is unhandled now came later."""
    patience = Patience(60)
    patience.is_over(lag=3, now=100.0)
    patience.is_over(lag=0, now=150.0)

    assert not patience.is_over(lag=3, now=161.0)

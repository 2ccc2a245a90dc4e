"""The verdicts of a soak can fail: what is made up to grow is called growth, and noise is not."""

import math
import random
from datetime import UTC, datetime

import pytest
from promises import judge
from recording import Account, Disturbance, Life, Recording, Trouble

MINUTES = 60
TIMES = range(0, MINUTES * 60, 10)


@pytest.fixture
def recording():
    """An hour in which nothing happened but noise, and ingest was started twice in its second half."""
    made = Recording(minutes=MINUTES, rate=3, began_at=datetime(2026, 1, 1, tzinfo=UTC))
    made.account = Account(accepted=1000, pages=10, seconds_to_rest=1.0)
    made.lives = [
        Life(process="ingest", began=0.0, ended=2000.0),
        Life(process="ingest", began=2010.0, ended=2700.0),
        Life(process="ingest", began=2710.0),
    ]
    return made


def fill(recording, name, value):
    """A series whose value is a function of the time in seconds."""
    for at in TIMES:
        recording.note(name, float(at), value(at))


def noisy(level, spread):
    dice = random.Random(7)
    return lambda _at: level + dice.gauss(0, spread)


def verdict(recording, promise, subject):
    [found] = [each for each in judge(recording) if each.promise == promise and each.subject == subject]
    return found


AGE = "memory does not grow with age"
LIVES = "memory at the same age is the same in later lives"


def test_memory_that_is_noisy_and_flat_is_no_growth(recording):
    """Spikes of a tenth up and down, a warm-up at the start of each life."""
    noise, starts = noisy(100, 8), [life.began for life in recording.lives]
    fill(
        recording,
        "process.ingest.anonymous_mib",
        lambda at: noise(at) - 20 * math.exp(-(at - max(s for s in starts if s <= at)) / 60),
    )

    assert verdict(recording, AGE, "ingest").is_kept is True
    assert verdict(recording, LIVES, "ingest").is_kept is True


def test_memory_that_leaks_in_the_noise_is_growth(recording):
    """20 MiB an hour, with noise of 4 MiB; each start begins anew."""
    noise, starts = noisy(100, 4), [life.began for life in recording.lives]
    fill(
        recording,
        "process.ingest.anonymous_mib",
        lambda at: noise(at) + 20 * (at - max(s for s in starts if s <= at)) / 3600,
    )

    assert verdict(recording, AGE, "ingest").is_kept is False
    assert verdict(recording, LIVES, "ingest").is_kept is True


def test_memory_that_follows_the_history_is_growth_from_life_to_life(recording):
    """Flat in each life, 15 MiB more in each next one."""
    noise, starts = noisy(100, 2), [life.began for life in recording.lives]
    fill(recording, "process.ingest.anonymous_mib", lambda at: noise(at) + 15 * sum(s <= at for s in starts))

    assert verdict(recording, AGE, "ingest").is_kept is True
    assert verdict(recording, LIVES, "ingest").is_kept is False


def test_a_life_that_is_too_short_tells_nothing(recording):
    """Nobody is acquitted by a run of a few minutes."""
    recording.lives = [Life(process="ingest", began=0.0, ended=700.0)]
    fill(recording, "process.ingest.anonymous_mib", noisy(100, 1))

    assert verdict(recording, AGE, "ingest").is_kept is None


@pytest.mark.parametrize(
    ("series", "promise", "subject", "good", "bad"),
    [
        ("consumer.enrichment.lag", "lag returns to 0", "enrichment", lambda at: 500 * (at % 600 < 30), lambda at: at / 60),
        ("metric.escalation.outbox_age_s", "queues are emptied", "outbox_age", lambda at: 8 * (at % 900 < 20), lambda at: at / 100),
        ("metric.query.connections_used", "connections to Postgres stay", "nightowl-query", noisy(2, 0.4), lambda at: 1 + at // 600),
        ("latency.api.p50_ms", "answers do not get slower", "api, p50", noisy(20, 6), lambda at: 20 + at / 60),
        ("process.nats.rss_mib", "servers' memory does not grow", "nats", noisy(40, 5), lambda at: 40 + at / 36),
        ("redis.keys_for_ever", "Redis holds what it forgets", "keys without an end", lambda _: 0.0, lambda at: at // 600),
        ("postgres.inbox_partitions", "housekeeping works", "partitions of the inbox", lambda _: 76.0, lambda at: 76 + at // 600),
    ],
    ids=lambda value: value if isinstance(value, str) and "." in value else "",
)  # fmt: skip
def test_a_series_that_returns_is_kept_and_one_that_grows_is_broken(recording, series, promise, subject, good, bad):
    """For each promise by a series of its own."""
    growing = Recording(minutes=MINUTES, rate=3, began_at=recording.began_at, account=recording.account)
    for each in (recording, growing):
        fill(each, "latency.healthz.p50_ms", lambda _at: 2.0)
        fill(each, "connections.nightowl-query", lambda _at: 8.0)

    fill(recording, series, good)
    fill(growing, series, bad)

    assert verdict(recording, promise, subject).is_kept is True
    assert verdict(growing, promise, subject).is_kept is False


def test_more_work_may_cost_more_and_the_same_work_may_not(recording):
    """A storm in the last third doubles both; a list that is read anew each time doubles the cost alone."""
    fill(recording, "traffic.calls", lambda at: 10 * at + 10 * max(0, at - 2400))
    fill(recording, "process.query.cpu_percent", lambda at: 4 + 4 * (at >= 2400))
    fill(recording, "process.escalation.cpu_percent", lambda at: 4 + 4 * at / 1800)

    assert verdict(recording, "the same work costs the same", "query, CPU").is_kept is True
    assert verdict(recording, "the same work costs the same", "escalation, CPU").is_kept is True

    recording.series["traffic.calls"] = [(at, 10 * at) for at, _calls in recording.series["traffic.calls"]]
    assert verdict(recording, "the same work costs the same", "escalation, CPU").is_kept is False


def test_dead_rows_and_bytes_per_live_row_are_told_from_a_table_that_only_fills(recording):
    """A table that fills keeps both; one whose rows die and stay keeps neither."""
    fill(recording, "table.tenant.alerts.live", lambda at: 1_000 + at)
    fill(recording, "table.tenant.alerts.dead", lambda at: 900 * (at % 60) / 60)
    fill(recording, "table.tenant.alerts.bytes", lambda at: 1_000.0 * (1_000 + at))
    fill(recording, "table.public.timers.live", lambda _: 2_000.0)
    fill(recording, "table.public.timers.dead", float)
    fill(recording, "table.public.timers.bytes", lambda at: 1_000_000.0 + 1_000 * at)

    assert verdict(recording, "dead rows are taken away", "tenant.alerts").is_kept is True
    assert verdict(recording, "bytes per live row stay", "tenant.alerts").is_kept is True
    assert verdict(recording, "dead rows are taken away", "public.timers").is_kept is False
    assert verdict(recording, "bytes per live row stay", "public.timers").is_kept is False


def test_an_error_is_forgiven_around_a_fault_alone(recording):
    """The same line half a minute after the fault is over counts."""
    promise, subject = "no errors but around faults", "logged errors"
    recording.disturbances = [Disturbance(at=100.0, what="kill ingest", seconds=5.0)]
    recording.troubles = [Trouble(at=110.0, service="ingest", level="error", event="bus_away")]
    assert verdict(recording, promise, subject).is_kept is True

    recording.troubles.append(Trouble(at=136.0, service="ingest", level="error", event="bus_away"))
    assert verdict(recording, promise, subject).is_kept is False


@pytest.mark.parametrize("field", ["unhandled", "unknown_pages", "lost_posts"])
def test_one_that_is_lost_or_doubled_breaks_the_account(recording, field):
    """Of a thousand."""
    promise = "nothing lost, nothing doubled"
    assert all(each.is_kept for each in judge(recording) if each.promise == promise)

    setattr(recording.account, field, 1)

    assert [each.is_kept for each in judge(recording) if each.promise == promise].count(False) == 1

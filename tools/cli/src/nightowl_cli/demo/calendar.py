"""When things go wrong at Acme. Pure: chance and time are arguments.

Days and weeks have their rhythm: changes by people in office hours, customers in the evening, batch work at night. Some
nights are bad: a zone of a cluster fails, and dozens of alerts come within minutes.
"""

import random
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec

from nightowl_cli.demo.catalogue import Problem, Rhythm, Signal, problem, problems, signal
from nightowl_cli.demo.policies import CLUSTERS

BERLIN = ZoneInfo("Europe/Berlin")

_HOURS: dict[Rhythm, Sequence[int]] = {
    "any": [2] * 24,
    "office": [0, 0, 0, 0, 0, 0, 0, 1, 4, 8, 9, 8, 5, 7, 9, 8, 6, 3, 1, 1, 0, 0, 0, 0],
    "traffic": [1, 1, 0, 0, 0, 1, 2, 3, 4, 4, 4, 5, 6, 5, 5, 5, 6, 7, 9, 10, 9, 7, 4, 2],
    "night": [8, 9, 10, 9, 7, 5, 2, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 5, 7],
}
"""Weights of the hours of a day in Berlin, where most of Acme is."""

_WEEKDAYS: dict[Rhythm, Sequence[float]] = {
    "any": [1, 1, 1, 1, 1, 0.8, 0.8],
    "office": [1.2, 1.3, 1.3, 1.2, 0.7, 0.1, 0.1],
    "traffic": [0.8, 0.8, 0.9, 1.0, 1.3, 1.4, 1.2],
    "night": [1.2, 1, 1, 1, 1, 0.7, 1.4],
}
"""Monday to Sunday."""

_BAD_NIGHTS = (82, 61, 47, 33, 19, 8, 2)
"""How many days ago a zone failed; in a shorter history those that fit."""

_IN_A_STORM = (
    "KubePodCrashLooping", "KubeDeploymentReplicasMismatch", "PrometheusTargetMissing", "HighLatencyP99", "OOMKilled",
    "KafkaUnderReplicatedPartitions", "IngressErrorRate", "LogIngestBehind", "PostgresReplicationLag", "NodeNotReady",
    "RedisEvictions", "CPUThrottlingHigh",
)  # fmt: skip


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """Something that goes wrong at an instant and is over at another. `storm` numbers the storm that it is part of."""

    signal: Signal
    at: datetime
    ends: datetime
    storm: int | None = None
    is_lead: bool = False


def cases(chance: random.Random, *, begins: datetime, now: datetime, scale: float) -> list[Case]:
    """Everything that went wrong, by time; a series never twice at once."""
    usual = [case for what in problems() for case in _usual(chance, what, begins=begins, now=now, scale=scale)]
    storms = [
        case
        for number, days in enumerate(_BAD_NIGHTS)
        if now - timedelta(days=days + 1) >= begins
        for case in _storm(chance, number, now - timedelta(days=days), scale=scale)
    ]
    return list(_apart(sorted([*usual, *storms], key=lambda case: (case.at, case.signal.fingerprint))))


def _usual(
    chance: random.Random, what: Problem, *, begins: datetime, now: datetime, scale: float
) -> Iterator[Case]:  # fmt: skip
    day = begins.astimezone(BERLIN).replace(hour=0, minute=0, second=0, microsecond=0)
    while day < now:
        expected = what.per_week / 7 * _WEEKDAYS[what.rhythm][day.weekday()] * scale
        for _ in range(_poisson(chance, expected)):
            hour = chance.choices(range(24), weights=_HOURS[what.rhythm])[0]
            at = day + timedelta(hours=hour, seconds=chance.uniform(0, 3600))
            ends = at + timedelta(minutes=what.minutes * chance.lognormvariate(0, 0.7))
            if begins < at and ends < now - timedelta(minutes=3):
                # what happens to one of many happens to the first of them most often
                instance = int(what.instances * chance.random() ** 2)
                yield Case(
                    signal=signal(what, instance), at=at.astimezone(now.tzinfo), ends=ends.astimezone(now.tzinfo)
                )
        day += timedelta(days=1)


def _storm(chance: random.Random, number: int, near: datetime, *, scale: float) -> Iterator[Case]:
    """A node falls first; what depends on it follows, and is over before it."""
    cluster, zone = CLUSTERS[number % len(CLUSTERS)], f"zone-{'abc'[number % 3]}"
    at = near.replace(hour=1 + number % 4, minute=chance.randint(3, 50), second=chance.randint(0, 59))
    ends = at + timedelta(minutes=chance.randint(38, 75))
    lead = signal(problem("NodeNotReady"), number, cluster=cluster, zone=zone)
    yield Case(signal=lead, at=at, ends=ends, storm=number, is_lead=True)
    for place in range(max(4, round(chance.randint(22, 48) * scale))):
        what = problem(chance.choice(_IN_A_STORM))
        follows = at + timedelta(seconds=chance.expovariate(1 / 150) + 20)
        over = min(ends - timedelta(seconds=90), follows + timedelta(minutes=chance.uniform(6, 30)))
        if over > follows:
            each = signal(what, 20 + place, cluster=cluster, zone=zone)
            yield Case(signal=each, at=follows, ends=over, storm=number)


def _apart(by_time: Sequence[Case]) -> Iterator[Case]:
    """Without those that begin while the same series still fires, or within a minute of its end."""
    busy: dict[str, datetime] = {}
    for case in by_time:
        until = busy.get(case.signal.fingerprint)
        if until is None or case.at > until + timedelta(minutes=1):
            busy[case.signal.fingerprint] = case.ends
            yield case


def _poisson(chance: random.Random, expected: float) -> int:
    count, left = 0, chance.expovariate(1)
    while left < expected:
        count += 1
        left += chance.expovariate(1)
    return count

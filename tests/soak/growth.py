"""What must not grow with the age of a process, nor from life to life: memory, descriptors, connections, cost. Pure."""

import statistics
from collections.abc import Iterator

from recording import Points, Recording, values
from trends import nearest, quotients, slope_between_lives, slope_per_hour, slope_within_lives
from verdicts import Verdict, compares, grows, thirds, warm_up

from nightowl_testkit.services import SERVICES

MEMORY_MIB_PER_HOUR = 10.0
"""Of memory that is a process' own: what it shares is less the more others share it, so that it moves when those start.
A service has about 100 MiB."""
BACKEND_MIB_PER_HOUR, NATS_MIB_PER_HOUR, REDIS_MIB_PER_HOUR = 2.0, 40.0, 5.0
"""A backend caches plans and tables; NATS keeps an index of what its streams keep, and blocks of it."""
DESCRIPTORS_PER_HOUR, THREADS_PER_HOUR = 5.0, 2.0
SERIES_PER_HOUR = 60.0
POOL_SIZE, IN_USE_MORE = 8.0, 1.0
"""As NIGHTOWL_DATABASE_POOL_SIZE is by default: a pool may open and close as many as it likes, and leak none."""
OLDEST_SECONDS = 21.0
"""A statement may take 20 s."""
LATENCY_TIMES, LATENCY_CALLS = 1.5, 1.0
"""In calls of /healthz of the same ten seconds: others on the machine make those slower too."""
CPU_TIMES, CPU_MILLISECONDS, WINDOW_SECONDS = 1.3, 0.2, 300.0
"""For each call that was answered and each message that somebody received."""


def memory(recording: Recording) -> Iterator[Verdict]:
    """Of services by their lives, of servers over the run."""
    for name in SERVICES:
        yield _within("memory does not grow with age", recording, name, "anonymous_mib", "MiB", MEMORY_MIB_PER_HOUR)
    for name in SERVICES:
        points = recording.points(f"process.{name}.anonymous_mib")
        young = max(60.0, min(120.0, recording.seconds / 30))
        slope = slope_between_lives(points, recording.lives_of(name), since=young, until=young * 2)
        yield grows(
            "memory at the same age is the same in later lives", name, points, slope, "MiB", MEMORY_MIB_PER_HOUR
        )
    own, backends = recording.points("process.postgres.anonymous_mib"), recording.points("process.postgres.processes")
    per_backend = quotients(own, backends)
    for name, points, allowed in (
        ("postgres, for each of its processes", per_backend, BACKEND_MIB_PER_HOUR),
        ("nats", recording.points("process.nats.rss_mib"), NATS_MIB_PER_HOUR),
        ("redis", recording.points("redis.memory_mib"), REDIS_MIB_PER_HOUR),
    ):
        warm = [each for each in points if each[0] >= warm_up(recording)]
        yield grows("servers' memory does not grow", name, warm, slope_per_hour(warm), "MiB", allowed)


def descriptors(recording: Recording) -> Iterator[Verdict]:
    """Files and sockets, threads, and series at /metrics."""
    for name in SERVICES:
        yield _within("open descriptors stay", recording, name, "descriptors", "", DESCRIPTORS_PER_HOUR)
    for name in SERVICES:
        yield _within("threads stay", recording, name, "threads", "", THREADS_PER_HOUR)
    for name in SERVICES:
        points = recording.points(f"metric.{name}.series")
        slope = slope_within_lives(
            points, recording.lives_of(name), warm_up=warm_up(recording), least=_least(recording)
        )
        yield grows("metrics have no more series", name, points, slope, "", SERIES_PER_HOUR)


def _least(recording: Recording) -> float:
    return min(600.0, recording.seconds / 6)


def _within(promise: str, recording: Recording, name: str, what: str, unit: str, allowed: float) -> Verdict:
    points = recording.points(f"process.{name}.{what}")
    slope = slope_within_lives(points, recording.lives_of(name), warm_up=warm_up(recording), least=_least(recording))
    return grows(promise, name, points, slope, unit, allowed)


def connections(recording: Recording) -> Iterator[Verdict]:
    """To Postgres, by application; and how long the oldest transaction was open."""
    for name in recording.names("connections."):
        points = recording.points(f"connections.{name}")
        used = recording.points(f"metric.{name.removeprefix('nightowl-')}.connections_used")
        first, last = thirds(recording, used)
        most = max(values(points))
        known = first is not None and last is not None
        yield Verdict(
            promise="connections to Postgres stay", subject=name,
            figure=f"at most {most:g}" + (f"; in use {first:g} → {last:g}" if known else ""),
            allowed=f"{POOL_SIZE:g}; {IN_USE_MORE:+g} in use",
            is_kept=most <= POOL_SIZE and last <= first + IN_USE_MORE if known else None, points=points,
        )  # fmt: skip
    points = recording.points("postgres.oldest_transaction_s")
    yield Verdict(
        promise="no transaction stays open", subject="oldest", figure=f"{max(values(points), default=0):.1f} s",
        allowed=f"{OLDEST_SECONDS:g} s", is_kept=max(values(points)) <= OLDEST_SECONDS if points else None, points=points,
    )  # fmt: skip


def cost(recording: Recording) -> Iterator[Verdict]:
    """Latencies by a yardstick, lateness of timers, CPU."""
    for kind in ("webhook", "api"):
        points = quotients(recording.points(f"latency.{kind}.p50_ms"), recording.points("latency.healthz.p50_ms"))
        yield compares(
            "answers do not get slower",
            f"{kind}, p50",
            recording,
            points,
            times=LATENCY_TIMES,
            more=LATENCY_CALLS,
            unit="calls",
        )
    late = recording.points("timers.late_p99_ms")
    yield compares("timers do not get later", "p99 of 10 s", recording, late, times=LATENCY_TIMES, more=1000, unit="ms")
    work = _sums(recording.points("traffic.calls"), recording.points("traffic.pages"))
    for name in (*SERVICES, "postgres", "nats", "redis"):
        points = cost_of_work(recording.points(f"process.{name}.cpu_percent"), work, seconds=WINDOW_SECONDS)
        yield compares(
            "the same work costs the same",
            f"{name}, CPU",
            recording,
            points,
            times=CPU_TIMES,
            more=CPU_MILLISECONDS,
            unit="ms",
        )


def cost_of_work(cpu: Points, work: Points, *, seconds: float) -> Points:
    """CPU in ms for each unit of work, window by window: storms cost more because there is more to do."""
    found = []
    end = work[-1][0] if work else 0.0
    for number in range(int(end // seconds)):
        begin = number * seconds
        spent = [share for at, share in cpu if begin <= at < begin + seconds]
        done = [count for at, count in work if begin <= at < begin + seconds]
        if spent and done and done[-1] > done[0]:
            found.append((begin + seconds / 2, statistics.mean(spent) * 10 * seconds / (done[-1] - done[0])))
    return found


def _sums(some: Points, others: Points) -> Points:
    return [(at, value + (nearest(others, at) or 0.0)) for at, value in some]

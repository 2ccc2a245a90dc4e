"""What a soak promises, each with its tolerance, and whether a recording keeps it. Pure.

A promise that the recording cannot tell (a run that was too short, a series that is missing) is neither kept nor broken.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

import msgspec
from recording import Points, Recording, values
from trends import level, longest_above, slope_between_lives, slope_per_hour, slope_within_lives

from nightowl_testkit.services import SERVICES

MEMORY_MIB_PER_HOUR = 10.0
"""A service has about 100 MiB, so a day of that would be seen by nobody's limit and an hour of it is seen here."""
SERVER_MIB_PER_HOUR = {"postgres": 60.0, "nats": 40.0, "redis": 5.0}
"""Postgres' own memory grows with connections' caches of plans and tables; NATS' with Go's heap and blocks in its cache."""
DESCRIPTORS_PER_HOUR, THREADS_PER_HOUR = 5.0, 2.0
SERIES_PER_HOUR = 60.0
CONNECTIONS_MORE = 1.0
LAG_MESSAGES, LAG_SECONDS = 20.0, 60.0
WAITING_SECONDS, WAITS_SECONDS = 5.0, 60.0
OLDEST_SECONDS = 21.0
"""A statement may take 20 s."""
DEAD_ROWS = 2_000.0
SMALL_TABLE = 2 * 1024 * 1024
BYTES_PER_ROW_TIMES = 1.3
FEW_ROWS, EMPTY_TABLE_MIB = 1_000, 4.0
LATENCY_TIMES, LATENCY_CALLS = 1.5, 1.0
"""In calls of /healthz of the same ten seconds: others on the machine make those slower too."""
CPU_TIMES, CPU_PERCENT = 1.3, 1.0
UNREST_SECONDS = 30.0
"""After something was done to the installation, errors are told for so long, and no longer."""


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the table. `is_kept` is None when the recording cannot tell."""

    promise: str
    subject: str
    figure: str
    allowed: str
    is_kept: bool | None
    points: Points = []


def judge(recording: Recording) -> list[Verdict]:
    """All promises, in the order of the table."""
    parts: Sequence[Callable[[Recording], Iterator[Verdict]]] = (
        _account, _lag, _queues, _memory, _descriptors, _connections, _dead_rows, _sizes, _servers, _cost, _errors, _keeping,
    )  # fmt: skip
    return [verdict for part in parts for verdict in part(recording)]


def _warm_up(recording: Recording) -> float:
    return min(600.0, recording.seconds / 6)


def _account(recording: Recording) -> Iterator[Verdict]:
    account = recording.account
    rows = [
        ("accepted and not handled", account.unhandled, f"of {account.accepted:,} alerts"),
        ("findings of the ledger", len(account.findings), "; ".join(account.findings[:3])),
        ("pages that nobody received", len(account.lost_pages), f"of {account.pages:,}"),
        ("pages doubled without a mark", len(account.doubled_pages), f"{account.marked_repeats} marked as repeats"),
        ("pages that nobody owed", account.unknown_pages, ""),
        ("events that no subscriber received", account.lost_posts, f"of {account.posts:,}, {account.doubled_posts} posted again"),
        ("left to do at the end", sum(account.left.values()), str(account.left or "")),
    ]  # fmt: skip
    for what, count, note in rows:
        yield Verdict(
            promise="nothing lost, nothing doubled", subject=what, figure=f"{count} {f'({note})' if note else ''}".strip(),
            allowed="0", is_kept=count == 0 if account.accepted else None,
        )  # fmt: skip


def _lag(recording: Recording) -> Iterator[Verdict]:
    for name in recording.names("consumer.", ".lag"):
        points = recording.points(f"consumer.{name}.lag")
        if max(values(points), default=0) > 0:
            yield _returns("lag returns to 0", name, points, above=LAG_MESSAGES, seconds=LAG_SECONDS, unit="messages")


def _queues(recording: Recording) -> Iterator[Verdict]:
    for what in ("outbox_age_s", "spool_age_s", "timers_overdue_s"):
        points = recording.points(f"metric.escalation.{what}")
        yield _returns(
            "queues are emptied",
            what.removesuffix("_s"),
            points,
            above=WAITING_SECONDS,
            seconds=WAITS_SECONDS,
            unit="s",
        )
    findings = recording.points("metric.escalation.ledger_findings")
    yield _returns(
        "the running ledger check finds nothing that lasts",
        "findings",
        findings,
        above=0,
        seconds=WAITS_SECONDS,
        unit="",
    )


def _returns(promise: str, subject: str, points: Points, *, above: float, seconds: float, unit: str) -> Verdict:
    longest, last = longest_above(points, above), points[-1][1] if points else 0.0
    figure = (
        f"at most {max(values(points), default=0):,.0f} {unit}, {longest:.0f} s above {above:g}, {last:,.0f} at the end"
    )
    is_kept = longest <= seconds and last <= above if points else None
    return Verdict(
        promise=promise, subject=subject, figure=figure, allowed=f"{seconds:g} s above {above:g} {unit}".strip(),
        is_kept=is_kept, points=points,
    )  # fmt: skip


def _memory(recording: Recording) -> Iterator[Verdict]:
    for name in SERVICES:
        yield _within("memory does not grow with age", recording, name, "pss_mib", "MiB", MEMORY_MIB_PER_HOUR)
    for name in SERVICES:
        points = recording.points(f"process.{name}.pss_mib")
        young = max(60.0, min(120.0, recording.seconds / 30))
        slope = slope_between_lives(points, recording.lives_of(name), since=young, until=young * 2)
        yield _slope(
            "memory at the same age is the same in later lives", name, points, slope, "MiB", MEMORY_MIB_PER_HOUR
        )
    for name, allowed in SERVER_MIB_PER_HOUR.items():
        series = {
            "postgres": "process.postgres.anonymous_mib",
            "nats": "process.nats.rss_mib",
            "redis": "redis.memory_mib",
        }[name]
        points = recording.points(series, since=_warm_up(recording))
        yield _slope("servers' memory does not grow", name, points, slope_per_hour(points), "MiB", allowed)


def _descriptors(recording: Recording) -> Iterator[Verdict]:
    for name in SERVICES:
        yield _within("open descriptors stay", recording, name, "descriptors", "", DESCRIPTORS_PER_HOUR)
    for name in SERVICES:
        yield _within("threads stay", recording, name, "threads", "", THREADS_PER_HOUR)
    for name in SERVICES:
        points = recording.points(f"metric.{name}.series")
        slope = slope_within_lives(
            points, recording.lives_of(name), warm_up=_warm_up(recording), least=_least(recording)
        )
        yield _slope("metrics have no more series", name, points, slope, "", SERIES_PER_HOUR)


def _least(recording: Recording) -> float:
    return min(600.0, recording.seconds / 6)


def _within(promise: str, recording: Recording, name: str, what: str, unit: str, allowed: float) -> Verdict:
    points = recording.points(f"process.{name}.{what}")
    slope = slope_within_lives(points, recording.lives_of(name), warm_up=_warm_up(recording), least=_least(recording))
    return _slope(promise, name, points, slope, unit, allowed)


def _slope(promise: str, subject: str, points: Points, slope: float | None, unit: str, allowed: float) -> Verdict:
    ends = values(points)
    figure = "not told" if slope is None else f"{slope:+.1f} {unit}/h".replace(" /h", "/h")
    if ends:
        figure += f" (at most {max(ends):,.0f}, last {ends[-1]:,.0f} {unit})".replace(" )", ")")
    return Verdict(
        promise=promise, subject=subject, figure=figure, allowed=f"{allowed:+g} {unit}/h".replace(" /h", "/h"),
        is_kept=None if slope is None else slope <= allowed, points=points,
    )  # fmt: skip


def _thirds(recording: Recording, points: Points) -> tuple[float | None, float | None]:
    """Medians of the first and the last third of the time behind the warm-up."""
    start, end = _warm_up(recording), recording.seconds
    third = (end - start) / 3
    return level(points, since=start, until=start + third), level(points, since=end - third, until=end)


def _connections(recording: Recording) -> Iterator[Verdict]:
    for name in recording.names("connections."):
        points = recording.points(f"connections.{name}")
        first, last = _thirds(recording, points)
        most = max(values(points))
        known = first is not None and last is not None
        yield Verdict(
            promise="connections to Postgres stay", subject=name,
            figure=f"{first:g} → {last:g}, at most {most:g}" if known else f"at most {most:g}",
            allowed=f"{CONNECTIONS_MORE:+g}", is_kept=last <= first + CONNECTIONS_MORE if known else None, points=points,
        )  # fmt: skip
    points = recording.points("postgres.oldest_transaction_s")
    yield Verdict(
        promise="no transaction stays open", subject="oldest", figure=f"{max(values(points), default=0):.1f} s",
        allowed=f"{OLDEST_SECONDS:g} s", is_kept=max(values(points)) <= OLDEST_SECONDS if points else None, points=points,
    )  # fmt: skip


def _dead_rows(recording: Recording) -> Iterator[Verdict]:
    """The worst ones by name; all others in one line."""
    judged = [verdict for name in recording.names("table.", ".dead") if (verdict := _dead_rows_of(recording, name))]
    loud = [each for each in judged if each.is_kept is False or max(values(each.points)) >= DEAD_ROWS / 4]
    yield from loud
    quiet = len(judged) - len(loud)
    most = max((max(values(each.points)) for each in judged if each not in loud), default=0)
    yield Verdict(
        promise="dead rows are bounded", subject=f"{quiet} other tables", figure=f"at most {most:,.0f}",
        allowed=f"{DEAD_ROWS:,.0f}, or as many as live ones", is_kept=True if judged else None,
    )  # fmt: skip


def _dead_rows_of(recording: Recording, name: str) -> Verdict | None:
    points = recording.points(f"table.{name}.dead", since=_warm_up(recording))
    alive = dict(recording.points(f"table.{name}.live"))
    if not points:
        return None
    over = [(at, dead) for at, dead in points if dead > max(DEAD_ROWS, alive.get(at, 0.0))]
    _at, most = max(points, key=lambda each: each[1])
    return Verdict(
        promise="dead rows are bounded", subject=name, figure=f"at most {most:,.0f}, beside {values(alive.items())[-1]:,.0f} live",
        allowed=f"{DEAD_ROWS:,.0f}, or as many as live ones", is_kept=not over, points=points,
    )  # fmt: skip


def _sizes(recording: Recording) -> Iterator[Verdict]:
    """Tables that are large at the end, by bytes per live row; all others must stay small."""
    small = 0
    for name in recording.names("table.", ".bytes"):
        size = recording.points(f"table.{name}.bytes")
        if size[-1][1] <= SMALL_TABLE:
            small += 1
            continue
        yield _size_of(recording, name, size)
    yield Verdict(
        promise="bytes per live row stay", subject=f"{small} tables below {SMALL_TABLE // 1024**2} MiB", figure="small",
        allowed="-", is_kept=True if small else None,
    )  # fmt: skip


def _size_of(recording: Recording, name: str, size: Points) -> Verdict:
    alive = dict(recording.points(f"table.{name}.live"))
    per_row = [(at, each / alive[at]) for at, each in size if alive.get(at, 0.0) >= FEW_ROWS]
    first, last = _thirds(recording, per_row)
    rows, mib = values(alive.items())[-1], size[-1][1] / 1024**2
    if rows < FEW_ROWS:  # a queue: what counts is that its file does not go on growing
        before, after = _thirds(recording, size)
        grown = None if before is None or after is None else (after - before) / 1024**2
        figure = f"{mib:.1f} MiB for {rows:,.0f} rows" + ("" if grown is None else f", {grown:+.1f} MiB")
        return Verdict(
            promise="bytes per live row stay", subject=name, figure=figure, allowed=f"{EMPTY_TABLE_MIB:+g} MiB",
            is_kept=None if grown is None else grown <= EMPTY_TABLE_MIB, points=size,
        )  # fmt: skip
    known = first is not None and last is not None
    return Verdict(
        promise="bytes per live row stay", subject=name,
        figure=f"{first:,.0f} → {last:,.0f} B, {rows:,.0f} rows, {mib:.1f} MiB" if known else f"{mib:.1f} MiB",
        allowed=f"factor {BYTES_PER_ROW_TIMES:g}", is_kept=last <= first * BYTES_PER_ROW_TIMES if known else None, points=per_row,
    )  # fmt: skip


def _servers(recording: Recording) -> Iterator[Verdict]:
    for name in recording.names("stream.", ".bytes"):
        messages = dict(recording.points(f"stream.{name}.messages"))
        points = [
            (at, size / messages[at]) for at, size in recording.points(f"stream.{name}.bytes") if messages.get(at)
        ]
        if points:
            yield _times(
                "bytes per kept message stay", name, recording, points, times=BYTES_PER_ROW_TIMES, more=0.0, unit="B"
            )
    keys = recording.points("redis.keys", since=_warm_up(recording))
    yield Verdict(
        promise="Redis holds what it can forget", subject="keys", figure=f"at most {max(values(keys), default=0):,.0f}",
        allowed="-", is_kept=None, points=keys,
    )  # fmt: skip


def _cost(recording: Recording) -> Iterator[Verdict]:
    for kind in ("webhook", "api"):
        points = _as_multiples(recording.points(f"latency.{kind}.p50_ms"), recording.points("latency.healthz.p50_ms"))
        yield _times(
            "answers do not get slower",
            f"{kind}, p50",
            recording,
            points,
            times=LATENCY_TIMES,
            more=LATENCY_CALLS,
            unit="calls",
        )
    late = recording.points("timers.late_p99_ms")
    yield _times("timers do not get later", "p99 of 10 s", recording, late, times=LATENCY_TIMES, more=1000, unit="ms")
    for name in (*SERVICES, "postgres", "nats", "redis"):
        points = recording.points(f"process.{name}.cpu_percent")
        yield _times(
            "the same load costs the same",
            f"{name}, % of a core",
            recording,
            points,
            times=CPU_TIMES,
            more=CPU_PERCENT,
            unit="%",
        )


def _as_multiples(points: Points, yardstick: Points) -> Points:
    """Each sample by the one of the yardstick that was taken in the same round."""
    rounds = {round(at / 10): value for at, value in yardstick if value > 0}
    return [(at, value / rounds[round(at / 10)]) for at, value in points if round(at / 10) in rounds]


def _times(
    promise: str, subject: str, recording: Recording, points: Points, *, times: float, more: float, unit: str
) -> Verdict:
    first, last = _thirds(recording, points)
    known = first is not None and last is not None
    return Verdict(
        promise=promise, subject=subject, figure=f"{first:,.1f} → {last:,.1f} {unit}" if known else "not told",
        allowed=f"factor {times:g}" + (f" + {more:g} {unit}" if more else ""),
        is_kept=last <= first * times + more if known else None, points=points,
    )  # fmt: skip


def _errors(recording: Recording) -> Iterator[Verdict]:
    out_of_place = [
        each
        for each in recording.troubles
        if each.level != "warning" and not recording.is_disturbed(each.at, seconds=UNREST_SECONDS)
    ]
    events = sorted({f"{each.service} {each.event}" for each in out_of_place})
    total = sum(each.level != "warning" for each in recording.troubles)
    yield Verdict(
        promise="no errors but around faults", subject="logged errors",
        figure=f"{len(out_of_place)} of {total}" + (f": {', '.join(events)[:200]}" if events else ""),
        allowed="0", is_kept=not out_of_place,
    )  # fmt: skip
    for what in ("unexpected_errors", "loop_failures", "timers_postponed", "deliveries_postponed", "uncollectable"):
        most = sum(_counted(recording, name, what) for name in SERVICES)
        yield Verdict(
            promise="nothing goes wrong inside", subject=what, figure=f"{most:g}", allowed="0", is_kept=most == 0
        )


def _counted(recording: Recording, name: str, what: str) -> float:
    """A counter over all lives: what each life had counted last."""
    points, total, before = recording.points(f"metric.{name}.{what}"), 0.0, 0.0
    for _at, value in points:
        total += value - before if value >= before else value
        before = value
    return total


def _keeping(recording: Recording) -> Iterator[Verdict]:
    removed = _counted(recording, "escalation", "retention_rows")
    yield Verdict(
        promise="housekeeping works", subject="rows removed by retention", figure=f"{removed:,.0f}", allowed="some",
        is_kept=removed > 0 if recording.minutes >= 20 else None, points=recording.points("alerts.rows"),
    )  # fmt: skip
    partitions = values(recording.points("postgres.inbox_partitions"))
    dropped = sum(before > after for before, after in pairwise(partitions))
    figure = (
        f"{partitions[0]:g} at first, {partitions[-1]:g} at the end, dropped {dropped} times"
        if partitions
        else "not told"
    )
    yield Verdict(
        promise="housekeeping works", subject="partitions of the inbox", figure=figure, allowed="at most 77",
        is_kept=max(partitions) <= 77 if partitions else None, points=recording.points("postgres.inbox_partitions"),
    )  # fmt: skip

"""What must not grow without rows: dead ones, bytes per live one, bytes per kept message, keys of the cache. Pure."""

from collections.abc import Iterator

from recording import Points, Recording, values
from trends import longest_above, nearest, quotients
from verdicts import Verdict, compares, settled, thirds, warm_up

DEAD_ROWS, DEAD_SECONDS = 2_000.0, 240.0
"""Autovacuum looks once a minute and has other tables too: what dies between its looks is nobody's bloat."""
DEAD_ALLOWED = f"{DEAD_SECONDS:g} s above {DEAD_ROWS:,.0f}, or above as many as live ones"
SMALL_TABLE = 2 * 1024 * 1024
BYTES_PER_ROW_TIMES = 1.15
"""From one quarter of the run to the next: three fifths in an hour."""

BYTES_PER_MESSAGE_TIMES = 1.3
FEW_ROWS, EMPTY_TABLE_MIB = 1_000, 4.0


def dead_rows(recording: Recording) -> Iterator[Verdict]:
    """The worst ones by name; all others in one line."""
    judged = [verdict for name in recording.names("table.", ".dead") if (verdict := _dead_rows_of(recording, name))]
    loud = [each for each in judged if each.is_kept is False or max(values(each.points)) >= DEAD_ROWS / 4]
    yield from loud
    quiet = len(judged) - len(loud)
    most = max((max(values(each.points)) for each in judged if each not in loud), default=0)
    yield Verdict(
        promise="dead rows are taken away", subject=f"{quiet} other tables", figure=f"at most {most:,.0f}",
        allowed=DEAD_ALLOWED, is_kept=True if judged else None,
    )  # fmt: skip


def _dead_rows_of(recording: Recording, name: str) -> Verdict | None:
    points = recording.points(f"table.{name}.dead", since=warm_up(recording))
    alive = recording.points(f"table.{name}.live")
    if not points:
        return None
    over = [(at, dead - max(DEAD_ROWS, nearest(alive, at) or 0.0)) for at, dead in points]
    longest = longest_above(over, 0.0)
    most = max(values(points))
    return Verdict(
        promise="dead rows are taken away", subject=name,
        figure=f"at most {most:,.0f}, {longest:.0f} s too many, {values(points)[-1]:,.0f} beside {values(alive)[-1]:,.0f} live at the end",
        allowed=DEAD_ALLOWED, is_kept=longest <= DEAD_SECONDS, points=points,
    )  # fmt: skip


def sizes(recording: Recording) -> Iterator[Verdict]:
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
    alive = recording.points(f"table.{name}.live")
    per_row = quotients(size, alive, least=FEW_ROWS)
    first, last = settled(recording, per_row)
    rows, mib = values(alive)[-1], size[-1][1] / 1024**2
    if rows < FEW_ROWS:  # a queue: what counts is that its file does not go on growing
        before, after = thirds(recording, size)
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


def kept_messages(recording: Recording) -> Iterator[Verdict]:
    """Of each stream that holds any."""
    for name in recording.names("stream.", ".bytes"):
        messages = recording.points(f"stream.{name}.messages")
        points = quotients(recording.points(f"stream.{name}.bytes"), messages)
        if points:
            yield compares(
                "bytes per kept message stay",
                name,
                recording,
                points,
                times=BYTES_PER_MESSAGE_TIMES,
                more=0.0,
                unit="B",
            )


def keys(recording: Recording) -> Iterator[Verdict]:
    """Redis is a cache: every key has an end."""
    lasting, every = recording.points("redis.keys_for_ever"), recording.points("redis.keys")
    most = max(values(lasting), default=0)
    yield Verdict(
        promise="Redis holds what it forgets", subject="keys without an end",
        figure=f"{most:,.0f} (of at most {max(values(every), default=0):,.0f} keys)", allowed="0",
        is_kept=most == 0 if lasting else None, points=every,
    )  # fmt: skip

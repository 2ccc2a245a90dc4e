"""A line of the table, and the ways in which a series becomes one. Pure."""

import msgspec
from recording import Points, Recording, values
from trends import level, longest_above


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """One promise of one thing. `is_kept` is None when the recording cannot tell: it was too short, or nothing was sampled."""

    promise: str
    subject: str
    figure: str
    allowed: str
    is_kept: bool | None
    points: Points = []


def warm_up(recording: Recording) -> float:
    """Seconds of the run, or of a life, that say nothing about growth."""
    return min(600.0, recording.seconds / 6)


def returns(promise: str, subject: str, points: Points, *, above: float, seconds: float, unit: str) -> Verdict:
    """Never above a limit for long, and not at the end."""
    longest, last = longest_above(points, above), points[-1][1] if points else 0.0
    figure = (
        f"at most {max(values(points), default=0):,.0f} {unit}, {longest:.0f} s above {above:g}, {last:,.0f} at the end"
    )
    is_kept = longest <= seconds and last <= above if points else None
    return Verdict(
        promise=promise, subject=subject, figure=figure, allowed=f"{seconds:g} s above {above:g} {unit}".strip(),
        is_kept=is_kept, points=points,
    )  # fmt: skip


def grows(promise: str, subject: str, points: Points, slope: float | None, unit: str, allowed: float) -> Verdict:
    """A slope per hour of at most so much."""
    ends = values(points)
    figure = "not told" if slope is None else f"{slope:+.1f} {unit}/h".replace(" /h", "/h")
    if ends:
        figure += f" (at most {max(ends):,.0f}, last {ends[-1]:,.0f} {unit})".replace(" )", ")")
    return Verdict(
        promise=promise, subject=subject, figure=figure, allowed=f"{allowed:+g} {unit}/h".replace(" /h", "/h"),
        is_kept=None if slope is None else slope <= allowed, points=points,
    )  # fmt: skip


def thirds(recording: Recording, points: Points) -> tuple[float | None, float | None]:
    """Medians of the first and the last third of the time behind the warm-up."""
    start, end = warm_up(recording), recording.seconds
    third = (end - start) / 3
    return level(points, since=start, until=start + third), level(points, since=end - third, until=end)


def settled(recording: Recording, points: Points) -> tuple[float | None, float | None]:
    """Medians of the third and of the last quarter of the run.

    Rows live for about a quarter of an hour here (`ageing`). So a file grows for as long as it fills, and then until it
    also has room for what autovacuum has not yet taken; after half an hour it has seen two turnovers of its rows.
    """
    quarter = recording.seconds / 4
    return level(points, since=2 * quarter, until=3 * quarter), level(points, since=3 * quarter, until=4 * quarter)


def compares(
    promise: str, subject: str, recording: Recording, points: Points, *, times: float, more: float, unit: str
) -> Verdict:
    """The last third of the time against the first, behind the warm-up."""
    first, last = thirds(recording, points)
    known = first is not None and last is not None
    return Verdict(
        promise=promise, subject=subject, figure=f"{first:,.2f} → {last:,.2f} {unit}" if known else "not told",
        allowed=f"factor {times:g}" + (f" + {more:g} {unit}" if more else ""),
        is_kept=last <= first * times + more if known else None, points=points,
    )  # fmt: skip

"""The table: on the terminal, and as a page that can be kept."""

import os
import platform
from collections.abc import Iterator, Sequence

from runner import Outcome

HEAD = (
    "row",
    "alerts",
    "pages",
    "lost",
    "doubled",
    "broken",
    "repeats",
    "late p99 s",
    "late max s",
    "recovery s",
    "in hand s",
    "took s",
    "load",
    "verdict",
)


def cells(outcome: Outcome) -> tuple[str, ...]:
    """One line of the table."""
    recovery = outcome.timing.recovery_seconds
    return (
        outcome.scenario, f"{outcome.accepted:,}", f"{outcome.pages:,}",
        *(f"{outcome.count(wrong):,}" for wrong in ("lost", "doubled", "broken")), f"{outcome.repeats:,}",
        f"{outcome.timing.lateness.p99:.2f}", f"{outcome.timing.lateness.max:.2f}",
        "" if recovery is None else f"{recovery:.1f}", f"{outcome.timing.in_hand_seconds:.1f}",
        f"{outcome.took_seconds:.0f}", f"{outcome.machine_load:.0f}", verdict(outcome),
    )  # fmt: skip


def verdict(outcome: Outcome) -> str:
    """In a word; slow is what is right and beyond a target."""
    if outcome.findings:
        return "FAILED"
    return "; ".join(["ok", *outcome.slow])


def total(outcomes: Sequence[Outcome]) -> tuple[str, ...]:
    """The last line."""
    return (
        "total", f"{sum(each.accepted for each in outcomes):,}", f"{sum(each.pages for each in outcomes):,}",
        *(f"{sum(each.count(wrong) for each in outcomes):,}" for wrong in ("lost", "doubled", "broken")),
        f"{sum(each.repeats for each in outcomes):,}",
        f"{max((each.timing.lateness.p99 for each in outcomes), default=0):.2f}",
        f"{max((each.timing.lateness.max for each in outcomes), default=0):.2f}",
        f"{max((each.timing.recovery_seconds or 0 for each in outcomes), default=0):.1f}",
        f"{max((each.timing.in_hand_seconds for each in outcomes), default=0):.1f}",
        f"{sum(each.took_seconds for each in outcomes):.0f}",
        f"{max((each.machine_load for each in outcomes), default=0):.0f}",
        "FAILED" if any(each.findings for each in outcomes) else "ok",
    )  # fmt: skip


def line(columns: Sequence[str]) -> str:
    """A line for the terminal."""
    name, *figures, last = columns
    return f"{name:32} " + " ".join(f"{each:>10}" for each in figures) + f"  {last}"


def details(outcome: Outcome, *, most: int = 20) -> Iterator[str]:
    """What was wrong, in words, after what is worth telling."""
    yield from (f"    {each}" for each in outcome.remarks)
    for each in outcome.findings[:most]:
        yield f"    {each}"
    if len(outcome.findings) > most:
        yield f"    … and {len(outcome.findings) - most} more"


def page(outcomes: Sequence[Outcome], *, command: str, load: str) -> str:
    """A Markdown page of the run."""
    rows = [HEAD, tuple("---" for _ in HEAD), *(cells(each) for each in outcomes), total(outcomes)]
    is_whole = not any(each.findings for each in outcomes)
    told = [said for each in outcomes for said in (f"- {each.scenario}", *details(each)) if list(details(each))]
    return "\n".join([
        f"`{command}`: {load}, on {os.cpu_count()} cores of {platform.machine()}, Python {platform.python_version()}.",
        "The load, all services, the servers and the fake providers share them.",
        "",
        *(f"| {' | '.join(row)} |" for row in rows),
        "",
        "Nothing was lost, and nothing doubled without a mark." if is_whole else "There are findings.",
        "",
        *told,
        "",
    ])  # fmt: skip

"""A report as people read it: in a terminal, and as the marked region of a page."""

import textwrap
from collections.abc import Iterator
from pathlib import Path

from figures import Curve, Report, Row, Section
from profiles import shown
from reasons import GROWTHS, UNKNOWN, reason

BEGIN, END = "<!-- bench: begin -->", "<!-- bench: end -->"
SHOWN_CURVES = 12
NOISE = 0.1
"""Of the processors: with more of others' work, no figure is held against us."""


def text(report: Report) -> str:
    """For a terminal."""
    lines = [*_head(report), ""]
    lines.append(f"{'what':66} {'value':>12} {'unit':9} {'target':26} {'':6} {'ceiling':>10} {'share':>6}")
    for section in report.sections:
        lines.append(f"-- {section.name}: {section.seconds:.0f} s, others took {section.others:.0%} of the processors")
        lines += [_line(row) for row in section.rows]
        lines += [
            f"{curve.what:66} {_points(curve)}{'  STEEP' if curve.is_steep else ''}"
            for curve in _worth_showing(section)
        ]
    return "\n".join(
        [*lines, *(f"profile {hot.section}, {hot.process}: {shown(hot)} ({hot.file})" for hot in report.hot)]
    )


def lines_of(section: Section) -> list[str]:
    """One measurement, for a terminal."""
    return [
        f"-- {section.name}: {section.seconds:.0f} s, others took {section.others:.0%} of the processors",
        *(_line(row) for row in section.rows),
        *(
            f"{curve.what:66} {_points(curve)}{'  STEEP' if curve.is_steep else ''}"
            for curve in _worth_showing(section)
        ),
    ]


def _line(row: Row) -> str:
    share = "" if row.share is None else f"{row.share:.0%}"
    return (
        f"{row.what:66} {_number(row.value):>12} {row.unit:9} {row.target:26} {row.verdict:6}"
        f" {_number(row.ceiling):>10} {share:>6}  {row.remark}"
    )


def markdown(report: Report) -> str:
    """For the page: the table, what missed its target and why, the curves."""
    lines = [f"{line}  " for line in _head(report)]
    for section in report.sections:
        lines += ["", f"### {section.name}", ""]
        lines += [f"Others took {section.others:.0%} of the processors meanwhile.", ""]
        lines += ["| what | value | target | of the ceiling | |", "|---|--:|---|--:|---|"]
        lines += [_cells(row) for row in section.rows]
        curves = list(_worth_showing(section))
        if curves:
            sizes = list(curves[0].points)
            lines += [
                "",
                f"| cost with so many alerts | {' | '.join(sizes)} | unit | grows |",
                f"|---|{'--:|' * len(sizes)}---|--:|",
            ]
            lines += [_curve_cells(curve) for curve in curves]
    return "\n".join([*lines, "", *_missed(report), *_grown(report)])


def fill(page: Path, report: Report) -> None:
    """Puts the report between the marks of a page.

    Raises:
        ValueError: the page has no marks.
    """
    before, begin, rest = page.read_text().partition(BEGIN)
    _old, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{page} has no region between {BEGIN} and {END}")
    page.write_text(f"{before}{BEGIN}\n\n{markdown(report)}\n\n{END}{after}")


def _head(report: Report) -> list[str]:
    machine = report.machine
    return [
        f"{machine.at}, commit {machine.commit}; {machine.kind}, {machine.cores} cores, Python {machine.python}, {machine.servers}",
        f"{report.sizes}",
        f"load average before {machine.load_before:.1f}, after {machine.load_after:.1f}; the load comes from the same cores",
    ]


def _cells(row: Row) -> str:
    verdict = {"met": "", "missed": " **missed**", "failed": " **failed**", "": ""}[row.verdict]
    share = "" if row.share is None else f"{row.share:.0%} of {_number(row.ceiling)}"
    return f"| {row.what} | {_number(row.value)} {row.unit} | {row.target}{verdict} | {share} | {row.remark} |"


def _curve_cells(curve: Curve) -> str:
    grows = f"{curve.growth:.1f}x"
    costs = " | ".join(_number(each) for each in curve.points.values())
    return f"| {curve.what} | {costs} | {curve.unit} | {f'**{grows}**' if curve.is_steep else grows} |"


def _missed(report: Report) -> Iterator[str]:
    missed = [
        (section, row) for section in report.sections for row in section.rows if row.verdict in {"missed", "failed"}
    ]
    if not missed:
        yield "Every target is met."
        return
    yield "### What misses its target"
    yield ""
    for section, row in missed:
        why = reason(row.what) or row.failed or UNKNOWN
        if section.others > NOISE:
            why = f"{why} Others took {section.others:.0%} of the processors: it says little before it is taken again."
        yield textwrap.fill(
            f"- **{row.what}**: {_number(row.value)} {row.unit}, target {row.target}. {why}",
            120,
            subsequent_indent="  ",
        )
        for hot in report.hot:
            if hot.section == section.name:
                yield textwrap.fill(
                    f"- {hot.process}: {shown(hot)}", 120, initial_indent="  ", subsequent_indent="    "
                )


def _grown(report: Report) -> Iterator[str]:
    steep: dict[str, list[Curve]] = {}
    for curve in (curve for section in report.sections for curve in section.curves if curve.is_steep):
        steep.setdefault(GROWTHS.get(curve.what, UNKNOWN), []).append(curve)
    if steep:
        yield from ("", "### What grows with the size", "")
    for why, curves in steep.items():
        names = ", ".join(f"**{curve.what}** {curve.growth:.1f}x" for curve in curves)
        yield textwrap.fill(f"- {names}: {why[0].lower()}{why[1:]}", 120, subsequent_indent="  ")


def _worth_showing(section: Section) -> Iterator[Curve]:
    """All but the statements that cost next to nothing at every size."""
    statements = sorted(
        (curve for curve in section.curves if curve.what.startswith("sql ")),
        key=lambda each: -max(each.points.values()),
    )
    yield from (curve for curve in section.curves if curve not in statements)
    yield from (curve for place, curve in enumerate(statements) if place < SHOWN_CURVES or curve.is_steep)


def _points(curve: Curve) -> str:
    return (
        " ".join(f"{size}: {_number(cost)}" for size, cost in curve.points.items())
        + f" {curve.unit} ({curve.growth:.1f}x)"
    )


def _number(value: float | None) -> str:
    return (
        ""
        if value is None
        else f"{value:,.0f}"
        if abs(value) >= 1_000
        else f"{value:,.1f}"
        if abs(value) >= 1
        else f"{value:.2f}"
    )

"""What a run of the bench comes to: figures with their targets and ceilings, and curves of cost over size."""

from itertools import pairwise
from typing import Literal

import msgspec

Verdict = Literal["met", "missed", "failed", ""]

DOUBLED = 2.0
"""A cost that more than doubles while what is kept grows tenfold has no index, or reads all there is."""

VISIBLE = 1.0
"""Growth of less than this, in the curve's unit, is noise."""


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the table.

    `least` and `most` are the target, `least_share` the target as a share of `ceiling`: what this machine can do at
    best, in the same unit. `costs` says what the processor did for it: process → µs per unit of work. `failures` are
    calls that were not answered with a 2xx; `failed` says why there is no value at all.
    """

    what: str
    value: float | None
    unit: str
    least: float | None = None
    most: float | None = None
    least_share: float | None = None
    ceiling: float | None = None
    note: str = ""
    costs: dict[str, float] = {}
    failures: int = 0
    failed: str = ""

    @property
    def share(self) -> float | None:
        """Of the ceiling."""
        return self.value / self.ceiling if self.ceiling and self.value is not None else None

    @property
    def target(self) -> str:
        """In words."""
        parts = [
            f"≥ {self.least:,.0f}" if self.least is not None else "",
            f"≤ {self.most:,.0f}" if self.most is not None else "",
            f"≥ {self.least_share:.0%} of ceiling" if self.least_share is not None else "",
        ]
        return ", ".join(part for part in parts if part)

    @property
    def verdict(self) -> Verdict:
        """Of the target; empty where there is none."""
        if self.failed or self.failures:
            return "failed"
        if not self.target or self.value is None:
            return ""
        is_met = (
            (self.least is None or self.value >= self.least)
            and (self.most is None or self.value <= self.most)
            and (self.least_share is None or (self.share is not None and self.share >= self.least_share))
        )
        return "met" if is_met else "missed"

    @property
    def remark(self) -> str:
        """Note, failures and cost, as one text."""
        costs = ", ".join(f"{name} {value:,.0f}" for name, value in self.costs.items())
        failures = f"{self.failures} calls FAILED" if self.failures else ""
        failed = f"FAILED: {self.failed}" if self.failed else ""
        return "; ".join(part for part in (failed, failures, self.note, costs and f"CPU µs each: {costs}") if part)


class Curve(msgspec.Struct, frozen=True, kw_only=True):
    """Cost of one thing at growing sizes, each ten times the one before."""

    what: str
    unit: str
    points: dict[str, float]

    @property
    def growth(self) -> float:
        """The largest factor from one size to the next."""
        costs = list(self.points.values())
        return max((after / before for before, after in pairwise(costs) if before), default=1.0)

    @property
    def is_steep(self) -> bool:
        """Whether it grows more than what is found by an index does."""
        costs = list(self.points.values())
        return self.growth > DOUBLED and max(costs) - min(costs) > VISIBLE


class Section(msgspec.Struct, frozen=True, kw_only=True):
    """What one measurement came to. `others` is the share of the processors that other people's work took meanwhile."""

    name: str
    rows: list[Row]
    curves: list[Curve] = []
    others: float = 0.0
    seconds: float = 0.0


class Hot(msgspec.Struct, frozen=True, kw_only=True):
    """Where one process spent its time during a measurement: function → share of the samples, the largest first."""

    section: str
    process: str
    file: str
    functions: dict[str, float]


class Machine(msgspec.Struct, frozen=True, kw_only=True):
    """Where it was taken."""

    at: str
    commit: str
    kind: str
    cores: int
    python: str
    servers: str
    load_before: float
    load_after: float


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """All of a run."""

    machine: Machine
    sizes: str
    sections: list[Section]
    hot: list[Hot] = []

    @property
    def rows(self) -> list[Row]:
        """Of all sections."""
        return [row for section in self.sections for row in section.rows]

    @property
    def has_failed(self) -> bool:
        """Whether anything could not be measured, or was answered with something else than success."""
        return any(row.verdict == "failed" for row in self.rows)

    def json(self) -> bytes:
        """With what follows from the figures: share, target, verdict; growth and whether it is steep."""
        plain = msgspec.to_builtins(self)
        for section, seen in zip(plain["sections"], self.sections, strict=True):
            for row, figure in zip(section["rows"], seen.rows, strict=True):
                row |= {"share": figure.share, "target": figure.target, "verdict": figure.verdict}
            for plain_curve, curve in zip(section["curves"], seen.curves, strict=True):
                plain_curve |= {"growth": curve.growth, "is_steep": curve.is_steep}
        return msgspec.json.format(msgspec.json.encode(plain))

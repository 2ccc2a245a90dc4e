"""Who is on call: pure arithmetic over rosters. No I/O, no clock; every question names its instant or its span.

Spans are half-open, [start, end). A handoff happens at a wall-clock time in the roster's zone, so the day of a clock
change has 23 or 25 hours, and the handoff stays at nine in the morning. What that means for a time that the clock skips
or shows twice is in `zones`.
"""

from nightowl_oncall.answers import HORIZON, on_call_at, spans_between
from nightowl_oncall.model import (
    Absence,
    Book,
    Member,
    OnCall,
    Override,
    Pin,
    Reason,
    Roster,
    Shift,
    Source,
    UnknownZoneError,
)
from nightowl_oncall.runs import Run, long_runs, runs_of, weeks_of
from nightowl_oncall.shifts import (
    LEAST_REST,
    Load,
    Rest,
    Uncovered,
    fairness,
    hours_between,
    last_shifts,
    shifts_between,
    short_rests,
    to_shifts,
    uncovered,
)
from nightowl_oncall.turns import Turns
from nightowl_oncall.zones import at_wall, zone_of

__all__ = [
    "HORIZON",
    "LEAST_REST",
    "Absence",
    "Book",
    "Load",
    "Member",
    "OnCall",
    "Override",
    "Pin",
    "Reason",
    "Rest",
    "Roster",
    "Run",
    "Shift",
    "Source",
    "Turns",
    "Uncovered",
    "UnknownZoneError",
    "at_wall",
    "fairness",
    "hours_between",
    "last_shifts",
    "long_runs",
    "on_call_at",
    "runs_of",
    "shifts_between",
    "short_rests",
    "spans_between",
    "to_shifts",
    "uncovered",
    "weeks_of",
    "zone_of",
]

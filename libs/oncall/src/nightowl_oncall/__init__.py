"""Who is on call: pure arithmetic over rosters. No I/O, no clock; every question names its instant.

Shifts are half-open, [start, end). A handoff happens at a wall-clock time in the roster's zone, so the day of a clock
change has a shift of 23 or 25 hours, and the handoff stays at nine in the morning.
"""

from nightowl_oncall.model import OnCall, Override, Roster, Shift, UnknownZoneError
from nightowl_oncall.rotation import on_call_at, shift_at

__all__ = ["OnCall", "Override", "Roster", "Shift", "UnknownZoneError", "on_call_at", "shift_at"]

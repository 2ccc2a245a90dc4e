"""The loops of escalation: due timers, silence, shifts, and the end of what is no longer kept."""

from nightowl_escalation.jobs.retention import RetentionSweeper
from nightowl_escalation.jobs.shifts import ShiftWatch
from nightowl_escalation.jobs.timers import SilenceSweeper, TimerWorker

__all__ = ["RetentionSweeper", "ShiftWatch", "SilenceSweeper", "TimerWorker"]

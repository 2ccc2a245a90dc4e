"""The loops of escalation: due timers, silence, and shifts."""

from nightowl_escalation.jobs.shifts import ShiftWatch
from nightowl_escalation.jobs.timers import SilenceSweeper, TimerWorker

__all__ = ["ShiftWatch", "SilenceSweeper", "TimerWorker"]

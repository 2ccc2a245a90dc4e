"""The loops of escalation: due timers, silence, shifts, the end of what is no longer kept, and what waits."""

from nightowl_escalation.jobs.backlog import BacklogGauges
from nightowl_escalation.jobs.ledger import LedgerWatch
from nightowl_escalation.jobs.retention import RetentionSweeper
from nightowl_escalation.jobs.shifts import ShiftWatch
from nightowl_escalation.jobs.timers import SilenceSweeper, TimerWorker

__all__ = ["BacklogGauges", "LedgerWatch", "RetentionSweeper", "ShiftWatch", "SilenceSweeper", "TimerWorker"]

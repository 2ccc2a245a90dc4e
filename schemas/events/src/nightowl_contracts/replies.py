"""What became of received alerts, told over core NATS to the ingest process that waits for it.

Not an event: nothing is kept, and a caller that hears nothing within its time still has its receipt.
"""

from uuid import UUID

import msgspec


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """One alert's disposition (opened, repeated, resolved, stale, suppressed, rejected) and the alert it concerns."""

    index: int
    disposition: str
    alert_id: UUID | None = None


class BatchHandled(msgspec.Struct, frozen=True, kw_only=True):
    """All outcomes of one `AlertsReceived` message. `event_id` is that message's."""

    receipt_id: UUID
    event_id: UUID
    outcomes: list[Outcome]

"""What escalation tells about shifts."""

from datetime import datetime
from uuid import UUID

import msgspec


class Handover(msgspec.Struct, frozen=True, kw_only=True):
    """The instant at which another person is on call; None: nobody was, or nobody is."""

    boundary_at: datetime
    outgoing_id: UUID | None
    incoming_id: UUID | None
    ends_at: datetime | None


class LastWarning(msgspec.Struct, frozen=True, kw_only=True):
    """The newest warning about a roster: whether it stands, and the gap that it is about."""

    is_open: bool
    gap: str | None

"""The API call that stands behind what is being done, for the audit log.

It travels beside the arguments, by context: whoever answers calls sets it, and only the writer of audit rows reads it.
"""

from contextvars import ContextVar

import msgspec


class Origin(msgspec.Struct, frozen=True, kw_only=True):
    """Where a call came from, and its request id. Both None: no call stands behind it."""

    address: str | None = None
    request_id: str | None = None


NO_CALL = Origin()

ORIGIN: ContextVar[Origin] = ContextVar("origin", default=NO_CALL)

"""The local outbox: what would have been sent, visible in the database, where no provider is configured.

Nothing pretends to be sent: the provider is called `local-outbox` and the timeline says what happened.
"""

from collections.abc import Awaitable, Callable, Mapping
from uuid import UUID

from nightowl_alerting.paging import AttemptResult, Failed, FailureReason, Sent
from nightowl_common.errors import TransientError
from nightowl_notifier.channels.sms import sms_text
from nightowl_notifier.model import CannotTell, Found, LookUp, NotFound, OutgoingPage

PROVIDER = "local-outbox"

Write = Callable[[OutgoingPage, Mapping[str, object]], Awaitable[None]]
"""Writes a page's row, once per delivery however often it is called."""

Read = Callable[[OutgoingPage], Awaitable[UUID | None]]
"""The row's id, or None when there is none."""


class LocalOutbox:
    """Stands in for the provider of one channel. Trying twice writes one row, so a failure is never unclear."""

    def __init__(self, *, write: Write, read: Read) -> None:
        self._write = write
        self._read = read

    @property
    def name(self) -> str:
        """The local outbox."""
        return PROVIDER

    async def send(self, page: OutgoingPage) -> AttemptResult:
        """Writes the row."""
        try:
            await self._write(page, body_of(page))
        except TransientError as error:
            reason = FailureReason.UNAVAILABLE
            return Failed(provider=PROVIDER, reason=reason, is_permanent=False, detail=error.detail)
        detail = f"written to the local outbox: no {page.channel} provider is configured"
        return Sent(provider=PROVIDER, provider_id=str(page.delivery_id), detail=detail)

    async def find(self, page: OutgoingPage) -> LookUp:
        """Whether the row is there."""
        try:
            row_id = await self._read(page)
        except TransientError as error:
            return CannotTell(detail=error.detail)
        return NotFound() if row_id is None else Found(provider_id=str(page.delivery_id))


def body_of(page: OutgoingPage) -> dict[str, object]:
    """What a person would have read."""
    return {
        "text": sms_text(page),
        "severity": page.severity,
        "title": page.title,
        "description": page.description,
        "source": page.source,
        "labels": page.labels,
        "is_repeat": page.is_repeat,
    }

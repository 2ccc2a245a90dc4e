"""Hints from PAGES: decode → send → commit → ack, one message at a time.

The hint is acknowledged when what it asks for is settled or void. What cannot be read goes to the dead letters;
what failed for the moment comes again after an explicit, jittered delay: a plain nak would come again at once.
The delivery row stays the obligation throughout, so a hint that is given up loses nothing.
"""

from nats.aio.msg import Msg

from nightowl_common import clock
from nightowl_common.bus import Bus, BusUnavailableError
from nightowl_common.db import UnknownTenantError
from nightowl_common.errors import TransientError
from nightowl_common.logs import get_logger
from nightowl_contracts import PageRequested, UnreadableEventError, decode_event
from nightowl_notifier.channels.dispatch import Dispatcher
from nightowl_notifier.channels.slots import Slots

log = get_logger(__name__)

MAX_ATTEMPTS = 8
"""Unexpected failures of one hint before it goes to the dead letters."""


async def on_page_requested(event: PageRequested, *, dispatcher: Dispatcher, slots: Slots) -> None:
    """Sends the page that the hint names, if it is still owed; over the tenant's share, the due loop does.

    Raises:
        UnknownTenantError: the tenant is gone, and its obligations with it.
        TransientError: try again later.
    """
    page, tenant = event.data, event.tenant
    if not slots.take(page.channel, tenant=tenant, is_critical=page.is_critical):
        await dispatcher.leave_to_due_loop(tenant, page.delivery_id)
        return
    try:
        await dispatcher.send_hinted(tenant, page.delivery_id, channel=page.channel)
    finally:
        slots.give_back(page.channel, tenant=tenant, is_critical=page.is_critical)


class HintReader:
    """Turns a message into a call and the outcome into an ack, a delayed nak or a dead letter. Never raises."""

    def __init__(self, *, bus: Bus, dispatcher: Dispatcher, slots_per_channel: int) -> None:
        self._bus = bus
        self._dispatcher = dispatcher
        self._slots = Slots(slots_per_channel)

    async def read(self, message: Msg) -> None:
        """Handles one message to its end."""
        try:
            await self._handle(message)
        except BusUnavailableError as error:
            log.warning("hint_left_unacknowledged", error=error.detail)
        except Exception:
            log.exception("hint_left_unacknowledged", subject_of=message.metadata.stream)

    async def _handle(self, message: Msg) -> None:
        try:
            event = decode_event(message.data)
        except UnreadableEventError as error:
            await self._bus.dead_letter(message, reason=str(error))
            return
        if isinstance(event, PageRequested):
            await self._send(message, event)
        else:
            await self._bus.dead_letter(message, reason=f"not a hint: {type(event).__name__}")

    async def _send(self, message: Msg, event: PageRequested) -> None:
        try:
            await on_page_requested(event, dispatcher=self._dispatcher, slots=self._slots)
        except UnknownTenantError as error:
            await self._bus.dead_letter(message, reason=error.detail)
        except TransientError as error:
            log.warning("hint_delayed", delivery_id=str(event.data.delivery_id), error=error.detail)
            await _delay(message)
        except Exception as error:
            log.exception("hint_failed", tenant=event.tenant, delivery_id=str(event.data.delivery_id))
            if message.metadata.num_delivered >= MAX_ATTEMPTS:
                await self._bus.dead_letter(message, reason=f"{type(error).__name__}: {error}")
            else:
                await _delay(message)
        else:
            await message.ack()


async def _delay(message: Msg) -> None:
    await message.nak(delay=clock.backoff_seconds(message.metadata.num_delivered, first=1.0, cap=30.0))

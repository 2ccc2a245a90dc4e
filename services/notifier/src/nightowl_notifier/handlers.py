"""Hints from PAGES: decode → send → commit → ack, one message at a time. Events for subscriptions: in batches.

The hint is acknowledged when what it asks for is settled or void. What cannot be read goes to the dead letters;
what failed for the moment comes again after an explicit, jittered delay: a plain nak would come again at once.
The delivery row stays the obligation throughout, so a hint that is given up loses nothing.
"""

from collections.abc import Callable, Sequence

import msgspec
from nats.aio.msg import Msg
from nats.errors import Error as NatsError

from nightowl_alerting.webhooks import posting
from nightowl_common import clock
from nightowl_common.bus import Bus, BusUnavailableError
from nightowl_common.db import Database, UnknownTenantError
from nightowl_common.errors import TransientError
from nightowl_common.logs import get_logger
from nightowl_common.telemetry import span
from nightowl_contracts import AnyEvent, PageRequested, UnreadableEventError, decode_event, event_types
from nightowl_notifier import telemetry
from nightowl_notifier.channels.dispatch import Dispatcher
from nightowl_notifier.channels.slots import Slots

log = get_logger(__name__)

MAX_ATTEMPTS = 8
"""Unexpected failures of one message before it goes to the dead letters."""


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
        await dispatcher.send_hinted(
            tenant, page.delivery_id, channel=page.channel, is_critical=page.is_critical
        )  # fmt: skip
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
            with span("page", event.trace, kind="consumer"):
                await on_page_requested(event, dispatcher=self._dispatcher, slots=self._slots)
        except UnknownTenantError as error:
            await self._bus.dead_letter(message, reason=error.detail)
        except TransientError as error:
            log.warning("hint_delayed", delivery_id=str(event.data.delivery_id), error=error.detail)
            await _delay(message, cap=clock.AWAY_SECONDS)
        except Exception as error:
            log.exception("hint_failed", tenant=event.tenant, delivery_id=str(event.data.delivery_id))
            if message.metadata.num_delivered >= MAX_ATTEMPTS:
                await self._bus.dead_letter(message, reason=f"{type(error).__name__}: {error}")
            else:
                await _delay(message)
        else:
            await message.ack()


class CardHints:
    """What happens to alerts makes their cards be looked at now. Timers are the obligations; hints are only quick."""

    def __init__(self, wake: Callable[[], None]) -> None:
        self._wake = wake

    async def on_messages(self, messages: Sequence[Msg]) -> None:
        """Wakes, once for all; a storm of repeats, which rarely show anything new, wakes nobody."""
        if any(not message.subject.endswith(".repeated") for message in messages):
            self._wake()
        for message in messages:
            await message.ack()


async def _delay(message: Msg, *, cap: float = 30.0) -> None:
    await message.nak(delay=clock.backoff_seconds(message.metadata.num_delivered, first=1.0, cap=cap))


BUS_ERRORS = (NatsError, OSError)
"""Of an acknowledgement that cannot be sent: the message comes again."""


class _Tagged(msgspec.Struct, frozen=True):
    """As much of an event as every version has."""

    type: str


class _Told(msgspec.Struct, frozen=True, kw_only=True):
    """A message and the event in it."""

    message: Msg
    event: AnyEvent


class EventReader:
    """Owes events to the subscriptions that want them: one transaction per tenant and batch, acknowledged after it.

    Deliveries are unique per subscription and event, so a message that comes again owes nothing again. When a tenant's
    events cannot be written together, each is tried by itself, so that none holds its neighbours. Never raises.
    """

    def __init__(self, *, bus: Bus, database: Database, on_owed: Callable[[], None]) -> None:
        self._bus = bus
        self._database = database
        self._on_owed = on_owed

    async def read(self, messages: Sequence[Msg]) -> None:
        """Handles a batch to its end."""
        by_tenant: dict[str, list[_Told]] = {}
        for message in messages:
            try:
                event = decode_event(message.data)
            except UnreadableEventError as error:
                await self._pass_on(message, error)
            else:
                by_tenant.setdefault(event.tenant, []).append(_Told(message=message, event=event))
        for tenant, told in by_tenant.items():
            await self._take(tenant, told)

    async def _pass_on(self, message: Msg, error: UnreadableEventError) -> None:
        """What is no event is buried; one of a later version waits a while for a process that knows it."""
        if _is_of_later_version(message.data) and message.metadata.num_delivered < MAX_ATTEMPTS:
            await self._put_off(message)
        else:
            await self._bury(message, reason=str(error))

    async def _take(self, tenant: str, told: Sequence[_Told]) -> None:
        try:
            async with self._database.tenant_tx(tenant) as tx:
                owed = await posting.owe(tx, tenant, [each.event for each in told])
        except UnknownTenantError as error:
            for each in told:
                await self._bury(each.message, reason=error.detail)
        except TransientError as error:
            log.warning("events_delayed", count=len(told), error=error.detail)
            for each in told:
                await self._put_off(each.message)
        except Exception as error:
            log.exception("events_failed", tenant=tenant, count=len(told))
            await self._take_singly(tenant, told, error)
        else:
            await self._acknowledge(told, owed)

    async def _take_singly(self, tenant: str, told: Sequence[_Told], error: Exception) -> None:
        if len(told) > 1:
            for each in told:
                await self._take(tenant, [each])
        elif told[0].message.metadata.num_delivered >= MAX_ATTEMPTS:
            await self._bury(told[0].message, reason=f"{type(error).__name__}: {error}")
        else:
            await self._put_off(told[0].message)

    async def _acknowledge(self, told: Sequence[_Told], owed: int) -> None:
        if owed:
            telemetry.WEBHOOKS_OWED.inc(owed)
            self._on_owed()
        try:
            for each in told:
                await each.message.ack()
        except BUS_ERRORS as error:
            log.warning("events_left_unacknowledged", error=type(error).__name__)

    async def _put_off(self, message: Msg) -> None:
        try:
            await _delay(message)
        except BUS_ERRORS as error:
            log.warning("events_left_unacknowledged", error=type(error).__name__)

    async def _bury(self, message: Msg, *, reason: str) -> None:
        log.error("event_buried", subject=message.subject, reason=reason)
        try:
            await self._bus.dead_letter(message, reason=reason)
        except (BusUnavailableError, *BUS_ERRORS):
            await self._put_off(message)


def _is_of_later_version(body: bytes) -> bool:
    try:
        return msgspec.json.decode(body, type=_Tagged).type not in event_types()
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return False

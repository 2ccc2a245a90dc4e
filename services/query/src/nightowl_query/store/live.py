"""A tenant's events as they are stored: in order, without a gap, for one reader.

The reader's place is kept here and not in the broker: its consumer forgets it after a minute, and one that is lost is
made anew behind the last event that was read.
"""

import contextlib
from datetime import datetime

import msgspec
from nats.errors import Error as NatsError
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy
from nats.js.client import JetStreamContext
from nats.js.errors import Error as JetStreamError

from nightowl_common.bus import Bus, BusUnavailableError
from nightowl_common.ids import new_id
from nightowl_contracts.subjects import PREFIX
from nightowl_contracts.topology import EVENTS

BATCH = 200
FORGOTTEN_SECONDS = 60

_ERRORS = (NatsError, JetStreamError, OSError)


class StoredEvent(msgspec.Struct, frozen=True, kw_only=True):
    """An event as it was stored. `is_last` says that nothing was stored behind it yet."""

    id: str
    noun: str
    verb: str
    body: bytes
    is_last: bool


class _Id(msgspec.Struct):
    id: str


class Tail:
    """Not for two readers at once. `since` None: from now."""

    def __init__(self, bus: Bus, tenant: str, *, since: datetime | None) -> None:
        self._bus = bus
        self._js = bus.jetstream
        self._subject = f"{PREFIX}.event.{tenant}.*.*"
        self._since = since
        self._reader: JetStreamContext.PullSubscription | None = None
        self._name = ""
        self._handed_out = 0
        self._last: int | None = None

    async def open(self) -> int:
        """From now on nothing is missed; returns how many events are there already.

        Raises:
            BusUnavailableError: the broker does not answer.
        """
        name = f"live-{new_id()}"
        policy, sequence, moment = self._place()
        config = ConsumerConfig(
            name=name, filter_subject=self._subject, ack_policy=AckPolicy.NONE, mem_storage=True, num_replicas=1,
            inactive_threshold=FORGOTTEN_SECONDS, deliver_policy=policy, opt_start_seq=sequence, opt_start_time=moment,
        )  # fmt: skip
        try:
            made = await self._js.add_consumer(EVENTS.name, config)
            self._reader = await self._js.pull_subscribe_bind(consumer=name, stream=EVENTS.name)
        except (*_ERRORS, TimeoutError) as error:
            raise BusUnavailableError(f"{EVENTS.name} cannot be read: {type(error).__name__}") from error
        self._name, self._handed_out = name, 0
        if self._last is None and made.delivered is not None:
            self._last = made.delivered.stream_seq
        return made.num_pending or 0

    async def read(self, *, seconds: float) -> list[StoredEvent]:
        """What comes next; nothing when nothing came for so long.

        Raises:
            BusUnavailableError: the broker does not answer. Reading on makes up for it.
        """
        if self._reader is None:
            await self.open()
        assert self._reader is not None
        try:
            messages = await self._reader.fetch(BATCH, timeout=seconds)
        except TimeoutError:
            if self._bus.is_connected:
                return []
            await self.close()
            raise BusUnavailableError from None
        except _ERRORS as error:
            await self.close()
            raise BusUnavailableError(f"{EVENTS.name} cannot be read: {type(error).__name__}") from error
        found: list[StoredEvent] = []
        for each in messages:
            self._handed_out += 1
            if each.metadata.sequence.consumer != self._handed_out:  # some were sent to us and got lost on the way
                await self.close()
                break
            self._last = each.metadata.sequence.stream
            _, _, _, noun, verb = each.subject.split(".")
            event_id = msgspec.json.decode(each.data, type=_Id).id
            is_last = each.metadata.num_pending == 0
            found.append(StoredEvent(id=event_id, noun=noun, verb=verb, body=each.data, is_last=is_last))
        return found

    async def close(self) -> None:
        """Gives the consumer back; the place in the stream is kept."""
        reader, self._reader = self._reader, None
        if reader is not None:
            with contextlib.suppress(*_ERRORS, TimeoutError):
                await reader.unsubscribe()
                await self._js.delete_consumer(EVENTS.name, self._name)

    def _place(self) -> tuple[DeliverPolicy, int | None, datetime | None]:
        if self._last is not None:
            return DeliverPolicy.BY_START_SEQUENCE, self._last + 1, None
        if self._since is not None:
            return DeliverPolicy.BY_START_TIME, None, self._since
        return DeliverPolicy.NEW, None, None

"""What happens in the tenant, as it happens: server-sent events for the browser and for programs."""

import asyncio
import math
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import suppress
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, get
from litestar.background_tasks import BackgroundTask
from litestar.di import NamedDependency
from litestar.params import HeaderParameter, QueryParameter
from litestar.response.sse import ServerSentEvent, ServerSentEventMessage

from nightowl_auth import Principal, requires
from nightowl_auth.guard import authenticate
from nightowl_common import clock
from nightowl_common.bus import Bus, BusUnavailableError
from nightowl_common.errors import NightOwlError, TransientError
from nightowl_query import telemetry
from nightowl_query.api.edge import instant, problems
from nightowl_query.engine.live import begin_from, needed_role, resume_from
from nightowl_query.store.live import StoredEvent, Tail

LOOK_SECONDS = 4.0
"""How often it is asked whether the caller may still listen."""

SHORTEST_LOOK_SECONDS = 0.1
BEAT_SECONDS = 12.0
MOST_PER_CALLER = 20
MOST_REREAD = 5_000
"""Events that are read back for one who returns; beyond that, reading everything anew costs less."""

RETRY_MILLISECONDS = 1_000
AGAIN_SECONDS = 1.0

AnyRequest = Request[Any, Any, Any]
LastEventId = Annotated[
    str | None,
    HeaderParameter(
        name="Last-Event-ID", description="The last event that was received; the stream goes on behind it."
    ),
]

Since = Annotated[
    str | None,
    QueryParameter(
        description="Without a last event: since when (RFC 3339, an hour ago at most) what happened is told first, a"
        " little of what was before it included. Whoever began to read then has missed nothing."
    ),
]
Seconds = Annotated[
    int | None,
    QueryParameter(ge=0, le=86_400, description="How long the stream is; 0: what was missed and nothing more."),
]


class TooManyStreamsError(NightOwlError):
    """This caller has as many streams open as it may have; close one, or share one between tabs."""

    code = "too_many_streams"
    status = 429


class OpenStreams:
    """The streams that this process serves. Closing it ends them all, so that nobody waits for them to end."""

    def __init__(self) -> None:
        self._of_caller: Counter[tuple[str, UUID]] = Counter()
        self._closing_tails: set[asyncio.Task[None]] = set()
        self.closing = asyncio.Event()

    def take(self, caller: tuple[str, UUID]) -> None:
        """Raises:
        TooManyStreamsError: it has all that it may have.
        """
        if self._of_caller[caller] >= MOST_PER_CALLER:
            raise TooManyStreamsError
        self._of_caller[caller] += 1
        telemetry.STREAMS.inc()

    def give_back(self, caller: tuple[str, UUID], tail: Tail) -> None:
        """One has ended. The broker is told meanwhile: where a caller has left, nothing can be awaited any more."""
        self._of_caller[caller] -= 1
        if not self._of_caller[caller]:
            del self._of_caller[caller]
        telemetry.STREAMS.dec()
        closing = asyncio.create_task(tail.close())
        self._closing_tails.add(closing)
        closing.add_done_callback(self._closing_tails.discard)


@get(
    "/stream", operation_id="stream", tags=["System"], summary="What happens, as it happens",
    guards=[requires("readonly")], responses=problems(429), media_type="text/event-stream",
)  # fmt: skip
async def stream(
    request: AnyRequest,
    principal: NamedDependency[Principal],
    bus: NamedDependency[Bus],
    last_event_id: LastEventId = None,
    since: Since = None,
    seconds: Seconds = None,
) -> ServerSentEvent:
    """Server-sent events: `id` is the event's, `event` its type (`alert.opened`), `data` the event as JSON.

    `ready` comes first. `resync` says that what was missed cannot be told: read everything anew. `lost` says that the
    stream stands still until `ready` comes again; nothing is missed by it. A comment every 12 s keeps it open. It ends
    with the right to listen, or after `seconds`.
    """
    streams: OpenStreams = request.app.state.streams
    looked_at = instant(since, field="since")
    place = _place(last_event_id, looked_at)
    listener = Listener(
        request,
        principal,
        Tail(bus, principal.tenant, since=place),
        is_whole=last_event_id is None and looked_at is None,
        can_resume=place is not None,
    )
    messages = listener.messages(streams, last_event_id, seconds=math.inf if seconds is None else seconds)
    await anext(messages)  # begun here, so that its end gives the place back even when nobody asks for more
    return ServerSentEvent(messages, background=BackgroundTask(_end, messages))


class Listener:
    """One open stream. `is_whole`: nothing of before was asked for."""

    def __init__(
        self, request: AnyRequest, principal: Principal, tail: Tail, *, is_whole: bool, can_resume: bool
    ) -> None:
        self.caller = (principal.tenant, principal.key_id)
        self._request = request
        self._principal = principal
        self._tail = tail
        self._is_whole = is_whole
        self._can_resume = can_resume
        self._is_lost = False

    async def messages(
        self, streams: OpenStreams, last_event_id: str | None, *, seconds: float
    ) -> AsyncGenerator[ServerSentEventMessage]:
        """A first word that the place is taken, which is for nobody's ears; then everything from `ready` to the end.

        Raises:
            TooManyStreamsError: instead of the first word.
        """
        streams.take(self.caller)
        try:
            yield ServerSentEventMessage(comment="taken", data=None)
            async for each in self._begin(last_event_id):
                yield each
            ends_at = clock.monotonic_seconds() + seconds
            beat_at = clock.monotonic_seconds() + BEAT_SECONDS
            while clock.monotonic_seconds() < ends_at and not streams.closing.is_set() and await self._may_listen():
                left = ends_at - clock.monotonic_seconds()
                for message in await self._next(streams, seconds=min(LOOK_SECONDS, max(SHORTEST_LOOK_SECONDS, left))):
                    beat_at = clock.monotonic_seconds() + BEAT_SECONDS
                    yield message
                if clock.monotonic_seconds() >= beat_at:
                    beat_at = clock.monotonic_seconds() + BEAT_SECONDS
                    yield ServerSentEventMessage(comment="still here", data=None)
        except asyncio.CancelledError:
            # The caller has left, and this ends in order. As an error it would be held by a frame of its own traceback,
            # and with it all that belongs to the stream, until the garbage collector runs, which is seldom.
            return
        finally:
            streams.give_back(self.caller, self._tail)

    async def _begin(self, last_event_id: str | None) -> AsyncIterator[ServerSentEventMessage]:
        """What was missed, or the word that it cannot be told; then `ready`."""
        missed: list[StoredEvent] = []
        is_known = self._is_whole
        try:
            waiting = await self._tail.open()
            if self._can_resume:
                missed, is_known = await self._reread(last_event_id, waiting)
        except BusUnavailableError:
            self._is_lost = True
        if not is_known:
            yield ServerSentEventMessage(event="resync", data="{}")
        for each in missed:
            yield self._shown(each)
        word = "lost" if self._is_lost else "ready"
        yield ServerSentEventMessage(event=word, data="{}", retry=RETRY_MILLISECONDS)

    async def _reread(self, last_event_id: str | None, waiting: int) -> tuple[list[StoredEvent], bool]:
        """(what came behind the event, whether it was found); all without an event."""
        read: list[StoredEvent] = []
        while len(read) < min(waiting, MOST_REREAD):
            found = await self._tail.read(seconds=AGAIN_SECONDS)
            read += found
            if not found or found[-1].is_last:
                break
        ids = [None, *(each.id for each in read)]
        if last_event_id not in ids:
            return [], False
        behind = read[ids.index(last_event_id) :]
        return [each for each in behind if self._is_shown(each)], len(read) < MOST_REREAD or read[-1].is_last

    async def _next(self, streams: OpenStreams, *, seconds: float) -> list[ServerSentEventMessage]:
        try:
            found = await self._tail.read(seconds=seconds)
        except BusUnavailableError:
            was_lost, self._is_lost = self._is_lost, True
            with suppress(TimeoutError):
                await asyncio.wait_for(streams.closing.wait(), AGAIN_SECONDS)
            return [] if was_lost else [ServerSentEventMessage(event="lost", data="{}")]
        back = [ServerSentEventMessage(event="ready", data="{}")] if self._is_lost else []
        self._is_lost = False
        return [*back, *(self._shown(each) for each in found if self._is_shown(each))]

    def _is_shown(self, event: StoredEvent) -> bool:
        return self._principal.may(needed_role(event.noun))

    def _shown(self, event: StoredEvent) -> ServerSentEventMessage:
        return ServerSentEventMessage(id=event.id, event=f"{event.noun}.{event.verb}", data=event.body.decode())

    async def _may_listen(self) -> bool:
        """Asked again and again; while it cannot be told, the last answer stands."""
        try:
            now = await authenticate(self._request)
        except TransientError:
            return True
        except NightOwlError:
            return False
        return now == self._principal


async def _end(messages: AsyncGenerator[ServerSentEventMessage]) -> None:
    await messages.aclose()


def _place(last_event_id: str | None, looked_at: datetime | None) -> datetime | None:
    if last_event_id is None:
        return None if looked_at is None else begin_from(looked_at, clock.utc_now())
    try:
        event_id = UUID(last_event_id)
    except ValueError:
        return None
    return resume_from(event_id, clock.utc_now())


HANDLERS = [stream]

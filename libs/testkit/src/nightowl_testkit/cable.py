"""A cable between services and one server, which a test can cut, block, slow down and mend.

Whoever shall feel it is pointed at the cable by its settings (`Cable.rewire`); the test itself keeps its own way to the
server. All of it happens in the test's event loop, with one copy of each chunk and no task per connection.
"""

import asyncio
import enum
import select
import socket
import struct
from collections import deque
from collections.abc import Callable, Mapping
from typing import Self, TypeAlias, cast
from urllib.parse import urlsplit

import msgspec

from nightowl_embedded import free_port

_LOOPBACK = "127.0.0.1"
_AT_ONCE_RESET = struct.pack("ii", 1, 0)
_END = b""


class Way(enum.Enum):
    """A direction, seen from the services."""

    TO_SERVER = "to the server"
    FROM_SERVER = "from the server"


BOTH = (Way.TO_SERVER, Way.FROM_SERVER)


class _Lane(msgspec.Struct):
    """How one direction is now: blocked, or so many seconds long."""

    is_blocked: bool = False
    seconds: float = 0.0


class Cable:
    """`async with Cable(url) as cable:` forwards connections to the server of a URL until it is told otherwise.

    Each fault replaces the one before it; `mend` ends it.
    """

    def __init__(self, url: str) -> None:
        port = urlsplit(url).port
        if port is None:
            message = f"{url} names no port"
            raise ValueError(message)
        self.port = free_port()
        self._server_port = port
        self._lanes = {way: _Lane() for way in Way}
        self._links: set[_Link] = set()
        self._listener: asyncio.Server | None = None

    def rewire(self, environment: Mapping[str, str]) -> dict[str, str]:
        """The settings, with the cable's address wherever the server's stands."""
        there, here = f"{_LOOPBACK}:{self._server_port}", f"{_LOOPBACK}:{self.port}"
        return {name: value.replace(there, here) for name, value in environment.items()}

    @property
    def connections(self) -> int:
        """How many connections go through it now, and wait to be let through."""
        return sum(link.near.transport is not None for link in self._links)

    def cut(self) -> None:
        """Connections are reset, new ones refused, as by a server that died."""
        self._set()
        if self._listener is not None:
            self._listener.close()
            self._listener = None
        for link in tuple(self._links):
            link.reset()

    def hang(self, *ways: Way) -> None:
        """Bytes of these directions (without any: both) go nowhere, and nobody is told: a partition.

        They are not lost: TCP repeats them, so they arrive when it is mended, unless the services gave up on them.
        A new connection is established with the kernel alone and goes nowhere, whichever direction is blocked.
        """
        self._set(blocked=ways or BOTH)

    def slow(self, seconds: float, *ways: Way) -> None:
        """Each chunk of these directions (without any: to the server) takes so long. A statement is one chunk."""
        self._set(seconds=seconds, slowed=ways or (Way.TO_SERVER,))

    async def mend(self) -> None:
        """As it was at first. What hung goes on."""
        for link in tuple(self._links):
            link.forget_if_given_up()
        self._set()
        if self._listener is None:
            await self._listen()
        for link in tuple(self._links):
            link.go_on()

    def _set(self, *, blocked: tuple[Way, ...] = (), seconds: float = 0.0, slowed: tuple[Way, ...] = ()) -> None:
        for way, lane in self._lanes.items():
            lane.is_blocked = way in blocked
            lane.seconds = seconds if way in slowed else 0.0
        for link in tuple(self._links):
            link.go_on()

    async def _listen(self) -> None:
        loop = asyncio.get_running_loop()
        self._listener = await loop.create_server(self._accept, _LOOPBACK, self.port, backlog=1024)

    def _accept(self) -> asyncio.Protocol:
        link = _Link(self._server_port, self._lanes, on_end=self._links.discard)
        self._links.add(link)
        return link.near

    async def __aenter__(self) -> Self:
        await self._listen()
        return self

    async def __aexit__(self, *_error: object) -> None:
        self.cut()


_OnEnd: TypeAlias = Callable[["_Link"], None]


class _Link:
    """One connection through the cable: its two ends, and the connecting of the far one."""

    def __init__(self, server_port: int, lanes: Mapping[Way, _Lane], *, on_end: _OnEnd) -> None:
        self._server_port = server_port
        self._lanes = lanes
        self._on_end = on_end
        self._connecting: asyncio.Task[None] | None = None
        self.near, self.far = _End(self, lanes[Way.TO_SERVER]), _End(self, lanes[Way.FROM_SERVER])
        self.near.other, self.far.other = self.far, self.near

    def go_on(self) -> None:
        """Does what the lanes allow now."""
        is_open = not any(lane.is_blocked for lane in self._lanes.values())
        if self._connecting is None and is_open and self.near.transport is not None:
            self._connecting = asyncio.create_task(self._connect())
        self.near.go_on()
        self.far.go_on()

    def forget_if_given_up(self) -> None:
        """What is still to be let through to the server is lost when nobody waits for its answer any more."""
        near = self.near.transport
        if near is not None and self._lanes[Way.TO_SERVER].is_blocked:
            look = select.poll()
            look.register(near.get_extra_info("socket").fileno(), select.POLLRDHUP)
            if look.poll(0):
                self.reset()

    async def _connect(self) -> None:
        try:
            await asyncio.get_running_loop().create_connection(lambda: self.far, _LOOPBACK, self._server_port)
        except OSError:
            self.reset()

    def reset(self) -> None:
        """Both ends are told at once."""
        if self._connecting is not None:
            self._connecting.cancel()
        for end in (self.near, self.far):
            end.reset()
        self.end()

    def end(self) -> None:
        """It is no more."""
        self._on_end(self)


class _End(asyncio.Protocol):
    """One end: what is read here leaves at the other one, in order, when the lane allows it."""

    other: "_End"

    def __init__(self, link: _Link, lane: _Lane) -> None:
        self._link = link
        self._lane = lane
        self._loop = asyncio.get_running_loop()
        self._waiting: deque[tuple[float, bytes]] = deque()
        self._timer: asyncio.TimerHandle | None = None
        self.is_full = False
        self.has_ended = False
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The first of them asks for the second."""
        self.transport = cast("asyncio.Transport", transport)  # uvloop's own are no subclass
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._link.go_on()

    def data_received(self, data: bytes) -> None:
        """The usual case first: an open lane, nothing that waits."""
        lane, there = self._lane, self.other.transport
        if not self._waiting and not lane.is_blocked and lane.seconds == 0 and there is not None:
            there.write(data)
        else:
            self._waiting.append((self._loop.time() + lane.seconds, data))
            self.go_on()

    def eof_received(self) -> bool:
        """Travels in order behind the bytes; the other direction stays open."""
        self._waiting.append((self._loop.time() + self._lane.seconds, _END))
        self.go_on()
        return True

    def go_on(self) -> None:
        """Hands on what is due, asks to be called for the rest, and reads only where there is room."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        there = self.other.transport
        while self._waiting and there is not None and not self._lane.is_blocked:
            due, chunk = self._waiting[0]
            if due > self._loop.time() and self._lane.seconds > 0:
                self._timer = self._loop.call_at(due, self.go_on)
                break
            self._waiting.popleft()
            self._hand_on(there, chunk)
        self.read_or_not()

    def _hand_on(self, there: asyncio.Transport, chunk: bytes) -> None:
        if chunk:
            there.write(chunk)
            return
        self.has_ended = True
        if self.other.has_ended:
            there.close()
            if self.transport is not None:
                self.transport.close()
        elif not there.is_closing():
            there.write_eof()

    def read_or_not(self) -> None:
        """Reads only what can be handed on."""
        if self.transport is None or self.transport.is_closing():
            return
        if self._lane.is_blocked or self.other.is_full or self.other.transport is None:
            self.transport.pause_reading()
        else:
            self.transport.resume_reading()

    def pause_writing(self) -> None:
        """This end's reader is slow: the other end reads no more."""
        self.is_full = True
        self.other.read_or_not()

    def resume_writing(self) -> None:
        """There is room again."""
        self.is_full = False
        self.other.read_or_not()

    def connection_lost(self, error: Exception | None) -> None:
        """The other end is closed behind what it is still to get, or reset when this one broke."""
        self.transport = None
        if error is not None or not (self.other.has_ended and self.has_ended):
            self._link.reset()
        else:
            self._link.end()

    def reset(self) -> None:
        """An RST, and nothing more."""
        if self._timer is not None:
            self._timer.cancel()
        self._waiting.clear()
        if self.transport is not None:
            if not self.transport.is_closing():
                bare = self.transport.get_extra_info("socket")
                bare.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE_RESET)
            self.transport.abort()

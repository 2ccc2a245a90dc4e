"""One HTTP/1.1 connection: uvicorn's protocol, with bounds on what callers send and one write per answer."""

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

MAX_HEAD_BYTES = 64 * 1024
MAX_HEADERS = 100

MAX_HELD_BYTES = 64 * 1024
"""More is sent before the turn ends, so that whoever writes much is told to wait."""

_TOO_LARGE_HEAD = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\n"
    b"content-type: text/plain; charset=utf-8\r\ncontent-length: 30\r\nconnection: close\r\n\r\n"
    b"The request's head is too large"
)


class TurnsOfWriting:
    """A transport that sends what is written in one turn of the loop at the end of it, in one piece.

    uvicorn writes an answer's head and body apart, and uvloop hands each piece to the kernel at once: two system calls,
    for a caller that is woken twice. And answers that become ready together, as with a batch of acknowledgements, go
    out together now: whoever reads them is woken once, instead of once for each.
    """

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._loop = asyncio.get_running_loop()
        self._held = b""

    def write(self, data: bytes) -> None:
        """Holds it until the turn ends, or sends it when it is much."""
        if not self._held and data:
            self._loop.call_soon(self._flush)
        self._held += data
        if len(self._held) > MAX_HELD_BYTES:
            self._flush()

    def close(self) -> None:
        """Closes it when all that was written is sent."""
        self._flush()
        self._transport.close()

    def _flush(self) -> None:
        if self._held:
            data, self._held = self._held, b""
            if not self._transport.is_closing():
                self._transport.write(data)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)


class BoundedProtocol(HttpToolsProtocol):
    """uvicorn's, which would take headers without end: a request with more than this is refused with 431."""

    _head_bytes = 0
    _is_in_head = True

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn declares it
        """A connection, whose answers go out whole."""
        super().connection_made(transport)
        self.transport = TurnsOfWriting(transport)  # type: ignore[assignment]  # it has all that a transport has

    def data_received(self, data: bytes) -> None:
        """What came over the connection, a piece at a time."""
        self._head_bytes += len(data)
        super().data_received(data)
        if self._is_in_head and self._head_bytes > MAX_HEAD_BYTES and not self.transport.is_closing():
            self.send_400_response("")

    def on_message_begin(self) -> None:
        """Another request on this connection."""
        self._is_in_head, self._head_bytes = True, 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Bodies are bounded by those who read them. The parser hands our error to `data_received`, which refuses."""
        if len(self.headers) > MAX_HEADERS:
            raise _TooManyHeadersError
        self._is_in_head = False
        super().on_headers_complete()

    def send_400_response(self, msg: str) -> None:
        """For requests that are none, and for those whose head is too large."""
        if self._is_in_head and (self._head_bytes > MAX_HEAD_BYTES or len(self.headers or ()) > MAX_HEADERS):
            self.transport.write(_TOO_LARGE_HEAD)
            self.transport.close()
        else:
            super().send_400_response(msg)


class _TooManyHeadersError(Exception):
    """More than `MAX_HEADERS`."""

"""Whether a caller is still there when it is answered. A fake that is starved answers too late, and must know that."""

import asyncio
import socket
from typing import TypeAlias

Transport: TypeAlias = asyncio.BaseTransport | None


def has_hung_up(transport: Transport) -> bool:
    """The caller has closed the connection, even if our event loop has not come to see it yet."""
    if transport is None or transport.is_closing():
        return True
    line: socket.socket = transport.get_extra_info("socket").dup()
    with line:
        try:
            waiting: bytes = line.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT)
        except BlockingIOError:
            return False
        except OSError:
            return True
    return not waiting

"""The wall clock of one process, moved while it runs.

`python -m nightowl_testkit.host_clock FILE MODULE …` is `python -m MODULE …`.

Everybody here asks `nightowl_common.clock` or `time.time`, so both are replaced before anything else is loaded. The
steady clock stays, as it does when an operator or NTP sets the time of a host.
"""

import mmap
import runpy
import struct
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

_SPAN = struct.Struct("dddd")
"""Seconds ahead at first and at last, and when, by the steady clock, which all processes share."""


class HostClock:
    """Moves the clock of the processes that `wrap` starts."""

    def __init__(self, path: Path) -> None:
        self._path = path
        path.write_bytes(_SPAN.pack(0.0, 0.0, 0.0, 0.0))
        with path.open("r+b") as file:
            self._map = mmap.mmap(file.fileno(), _SPAN.size)

    def wrap(self, module: str) -> tuple[str, ...]:
        """Arguments of the interpreter that run a module by this clock."""
        return ("-m", __name__, str(self._path), module)

    @property
    def ahead(self) -> float:
        """Seconds before the machine's own clock, now; negative when behind."""
        return _ahead(self._map)

    def step(self, seconds: float) -> None:
        """From now on it is so much ahead, or with a negative number behind."""
        self.slew(seconds, over=0.0)

    def slew(self, seconds: float, *, over: float) -> None:
        """It runs faster or slower for `over` seconds, until it is so much ahead or behind."""
        now = time.monotonic()
        self._map[:] = _SPAN.pack(self.ahead, seconds, now, now + over)


def _ahead(span: mmap.mmap) -> float:
    spanned: tuple[float, float, float, float] = _SPAN.unpack(span[:])
    first, last, begin, end = spanned
    now = time.monotonic()
    if now >= end:
        return last
    return first + (last - first) * (now - begin) / (end - begin)


def begin(path: str) -> None:
    """From now on this process lives by the clock of that file."""
    with Path(path).open("r+b") as file:
        span = mmap.mmap(file.fileno(), _SPAN.size)
    real, real_ns = time.time, time.time_ns
    time.time = lambda: real() + _ahead(span)
    time.time_ns = lambda: real_ns() + int(_ahead(span) * 1e9)

    from nightowl_common import clock  # noqa: PLC0415  (the clock above comes first)

    clock.host_now = lambda: datetime.fromtimestamp(time.time(), UTC)


def main() -> None:
    """Changes the clock, then is the module."""
    begin(sys.argv.pop(1))
    runpy.run_module(sys.argv.pop(1), run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()

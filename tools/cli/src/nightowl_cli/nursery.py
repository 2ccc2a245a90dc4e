"""Services as forks of one process that has imported what all of them import.

Five services import nearly the same libraries: each by itself spends more processor time on that than on all else of
its start, and has its own copy in memory. `python -m nightowl_cli.nursery` imports them once, and forks a service
whenever it is asked to: what was imported is shared, page by page, until somebody writes to it. It has one thread, no
event loop and no connection. A fork runs a service as `python -m nightowl_<service>` would; nothing of a service is
imported before, so that its metrics are its own.
"""

import ctypes
import errno
import gc
import importlib
import os
import runpy
import selectors
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping
from pathlib import Path

import msgspec

from nightowl_embedded import EmbeddedError
from nightowl_embedded.processes import spawn

PREFIX = "owl-"
"""Of a fork's name in lists of processes, before the service's; its command line is the nursery's."""

START_SECONDS = 60.0

SHARED = (
    "nightowl_common.serve", "nightowl_common.cache", "argon2", "jmespath", "jwt", "zoneinfo",
    "litestar.plugins.attrs", "litestar.plugins.pydantic",  # an application asks for them when it is made
    "nightowl_alerting.commands", "slack_sdk.web.async_client", "aiosmtplib",
)  # fmt: skip
"""What several services import, and none of the metrics that only some of them have."""

_LARGEST_BYTES = 1024**2
_PR_SET_PDEATHSIG, _PR_SET_NAME = 1, 15

_LOST = -int(signal.SIGKILL)
"""How a service ended whose nursery is gone: with it."""


class _Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """A service to start."""

    name: str
    log: str
    environment: dict[str, str]


class _Told(msgspec.Struct, frozen=True, kw_only=True):
    """A process has started, or ended if there is a code."""

    pid: int
    code: int | None = None


class Nursling:
    """A service's process, with what `subprocess.Popen` has for one."""

    def __init__(self, nursery: "Nursery", pid: int) -> None:
        self.pid = pid
        self._nursery = nursery

    def poll(self) -> int | None:
        """The exit code once it has ended."""
        return self._nursery.code_of(self.pid)

    def wait(self) -> int:
        """Waits for its end; the exit code."""
        while (code := self.poll()) is None:
            time.sleep(0.01)
        return code

    def send_signal(self, number: int) -> None:
        """A signal, if it lives."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """Ends it at once."""
        self.send_signal(signal.SIGKILL)


class Nursery:
    """The other side of that process, for whoever starts services. It and they die with the thread that opened it."""

    def __init__(self, *, log: Path) -> None:
        self._log = log
        self._line: socket.socket | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._codes: dict[int, int | None] = {}

    def open(self) -> None:
        """Starts it, if it does not run; returns at once, while it imports.

        Raises:
            OSError: its log cannot be written.
        """
        if self._line is not None:
            return
        self._log.parent.mkdir(parents=True, exist_ok=True)
        self._line, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            command = [sys.executable, "-m", "nightowl_cli.nursery", str(theirs.fileno())]
            self._process = spawn(command, log=self._log, death_signal=signal.SIGKILL, keep_open=[theirs.fileno()])

    def launch(self, name: str, *, log: Path, environment: Mapping[str, str]) -> Nursling:
        """Starts a service; waits for the imports if need be.

        Raises:
            EmbeddedError: the nursery cannot start, or ended.
        """
        wanted = _Wanted(name=name, log=str(log), environment=dict(environment))
        self._hear(seconds=0.0)  # whether it is still there
        try:
            self.open()
            pid = self._ask(msgspec.json.encode(wanted))
        except OSError as error:
            self._lose()
            raise EmbeddedError(f"{name} cannot be started: {error.strerror}; see {self._log}") from error
        return Nursling(self, pid)

    def code_of(self, pid: int) -> int | None:
        """The exit code of a process that has ended."""
        while self._hear(seconds=0.0) is not None:
            pass
        return self._codes[pid]

    def close(self) -> None:
        """Ends it, and with it whatever of its services still runs."""
        self._lose()

    def _ask(self, message: bytes) -> int:
        assert self._line is not None
        self._line.settimeout(START_SECONDS)
        self._line.sendall(message)
        deadline = time.monotonic() + START_SECONDS
        while (left := deadline - time.monotonic()) > 0:
            told = self._hear(seconds=left)
            if told is not None and told.code is None:
                return told.pid
            if self._line is None:
                raise ConnectionResetError(errno.ECONNRESET, "what services are forked from has ended")
        raise TimeoutError(errno.ETIMEDOUT, "what services are forked from does not answer")

    def _hear(self, *, seconds: float) -> _Told | None:
        """What it tells next, within so long; None when that is nothing, or when it is gone."""
        if self._line is None:
            return None
        self._line.settimeout(seconds)
        try:
            message = self._line.recv(_LARGEST_BYTES)
        except (BlockingIOError, TimeoutError):
            return None
        except ConnectionError:
            message = b""
        if not message:
            self._lose()
            return None
        told = msgspec.json.decode(message, type=_Told)
        self._codes[told.pid] = told.code
        return told

    def _lose(self) -> None:
        """It is gone, and its services with it; the next one to start makes it anew."""
        if self._line is not None:
            self._line.close()
            self._line = None
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None
        self._codes = {pid: _LOST if code is None else code for pid, code in self._codes.items()}


def main() -> None:
    """Imports, then forks on demand, until the other side is gone; in a fork: runs the service."""
    gc.disable()  # until a fork is what it shall be: a collection would write to all that is shared
    line = socket.socket(fileno=int(sys.argv[1]))
    for module in SHARED:
        importlib.import_module(module)
    gc.freeze()
    wanted = _fork_on_demand(line)
    if wanted is not None:
        gc.enable()
        runpy.run_module(f"nightowl_{wanted.name}", run_name="__main__", alter_sys=True)


def _fork_on_demand(line: socket.socket) -> _Wanted | None:
    """Returns None when nobody asks any more, and in a fork what it shall be."""
    nursery = os.getpid()
    living: dict[int, int] = {}  # a descriptor that can be read when the process has ended → its id
    with line, selectors.DefaultSelector() as selector:
        selector.register(line, selectors.EVENT_READ)
        while True:
            for key, _events in selector.select():
                if key.fd in living:
                    pid = living.pop(key.fd)
                    selector.unregister(key.fd)
                    os.close(key.fd)
                    _tell(line, _Told(pid=pid, code=os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])))
                    continue
                message = line.recv(_LARGEST_BYTES)
                if not message:
                    return None
                pid = os.fork()
                if pid == 0:
                    wanted = msgspec.json.decode(message, type=_Wanted)
                    _settle(wanted, nursery, inherited=living)
                    return wanted
                end = os.pidfd_open(pid)
                living[end] = pid
                selector.register(end, selectors.EVENT_READ)
                _tell(line, _Told(pid=pid))


def _tell(line: socket.socket, told: _Told) -> None:
    line.sendall(msgspec.json.encode(told))


def _settle(wanted: _Wanted, nursery: int, *, inherited: Iterable[int]) -> None:
    """A fork gets what a process that was started by itself has: session, output, environment, and its own end."""
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL))
    libc.prctl(_PR_SET_NAME, f"{PREFIX}{wanted.name}".encode())
    if os.getppid() != nursery:  # it ended before the signal was asked for
        os._exit(1)
    os.setsid()
    for descriptor in inherited:
        os.close(descriptor)
    log = os.open(wanted.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    os.dup2(log, sys.stdout.fileno())
    os.dup2(log, sys.stderr.fileno())
    os.close(log)
    os.environ.clear()
    os.environ.update(wanted.environment)
    sys.argv = [wanted.name]


if __name__ == "__main__":
    main()

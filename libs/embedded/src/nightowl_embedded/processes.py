"""Child processes that cannot outlive their parent, free ports, and waiting until a server answers."""

import ctypes
import os
import random
import signal
import socket
import subprocess
import time
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

PORTS = range(20_000, 32_000)
"""Below the ephemeral range (from 32768), where any outgoing connection could take the port first."""

START_SECONDS = 30.0
STOP_SECONDS = 10.0

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)


class EmbeddedError(Exception):
    """A server could not be started; the message holds its own words and what to do."""


_RESERVED = 100
_reserved: deque[int] = deque()
"""File descriptors of bound sockets, which keep the ports that were given last."""


def free_port() -> int:
    """A TCP port on loopback that nobody has, kept for whoever is told of it.

    It stays bound, so that neither this nor another process is given it before its server has started. A server that
    sets `SO_REUSEADDR`, as nearly all do, may bind it all the same: Linux allows that beside a socket that sets it too
    and does not listen (socket(7)).

    Raises:
        EmbeddedError: none found.
    """
    for port in random.sample(PORTS, 200):
        probe = socket.socket()
        try:
            probe.bind(("127.0.0.1", port))  # not yet with SO_REUSEADDR: a port that another has bound must be refused
        except OSError:
            probe.close()
            continue
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        _reserved.append(probe.detach())
        if len(_reserved) > _RESERVED:
            os.close(_reserved.popleft())
        return port
    message = f"no free port between {PORTS.start} and {PORTS.stop}"
    raise EmbeddedError(message)


def spawn(
    command: Sequence[str | Path],
    *,
    log: Path,
    death_signal: signal.Signals = signal.SIGTERM,
    environment: Mapping[str, str] | None = None,
    drop: Mapping[str, Any] | None = None,
    keep_open: Sequence[int] = (),
) -> subprocess.Popen[bytes]:
    """Starts a process in a session of its own (Ctrl-C in the terminal does not reach it) that gets
    `death_signal` when its parent dies. Output goes to `log`. `drop` holds user and groups to change to,
    `keep_open` the file descriptors that it shall hold as long as it lives.
    """
    parent = os.getpid()

    def in_child() -> None:
        _libc.prctl(_PR_SET_PDEATHSIG, int(death_signal))
        if os.getppid() != parent:  # it died before the signal was asked for
            os._exit(1)

    with log.open("ab") as output:
        return subprocess.Popen(
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd="/",
            env=None if environment is None else dict(environment),
            start_new_session=True,
            pass_fds=keep_open,
            preexec_fn=in_child,  # noqa: PLW1509  (one call into libc, no Python lock is taken)
            **(drop or {}),
        )


class Server(ABC):
    """A server process: `start` returns when it answers, `stop` when it is gone. Both may be called again."""

    name: str
    stop_signal = signal.SIGTERM

    def __init__(self, folder: Path, *, port: int | None = None) -> None:
        self.folder = folder
        self.port = port or free_port()
        self.keep_open: tuple[int, ...] = ()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    @abstractmethod
    def url(self) -> str:
        """Where clients connect."""

    @property
    def log(self) -> Path:
        """Where its output goes."""
        return self.folder.parent / f"{self.name}.log"

    @property
    def pid(self) -> int | None:
        """The running process's id."""
        return self._process.pid if self._process is not None and self._process.poll() is None else None

    @abstractmethod
    def _launch(self) -> subprocess.Popen[bytes]:
        """Prepares the folder and starts the process."""

    @abstractmethod
    def _answers(self) -> bool:
        """Whether it can be used now."""

    def start(self) -> None:
        """Starts it and waits until it answers.

        Raises:
            EmbeddedError: it ended or did not answer in time; its last words are in the message.
        """
        if self.pid is None:
            self.launch()
            self.until_answers()

    def launch(self) -> None:
        """Starts it, if it does not run, and leaves the waiting to `until_answers`.

        Raises:
            EmbeddedError: its folder cannot be prepared; what is wrong is in the message.
        """
        if self.pid is None:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._process = self._launch()

    def until_answers(self) -> None:
        """Waits until it can be used.

        Raises:
            EmbeddedError: it ended or did not answer in time; its last words are in the message.
        """
        self.wait_until(self._answers)

    def wait_until(self, ready: Callable[[], bool]) -> None:
        """Waits for `ready` while the process lives."""
        deadline = time.monotonic() + START_SECONDS
        while not ready():
            if self.pid is None or time.monotonic() > deadline:
                self.stop()
                message = f"{self.name} did not start:\n{self._last_words()}"
                raise EmbeddedError(message)
            time.sleep(0.01)

    def died(self) -> int | None:
        """The exit code, when it ended without being told to."""
        return None if self._process is None else self._process.poll()

    def stop(self) -> None:
        """Stops it cleanly, or kills it after a while."""
        if self._process is None:
            return
        if self._process.poll() is None:
            self._process.send_signal(self.stop_signal)
            try:
                self._process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._process = None

    def kill(self) -> None:
        """SIGKILL, for fault tests."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def send(self, number: signal.Signals) -> None:
        """A signal to the running process, for fault tests (SIGSTOP, SIGCONT)."""
        if self._process is not None:
            self._process.send_signal(number)

    def _last_words(self) -> str:
        return self.log.read_text(errors="replace")[-2_000:] if self.log.exists() else "(no output)"

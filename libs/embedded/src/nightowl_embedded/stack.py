"""The three servers together, over one data folder that only one stack uses at a time.

The lock on the folder is held by the servers too: when their owner was killed, it is free only when the last of them
is gone, so that two servers never write to the same files.
"""

import contextlib
import fcntl
import os
import time
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from nightowl_embedded.cluster import NatsCluster
from nightowl_embedded.processes import EmbeddedError, Server
from nightowl_embedded.servers import NatsServer, PostgresServer, RedisServer

LINGER_SECONDS = 15.0
"""How long servers whose owner was killed may take to end."""


class Stack:
    """`with Stack(folder) as stack:` starts all three and stops them at the end. Ports are free ones each time.

    `is_clustered`: NATS is three servers.
    """

    def __init__(self, folder: Path, *, is_durable: bool = True, is_clustered: bool = False) -> None:
        self.folder = folder
        self.postgres = PostgresServer(folder / "postgres", is_durable=is_durable)
        self.nats: NatsServer | NatsCluster = (NatsCluster if is_clustered else NatsServer)(
            folder / "nats", is_durable=is_durable
        )
        self.redis = RedisServer(folder / "redis")
        self._lock: IO[str] | None = None

    @property
    def servers(self) -> tuple[Server, ...]:
        """In starting order."""
        nats = self.nats.nodes if isinstance(self.nats, NatsCluster) else (self.nats,)
        return (self.postgres, *nats, self.redis)

    @property
    def environment(self) -> dict[str, str]:
        """The settings that point a service here."""
        return {"DATABASE_URL": self.postgres.url, "NATS_URL": self.nats.url, "REDIS_URL": self.redis.url}

    def start(self) -> None:
        """Starts all; on failure none stays.

        Raises:
            EmbeddedError: a server did not start, another stack holds the folder, or it cannot be written to.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._take_lock()
        except OSError as error:
            raise EmbeddedError(f"cannot use {self.folder} as data folder: {error.strerror}") from error
        try:
            for server in self.servers:
                server.launch()
            for server in self.servers:  # each gets ready while the others do
                server.until_answers()
            if isinstance(self.nats, NatsCluster):
                self.nats.until_whole()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stops all, last started first."""
        for server in reversed(self.servers):
            server.stop()
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def _take_lock(self) -> None:
        lock = (self.folder / "lock").open("a+")
        deadline = time.monotonic() + LINGER_SECONDS
        while not _is_locked_by_us(lock):
            if _owner_lives(lock) or time.monotonic() > deadline:
                lock.close()
                message = f"{self.folder} is in use by another running stack"
                raise EmbeddedError(message)
            time.sleep(0.05)
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        self._lock = lock
        for server in self.servers:
            server.keep_open = (lock.fileno(),)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def _is_locked_by_us(lock: IO[str]) -> bool:
    with contextlib.suppress(OSError):
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return True
    return False


def _owner_lives(lock: IO[str]) -> bool:
    """Whether the process that took the lock is still there; if not, its servers are about to end."""
    lock.seek(0)
    try:
        os.kill(int(lock.read()), 0)
    except (ValueError, ProcessLookupError):
        return False
    except PermissionError:
        return True
    return True

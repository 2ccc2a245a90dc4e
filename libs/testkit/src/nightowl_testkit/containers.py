"""The same servers in containers, for machines with a Docker engine. Loaded only when asked for."""

import gc
import time
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import docker  # type: ignore[import-untyped]  # ships no types
from docker.errors import DockerException  # type: ignore[import-untyped]  # ships no types
from testcontainers.core.container import DockerContainer
from testcontainers.core.wait_strategies import LogMessageWaitStrategy

from nightowl_embedded import EmbeddedError

POSTGRES = "postgres:18"
NATS = "nats:2.15"
REDIS = "redis:7"
START_SECONDS = 60.0

_NATS_CONFIG = b"""
max_payload: 4194304
jetstream {
  store_dir: "/data"
  max_memory_store: 268435456
  max_file_store: 107374182400
  sync_interval: "100ms"
}
"""


@contextmanager
def in_containers() -> Iterator[dict[str, str]]:
    """Starts Postgres, NATS and Redis; yields the settings that point a service there.

    Raises:
        EmbeddedError: no Docker engine answers.
    """
    _require_engine()
    with ExitStack() as running:
        postgres = running.enter_context(_postgres())
        nats = running.enter_context(_nats())
        redis = running.enter_context(_redis())
        _wait_for_postgres(postgres)
        yield {
            "DATABASE_URL": f"postgresql://postgres@{_address(postgres, 5432)}/postgres",
            "NATS_URL": f"nats://{_address(nats, 4222)}",
            "REDIS_URL": f"redis://{_address(redis, 6379)}/0",
        }


def _require_engine() -> None:
    try:
        client = docker.from_env(timeout=5)
        try:
            client.ping()
        finally:
            client.close()
    except DockerException as error:
        reason = str(error)
    else:
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)  # the client leaves a socket open when connecting fails
        gc.collect()
    raise EmbeddedError(f"NIGHTOWL_TEST_SERVERS=containers, but no Docker engine answers: {reason}")


def _postgres() -> DockerContainer:
    settings = ("max_connections=200", "max_locks_per_transaction=256", "fsync=off", "full_page_writes=off")
    return (
        DockerContainer(POSTGRES)
        .with_env("POSTGRES_HOST_AUTH_METHOD", "trust")
        .with_command(["postgres", *(part for each in settings for part in ("-c", each))])
        .with_exposed_ports(5432)
    )


def _wait_for_postgres(container: DockerContainer) -> None:
    """The image starts the server twice; the first, which only prepares the folder, does not listen on TCP."""
    deadline = time.monotonic() + START_SECONDS
    while container.exec(["pg_isready", "-q", "-h", "127.0.0.1", "-U", "postgres"]).exit_code != 0:
        if time.monotonic() > deadline:
            raise EmbeddedError(f"{POSTGRES} did not start:\n{container.get_logs()[1].decode()[-2_000:]}")
        time.sleep(0.1)


def _nats() -> DockerContainer:
    return (
        DockerContainer(NATS)
        .with_copy_into_container(_NATS_CONFIG, "/nightowl.conf")
        .with_command(["-c", "/nightowl.conf"])
        .with_exposed_ports(4222)
        .waiting_for(LogMessageWaitStrategy("Server is ready"))
    )


def _redis() -> DockerContainer:
    return (
        DockerContainer(REDIS)
        .with_command(["redis-server", "--save", "", "--appendonly", "no"])
        .with_exposed_ports(6379)
        .waiting_for(LogMessageWaitStrategy("Ready to accept connections"))
    )


def _address(container: DockerContainer, port: int) -> str:
    return f"{container.get_container_host_ip()}:{container.get_exposed_port(port)}"

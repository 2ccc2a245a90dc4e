"""A world in which the ways to the servers, the hosts' clocks and the servers' disks can be troubled.

Services reach every server and provider over a cable; each second replica lives by a clock of its own host, and so does
each first; Postgres and NATS write to small disks, where this machine lets us mount some.
"""

from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from pathlib import Path

import msgspec
from world import Fakes, World, open_world

from nightowl_common.bus import Bus
from nightowl_common.db import Database
from nightowl_testkit.cable import Cable
from nightowl_testkit.disk import SmallDisk
from nightowl_testkit.host_clock import HostClock
from nightowl_testkit.servers import Servers, temporary_folder
from nightowl_testkit.services import SERVICES

DISK_MEGABYTES = 500


class Cables(msgspec.Struct, frozen=True, kw_only=True):
    """One for each server and provider."""

    nats: Cable
    postgres: Cable
    redis: Cable
    slack: Cable
    twilio: Cable

    @property
    def all(self) -> tuple[Cable, ...]:
        """Every one."""
        return (self.nats, self.postgres, self.redis, self.slack, self.twilio)

    def rewire(self, environment: dict[str, str]) -> dict[str, str]:
        """Settings that lead over the cables."""
        for cable in self.all:
            environment = cable.rewire(environment)
        return environment


class RiggedWorld(World):
    """Healing mends the cables, sets the clocks right and frees the disks first."""

    def __init__(self, servers: Servers, database: Database, bus: Bus, fakes: Fakes) -> None:
        self.cables = Cables(
            nats=Cable(servers.nats_url),
            postgres=Cable(servers.database_url),
            redis=Cable(servers.redis_url),
            slack=Cable(fakes.slack.url),
            twilio=Cable(fakes.twilio.url),
        )
        super().__init__(
            servers, database, bus, fakes, self.cables.rewire({**servers.environment, **fakes.environment})
        )
        self.hosts = tuple(HostClock(servers.folder / f"clock-{number}") for number in (1, 2))
        self.disks: dict[str, SmallDisk] = {}

    async def scale(self, count: int) -> None:
        """First replicas live on one host, all others on another."""
        for number, host in enumerate(self.hosts, start=1):
            for name in SERVICES:
                self.services[name if number == 1 else f"{name}-2"].live_by(host)
        await super().scale(count)

    async def heal(self) -> None:
        """As it was at first."""
        for disk in self.disks.values():
            disk.free()
        for host in self.hosts:
            host.step(0)
        for cable in self.cables.all:
            await cable.mend()
        await super().heal()


@asynccontextmanager
async def open_rigged() -> AsyncIterator[RiggedWorld]:
    """With cables and clocks."""
    async with open_world(RiggedWorld) as world:
        try:
            yield world
        finally:
            for cable in world.cables.all:
                cable.cut()


@asynccontextmanager
async def open_with_disks() -> AsyncIterator[RiggedWorld]:
    """With small disks besides.

    Raises:
        DiskError: nothing may be mounted here.
    """
    with temporary_folder() as folder, _disks(folder) as disks:
        async with open_world(RiggedWorld, folder=folder) as world:
            world.disks = disks
            try:
                yield world
            finally:
                for cable in world.cables.all:
                    cable.cut()


@contextmanager
def _disks(folder: Path) -> Iterator[dict[str, SmallDisk]]:
    with ExitStack() as stack:
        yield {
            name: stack.enter_context(SmallDisk(folder / name, megabytes=DISK_MEGABYTES))
            for name in ("nats", "postgres")
        }

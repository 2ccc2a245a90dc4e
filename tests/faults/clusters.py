"""Rows of NATS on three nodes: its leader is killed, its nodes are paused, all of it is gone."""

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from scenario import Run, Scenario
from servers_away import every_call_was_answered_2xx
from world import World, open_world

from nightowl_contracts.topology import INGEST, PAGES, STREAMS
from nightowl_embedded import NatsCluster
from nightowl_testkit.fakes import ErrorBeforeAccept

DOWN_SECONDS = 60.0


class ClusterWorld(World):
    """Each stream is on three nodes; services know all of them."""

    copies = 3

    @property
    def cluster(self) -> NatsCluster:
        """The nodes."""
        nats = self.servers.stack.nats
        assert isinstance(nats, NatsCluster)
        return nats

    async def heal(self) -> None:
        """Nodes that are there again have caught up."""
        for node in self.cluster.nodes:
            node.send(signal.SIGCONT)
            await asyncio.to_thread(node.start)
        await asyncio.to_thread(self.cluster.until_whole)
        while not self.bus.is_connected:
            await asyncio.sleep(0.1)
        for stream in STREAMS:
            await asyncio.to_thread(self.cluster.leader_of, stream.name)
        await super().heal()


@asynccontextmanager
async def open_cluster() -> AsyncIterator[ClusterWorld]:
    """NATS of three."""
    async with open_world(ClusterWorld) as world:
        yield world


async def kill_two_leaders(run: Run) -> None:
    """Whoever leads INGEST dies; as soon as it is whole again, the next one does."""
    cluster = run.world.cluster
    for share in (0.15, 0.5):
        await run.reach(share)
        await asyncio.to_thread(cluster.until_whole)
        leader = await asyncio.to_thread(cluster.leader_of, INGEST.name)
        await asyncio.to_thread(leader.kill)
        run.mark()
        following = await asyncio.to_thread(cluster.leader_of, INGEST.name)
        if following is leader:
            run.notes.append(f"{leader.name} still led after it was killed")
        await asyncio.to_thread(leader.start)


async def pause_the_leader(run: Run) -> None:
    """It does not die: it falls silent, is followed, and comes back as somebody who thinks that it leads."""
    cluster = run.world.cluster
    await run.reach(0.15)
    leader = await asyncio.to_thread(cluster.leader_of, PAGES.name)
    leader.send(signal.SIGSTOP)
    run.mark()
    await run.reach(0.7)
    leader.send(signal.SIGCONT)
    run.mark()


async def kill_all(run: Run) -> None:
    """A minute without any node; pages that Postgres knew of go out meanwhile: Slack has refused some of them before."""
    is_away = True
    run.world.fakes.slack.script(ErrorBeforeAccept(503), when=lambda _sent: is_away, forever=True)
    await run.reach(0.1)
    cluster = run.world.cluster
    await asyncio.to_thread(cluster.kill)
    is_away = False
    before = len(run.world.fakes.received)
    await asyncio.sleep(DOWN_SECONDS)
    if len(run.world.fakes.received) == before:
        run.notes.append("no page went out while NATS was away")
    for node in cluster.nodes:
        await asyncio.to_thread(node.start)
    await asyncio.to_thread(cluster.until_whole)
    run.mark()


ROWS = [
    Scenario(
        name="three-nodes-leader",
        row="NATS of three: the leader of INGEST killed, and the one that follows it",
        expected="ingest spools until another leads, still 2xx; nothing acknowledged is lost",
        breaks=kill_two_leaders,
        check=every_call_was_answered_2xx,
        permits=frozenset({"late"}),
        world=open_cluster,
        least_seconds=14,
    ),
    Scenario(
        name="three-nodes-silent",
        row="NATS of three: the leader of PAGES paused, then continued",
        expected="another leads; what the old one still believes harms nobody",
        breaks=pause_the_leader,
        check=every_call_was_answered_2xx,
        permits=frozenset({"late"}),
        world=open_cluster,
        least_seconds=40,
    ),
    Scenario(
        name="three-nodes-down",
        row="NATS of three: all nodes killed, away for a minute",
        expected="ingest spools, still 2xx; pages keep flowing from Postgres; all is drained after",
        breaks=kill_all,
        check=every_call_was_answered_2xx,
        permits=frozenset({"late"}),
        world=open_cluster,
        least_seconds=60,
    ),
]

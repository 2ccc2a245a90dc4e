"""Rows of NATS on three nodes: its leader is killed, its nodes are paused, all of it is gone."""

import asyncio
import signal
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from records import Evidence
from scenario import Run, Scenario
from servers_away import every_call_was_answered_2xx
from timing import Passage, first_pages, lateness
from world import World, open_world

from nightowl_common import clock
from nightowl_contracts.topology import INGEST, PAGES, STREAMS
from nightowl_embedded import NatsCluster
from nightowl_testkit.fakes import ErrorBeforeAccept

DOWN_SECONDS = 60.0

PAGE_SECONDS = 5.0
"""From a sender's first try to the first page, whatever NATS does meanwhile."""


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


class AllDown:
    """A minute without any node. What Postgres knew of before goes out meanwhile: Slack has refused some of it. So does
    what is accepted meanwhile.
    """

    async def breaks(self, run: Run) -> None:
        """All at once."""
        is_away = True
        run.world.fakes.slack.script(ErrorBeforeAccept(503), when=lambda _sent: is_away, forever=True)
        await run.reach(0.1)
        cluster = run.world.cluster
        await asyncio.to_thread(cluster.kill)
        is_away = False
        self._since = clock.utc_now()
        await clock.sleep(DOWN_SECONDS)
        self._until = clock.utc_now()
        for node in cluster.nodes:
            await asyncio.to_thread(node.start)
        await asyncio.to_thread(cluster.until_whole)
        run.mark()

    def check(self, run: Run, evidence: Evidence) -> Sequence[str]:
        """Nobody waited for NATS: neither a sender nor whoever was to be paged."""
        pages = first_pages(evidence, since=self._since, until=self._until)
        late = [each for each in pages if each.seconds > PAGE_SECONDS]
        run.remarks.append(f"{len(pages)} first pages while it was away took {_told(pages)}")
        return [
            *every_call_was_answered_2xx(run, evidence),
            *(["nobody was paged while it was away"] if not pages else []),
            *([f"{len(late)} first pages took longer than {PAGE_SECONDS:g} s"] if late else []),
        ]


def _told(pages: Sequence[Passage]) -> str:
    found = lateness(pages)
    return f"{found.p50:.1f} s (p50), {found.p99:.1f} s (p99), {found.max:.1f} s (longest)"


ALL_DOWN = AllDown()

ROWS = [
    Scenario(
        name="three-nodes-leader",
        row="NATS of three: the leader of INGEST killed, and the one that follows it",
        expected="nobody waits for the election: still 2xx, recovery within 5 s; nothing acknowledged is lost",
        breaks=kill_two_leaders,
        check=every_call_was_answered_2xx,
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
        expected="nobody waits: still 2xx, and what is accepted meanwhile pages within 5 s",
        breaks=ALL_DOWN.breaks,
        check=ALL_DOWN.check,
        permits=frozenset({"late"}),
        world=open_cluster,
        least_seconds=60,
    ),
]

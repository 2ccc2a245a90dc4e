"""NATS of three: led, led again when the leader is gone, and nothing that was acknowledged is lost."""

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest
import pytest_asyncio

from nightowl_common.bus import Bus, BusUnavailableError, Message
from nightowl_common.streams import apply_topology, connect_plain, diff_topology
from nightowl_contracts.topology import INGEST
from nightowl_embedded import NatsCluster
from nightowl_testkit.servers import temporary_folder

pytestmark = pytest.mark.integration

OWNER = """
import sys
from pathlib import Path
from nightowl_embedded import NatsCluster
cluster = NatsCluster(Path(sys.argv[1]), is_durable=False)
cluster.start()
print(*(node.pid for node in cluster.nodes), flush=True)
sys.stdin.read()
"""
"""Starts a cluster, says its pids, and waits to be killed."""


def is_there(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def cluster():
    with temporary_folder() as folder, NatsCluster(folder / "nats") as running:
        client = await connect_plain(running.url)
        assert await apply_topology(client.jetstream(), replicas=3)
        assert await diff_topology(client.jetstream(), replicas=3) == []
        await client.close()
        yield running


@pytest_asyncio.fixture(loop_scope="session")
async def bus(cluster):
    opened = await Bus.connect(cluster.url, service="tests", on_closed=lambda: None)
    yield opened
    await opened.close()


async def publish(bus: Bus, name: str) -> None:
    """Again under the same id until it is acknowledged, as ingest's spool does."""
    message = Message(stream=INGEST.name, subject="nightowl.ingest.acme", id=name, body=b"{}")
    async with asyncio.timeout(40):
        while True:
            try:
                await bus.publish(message)
            except BusUnavailableError:
                await asyncio.sleep(0.1)
            else:
                return


async def test_a_leader_that_is_killed_is_followed_by_another_and_no_acknowledged_message_is_lost(cluster, bus):
    """Each is on three nodes; a client goes to another node by itself; ids are remembered across the election."""
    for number in range(20):
        await publish(bus, f"one{number}")
    before = await bus.count(INGEST)
    first = cluster.leader_of(INGEST.name)

    first.kill()
    await publish(bus, "two")
    await publish(bus, "one0")
    second = cluster.leader_of(INGEST.name)

    assert second is not first
    assert await bus.count(INGEST) == before + 1
    first.start()
    cluster.until_whole()


async def test_the_nodes_end_with_a_parent_that_was_killed():
    """No orphans."""
    with (
        temporary_folder() as folder,
        subprocess.Popen([sys.executable, "-c", OWNER, folder], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as owner,
    ):
        pids = [int(each) for each in owner.stdout.readline().split()]
        assert len(pids) == 3
        assert all(is_there(pid) for pid in pids)

        owner.kill()
        owner.wait()

        async with asyncio.timeout(20):
            while any(is_there(pid) for pid in pids):
                await asyncio.sleep(0.05)

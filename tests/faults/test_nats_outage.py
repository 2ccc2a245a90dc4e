"""NATS is away or loses its store under load: senders never notice, and what Postgres knows is delivered after."""

import asyncio
import re
from uuid import uuid4

import aiohttp
import pytest
from fault_load import lose_store, pages_per_alert, send_alerts, until_rest
from nats.js.errors import NotFoundError

from nightowl_common.streams import apply_topology, diff_topology
from nightowl_contracts.topology import CONSUMERS, ENRICHMENT
from nightowl_testkit.builders import an_alertmanager_alert, an_alertmanager_payload

pytestmark = [pytest.mark.faults, pytest.mark.timeout(240)]

TENANT = "faults"
OUTAGE_SECONDS = 30.0


async def test_nats_stopped_for_30_s_every_webhook_is_answered_2xx_and_everything_is_delivered_after(
    fault_servers, processes, fault_team, fault_database, fault_bus, slack, twilio
):
    """Accepted into the spool, drained later under the same ids, each alert paged exactly once."""
    prefix = f"Outage{uuid4().hex[:8]}n"
    async with processes.client(fault_team.key) as client:
        load = asyncio.create_task(send_alerts(client, prefix=prefix, count=700, per_second=20))
        await asyncio.sleep(2.0)
        fault_servers.stack.nats.stop()
        await asyncio.sleep(OUTAGE_SECONDS)
        fault_servers.stack.nats.start()
        sent = await load
        await until_rest(fault_database, fault_bus, TENANT)

        assert sent.answers == {200: 700}
        pages = await pages_per_alert(fault_database, TENANT, slack, twilio, prefix=prefix)
        assert len(pages) == 700
        assert set(pages.values()) == {1}
        assert await client.unaccounted() == []


async def counted(url: str, name: str) -> float:
    """The sum of a counter over its labels, as a process tells Prometheus."""
    async with aiohttp.ClientSession() as session, session.get(f"{url}/metrics") as answer:
        text = await answer.text()
    return sum(float(each) for each in re.findall(rf"^{name}(?:{{.*}})? (\S+)$", text, re.MULTILINE))


async def names_of(database, prefix: str) -> set[str]:
    """The alerts that are there."""
    async with database.tenant_tx(TENANT) as tx:
        rows = await tx.fetch("SELECT labels->>'alertname' AS name FROM alerts WHERE starts_with(title, $1)", prefix)
    return {row["name"] for row in rows}


async def until_waiting(bus, least: int) -> int:
    """Waits until the broker holds so many messages that enrichment has not acknowledged; returns how many."""
    async with asyncio.timeout(15):
        while (waiting := await bus.lag(ENRICHMENT) or 0) < least:
            await asyncio.sleep(0.02)
    return waiting


async def until_restored(bus) -> None:
    """Waits until every consumer is there again."""
    async with asyncio.timeout(30):
        while await diff_topology(bus.jetstream):
            await asyncio.sleep(0.1)


async def test_a_store_that_is_lost_takes_only_what_enrichment_had_not_committed(
    fault_servers, processes, fault_team, fault_database, fault_bus, slack, twilio
):
    """All is answered 2xx; the difference of two counters is what is gone; its senders' repeats page it, all else is paged once."""
    prefix = f"Lost{uuid4().hex[:8]}n"
    async with processes.client(fault_team.key) as client:
        load = asyncio.create_task(send_alerts(client, prefix=prefix, count=160, per_second=20))
        await asyncio.sleep(1.0)
        processes.pause("enrichment")
        await until_waiting(fault_bus, 8)
        processes.pause("ingest")
        waiting = await until_waiting(fault_bus, 8)
        lose_store(fault_servers)
        processes.resume("ingest")
        processes.resume("enrichment")
        await asyncio.sleep(2.0)
        assert await apply_topology(fault_bus.jetstream)
        assert (await load).answers == {200: 160}
        await until_rest(fault_database, fault_bus, TENANT)

        lost = {f"{prefix}{number}" for number in range(160)} - await names_of(fault_database, prefix)
        accepted = await counted(processes.url("ingest"), "nightowl_alerts_received_total")
        disposed = await counted(processes.url("enrichment"), "nightowl_dispositions_total")
        assert 0 < len(lost) <= waiting
        assert accepted - disposed == len(lost)
        for name in lost:
            await client.fire_alertmanager(an_alertmanager_payload(an_alertmanager_alert(name)))
        await until_rest(fault_database, fault_bus, TENANT)
        pages = await pages_per_alert(fault_database, TENANT, slack, twilio, prefix=prefix)
        assert (len(pages), set(pages.values())) == (160, {1})
        assert await client.unaccounted() == []


async def test_consumers_that_are_lost_start_71_hours_back_and_page_nobody_again(
    processes, fault_team, fault_database, fault_bus, slack, twilio
):
    """Every message is read again; the inbox, the rows and the subscriptions tell that it was handled."""
    prefix = f"Anew{uuid4().hex[:8]}n"
    async with processes.client(fault_team.key) as client:
        await send_alerts(client, prefix=prefix, count=20, per_second=40)
        await until_rest(fault_database, fault_bus, TENANT)
        before = len(slack.received) + len(twilio.received)

        for each in CONSUMERS:
            await fault_bus.jetstream.delete_consumer(each.stream, each.name)
        with pytest.raises(NotFoundError):
            await fault_bus.jetstream.consumer_info(ENRICHMENT.stream, ENRICHMENT.name)
        await until_restored(fault_bus)
        await until_rest(fault_database, fault_bus, TENANT)

        again = await counted(processes.url("enrichment"), "nightowl_messages_redelivered_total")
        assert again >= 20
        assert before == len(slack.received) + len(twilio.received) == 20
        assert await client.unaccounted() == []

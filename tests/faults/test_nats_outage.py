"""NATS is away under load: senders never notice, and everything is delivered after."""

import asyncio
from uuid import uuid4

import pytest
from fault_load import pages_per_alert, send_alerts, until_rest

from nightowl_testkit.client import ApiClient

pytestmark = [pytest.mark.faults, pytest.mark.timeout(240)]

TENANT = "faults"
OUTAGE_SECONDS = 30.0


async def test_nats_stopped_for_30_s_every_webhook_is_answered_2xx_and_everything_is_delivered_after(
    fault_servers, processes, fault_team, fault_database, fault_bus, slack, twilio
):
    """Accepted into the spool, drained later under the same ids, each alert paged exactly once."""
    prefix = f"Outage{uuid4().hex[:8]}n"
    urls = {"ingest_url": processes.url("ingest"), "query_url": processes.url("query")}
    async with ApiClient(**urls, key=fault_team.key) as client:
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

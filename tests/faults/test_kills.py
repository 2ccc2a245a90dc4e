"""Processes are killed while alerts flow; nothing is lost and nobody is paged twice."""

import asyncio
from uuid import uuid4

import pytest
from fault_load import FAST, pages_per_alert, send_alerts, until_rest

from nightowl_testkit.fakes import DroppedReply, ErrorAfterAccept
from nightowl_testkit.services import SERVICES, ServiceProcesses

pytestmark = [pytest.mark.faults, pytest.mark.timeout(240)]

TENANT = "faults"
ALERTS = 200
# The bench measures it; a machine that runs the tests is busy besides.
LATE_SECONDS = 10.0


@pytest.fixture
async def client(processes, fault_team):
    async with processes.client(fault_team.key) as opened:
        yield opened


def a_prefix() -> str:
    return f"Kill{uuid4().hex[:8]}n"


@pytest.mark.parametrize("service", SERVICES)
async def test_kill_9_of_a_service_under_load_loses_nothing_and_pages_once(
    service, processes, client, fault_database, fault_bus, slack, twilio
):
    """200 alerts flow; the service is killed three times and started again; every alert is paged exactly once."""
    prefix = a_prefix()
    load = asyncio.create_task(send_alerts(client, prefix=prefix, count=ALERTS, per_second=40))
    for _ in range(3):
        await asyncio.sleep(1.0)
        await processes.kill(service)
        await processes.start(service)
    await load
    await until_rest(fault_database, fault_bus, TENANT)

    pages = await pages_per_alert(fault_database, TENANT, slack, twilio, prefix=prefix)
    assert len(pages) == ALERTS
    assert set(pages.values()) == {1}
    assert await client.unaccounted() == []


async def test_unclear_sends_under_kills_are_proved_or_marked(
    processes, client, fault_database, fault_bus, slack, twilio
):
    """The provider takes pages and answers 500 or nothing while the notifier dies: found by look-up, never doubled unmarked."""
    prefix = a_prefix()
    slack.script(*([ErrorAfterAccept(), DroppedReply()] * 5))
    load = asyncio.create_task(send_alerts(client, prefix=prefix, count=40, per_second=20))
    await asyncio.sleep(1.0)
    await processes.kill("notifier")
    await processes.start("notifier")
    await load
    await until_rest(fault_database, fault_bus, TENANT, seconds=90)

    unmarked = [each for each in slack.received if not each.is_repeat]
    pages = await pages_per_alert(fault_database, TENANT, slack, twilio, prefix=prefix)
    assert len(pages) == 40
    assert len({each.delivery_id for each in unmarked}) == len(unmarked)
    assert await client.unaccounted() == []


async def test_with_two_workers_the_death_of_one_makes_nothing_late_or_double(
    fault_servers, fault_team, fault_database, fault_bus, slack, twilio
):
    """What the dead one had claimed is paid by the other when the connection breaks: there is no lease to wait for."""
    prefix = a_prefix()
    slack.clear()
    twilio.clear()
    environment = {**slack.environment, **twilio.environment, **FAST}
    names = (*SERVICES, "escalation-2")
    async with (
        ServiceProcesses(fault_servers, names=names, environment=environment) as processes,
        processes.client(fault_team.key) as client,
    ):
        load = asyncio.create_task(send_alerts(client, prefix=prefix, count=ALERTS, per_second=40))
        for name in ("escalation", "escalation-2", "escalation"):
            await asyncio.sleep(1.0)
            await processes.kill(name)
            await processes.start(name)
        await load
        await until_rest(fault_database, fault_bus, TENANT)

        pages = await pages_per_alert(fault_database, TENANT, slack, twilio, prefix=prefix)
        assert len(pages) == ALERTS
        assert set(pages.values()) == {1}
        assert await client.unaccounted() == []
    async with fault_database.tenant_tx(TENANT) as tx:
        late = await tx.fetchval(
            """SELECT extract(epoch FROM max(e.fired_at - e.due_at)) FROM escalation_events AS e
            JOIN alerts AS a ON a.id = e.alert_id WHERE a.title LIKE $1 || '%' AND e.tier = 0""",
            prefix,
        )
    assert late < LATE_SECONDS

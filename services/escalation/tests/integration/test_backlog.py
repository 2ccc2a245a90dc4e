"""What waits in the installation, as gauges; and the ledger, looked at all the time."""

import secrets
from datetime import timedelta
from math import isnan

import pytest
from prometheus_client import REGISTRY

from nightowl_alerting import ledger
from nightowl_common import inbox
from nightowl_common.bus import Bus, BusUnavailableError, Message
from nightowl_common.ids import new_id
from nightowl_common.inbox import Handled
from nightowl_contracts import subjects
from nightowl_contracts.topology import CONSUMERS, ENRICHMENT, INGEST, Header
from nightowl_escalation.jobs import BacklogGauges, LedgerWatch
from nightowl_escalation.jobs import ledger as watching
from nightowl_testkit.servers import make_tenant

pytestmark = pytest.mark.integration


def value(name: str, **labels: str) -> float | None:
    return REGISTRY.get_sample_value(f"nightowl_{name}", labels)


@pytest.fixture
def gauges(database, bus) -> BacklogGauges:
    return BacklogGauges(database=database, bus=bus, tenant_series=1)


async def test_overdue_timers_are_told_by_kind(gauges, scene):
    """How many, and for how long the oldest waits; a kind without any says zero."""
    await scene.fires(3)
    await scene.write("UPDATE public.timers SET due_at = public.clock_now() - interval '90 seconds'")

    await gauges.measure()

    assert value("timers_overdue", kind="escalation") == 3
    assert 90 <= value("timers_overdue_seconds", kind="escalation") < 100
    assert value("timers_overdue", kind="heartbeat") == 0


async def test_what_waits_for_a_suspended_tenant_is_not_late(gauges, scene):
    """It waits on purpose."""
    await scene.fires()
    await scene.write("UPDATE public.tenants SET status = 'suspended' WHERE slug = $1", scene.tenant)

    await gauges.measure()

    assert value("timers_overdue", kind="escalation") == 0


async def test_what_is_not_published_is_told_with_its_age(gauges, scene):
    """A bundle in the outbox, as a process leaves it that dies after its commit."""
    await scene.write("DELETE FROM public.outbox")
    await scene.write(
        "INSERT INTO public.outbox (created_at, messages) VALUES (public.clock_now() - interval '1 h', '[]')"
    )

    await gauges.measure()
    await scene.write("DELETE FROM public.outbox")

    assert value("outbox_bundles") == 1
    assert 3600 <= value("outbox_age_seconds") < 3610
    assert value("spool_calls") is not None


async def test_tenants_are_told_up_to_the_bound(gauges, scene, scene_of, servers):
    """The busiest by name, the others together."""
    other = await scene_of(await make_tenant(servers, f"t_{secrets.token_hex(6)}"))
    await scene.fires(2)
    await other.fires(1)

    await gauges.measure()

    assert value("tenant_escalations_pending", tenant=scene.tenant) == 2
    assert value("tenant_escalations_pending", tenant=other.tenant) is None
    assert value("tenant_escalations_pending", tenant="(other)") == 1


async def test_every_consumer_has_its_lag(gauges):
    """None is left out, and dead letters are counted."""
    await gauges.measure()

    assert all(value("consumer_lag_messages", consumer=each.name) is not None for each in CONSUMERS)
    assert value("dead_letters_kept") >= 0


async def test_what_cannot_be_asked_is_unknown(database, gauges, bus):
    """A figure of before would say that all is well; the other half is measured all the same."""
    await gauges.measure()
    before = value("backlog_measured_timestamp_seconds", part="database")

    await BacklogGauges(database=database, bus=NoBus(), tenant_series=0).measure()

    assert value("consumer_lag_messages", consumer="enrichment") is None
    assert isnan(value("dead_letters_kept"))
    assert value("backlog_measured_timestamp_seconds", part="database") > before


class NoBus:
    """A broker that does not answer."""

    async def lag(self, _consumer):  # noqa: D102
        raise BusUnavailableError("away")


async def test_the_ledger_is_looked_at_all_the_time(database, bus, scene, monkeypatch):
    """A broken rule is told by the gauge until it is mended; a clean look says so."""

    async def tenants() -> frozenset[str]:
        return frozenset({scene.tenant})

    monkeypatch.setattr(database, "tenants", tenants)
    watch = LedgerWatch(database=database, bus=bus)
    await scene.fires()
    assert await watch.look() == []
    assert value("ledger_open_findings", rule="2") == 0

    await scene.write("DELETE FROM public.timers WHERE tenant = $1", scene.tenant)

    [finding] = await watch.look()
    assert finding.rule == 2
    assert value("ledger_open_findings", rule="2") == 1


async def receive(bus, tenant):
    """A message as ingest stores it; nobody here handles it."""
    event_id = new_id()
    headers = {Header.EVENT_ID: str(event_id), Header.ALERTS: "1"}
    await bus.publish(
        Message(stream=INGEST.name, subject=subjects.ingest(tenant), id=str(event_id), body=b"{}", headers=headers)
    )
    return event_id


async def handle(database, tenant, *event_ids):
    """What enrichment writes."""
    done = [
        Handled(event_id=each, tenant=tenant, indexes=[0], dispositions=["opened"], alert_ids=[None])
        for each in event_ids
    ]
    async with database.global_tx() as tx:
        await inbox.insert_handled(tx, ENRICHMENT.name, done)


async def test_a_look_at_the_ledger_costs_what_has_come_since_and_forgets_nothing_that_is_lost(
    database, bus, scene, monkeypatch
):
    """A message in order is read once, however many there are; a lost one is told at each look until it is handled."""

    async def tenants() -> frozenset[str]:
        return frozenset({scene.tenant})

    read = []

    async def counting(self, *args, **options):
        async for part in scan_parts(self, *args, **options):
            read.extend(part)
            yield part

    scan_parts = Bus.scan_parts
    monkeypatch.setattr(Bus, "scan_parts", counting)
    monkeypatch.setattr(database, "tenants", tenants)
    monkeypatch.setattr(ledger, "GRACE_SECONDS", 0.0)
    monkeypatch.setattr(watching, "AGAIN", timedelta(0))
    watch = LedgerWatch(database=database, bus=bus)
    lost = await receive(bus, scene.tenant)
    sound = [await receive(bus, scene.tenant) for _ in range(20)]
    await handle(database, scene.tenant, *sound)

    first = await watch.look()
    at_first = len(read)
    second = await watch.look()
    await handle(database, scene.tenant, lost)
    third = await watch.look()

    assert [each.subject for each in first] == [each.subject for each in second] == [f"event {lost}"]
    assert third == []
    assert at_first == 21
    assert len(read) - at_first <= 2  # the last one again, at each look

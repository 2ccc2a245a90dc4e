"""The ledger finds what is planted, and nothing else."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from httpx import AsyncClient

from nightowl_alerting import ledger, obligations
from nightowl_alerting import store as kernel
from nightowl_alerting.ledger import ReceivedMessage
from nightowl_alerting.model import Recipient, Route
from nightowl_alerting.paging import Page
from nightowl_common import clock, inbox
from nightowl_common.bus import Bus, Message
from nightowl_common.db import Database
from nightowl_common.ids import id_at, new_id
from nightowl_common.inbox import Handled
from nightowl_common.outbox import Outbox
from nightowl_contracts import subjects
from nightowl_contracts.topology import ENRICHMENT, INGEST, Header

pytestmark = pytest.mark.integration

Fire = Callable[..., Awaitable[UUID]]


async def findings(client: AsyncClient) -> list[tuple[int, str]]:
    answer = await client.get("/api/v1/ledger/unaccounted")
    assert answer.status_code == 200, answer.text
    return [(each["rule"], each["subject"]) for each in answer.json()["findings"]]


async def page_somebody(outbox: Outbox, tenant: str, alert_id: UUID) -> UUID:
    async with outbox.tenant_tx(tenant) as tx:
        alert = await kernel.lock_alert(tx, alert_id)
        assert alert is not None
        now = await tx.now()
        decision = Page(cycle=0, tier=0, next_due_at=now + timedelta(minutes=5))
        recipient = Recipient(recipient="user:1", channel="sms", address="+491701234567")
        tier = obligations.DueTier(alert=alert, decision=decision, recipients=[recipient], due_at=now)
        await obligations.page(tx, tenant, [tier], now=now)
        delivery_id: UUID = await tx.fetchval("SELECT id FROM deliveries WHERE alert_id = $1", alert_id)
    return delivery_id


async def publish(bus: Bus, tenant: str, *, alerts: int) -> UUID:
    event_id = new_id()
    headers = {Header.EVENT_ID: str(event_id), Header.ALERTS: str(alerts)}
    await bus.publish(
        Message(stream=INGEST.name, subject=subjects.ingest(tenant), id=str(event_id), body=b"{}", headers=headers)
    )
    return event_id


def handled(event_id: UUID, tenant: str, *, alerts: int) -> Handled:
    return Handled(
        event_id=event_id,
        tenant=tenant,
        indexes=list(range(alerts)),
        dispositions=["opened"] * alerts,
        alert_ids=[None] * alerts,
    )


async def test_a_sound_tenant_has_no_findings(
    client: AsyncClient, fire: Fire, policy: Route, outbox: Outbox, tenant: str, bus: Bus
) -> None:
    """Alerts that escalate, one that does not, a page that is owed, a message on its way: all accounted for."""
    await fire("quiet", severity="info")
    await page_somebody(outbox, tenant, await fire("disk", route=policy))
    await publish(bus, tenant, alerts=2)

    answer = (await client.get("/api/v1/ledger/unaccounted")).json()

    assert answer == {"findings": [], "checked": {"messages": 1, "alerts": 2, "deliveries": 1}}


async def test_an_acknowledged_alert_owes_nothing(
    client: AsyncClient, fire: Fire, policy: Route, outbox: Outbox, tenant: str
) -> None:
    """Acknowledging settles both rules in one commit."""
    alert_id = await fire("disk", route=policy)
    await page_somebody(outbox, tenant, alert_id)

    await client.patch(f"/api/v1/alerts/{alert_id}/acknowledge")

    assert await findings(client) == []


async def test_a_lost_escalation_timer_is_found(
    client: AsyncClient, fire: Fire, policy: Route, database: Database
) -> None:
    """Rule 2: the alert would never page again."""
    alert_id = await fire("disk", route=policy)
    async with database.global_tx() as tx:
        await tx.execute("DELETE FROM public.timers WHERE ref = $1", alert_id)

    assert await findings(client) == [(2, f"alert {alert_id}")]


async def test_a_timer_of_an_old_version_is_found(
    client: AsyncClient, fire: Fire, policy: Route, database: Database
) -> None:
    """Rule 2: when it comes due it would be dropped, so the alert has none in truth."""
    alert_id = await fire("disk", route=policy)
    async with database.global_tx() as tx:
        await tx.execute("UPDATE public.timers SET version = version - 1 WHERE ref = $1", alert_id)

    assert await findings(client) == [(2, f"alert {alert_id}")]


async def test_stray_timers_are_found(client: AsyncClient, fire: Fire, database: Database, tenant: str) -> None:
    """Rules 2 and 3: timers of an alert that does not escalate, of no alert, and of no delivery."""
    quiet, nothing, page = await fire("quiet", severity="info"), uuid4(), uuid4()
    async with database.global_tx() as tx:
        for kind, ref in (("escalation", quiet), ("escalation", nothing), ("delivery", page)):
            await tx.execute(
                "INSERT INTO public.timers (kind, ref, tenant, due_at) VALUES ($1, $2, $3, now() + interval '1 hour')",
                kind,
                ref,
                tenant,
            )

    assert sorted(await findings(client)) == sorted(
        [(2, f"escalation timer of {quiet}"), (2, f"escalation timer of {nothing}"), (3, f"delivery timer of {page}")]
    )


async def test_a_page_without_timer_is_found(
    client: AsyncClient, fire: Fire, policy: Route, outbox: Outbox, database: Database, tenant: str
) -> None:
    """Rule 3: nobody would ever look at the delivery again."""
    delivery_id = await page_somebody(outbox, tenant, await fire("disk", route=policy))
    async with database.global_tx() as tx:
        await tx.execute("DELETE FROM public.timers WHERE kind = 'delivery' AND ref = $1", delivery_id)

    assert await findings(client) == [(3, f"delivery {delivery_id}")]


async def test_an_overdue_page_is_found(
    client: AsyncClient, fire: Fire, policy: Route, outbox: Outbox, database: Database, tenant: str
) -> None:
    """Rule 3: a timer that has been due for more than a minute is not being paid."""
    delivery_id = await page_somebody(outbox, tenant, await fire("disk", route=policy))
    async with database.global_tx() as tx:
        await tx.execute(
            "UPDATE public.timers SET due_at = public.clock_now() - interval '61 seconds' WHERE kind = 'delivery' AND ref = $1",
            delivery_id,
        )

    assert await findings(client) == [(3, f"delivery {delivery_id}")]


async def test_a_timer_of_a_settled_page_is_found(
    client: AsyncClient, fire: Fire, policy: Route, outbox: Outbox, database: Database, tenant: str
) -> None:
    """Rule 3, the other way round."""
    delivery_id = await page_somebody(outbox, tenant, await fire("disk", route=policy))
    async with database.tenant_tx(tenant) as tx:
        await tx.execute("UPDATE deliveries SET status = 'sent' WHERE id = $1", delivery_id)

    assert await findings(client) == [(3, f"delivery timer of {delivery_id}")]


async def test_a_lost_message_is_found(database: Database, tenant: str) -> None:
    """Rule 1: older than the grace and no, or too few, dispositions. A fresh one and a handled one are fine."""
    old = clock.utc_now() - timedelta(seconds=30)
    lost, short, done = (id_at(old, number) for number in (1, 2, 3))
    fresh = new_id()
    received = [
        *(
            ReceivedMessage(event_id=each, alerts=2, sequence=number, stored_at=old)
            for number, each in enumerate((lost, short, done), 1)
        ),
        ReceivedMessage(event_id=fresh, alerts=2, sequence=4, stored_at=clock.utc_now()),
    ]
    async with database.tenant_tx(tenant) as tx:
        await inbox.insert_handled(
            tx, ENRICHMENT.name, [handled(short, tenant, alerts=1), handled(done, tenant, alerts=2)]
        )
        found = await ledger.unaccounted(tx, tenant, received)
        await tx.execute("DELETE FROM public.inbox WHERE event_id = $1", done)
        found_later = await ledger.unaccounted(tx, tenant, received)

    assert [(each.rule, each.subject) for each in found] == [(1, f"event {lost}"), (1, f"event {short}")]
    assert found[0].detail == "message 1: 2 alerts, 0 dispositions"
    assert [each.subject for each in found_later] == [f"event {each}" for each in (lost, short, done)]


async def test_a_message_beyond_the_inbox_is_not_judged(database: Database, tenant: str) -> None:
    """What the inbox has forgotten can no longer be proved, so it is no finding."""
    long_ago = clock.utc_now() - timedelta(hours=71, minutes=30)
    received = [ReceivedMessage(event_id=id_at(long_ago, 1), alerts=1, sequence=1, stored_at=long_ago)]

    async with database.tenant_tx(tenant) as tx:
        assert await ledger.unaccounted(tx, tenant, received) == []


async def test_a_stuck_spooled_call_is_found(client: AsyncClient, database: Database, tenant: str) -> None:
    """Rule 1: accepted, the bus is up, and still not on it after a minute. A fresh one is in flight."""
    insert = "INSERT INTO public.ingest_spool (message_id, tenant, event_id, alerts, body, spooled_at) VALUES ($1, $2, $3, 1, '', public.clock_now() - make_interval(secs => $4))"
    async with database.global_tx() as tx:
        await tx.execute(insert, f"{tenant}:old", tenant, new_id(), 90)
        await tx.execute(insert, f"{tenant}:new", tenant, new_id(), 5)

    try:
        assert await findings(client) == [(1, f"spooled call {tenant}:old")]
    finally:
        async with database.global_tx() as tx:
            await tx.execute("DELETE FROM public.ingest_spool WHERE tenant = $1", tenant)


async def test_a_scan_reads_one_subject_to_the_end(bus: Bus, tenant: str) -> None:
    """Headers of everything that was stored, in order, of this tenant alone; the reader is gone afterwards."""
    event_ids = [await publish(bus, tenant, alerts=number) for number in (1, 2, 3)]
    await publish(bus, f"{tenant}_else", alerts=9)
    before = (await bus.jetstream.stream_info(INGEST.name)).state.consumer_count

    scanned = [ReceivedMessage.from_scan(each) for each in await bus.scan(INGEST, subject=subjects.ingest(tenant))]

    assert [(each.event_id, each.alerts) for each in scanned] == [(each, n) for n, each in enumerate(event_ids, 1)]
    assert (await bus.jetstream.stream_info(INGEST.name)).state.consumer_count == before
    assert await bus.scan(INGEST, subject=subjects.ingest(tenant), since=clock.utc_now() + timedelta(minutes=1)) == []


async def test_a_scan_spans_many_batches(bus: Bus, tenant: str) -> None:
    """More messages than fit one request come back whole."""
    count = 4_500
    messages = [
        Message(
            stream=INGEST.name,
            subject=subjects.ingest(tenant),
            id=f"{tenant}:{number}",
            body=b"{}",
            headers={Header.ALERTS: str(number)},
        )
        for number in range(count)
    ]
    await bus.publish_all(messages, timeout_seconds=30)

    scanned = await bus.scan(INGEST, subject=subjects.ingest(tenant))

    assert [each.headers[Header.ALERTS] for each in scanned] == [str(number) for number in range(count)]

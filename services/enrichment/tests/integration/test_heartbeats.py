"""Beats over a real stream, misses on a moved clock."""

import asyncio
from datetime import timedelta
from functools import partial

import msgspec
import pytest

from nightowl_alerting import obligations
from nightowl_alerting.ledger import unaccounted
from nightowl_common import clock
from nightowl_common.ids import new_id
from nightowl_contracts import Actor, AlertsReceived, ReceivedAlert, ReceivedBatch
from nightowl_enrichment.handlers import heartbeats
from nightowl_enrichment.jobs import HeartbeatWatch
from nightowl_testkit.builders import seed_team

pytestmark = pytest.mark.integration

KEY = Actor(kind="api_key", id="key", name="key")
WATCHDOG = [{"name": "alertname", "op": "=", "value": "Watchdog"}]


def an_event(tenant, *alerts, source="heartbeat", age_seconds=0.0) -> AlertsReceived:
    batch = ReceivedBatch(receipt_id=new_id(), source=source, alerts=list(alerts))
    at = clock.utc_now() - timedelta(seconds=age_seconds)
    return AlertsReceived(id=new_id(), tenant=tenant, at=at, actor=KEY, data=batch)


def a_beat(name="nightly") -> ReceivedAlert:
    return ReceivedAlert(
        index=0,
        fingerprint=f"heartbeat:{name}",
        status="resolved",
        severity="info",
        title="",
        labels={"heartbeat": name},
    )


def a_watchdog(**changes) -> ReceivedAlert:
    given = {"fingerprint": "w", "status": "firing", "severity": "critical", "title": "Watchdog"}
    return ReceivedAlert(index=0, labels={"alertname": "Watchdog"}, **{**given, **changes})


class Watch:
    """A tenant with a heartbeat `nightly`: every 60 s, 30 s of grace."""

    def __init__(self, tenant, *, outbox, pipeline, make_watch) -> None:
        self.tenant = tenant
        self.outbox = outbox
        self.pipeline = pipeline
        self.make_watch = make_watch

    async def define(self, name="nightly", *, matchers=None) -> None:
        """As the API does it."""
        async with self.outbox.tenant_tx(self.tenant) as tx:
            await tx.execute(
                """INSERT INTO heartbeats (id, name, interval_seconds, grace_seconds, labels, matchers)
                VALUES ($1, $2, 60, 30, $3, $4)""",
                new_id(), name, {"service": "payments"}, matchers,
            )  # fmt: skip

    async def beat(self, name="nightly", *, age_seconds=0.0) -> list[str]:
        """A beat through the stream; its disposition."""
        return await self.pipeline.handle(an_event(self.tenant, a_beat(name), age_seconds=age_seconds))

    async def told(self) -> int:
        """One round of the watch; how many were missed."""
        return await self.make_watch().pay_due()

    async def row(self, name="nightly") -> dict:
        """The heartbeat."""
        async with self.outbox.tenant_tx(self.tenant) as tx:
            return dict(await tx.fetchrow("SELECT * FROM heartbeats WHERE name = $1", name))

    async def alerts(self) -> list[tuple[str, int, str]]:
        """(fingerprint, episode, status) of all alerts."""
        async with self.outbox.tenant_tx(self.tenant) as tx:
            rows = await tx.fetch("SELECT fingerprint, episode, status FROM alerts ORDER BY fingerprint, episode")
        return [tuple(row) for row in rows]

    async def timers(self) -> list[tuple[str, object]]:
        """(kind, due) of the tenant's timers."""
        async with self.outbox.tenant_tx(self.tenant) as tx:
            rows = await tx.fetch("SELECT kind, due_at FROM public.timers WHERE tenant = $1 ORDER BY kind", self.tenant)
        return [tuple(row) for row in rows]

    async def findings(self) -> list:
        """What the ledger has to say."""
        async with self.outbox.tenant_tx(self.tenant) as tx:
            return await unaccounted(tx, self.tenant, [])


@pytest.fixture(autouse=True)
async def nothing_due(database):
    """Watches pay for every tenant: what other tests left behind shall not be among it."""

    async def forget() -> None:
        async with database.global_tx() as tx:
            await tx.execute("DELETE FROM public.timers")
            await tx.execute("DELETE FROM public.ingest_spool")

    await forget()
    yield
    await forget()


@pytest.fixture
def make_watch(outbox, database, bus, settings, matcher):
    """One more watch, as another process would run it. Other tests leave messages that nobody handles."""

    def make(*, hold_seconds=0.0) -> HeartbeatWatch:
        chosen = msgspec.structs.replace(settings, heartbeat_hold_seconds=hold_seconds)
        miss = partial(heartbeats.miss, matcher=matcher)
        return HeartbeatWatch(outbox=outbox, database=database, bus=bus, settings=chosen, miss=miss)

    return make


@pytest.fixture
async def watch(tenant, outbox, pipeline, enriching, make_watch) -> Watch:
    return Watch(tenant, outbox=outbox, pipeline=pipeline, make_watch=make_watch)


async def test_a_miss_opens_an_alert_that_pages_and_the_next_beat_resolves_it(watch, database, db_clock):
    """After interval and grace, under the policy of the service that its labels name; and again after that."""
    team = await seed_team(database, watch.tenant)
    await watch.define()

    assert await watch.beat() == ["suppressed"]
    await db_clock.advance(seconds=89)
    assert await watch.told() == 0
    await db_clock.advance(seconds=2)
    assert await watch.told() == 1

    assert await watch.alerts() == [("heartbeat:nightly", 1, "firing")]
    assert [kind for kind, _ in await watch.timers()] == ["escalation"]
    async with database.tenant_tx(watch.tenant) as tx:
        alert = dict(await tx.fetchrow("SELECT * FROM alerts"))
    assert (alert["policy_id"], alert["service_id"]) == (team.policy_id, team.service_id)
    assert (alert["escalation_state"], alert["source"], alert["severity"]) == ("pending", "heartbeat", "critical")
    assert await watch.told() == 0
    assert await watch.findings() == []

    assert await watch.beat() == ["suppressed"]
    assert await watch.alerts() == [("heartbeat:nightly", 1, "resolved")]
    assert [kind for kind, _ in await watch.timers()] == ["heartbeat"]
    assert await watch.findings() == []

    await db_clock.advance(seconds=91)
    assert await watch.told() == 1
    assert await watch.alerts() == [("heartbeat:nightly", 1, "resolved"), ("heartbeat:nightly", 2, "firing")]


async def test_a_heartbeat_that_was_never_heard_of_is_not_missed(watch, db_clock):
    """It waits for its first beat."""
    await watch.define()

    await db_clock.advance(hours=1)

    assert await watch.told() == 0
    assert (await watch.timers(), await watch.alerts(), await watch.findings()) == ([], [], [])


async def test_each_beat_moves_the_deadline(watch, db_clock):
    """Heard of in time, for as long as one likes: no alert."""
    await watch.define()
    for _ in range(4):
        await watch.beat()
        await db_clock.advance(seconds=80)
        assert await watch.told() == 0

    assert await watch.alerts() == []
    row = await watch.row()
    assert await watch.timers() == [("heartbeat", row["due_at"])]
    assert row["due_at"] == row["last_beat_at"] + timedelta(seconds=90)


async def test_a_watchdog_alert_is_a_beat_and_opens_nothing(watch, db_clock):
    """Neighbours in the same call are alerts as ever."""
    await watch.define("prometheus", matchers=WATCHDOG)
    other = a_watchdog(fingerprint="disk", title="Disk full")
    other = msgspec.structs.replace(other, index=1, labels={"alertname": "DiskFull"})

    said = await watch.pipeline.handle(an_event(watch.tenant, a_watchdog(), other, source="alertmanager"))

    assert said == ["suppressed", "opened"]
    assert await watch.alerts() == [("disk", 1, "firing")]
    await db_clock.advance(seconds=91)
    assert await watch.told() == 1
    assert ("heartbeat:prometheus", 1, "firing") in await watch.alerts()
    await watch.pipeline.handle(an_event(watch.tenant, a_watchdog(), source="alertmanager"))
    assert ("heartbeat:prometheus", 1, "resolved") in await watch.alerts()


@pytest.mark.parametrize("count", [2, 5])
async def test_watches_side_by_side_open_one_alert(watch, make_watch, db_clock, count):
    """Whoever claims the timer tells; the others find nothing."""
    await watch.define()
    await watch.beat()
    await db_clock.advance(seconds=91)

    told = await asyncio.gather(*(make_watch().pay_due() for _ in range(count)))

    assert sum(told) == 1
    async with watch.outbox.tenant_tx(watch.tenant) as tx:
        assert [row["occurrence_count"] for row in await tx.fetch("SELECT occurrence_count FROM alerts")] == [1]


async def test_a_late_beat_changes_nothing_and_does_not_end_a_miss(watch, db_clock):
    """A beat that was on its way for longer than interval and grace proves nothing about now."""
    await watch.define()
    await watch.beat()
    before = await watch.row()

    assert await watch.beat(age_seconds=3_600) == ["suppressed"]
    assert await watch.row() == before

    await db_clock.advance(seconds=300)
    assert await watch.told() == 1
    assert await watch.beat(age_seconds=100) == ["suppressed"]
    assert await watch.alerts() == [("heartbeat:nightly", 1, "firing")]
    assert (await watch.row())["missed_at"] is not None
    assert await watch.findings() == []


async def test_a_beat_that_was_on_its_way_while_it_was_missed_ends_the_miss(watch, db_clock):
    """It was received before the miss and in time, and the alert of the miss is over."""
    await watch.define()
    await watch.beat()
    await db_clock.advance(seconds=91)
    missed = await watch.told()

    await watch.beat(age_seconds=20)

    assert missed == 1
    assert await watch.alerts() == [("heartbeat:nightly", 1, "resolved")]


async def test_a_beat_of_an_unknown_name_is_listed(watch):
    """So that a typo can be seen."""
    await watch.define()

    assert await watch.beat("nigthly") == ["rejected"]

    async with watch.outbox.tenant_tx(watch.tenant) as tx:
        rows = await tx.fetch("SELECT source, field, reason FROM rejected_payloads")
    assert [tuple(row) for row in rows] == [("heartbeat", "name", "there is no heartbeat called nigthly")]


async def test_a_beat_that_was_delivered_twice_counts_once(watch):
    """The inbox knows it."""
    await watch.define()
    event = an_event(watch.tenant, a_beat())

    first = await watch.pipeline.handle(event, message_id=f"{event.id}-1")
    before = await watch.row()
    second = await watch.pipeline.handle(event, message_id=f"{event.id}-2")

    assert (first, second) == (["suppressed"], ["suppressed"])
    assert await watch.row() == before


async def test_no_miss_is_told_while_calls_of_the_tenant_wait_in_the_spool(watch, db_clock):
    """One of them may be the missing beat; when they are gone and it was not, it is told."""
    await watch.define()
    await watch.beat()
    await db_clock.advance(seconds=91)
    async with watch.outbox.global_tx() as tx:
        await tx.execute(
            "INSERT INTO public.ingest_spool (message_id, tenant, event_id, alerts, body) VALUES ('m', $1, $2, 1, '')",
            watch.tenant, new_id(),
        )  # fmt: skip

    assert await watch.told() == 0
    async with watch.outbox.global_tx() as tx:
        await tx.execute("DELETE FROM public.ingest_spool")

    assert await watch.told() == 1


async def test_a_miss_is_not_told_while_the_consumer_is_behind(watch, make_watch, bus, db_clock, enrichers):
    """After an outage of enrichment the beats of that time are handled first."""
    await watch.define()
    await watch.beat()
    await db_clock.advance(seconds=91)
    stuck = make_watch(hold_seconds=60.0)

    class Behind:
        async def lag(self, _consumer) -> int:
            return 7

    stuck._bus = Behind()

    assert await stuck.pay_due() == 0
    assert await watch.alerts() == []


async def test_a_lost_timer_is_found_by_the_ledger_and_given_back(watch, db_clock):
    """The row says what is awaited; the sweeper makes its timer anew."""
    await watch.define()
    await watch.beat()
    async with watch.outbox.global_tx() as tx:
        await tx.execute("DELETE FROM public.timers")
    heartbeat = await watch.row()

    assert [(each.rule, each.subject) for each in await watch.findings()] == [(2, f"heartbeat {heartbeat['id']}")]
    async with watch.outbox.tenant_tx(watch.tenant) as tx:
        assert await obligations.restore_missing_timers(tx, watch.tenant) == 1

    assert await watch.timers() == [("heartbeat", heartbeat["due_at"])]
    assert await watch.findings() == []


async def test_a_timer_without_a_heartbeat_is_found_and_dropped(watch, db_clock):
    """What was deleted cannot be missed."""
    async with watch.outbox.global_tx() as tx:
        await tx.execute(
            "INSERT INTO public.timers (kind, ref, tenant, due_at) VALUES ('heartbeat', $1, $2, public.clock_now())",
            new_id(), watch.tenant,
        )  # fmt: skip

    assert [each.detail for each in await watch.findings()] == ["there is no such heartbeat"]
    assert await watch.told() == 0

    assert (await watch.timers(), await watch.findings()) == ([], [])

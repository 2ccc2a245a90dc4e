"""What is over is kept for as long as its tenant says, and what is open for ever."""

import pytest

from nightowl_alerting import lifecycle
from nightowl_alerting.audit import Break, Intact, verify_chain
from nightowl_alerting.store import insert_audit
from nightowl_contracts import Actor
from nightowl_escalation.jobs import RetentionSweeper
from nightowl_escalation.jobs import retention as jobs

pytestmark = pytest.mark.integration

ADA = Actor(kind="user", id="ada", name="Ada")


@pytest.fixture
def sweeper(database, scene, monkeypatch) -> RetentionSweeper:
    """Looks at this test's tenant alone, three rows at a time."""

    async def tenants() -> frozenset[str]:
        return frozenset({scene.tenant})

    made = RetentionSweeper(database)
    monkeypatch.setattr(jobs, "ROWS_PER_SLICE", 3)
    monkeypatch.setattr(database, "tenants", tenants)
    return made


async def resolve(scene, outbox, *alert_ids) -> None:
    for alert_id in alert_ids:
        async with outbox.tenant_tx(scene.tenant) as tx:
            await lifecycle.resolve(tx, scene.tenant, alert_id, ADA, resolution=None)


async def count(scene, table: str, where: str = "true") -> int:
    [row] = await scene.rows(f"SELECT count(*) AS n FROM {table} WHERE {where}")
    return row["n"]


async def sweep_all(sweeper) -> int:
    """Until nothing is removed; returns how many rows went."""
    total = 0
    while removed := await sweeper.remove_old():
        assert removed <= 12
        total += removed
    return total


async def paged_alerts(scene, number: int) -> list:
    made = await scene.fires(number)
    while (await scene.worker().pay_due())[0]:
        pass
    await scene.write("UPDATE deliveries SET status = 'sent', settled_at = public.clock_now()")
    await scene.write("DELETE FROM public.timers WHERE kind = 'delivery' AND tenant = $1", scene.tenant)
    await scene.write(
        """INSERT INTO alert_payloads (alert_id, occasion, receipt_id, item, source, received_at, raw)
        SELECT id, 'opening', uuidv7(), 0, 'generic', first_fired_at, '{}' FROM alerts ON CONFLICT DO NOTHING"""
    )
    return made


async def test_by_default_everything_is_kept(scene, sweeper, outbox, db_clock):
    """However old it is."""
    await resolve(scene, outbox, *await paged_alerts(scene, 2))
    await db_clock.advance(days=800)

    assert await sweeper.remove_old() == 0
    assert await count(scene, "alerts") == 2


async def test_resolved_alerts_go_with_all_that_is_theirs(scene, sweeper, outbox, db_clock):
    """In slices, oldest first; open and younger ones stay whole, and the ledger has nothing to say."""
    *old, open_one = await paged_alerts(scene, 8)
    await resolve(scene, outbox, *old)
    await scene.write("UPDATE tenant_config SET keep_alerts_days = 30")
    await db_clock.advance(days=20)
    young = await paged_alerts(scene, 1)
    await resolve(scene, outbox, *young)
    await db_clock.advance(days=10, hours=1)

    assert await sweeper.remove_old() == 3
    assert await sweep_all(sweeper) == 4

    kept = {open_one, *young}
    for table, column in (
        ("alerts", "id"), ("alert_timeline", "alert_id"), ("deliveries", "alert_id"), ("escalation_events", "alert_id"),
        ("alert_payloads", "alert_id"),
    ):  # fmt: skip
        assert {row["id"] for row in await scene.rows(f"SELECT {column} AS id FROM {table}")} == kept, table
    assert await scene.findings() == []


async def test_an_alert_whose_page_is_on_its_way_stays(scene, sweeper, outbox, db_clock):
    """Its result has to be written somewhere."""
    [alert_id] = await paged_alerts(scene, 1)
    await resolve(scene, outbox, alert_id)
    await scene.write("UPDATE tenant_config SET keep_alerts_days = 7, keep_deliveries_days = 7")
    await scene.write("UPDATE deliveries SET status = 'sending', lease_until = public.clock_now(), settled_at = NULL")
    await db_clock.advance(days=30)

    assert await sweep_all(sweeper) == 0
    assert (await count(scene, "alerts"), await count(scene, "deliveries")) == (1, 1)


async def test_payloads_and_deliveries_go_sooner(scene, sweeper, outbox, db_clock):
    """The alert and its timeline stay; nothing of an open one goes; what is resolved later follows."""
    *old, later = await paged_alerts(scene, 5)
    await resolve(scene, outbox, *old)
    await scene.write("UPDATE tenant_config SET keep_payloads_days = 1, keep_deliveries_days = 7")
    await scene.write(
        """INSERT INTO rejected_payloads (receipt_id, item, source, field, reason, raw, received_at)
        SELECT uuidv7(), n, 'generic', '$', 'bad', '', public.clock_now() FROM generate_series(1, 4) AS n"""
    )
    await db_clock.advance(days=8)

    await sweep_all(sweeper)
    first = [await count(scene, table) for table in ("alerts", "deliveries", "alert_payloads", "rejected_payloads")]
    await resolve(scene, outbox, later)
    await db_clock.advance(days=8)
    await sweep_all(sweeper)

    assert first == [5, 1, 1, 0]
    assert [await count(scene, table) for table in ("alerts", "deliveries", "alert_payloads")] == [5, 0, 0]
    assert await scene.findings() == []


async def test_the_audit_log_is_cut_at_its_beginning_and_stays_verifiable(scene, sweeper, database, db_clock):
    """The cut is a row of the chain; who moves the beginning by hand is found out."""

    async def write(number: int) -> None:
        for n in range(number):
            async with database.tenant_tx(scene.tenant) as tx:
                await insert_audit(tx, ADA, action="a", entity="thing", entity_id=None, changes={"n": n})

    async def verdict() -> Intact | Break:
        async with database.tenant_tx(scene.tenant) as tx:
            return await verify_chain(tx)

    await scene.write("UPDATE tenant_config SET keep_audit_days = 30")
    await write(7)
    await db_clock.advance(days=31)
    await write(2)

    assert await sweep_all(sweeper) == 7
    found = await verdict()
    cuts = await scene.rows("SELECT changes FROM audit_log WHERE action = 'trimmed' ORDER BY seq")
    await scene.write(
        """UPDATE audit_head SET anchor_seq = 8, anchor_hash = (SELECT hash FROM audit_log WHERE seq = 8)"""
    )
    await scene.write("DELETE FROM audit_log WHERE seq = 8")
    moved = await verdict()

    assert isinstance(found, Intact)
    assert found.rows == 2 + 3
    assert [(each["changes"]["through"], each["changes"]["rows"]) for each in cuts] == [(3, 3), (6, 3), (7, 1)]
    assert isinstance(moved, Break)
    assert (moved.seq, moved.reason) == (8, "rows up to here are gone, and the chain says up to 7")

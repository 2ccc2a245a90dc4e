"""The fixtures keep their promises."""

import contextlib
from datetime import timedelta

import pytest

from nightowl_common.bus import Bus
from nightowl_common.db import Database
from nightowl_common.streams import diff_topology
from nightowl_testkit.clock import DbClock
from nightowl_testkit.servers import Servers

pytestmark = pytest.mark.integration


async def test_servers_are_migrated_and_have_the_streams(servers: Servers, database: Database, bus: Bus) -> None:
    """A service would start on these servers."""
    assert await database.missing_migrations() == []
    assert await diff_topology(bus.jetstream) == []
    assert set(servers.environment) == {"DATABASE_URL", "NATS_URL", "REDIS_URL"}


@pytest.mark.parametrize("who", ["ann", "ben"])
async def test_each_test_has_its_own_tenant(database: Database, tenant: str, who: str) -> None:
    """What one test writes, the next does not see."""
    async with database.tenant_tx(tenant) as tx:
        await tx.execute("INSERT INTO users (email, display_name) VALUES ($1, $2)", f"{who}@example.com", who)
    async with database.tenant_tx(tenant) as tx:
        rows = await tx.fetch("SELECT display_name FROM users")

    assert [row["display_name"] for row in rows] == [who]


async def test_the_clock_moves_forward_for_everybody(database: Database, db_clock: DbClock) -> None:
    """Another connection sees the moved time."""
    before = await db_clock.now()

    after = await db_clock.advance(minutes=5)
    async with database.global_tx() as tx:
        seen = await tx.fetchval("SELECT public.clock_now()")

    assert timedelta(minutes=5) <= after - before < timedelta(minutes=6)
    assert seen >= after


async def test_the_clock_does_not_go_back_by_mistake(db_clock: DbClock) -> None:
    """A negative span is refused, a past moment changes nothing."""
    before = await db_clock.now()

    with pytest.raises(ValueError, match="never goes back"):
        await db_clock.advance(seconds=-1)
    after = await db_clock.advance_to(before - timedelta(hours=1))

    assert before <= after < before + timedelta(minutes=1)


async def test_the_clock_goes_back_where_a_test_says_so(db_clock: DbClock) -> None:
    """By the step."""
    before = await db_clock.now()

    after = await db_clock.step_back(seconds=60)

    assert timedelta(seconds=30) < before - after <= timedelta(seconds=60)
    await db_clock.advance(seconds=60)


async def test_the_clock_can_be_moved_to_a_moment(db_clock: DbClock) -> None:
    """`advance_to` lands on it."""
    target = await db_clock.now() + timedelta(minutes=3)

    reached = await db_clock.advance_to(target)

    assert target <= reached < target + timedelta(seconds=30)


class Undone(Exception):  # noqa: N818  (not an error: the end of a transaction that shall leave nothing)
    """Rolls a transaction back."""


async def test_the_moved_clock_still_uses_the_timers_index(database: Database) -> None:
    """A volatile clock would turn the due-timer look-up into a walk over all timers."""
    plan: list[str] = []
    with contextlib.suppress(Undone):
        async with database.global_tx() as tx:
            volatility = await tx.fetchval(
                "SELECT provolatile::text FROM pg_proc WHERE oid = 'public.clock_now'::regproc"
            )
            await tx.execute(
                """INSERT INTO public.timers (kind, ref, tenant, due_at)
                SELECT 'escalation', uuidv7(), 'nobody', now() + interval '100 years' FROM generate_series(1, 5000)"""
            )
            await tx.execute("ANALYZE public.timers")  # the planner must know that there is something to walk over
            plan = [
                row[0]
                for row in await tx.fetch(
                    "EXPLAIN SELECT ref FROM public.timers WHERE kind = 'escalation' AND due_at <= public.clock_now()"
                )
            ]
            raise Undone

    assert volatility == "s"
    assert "timers_due" in "\n".join(plan)
    assert any("Index Cond" in line and "due_at <=" in line for line in plan)

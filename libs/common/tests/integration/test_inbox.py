"""The inbox remembers what was handled, once."""

import asyncio
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest

from nightowl_common.ids import id_at, new_id
from nightowl_common.inbox import Handled, insert_handled, keep_partitions, load_handled

pytestmark = pytest.mark.integration

CONSUMER = "test"


def handled(event_id, **changes):
    given = {"tenant": "acme", "indexes": [0, 1], "dispositions": ["opened", "rejected"], "alert_ids": [new_id(), None]}
    return Handled(event_id=event_id, **{**given, **changes})


async def test_what_was_handled_comes_back(database):
    """With its outcome, whatever its age; what was not is not there."""
    old = id_at(datetime.now(UTC) - timedelta(hours=50), 1 + new_id().int % 2**60)
    ahead = id_at(datetime.now(UTC) + timedelta(days=400), 1 + new_id().int % 2**60)
    given = [handled(new_id()), handled(old), handled(ahead, indexes=[], dispositions=[], alert_ids=[])]
    async with database.global_tx() as tx:
        await insert_handled(tx, CONSUMER, given)

    async with database.global_tx() as tx:
        found = await load_handled(tx, CONSUMER, [*(each.event_id for each in given), new_id()])

    assert found == {each.event_id: each for each in given}


async def test_each_consumer_has_its_own_memory(database):
    """Two may handle the same event."""
    event_id = new_id()
    async with database.global_tx() as tx:
        await insert_handled(tx, CONSUMER, [handled(event_id)])
        assert await load_handled(tx, "other", [event_id]) == {}
        await insert_handled(tx, "other", [handled(event_id)])


async def test_nothing_asked_is_nothing_found(database):
    """An empty batch needs no query."""
    async with database.global_tx() as tx:
        assert await load_handled(tx, CONSUMER, []) == {}
        await insert_handled(tx, CONSUMER, [])


async def test_an_event_is_handled_once(database, tenant):
    """Two workers race: the second waits, fails, and its effects go with it."""
    event_id, inserted = new_id(), asyncio.Event()

    async def work(name, wait_for):
        async with database.tenant_tx(tenant) as tx:
            await tx.execute("INSERT INTO users (email, display_name) VALUES ($1, 'x')", f"{name}@b.c")
            await wait_for()
            await insert_handled(tx, CONSUMER, [handled(new_id()), handled(event_id)])
            inserted.set()
            await asyncio.sleep(0.05)

    async def at_once():
        pass

    results = await asyncio.gather(work("first", at_once), work("second", inserted.wait), return_exceptions=True)

    assert [type(each) for each in results] == [type(None), asyncpg.UniqueViolationError]
    async with database.tenant_tx(tenant) as tx:
        assert [row["email"] for row in await tx.fetch("SELECT email FROM users")] == ["first@b.c"]


async def test_workers_with_the_same_events_in_another_order_do_not_deadlock(database):
    """Rows are written in the order of their ids."""
    ids = [new_id() for _ in range(50)]

    async def work(order):
        async with database.global_tx() as tx:
            await insert_handled(tx, CONSUMER, [handled(each) for each in order])

    results = await asyncio.gather(work(ids), work(ids[::-1]), return_exceptions=True)

    assert sorted(type(each).__name__ for each in results) == ["NoneType", "UniqueViolationError"]


async def test_keeping_partitions_loses_nothing_young(database):
    """Rows that came before their partition are moved into it, and it may run again at once."""
    young = [handled(new_id()), handled(id_at(datetime.now(UTC) + timedelta(hours=2), new_id().int % 2**60))]
    async with database.global_tx() as tx:
        await insert_handled(tx, CONSUMER, young)

    await keep_partitions(database)
    await keep_partitions(database)

    async with database.global_tx() as tx:
        assert await load_handled(tx, CONSUMER, [each.event_id for each in young]) == {e.event_id: e for e in young}
        partitions = await tx.fetchval("SELECT count(*) FROM pg_inherits WHERE inhparent = 'public.inbox'::regclass")
    assert partitions >= 5

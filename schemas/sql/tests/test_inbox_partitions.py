"""The inbox's hourly partitions: made ahead, dropped when old, and no event id is ever refused."""

import asyncio
from datetime import datetime, timedelta
from typing import Any, TypeAlias
from uuid import UUID, uuid4

import asyncpg
import pytest

from nightowl_common.ids import id_at
from nightowl_sql import migrate

Connection: TypeAlias = "asyncpg.Connection[Any]"

pytestmark = pytest.mark.integration

INSERT = """
INSERT INTO public.inbox (event_id, consumer, tenant, indexes, dispositions, alert_ids)
VALUES ($1, 'enrichment', 'acme', '{0}', '{opened}', '{NULL}')
"""


async def partitions(connection: Connection) -> list[str]:
    """Names of the hourly partitions, oldest first."""
    rows = await connection.fetch(
        "SELECT inhrelid::regclass::text AS name FROM pg_inherits WHERE inhparent = 'public.inbox'::regclass ORDER BY 1"
    )
    return [row["name"] for row in rows if not row["name"].endswith("_default")]


async def holder(connection: Connection, event_id: UUID) -> str | None:
    """The partition that holds an event."""
    return await connection.fetchval("SELECT tableoid::regclass::text FROM public.inbox WHERE event_id = $1", event_id)


async def now_of(connection: Connection) -> datetime:
    """The server's time."""
    moment: datetime = await connection.fetchval("SELECT now()")
    return moment


def name_at(moment: datetime) -> str:
    """The partition of an hour."""
    return f"inbox_{moment:%Y%m%d%H}"


async def make_old_partition(connection: Connection, moment: datetime) -> None:
    """An hour's partition as an earlier call would have left it."""
    hour = moment.replace(minute=0, second=0, microsecond=0)
    await connection.execute(
        f"CREATE TABLE public.{name_at(hour)} PARTITION OF public.inbox FOR VALUES FROM ('{id_floor(hour)}') "
        f"TO ('{id_floor(hour + timedelta(hours=1))}')"
    )


def id_floor(moment: datetime) -> UUID:
    """The smallest id of a moment."""
    return UUID(int=int(moment.timestamp() * 1000) << 80)


async def test_partitions_are_made_ahead(connection: Connection) -> None:
    """After a call the last hour, this one and the wanted ones to come have a partition each."""
    await migrate(connection)
    now = await now_of(connection)

    await connection.execute("CALL public.keep_inbox(6, 72)")

    wanted = [name_at(now + timedelta(hours=offset)) for offset in range(-1, 7)]
    assert set(wanted) <= set(await partitions(connection))


async def test_a_second_call_changes_nothing(connection: Connection) -> None:
    """It may be called as often as one likes."""
    await migrate(connection)
    await connection.execute("CALL public.keep_inbox(3, 72)")
    before = await partitions(connection)

    await connection.execute("CALL public.keep_inbox(3, 72)")

    assert await partitions(connection) == before


async def test_old_partitions_are_dropped_and_young_ones_kept(connection: Connection) -> None:
    """What is older than the hours to keep is gone with its rows; what is younger stays."""
    await migrate(connection)
    now = await now_of(connection)
    for hours in (90, 74, 71):
        await make_old_partition(connection, now - timedelta(hours=hours))
    old, young = id_at(now - timedelta(hours=90), 1), id_at(now - timedelta(hours=71), 1)
    await connection.executemany(INSERT, [(old,), (young,)])

    await connection.execute("CALL public.keep_inbox(3, 72)")

    left = await partitions(connection)
    assert name_at(now - timedelta(hours=71)) in left
    assert not {name_at(now - timedelta(hours=90)), name_at(now - timedelta(hours=74))} & set(left)
    assert await holder(connection, old) is None
    assert await holder(connection, young) is not None


@pytest.mark.parametrize("hours", [-24 * 365, -80, -5, -1, 0, 1, 3, 4, 24 * 365])
async def test_an_id_of_any_hour_is_accepted_once(connection: Connection, hours: int) -> None:
    """A host's wrong clock costs nothing: the event is taken, and its double is refused."""
    await migrate(connection)
    event_id = id_at(await now_of(connection) + timedelta(hours=hours), 7)

    await connection.execute(INSERT, event_id)

    assert await holder(connection, event_id) is not None
    with pytest.raises(asyncpg.UniqueViolationError):
        await connection.execute(INSERT, event_id)


async def test_an_id_without_a_time_is_accepted(connection: Connection) -> None:
    """Any UUID goes somewhere."""
    await migrate(connection)
    event_id = uuid4()

    await connection.execute(INSERT, event_id)

    assert await holder(connection, event_id) is not None


async def test_ids_land_in_the_partition_of_their_hour(connection: Connection) -> None:
    """The bounds are the ids of the full hours, first and last millisecond included."""
    await migrate(connection)
    hour = (await now_of(connection)).replace(minute=0, second=0, microsecond=0)
    first, last = id_floor(hour), id_at(hour + timedelta(hours=1) - timedelta(milliseconds=1), (1 << 62) - 1)

    await connection.executemany(INSERT, [(first,), (last,)])

    assert await holder(connection, first) == await holder(connection, last) == name_at(hour)


async def test_rows_that_came_before_their_partition_move_into_it(connection: Connection) -> None:
    """After hours without a call, or behind a fast clock, the default partition never blocks the next call."""
    await migrate(connection)
    now = await now_of(connection)
    early = id_at(now + timedelta(hours=5), 1)
    await connection.execute(INSERT, early)
    assert await holder(connection, early) == "inbox_default"

    await connection.execute("CALL public.keep_inbox(6, 72)")

    assert await holder(connection, early) == name_at(now + timedelta(hours=5))


async def test_the_default_partition_forgets_too(connection: Connection) -> None:
    """What was handled longer ago than the hours to keep is gone, wherever it lay."""
    await migrate(connection)
    forgotten, kept = id_at(await now_of(connection) - timedelta(hours=100), 1), uuid4()
    await connection.executemany(INSERT, [(forgotten,), (kept,)])
    await connection.execute(
        "UPDATE public.inbox SET handled_at = now() - interval '73 hours' WHERE event_id = $1", forgotten
    )

    await connection.execute("CALL public.keep_inbox(3, 72)")

    assert await holder(connection, forgotten) is None
    assert await holder(connection, kept) is not None


async def test_two_calls_at_once_do_not_collide(connection: Connection, second_connection: Connection) -> None:
    """Every replica calls on its own; the second waits and finds the work done."""
    await migrate(connection)

    await asyncio.gather(
        connection.execute("CALL public.keep_inbox(12, 72)"),
        second_connection.execute("CALL public.keep_inbox(12, 72)"),
    )

    assert len(await partitions(connection)) >= 14


async def test_a_call_does_not_stop_writers(connection: Connection, second_connection: Connection) -> None:
    """A batch that has written and not yet committed does not hold up the next hour's partition."""
    await migrate(connection)
    event_id = id_at(await now_of(connection), 3)

    async with connection.transaction(), asyncio.timeout(20):
        await connection.execute(INSERT, event_id)
        await second_connection.execute("CALL public.keep_inbox(12, 72)")

    assert await holder(connection, event_id) is not None

"""Transactions: what they see, what they leave, and what an outage of Postgres looks like."""

import asyncio
import contextlib
import secrets
from datetime import timedelta

import asyncpg
import pytest

from nightowl_common import clock
from nightowl_common.db import Database, DatabaseUnavailableError, UnknownTenantError, UnstorableError
from nightowl_common.errors import PermanentError
from nightowl_testkit.servers import make_tenant

pytestmark = pytest.mark.integration

INSERT = "INSERT INTO users (email, display_name) VALUES ($1, 'x')"


@pytest.fixture
async def single(servers):
    """A pool of two connections, so that the next transaction soon gets the one that a test has misused."""
    made = await Database.connect(servers.database_url, size=2, service="single")
    yield made
    await made.close()


async def emails(database, tenant):
    async with database.tenant_tx(tenant) as tx:
        return [row["email"] for row in await tx.fetch("SELECT email FROM users ORDER BY email")]


async def all_are_clean(database):
    """Every connection of the pool is outside any transaction and sees no tenant."""
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(_look(database)) for _ in range(2)]
    return {task.result() for task in tasks} == {("pg_catalog", True)}


async def _look(database):
    async with database.global_tx() as tx:
        path = await tx.fetchval("SHOW search_path")
        await asyncio.sleep(0.01)
        return path, await tx.fetchval("SELECT now() > clock_timestamp() - interval '1 second'")


async def test_a_table_that_the_tenant_lacks_is_not_looked_for_elsewhere(database, tenant):
    """A table of the same name in `public` is no substitute; in full it can be named."""
    async with database.tenant_tx(tenant) as tx:
        assert await tx.fetchval("SELECT count(*) FROM public.tenants") > 0

    with pytest.raises(asyncpg.UndefinedTableError):
        async with database.tenant_tx(tenant) as tx:
            await tx.fetch("SELECT * FROM tenants")


async def test_a_dropped_table_is_not_replaced_by_a_public_one(database, tenant):
    """Half a migration must fail, never read what is shared."""
    async with database.tenant_tx(tenant) as tx:
        await tx.execute("DROP TABLE roster_overrides")
        await tx.execute("CREATE TABLE public.roster_overrides (reason text)")
    try:
        with pytest.raises(asyncpg.UndefinedTableError):
            async with database.tenant_tx(tenant) as tx:
                await tx.fetch("SELECT reason FROM roster_overrides")
    finally:
        async with database.global_tx() as tx:
            await tx.execute("DROP TABLE public.roster_overrides")


async def test_a_global_transaction_sees_no_tenant(database, tenant):
    """Until it enters one."""
    with pytest.raises(asyncpg.UndefinedTableError):
        async with database.global_tx() as tx:
            await tx.fetch("SELECT * FROM users")

    async with database.global_tx() as tx:
        await tx.enter_tenant(tenant)
        assert await tx.fetch("SELECT * FROM users") == []


async def test_plans_of_tenants_are_kept_apart(servers, tenant):
    """Each tenant's statement has a plan of its own, made once, though the search path changes in between."""
    neighbour = await make_tenant(servers, f"t_{secrets.token_hex(6)}")
    database = await Database.connect(servers.database_url, size=2, service="planned", keeps_plans=True)
    query = "SELECT count(*) FROM users WHERE email = $1"
    async with database.tenant_tx(neighbour) as tx:
        await tx.execute(INSERT, "a@b.c")

    async with database.global_tx() as tx:
        for _ in range(8):
            for slug, count in ((tenant, 0), (neighbour, 1)):
                await tx.enter_tenant(slug, keeps_plans=True)
                assert await tx.fetchval(query, "a@b.c") == count
        made = await tx.fetch(
            "SELECT generic_plans, custom_plans FROM pg_prepared_statements WHERE statement LIKE '%' || $1", query
        )
    await database.close()

    assert [tuple(each) for each in made] == [(3, 5), (3, 5)]


async def test_times_as_text_are_in_utc_wherever_the_server_is(database):
    """The connection says so itself, so the server's own zone does not count."""
    async with database.global_tx() as tx:
        row = await tx.fetchrow("SELECT setting, source FROM pg_settings WHERE name = 'TimeZone'")

    assert tuple(row) == ("UTC", "client")


async def test_statements_are_planned_for_their_values_only_where_that_is_asked_for(database, tenant):
    """From the start or on the way, and for that transaction alone."""
    modes = []
    async with database.tenant_tx(tenant, plans_for_values=True) as tx:
        modes.append(await tx.fetchval("SHOW plan_cache_mode"))
    async with database.tenant_tx(tenant) as tx:
        modes.append(await tx.fetchval("SHOW plan_cache_mode"))
        await tx.plan_for_values()
        modes.append(await tx.fetchval("SHOW plan_cache_mode"))

    assert modes == ["force_custom_plan", "auto", "force_custom_plan"]


async def test_a_statement_with_any_limit_is_planned_once_where_that_is_asked_for(single, tenant):
    """For that transaction alone; left to itself, Postgres plans it at every call."""
    query = "SELECT email FROM users ORDER BY id DESC LIMIT $1"
    async with single.tenant_tx(tenant, plans_once=True) as tx:
        for _ in range(7):
            await tx.fetch(query, 5)
        made = await tx.fetchrow(
            "SELECT generic_plans, custom_plans FROM pg_prepared_statements WHERE statement = $1", query
        )
    async with single.tenant_tx(tenant) as tx:
        modes = [await tx.fetchval(f"SHOW {name}") for name in ("plan_cache_mode", "enable_seqscan")]

    assert (tuple(made), modes) == ((7, 0), ["auto", "on"])


@pytest.mark.parametrize("slug", ["nobody", "public", "pg_catalog", 'x"; DROP SCHEMA public', "", "A"])
async def test_an_unknown_tenant_is_refused(database, slug):
    """Whatever it is called; nothing of it reaches SQL."""
    with pytest.raises(UnknownTenantError):
        async with database.tenant_tx(slug):
            pytest.fail("the body must not run")


async def test_a_tenant_made_later_is_found(single, tenant):
    """The registry is asked again for a slug that is not remembered."""
    assert await emails(single, tenant) == []


@pytest.mark.parametrize("ends", ["well", "badly"])
async def test_the_search_path_does_not_leak_to_the_next_user(single, tenant, ends):
    """Neither after a commit nor after a rollback."""

    async def work():
        async with single.tenant_tx(tenant) as tx:
            await tx.execute(INSERT, "a@b.c")
            if ends == "badly":
                raise LookupError

    with contextlib.suppress(LookupError):
        await work()

    assert await all_are_clean(single)


async def test_an_exception_rolls_back(database, tenant):
    """And is passed on as it is."""

    async def work():
        async with database.tenant_tx(tenant) as tx:
            await tx.execute(INSERT, "a@b.c")
            raise LookupError

    with pytest.raises(LookupError):
        await work()

    assert await emails(database, tenant) == []


async def test_a_failed_statement_rolls_back(database, tenant):
    """The error of the statement is the caller's to understand."""

    async def work():
        async with database.tenant_tx(tenant) as tx:
            await tx.execute(INSERT, "a@b.c")
            await tx.execute(INSERT, "a@b.c")

    with pytest.raises(asyncpg.UniqueViolationError):
        await work()

    assert await emails(database, tenant) == []


async def test_a_swallowed_statement_error_is_not_taken_for_a_commit(database, tenant):
    """Postgres answers such a COMMIT with a rollback; nobody may think that anything was stored."""

    async def work():
        async with database.tenant_tx(tenant) as tx:
            await tx.execute(INSERT, "a@b.c")
            with contextlib.suppress(asyncpg.UniqueViolationError):
                await tx.execute(INSERT, "a@b.c")

    with pytest.raises(PermanentError, match="nothing was committed"):
        await work()

    assert await emails(database, tenant) == []


@pytest.mark.parametrize("where", ["in a statement", "between statements"])
async def test_a_cancelled_transaction_leaves_nothing(single, tenant, where):
    """Nothing is committed, and the pool is as good as new."""
    reached = asyncio.Event()

    async def work():
        async with single.tenant_tx(tenant) as tx:
            await tx.execute(INSERT, "a@b.c")
            reached.set()
            if where == "in a statement":
                await tx.execute("SELECT pg_sleep(30)")
            await asyncio.Event().wait()

    for _ in range(5):
        reached.clear()
        task = asyncio.create_task(work())
        await reached.wait()
        await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asyncio.wait_for(task, 20)

        assert await emails(single, tenant) == []
        assert await all_are_clean(single)


async def test_cancelling_at_any_moment_leaves_nothing(single, tenant):
    """Also during BEGIN, COMMIT and the return to the pool: all or nothing, and nothing leaks."""

    async def work(email):
        async with single.tenant_tx(tenant) as tx:
            await tx.execute(INSERT, email)
            await tx.execute("INSERT INTO rosters (name, timezone, start_date) VALUES ($1, 'UTC', '2026-01-01')", email)

    for turn in range(60):
        task = asyncio.create_task(work(f"u{turn}@b.c"))
        await asyncio.sleep(turn % 20 * 0.0002)
        task.cancel()
        await asyncio.wait([task])

    assert await all_are_clean(single)
    async with single.tenant_tx(tenant) as tx:
        rosters = [row["name"] for row in await tx.fetch("SELECT name FROM rosters ORDER BY name")]
    assert rosters == await emails(single, tenant)


async def test_a_second_cancellation_during_the_rollback_leaks_nothing(single, tenant):
    """Neither an impatient stop nor a scope that cancels again and again hands an open transaction to the pool."""
    reached, told = asyncio.Event(), []
    asyncio.get_running_loop().set_exception_handler(lambda _loop, context: told.append(context["message"]))

    async def work():
        async with single.tenant_tx(tenant) as tx:
            await tx.execute(INSERT, "a@b.c")
            reached.set()
            await tx.execute("SELECT pg_sleep(30)")

    for turns in range(1, 12):
        reached.clear()
        task = asyncio.create_task(work())
        await reached.wait()
        await asyncio.sleep(0.005)
        while not task.done():
            task.cancel()
            for _ in range(turns):
                await asyncio.sleep(0)
        await asyncio.wait([task])

        assert await all_are_clean(single)
        assert await emails(single, tenant) == []

    asyncio.get_running_loop().set_exception_handler(None)
    assert told == []


@pytest.mark.parametrize(
    ("query", "value"),
    [
        (INSERT, "nul\x00@b.c"),
        (INSERT, "surrogate\ud800@b.c"),
        (INSERT, 42),
        ("SELECT $1::int4", 2**31),
        ("SELECT $1::uuid", "no-uuid"),
        ("SELECT $1::text::timestamptz", "no time"),
        ("SELECT 1 / $1::int", 0),
    ],
)
async def test_a_value_that_can_never_be_stored_is_permanent(database, tenant, query, value):
    """Whether the driver or the server refuses it: trying again would never end."""
    with pytest.raises(UnstorableError):
        async with database.tenant_tx(tenant) as tx:
            await tx.execute(query, value)


async def test_a_time_out_is_transient(database, tenant):
    """A lock that is not had in time, a statement that runs too long: try again."""
    with pytest.raises(DatabaseUnavailableError):
        async with database.tenant_tx(tenant) as tx:
            await tx.execute("SET LOCAL statement_timeout = '20ms'; SELECT pg_sleep(5)")

    async with database.tenant_tx(tenant) as holder:
        await holder.execute("LOCK TABLE users")
        with pytest.raises(DatabaseUnavailableError):
            async with database.tenant_tx(tenant) as tx:
                await tx.execute("SET LOCAL lock_timeout = '20ms'; LOCK TABLE users")


async def test_a_deadlock_is_transient(database, tenant):
    """One of the two is told to try again, the other goes on."""
    async with database.tenant_tx(tenant) as tx:
        await tx.execute(INSERT, "a@b.c")
        await tx.execute(INSERT, "b@b.c")
    both = asyncio.Barrier(2)

    async def lock(first, second):
        async with database.tenant_tx(tenant) as tx:
            await tx.execute("SET LOCAL deadlock_timeout = '50ms'")
            await tx.execute("UPDATE users SET display_name = 'y' WHERE email = $1", first)
            await both.wait()
            await tx.execute("UPDATE users SET display_name = 'y' WHERE email = $1", second)

    results = await asyncio.gather(lock("a@b.c", "b@b.c"), lock("b@b.c", "a@b.c"), return_exceptions=True)

    assert sorted(type(each).__name__ for each in results) == ["DatabaseUnavailableError", "NoneType"]


async def test_a_lost_connection_is_transient_and_the_pool_recovers(single, database, tenant):
    """What ran on it is rolled back; the next transaction works."""

    async def work():
        async with single.tenant_tx(tenant) as tx:
            await tx.execute(INSERT, "a@b.c")
            pid = await tx.fetchval("SELECT pg_backend_pid()")
            await kill(database, pid)
            await tx.execute(INSERT, "b@b.c")

    with pytest.raises(DatabaseUnavailableError):
        await work()

    assert await emails(single, tenant) == []
    assert await all_are_clean(single)


async def test_a_connection_lost_before_the_commit_is_transient(single, database, tenant):
    """It is not taken for success."""

    async def work():
        async with single.tenant_tx(tenant) as tx:
            await tx.execute(INSERT, "a@b.c")
            await kill(database, await tx.fetchval("SELECT pg_backend_pid()"))

    with pytest.raises(DatabaseUnavailableError):
        await work()

    assert await emails(single, tenant) == []


async def test_the_pool_recovers_when_all_idle_connections_were_lost(single, database, tenant):
    """As after a restart of Postgres: at most one failure for each connection."""
    assert await all_are_clean(single)
    async with database.global_tx() as tx:
        await tx.fetch(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name = 'nightowl-single'"
        )

    failures = 0
    for _ in range(10):
        try:
            assert await emails(single, tenant) == []
        except DatabaseUnavailableError:
            failures += 1

    assert failures <= 2
    assert await all_are_clean(single)


async def test_a_transaction_that_idles_is_ended_by_the_server(single, tenant):
    """A handler that hangs in the middle of one must not hold its locks for ever."""

    async def work():
        async with single.tenant_tx(tenant) as tx:
            await tx.execute("SET LOCAL idle_in_transaction_session_timeout = '20ms'")
            await tx.execute(INSERT, "a@b.c")
            await asyncio.sleep(0.2)
            await tx.execute(INSERT, "b@b.c")

    with pytest.raises(DatabaseUnavailableError):
        await work()

    assert await emails(single, tenant) == []


async def test_a_pool_without_a_server_is_unavailable(servers):
    """Nothing else is raised to callers."""
    lonely = await Database.connect(servers.database_url, size=2, service="lonely")
    await lonely.close()

    with pytest.raises(DatabaseUnavailableError):
        async with lonely.global_tx():
            pytest.fail("the body must not run")


async def test_json_comes_back_as_it_went_in(database):
    """Both kinds, with every shape."""
    given = {"a": [1, 2.5, None, True, "ü\n"], "b": {}}

    async with database.global_tx() as tx:
        row = await tx.fetchrow("SELECT $1::json AS j, $2::jsonb AS b", given, given)

    assert (row["j"], row["b"]) == (given, given)


async def kill(database, pid):
    async with database.global_tx() as tx:
        assert await tx.fetchval("SELECT pg_terminate_backend($1, 5000)", pid)


async def test_a_wrong_clock_of_the_host_is_put_right_by_the_database(database, monkeypatch):
    """Whoever reads the tenants hears the server's time."""
    right = clock.host_now
    monkeypatch.setattr(clock, "_anchor", None)
    monkeypatch.setattr(clock, "host_now", lambda: right() + timedelta(hours=1))
    assert clock.utc_now() - right() > timedelta(minutes=59)

    async with asyncio.timeout(30):
        while clock.utc_now() - right() > timedelta(minutes=1):  # an answer that was too long on its way does not count
            await database.tenants()

    assert clock.host_ahead_seconds() == pytest.approx(3600, abs=5)


async def test_a_connection_that_a_crashing_server_left_half_dead_is_an_outage(servers, monkeypatch):
    """The client is told before the connection is closed, and refuses the next statement in words of its own."""
    opened = await Database.connect(servers.database_url, size=2, service="halfdead")

    async def refuse(_connection, _query, *_args, **_how):
        raise asyncpg.InternalClientError("cannot switch to state 13; another operation (2) is in progress")

    with pytest.raises(DatabaseUnavailableError):
        async with opened.global_tx():
            monkeypatch.setattr(asyncpg.Connection, "execute", refuse)
    monkeypatch.undo()

    async with opened.global_tx() as tx:
        assert await tx.fetchval("SELECT 1") == 1
    await opened.close()

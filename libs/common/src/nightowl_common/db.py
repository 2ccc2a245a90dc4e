"""Postgres: the pool, tenant transactions and named queries.

The invariant: a tenant's tables are reachable only inside a transaction whose `search_path` was set to
that schema alone with `SET LOCAL`, so nothing can leak to the next user of the connection and a missing
table fails instead of falling through to `public`. Shared tables are named in full.
"""

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from importlib.resources import files
from typing import Any, TypeVar

import asyncpg
import msgspec

from nightowl_common import clock, json_columns
from nightowl_common.errors import ConflictError, ForbiddenError, NotFoundError, PermanentError, TransientError
from nightowl_common.telemetry import current_trace
from nightowl_common.telemetry.metrics import (
    DATABASE_CONNECTIONS,
    DATABASE_CONNECTIONS_MAX,
    DATABASE_FAILURES,
    HOST_CLOCK_AHEAD,
)
from nightowl_contracts import AnyEvent
from nightowl_sql import MigrationError, create_tenant, is_shadow, missing_migrations, outgrown_by, schema_of

Record = asyncpg.Record
EquippedT = TypeVar("EquippedT")

_QUERY = re.compile(r"^-- name: (?P<name>[a-z0-9_]+)\s*$", re.MULTILINE)
_INCLUDE = re.compile(r"^-- include: (\w+\.sql)$", re.MULTILINE)

_ENTER = "SELECT pg_catalog.set_config('search_path', $1, true), public.clock_now()"
"""The path as of `SET LOCAL`, and the time, which is asked for in any case."""

_PLAN_FOR_VALUES = "SET LOCAL plan_cache_mode TO force_custom_plan"

_PLAN_ONCE = "SET LOCAL plan_cache_mode TO force_generic_plan; SET LOCAL enable_seqscan TO off"
"""No end-to-end reading, because a plan that was made while a table was small would go on so when it is large."""

_NO_LIMITS: Mapping[str, int] = {}

_TRANSIENT = (
    asyncpg.PostgresConnectionError,
    asyncpg.DeadlockDetectedError,
    asyncpg.SerializationError,
    asyncpg.TooManyConnectionsError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.QueryCanceledError,
    asyncpg.LockNotAvailableError,
    asyncpg.IdleInTransactionSessionTimeoutError,
    asyncpg.InsufficientResourcesError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # a server that crashes says so between two statements, before it closes
    OSError,
    TimeoutError,
)


class DatabaseUnavailableError(TransientError):
    """The database cannot be used at this moment."""

    code = "database_unavailable"
    is_told = False


class UnstorableError(PermanentError):
    """Postgres refuses the value, and would refuse it again."""

    code = "unstorable"
    is_told = False


class SwallowedError(PermanentError):
    """A statement failed and its error was passed over, so nothing was committed."""

    code = "swallowed"


class UnknownTenantError(NotFoundError):
    """There is no such tenant."""

    code = "unknown_tenant"


class TenantSuspendedError(ForbiddenError):
    """The tenant is suspended: nothing is taken in, paged or changed until it is resumed."""

    code = "tenant_suspended"


class UpgradingError(ConflictError):
    """An upgrade is under way; try again when it is done."""

    code = "upgrading"


def load_queries(package: str, name: str = "queries.sql") -> Mapping[str, str]:
    """The named queries of a file beside a store: each starts with a line `-- name: <name>`.

    A line `-- include: <file>` stands for the text of a file beside it, such as a condition that queries share.
    """
    folder = files(package)
    text = _INCLUDE.sub(
        lambda line: folder.joinpath(line[1]).read_text(encoding="utf-8").strip(),
        folder.joinpath(name).read_text(encoding="utf-8"),
    )
    parts = _QUERY.split(text)[1:]
    names = parts[::2]
    if len(set(names)) != len(names):
        message = f"{package}/{name}: two queries share a name"
        raise ValueError(message)
    return {query: text.strip() for query, text in zip(names, parts[1::2], strict=True)}


class Tx:
    """A running transaction. `emit` collects events that leave through the outbox at commit."""

    def __init__(
        self, connection: "asyncpg.pool.PoolConnectionProxy[Record]", *, plans_for_values: bool = False
    ) -> None:  # fmt: skip
        self._connection = connection
        self._plans_for_values = plans_for_values
        self.emitted: list[AnyEvent] = []
        self._now: datetime | None = None
        self._mark = ""

    def emit(self, event: AnyEvent) -> None:
        """The event is published after this transaction commits, and never if it does not.

        It belongs to the trace of what this task is at, unless it says itself what it belongs to.
        """
        trace = current_trace()
        if event.trace is None and trace is not None:
            event = msgspec.structs.replace(event, trace=trace)
        self.emitted.append(event)

    async def fetch(self, query: str, *args: object) -> list[Record]:
        """All rows."""
        return await self._connection.fetch(self._mark + query, *args)

    async def fetchrow(self, query: str, *args: object) -> Record | None:
        """The first row, or None."""
        return await self._connection.fetchrow(self._mark + query, *args)

    async def fetchval(self, query: str, *args: object) -> Any:
        """The first column of the first row, or None."""
        return await self._connection.fetchval(self._mark + query, *args)

    async def execute(self, query: str, *args: object) -> str:
        """Runs a statement; returns its command tag."""
        return await self._connection.execute(self._mark + query, *args)

    async def executemany(self, query: str, args: Sequence[Sequence[object]]) -> None:
        """Runs a statement once per row of arguments, pipelined."""
        await self._connection.executemany(self._mark + query, args)

    async def now(self) -> datetime:
        """The database's time: when this transaction began, asked once."""
        if self._now is None:
            self._now = await self.fetchval("SELECT public.clock_now()")
        return self._now

    async def plan_for_values(self) -> None:
        """From here on, each statement is planned for its very values: where a parameter that is NULL is to vanish."""
        if not self._plans_for_values:
            await self._connection.execute(_PLAN_FOR_VALUES)
            self._plans_for_values = True

    async def enter_tenant(self, slug: str, *, keeps_plans: bool = False) -> None:
        """From here on, unqualified names mean this tenant's tables. For batches over several tenants.

        Postgres plans a prepared statement anew whenever it runs under another search_path. With `keeps_plans` the
        tenant has statements of its own, whose plans stay; each holds about 65 kB of the connection's memory.
        """
        schema = schema_of(slug)
        self._now = await self._connection.fetchval(_ENTER, f'"{schema}"', column=1)
        self._mark = f"/* {schema} */ " if keeps_plans else ""


class Database:
    """A pool of connections, and the only way to a transaction."""

    def __init__(self, pool: "asyncpg.Pool[Record]") -> None:
        self._pool = pool
        self._tenants: frozenset[str] = frozenset()
        self._suspended: frozenset[str] = frozenset()
        self._limits: Mapping[str, Mapping[str, int]] = {}

    @classmethod
    async def connect(
        cls, url: str, *, size: int, service: str, keeps_plans: bool = False, plans_once: bool = False
    ) -> "Database":
        """Opens the pool.

        `reset` is a no-op because the reset round trip halves throughput (measured) and nothing here
        ever sets session state; `search_path` starts as `pg_catalog`, so that a query outside a tenant
        transaction cannot see any table by accident. Times that a statement makes text of are in UTC, wherever the
        server is. `keeps_plans` is for `Tx.enter_tenant` with plans that stay: a connection remembers 1,000 statements,
        and reads no table from end to end, because a plan that was made while the table was small would go on doing so
        when it is large. `plans_once` is for who asks for rows by their keys: a statement on an array is not planned
        anew for each length of it, which costs more than to run it; here too no table is read from end to end where an
        index can be used.
        """
        pool = await asyncpg.create_pool(
            url,
            min_size=2,
            max_size=size,
            init=json_columns.register,
            reset=_keep_as_is,
            max_inactive_connection_lifetime=300,
            command_timeout=30,
            statement_cache_size=1_000 if keeps_plans else 100,
            server_settings=_session(service, keeps_plans=keeps_plans, plans_once=plans_once),
        )
        DATABASE_CONNECTIONS.set_function(lambda: pool.get_size() - pool.get_idle_size())
        DATABASE_CONNECTIONS_MAX.set_function(pool.get_max_size)
        HOST_CLOCK_AHEAD.set_function(clock.host_ahead_seconds)
        return cls(pool)

    async def close(self) -> None:
        """Closes the pool, waiting at most 5 s for running transactions."""
        try:
            async with asyncio.timeout(5):
                await self._pool.close()
        except TimeoutError:
            self._pool.terminate()

    @asynccontextmanager
    async def tenant_tx(
        self, slug: str, *, plans_for_values: bool = False, plans_once: bool = False
    ) -> AsyncIterator[Tx]:
        """A transaction that sees one tenant's tables; `plans_for_values` is `Tx.plan_for_values` from the start.

        `plans_once`: a statement has one plan for all values. Left to itself, Postgres plans one whose LIMIT is a
        parameter at every call, because it takes that for a tenth of the table.

        Raises:
            UnknownTenantError: not in the registry.
            DatabaseUnavailableError: connection lost, deadlock, time-out: nothing was committed, or (only when
                the connection broke inside COMMIT) it cannot be known.
            UnstorableError: a value that can never be stored.
            SwallowedError: the body passed over the error of a statement, and Postgres rolled back at COMMIT.
        """
        await self.require_tenant(slug)
        begin = f'BEGIN; SET LOCAL search_path TO "{schema_of(slug)}"'
        if plans_for_values:
            begin = f"{begin}; {_PLAN_FOR_VALUES}"
        elif plans_once:
            begin = f"{begin}; {_PLAN_ONCE}"
        async with self._transaction(begin, plans_for_values=plans_for_values) as tx:
            yield tx

    @asynccontextmanager
    async def global_tx(self) -> AsyncIterator[Tx]:
        """A transaction that sees no tenant (until `Tx.enter_tenant`), only what is named in full."""
        async with self._transaction("BEGIN") as tx:
            yield tx

    async def tenants(self) -> frozenset[str]:
        """All slugs, read now. Every service asks again and again, and hears the server's time with the answer."""
        async with self.global_tx() as tx:
            rows = await tx.fetch("SELECT slug, status, limits FROM public.tenants")
            asked = clock.monotonic_seconds()
            moment = await tx.fetchval("SELECT clock_timestamp()")
            clock.follow(moment, asked=asked, answered=clock.monotonic_seconds())
        self._tenants = frozenset(row["slug"] for row in rows)
        self._suspended = frozenset(row["slug"] for row in rows if row["status"] == "suspended")
        self._limits = {row["slug"]: row["limits"] for row in rows if row["limits"]}
        return self._tenants

    def limits_of(self, slug: str) -> Mapping[str, int]:
        """A tenant's own limits, by name, as they were when `tenants` was last asked; asks nothing itself."""
        return self._limits.get(slug, _NO_LIMITS)

    async def missing_migrations(self) -> list[str]:
        """Migrations that this code needs and that some schema lacks, as `scope: name`."""
        async with self._pool.acquire(timeout=10) as connection:
            return await missing_migrations(connection)

    async def outgrown_by(self) -> list[str]:
        """Migrations by which newer code has taken away what this code may use, as `scope: name`."""
        async with self._pool.acquire(timeout=10) as connection:
            return await outgrown_by(connection)

    async def is_shadow(self) -> bool:
        """Whether a tenant's past is played again here: then nothing in it may reach anybody."""
        async with self._pool.acquire(timeout=10) as connection:
            return await is_shadow(connection)

    async def require_tenant(self, slug: str) -> None:
        """Returns when the tenant is in the registry, which is remembered.

        Raises:
            UnknownTenantError: it is not.
        """
        if slug not in self._tenants and slug not in await self.tenants():
            raise UnknownTenantError

    def require_active(self, slug: str) -> None:
        """Returns when the tenant was not suspended when `tenants` was last asked; asks nothing itself.

        Raises:
            TenantSuspendedError: it was.
        """
        if slug in self._suspended:
            raise TenantSuspendedError

    async def create_tenant(self, slug: str, name: str, *, equip: Callable[[Tx], Awaitable[EquippedT]]) -> EquippedT:
        """Registers a tenant, makes its schema, and does what `equip` does, in one commit.

        Raises:
            TenantExistsError: the slug is taken.
            UpgradingError: an upgrade is under way.
            DatabaseUnavailableError: as for any transaction.
        """
        try:
            async with self._pool.acquire(timeout=10) as connection, connection.transaction():
                await create_tenant(connection, slug=slug, name=name)
                return await equip(Tx(connection))
        except MigrationError as error:
            raise UpgradingError(f"an upgrade is under way: {error}") from error
        except _TRANSIENT as error:
            raise DatabaseUnavailableError(f"{type(error).__name__}: {error}") from error

    @asynccontextmanager
    async def _transaction(self, begin: str, *, plans_for_values: bool = False) -> AsyncIterator[Tx]:
        try:
            async with self._pool.acquire(timeout=10) as connection:
                try:
                    await connection.execute(begin)
                    yield Tx(connection, plans_for_values=plans_for_values)
                    await _commit(connection)
                except BaseException:
                    await _abandon(connection)
                    raise
        except asyncpg.DataError as error:
            raise UnstorableError(f"{type(error).__name__}: {error}") from error
        except _TRANSIENT as error:
            DATABASE_FAILURES.inc()
            raise DatabaseUnavailableError(f"{type(error).__name__}: {error}") from error


def _session(service: str, *, keeps_plans: bool, plans_once: bool) -> dict[str, str]:
    return {
        "search_path": "pg_catalog",
        "timezone": "UTC",
        "application_name": f"nightowl-{service}",
        "statement_timeout": "20s",
        "idle_in_transaction_session_timeout": "5s",
        "tcp_keepalives_idle": "5",
        "tcp_keepalives_interval": "5",
        "jit": "off",
        "enable_seqscan": "off" if keeps_plans or plans_once else "on",
        "plan_cache_mode": "force_generic_plan" if plans_once else "auto",
    }


async def _commit(connection: "asyncpg.pool.PoolConnectionProxy[Record]") -> None:
    """Commits; in a failed transaction Postgres answers COMMIT with a rollback, and with no error."""
    if await connection.execute("COMMIT") != "COMMIT":
        raise SwallowedError


async def _abandon(connection: "asyncpg.pool.PoolConnectionProxy[Record]") -> None:
    """Rolls back, however often the caller is cancelled meanwhile: a scope that is left cancels every await in it.

    The pool would roll back too, but tells of it as an error. To end the connection would leave its locks until
    Postgres notices.
    """
    if connection.is_closed():
        return
    rolling_back = asyncio.ensure_future(_roll_back(connection))
    while not rolling_back.done():
        with contextlib.suppress(asyncio.CancelledError):  # the caller raises again what made it give up
            await asyncio.shield(rolling_back)
    rolling_back.result()


async def _roll_back(connection: "asyncpg.pool.PoolConnectionProxy[Record]") -> None:
    """Within 2 s; a connection that cannot even do that is thrown away, never returned to the pool."""
    try:
        async with asyncio.timeout(2):
            await connection.execute("ROLLBACK")
    except (asyncpg.PostgresError, *_TRANSIENT):
        connection.terminate()


async def _keep_as_is(_connection: object) -> None:
    """No session state is ever set, so there is nothing to reset."""

"""The movable clock: in a test database, `public.clock_now()` runs a stored span ahead of the server's time.

The span is one row that every process reads, so all services move together. It goes back only where a test says so
(`step_back`), as when an operator sets a server's time. The function stays STABLE, or timers would lose their index.
"""

from datetime import datetime, timedelta
from typing import Any, TypeAlias

import asyncpg

from nightowl_common.db import Database

Connection: TypeAlias = "asyncpg.Connection[Any]"

_INSTALL = """
CREATE SCHEMA IF NOT EXISTS testkit;
CREATE TABLE IF NOT EXISTS testkit.clock (
    one_row  boolean PRIMARY KEY DEFAULT true CHECK (one_row),
    ahead    interval NOT NULL DEFAULT '0'
);
INSERT INTO testkit.clock DEFAULT VALUES ON CONFLICT DO NOTHING;
CREATE OR REPLACE FUNCTION public.clock_now() RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE
    AS 'SELECT now() + ahead FROM testkit.clock';
"""


async def install_clock(connection: Connection) -> None:
    """Replaces the migrated `public.clock_now()`; may be called again, the span stays."""
    await connection.execute(_INSTALL)


class DbClock:
    """Moves the time that all services on one database see."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def now(self) -> datetime:
        """The database's time, as the services see it."""
        async with self._database.global_tx() as tx:
            moment: datetime = await tx.fetchval("SELECT public.clock_now()")
        return moment

    async def advance(
        self, *, days: float = 0, hours: float = 0, minutes: float = 0, seconds: float = 0, milliseconds: float = 0
    ) -> datetime:
        """Moves the clock forward by a span and returns the new time.

        Raises:
            ValueError: the span is negative.
        """
        span = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds, milliseconds=milliseconds)
        if span < timedelta():
            raise ValueError("the clock never goes back")
        async with self._database.global_tx() as tx:
            await tx.execute("UPDATE testkit.clock SET ahead = ahead + $1", span)
        return await self.now()

    async def step_back(self, *, seconds: float) -> datetime:
        """Moves the clock back, which is a fault, and returns the new time."""
        async with self._database.global_tx() as tx:
            await tx.execute("UPDATE testkit.clock SET ahead = ahead - $1", timedelta(seconds=seconds))
        return await self.now()

    async def advance_to(self, moment: datetime) -> datetime:
        """Moves the clock forward to a moment, or leaves it when that has passed; returns the new time."""
        async with self._database.global_tx() as tx:
            await tx.execute(
                "UPDATE testkit.clock SET ahead = ahead + greatest($1 - public.clock_now(), interval '0')", moment
            )
        return await self.now()

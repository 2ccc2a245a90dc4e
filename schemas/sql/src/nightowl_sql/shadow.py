"""A shadow: a database in which a tenant's past is played again, on a clock that is set by hand.

It is one of its own, so no process that sends has it, and services refuse to start on it (`is_shadow`).
"""

from datetime import datetime
from typing import Any, TypeAlias

import asyncpg

Connection: TypeAlias = "asyncpg.Connection[Any] | asyncpg.pool.PoolConnectionProxy[Any]"

_MAKE = """
CREATE SCHEMA shadow;
CREATE TABLE shadow.clock (at timestamptz NOT NULL);
INSERT INTO shadow.clock (at) VALUES ('-infinity');
CREATE OR REPLACE FUNCTION public.clock_now() RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE
    AS 'SELECT at FROM shadow.clock';
"""


async def make_shadow(connection: Connection) -> None:
    """Marks a migrated database that nobody uses as a shadow, for ever, and takes its clock from it."""
    await connection.execute(_MAKE)


async def set_clock(connection: Connection, at: datetime) -> None:
    """What all in the shadow take for the present from here on; never earlier than it was."""
    await connection.execute("UPDATE shadow.clock SET at = greatest(at, $1)", at)


async def is_shadow(connection: Connection) -> bool:
    """Whether this database is one."""
    return await connection.fetchval("SELECT to_regclass('shadow.clock')") is not None

"""Connections for commands that run once: opened late, closed at the end, failing with a sentence."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import rich_click as click
from nats.aio.client import Client
from nats.errors import Error as NatsError

from nightowl_cli.settings import DatabaseSettings, Settings
from nightowl_common.db import Database
from nightowl_common.settings import load_settings
from nightowl_common.streams import connect_plain

_POSTGRES_ERRORS = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError, ValueError)
"""No connection: nobody answers, it is refused, or the address cannot be read."""


@asynccontextmanager
async def postgres() -> "AsyncIterator[asyncpg.Connection[Any]]":
    """A plain connection.

    Raises:
        click.ClickException: the database does not answer.
    """
    url = load_settings(DatabaseSettings).database_url
    try:
        connection = await asyncpg.connect(url, timeout=10)
    except _POSTGRES_ERRORS as error:
        raise _no_postgres(error) from error
    try:
        yield connection
    finally:
        await connection.close()


@asynccontextmanager
async def database() -> AsyncIterator[Database]:
    """The services' own way to the database.

    Raises:
        click.ClickException: it does not answer.
    """
    url = load_settings(DatabaseSettings).database_url
    try:
        opened = await Database.connect(url, size=2, service="cli")
    except _POSTGRES_ERRORS as error:
        raise _no_postgres(error) from error
    try:
        yield opened
    finally:
        await opened.close()


@asynccontextmanager
async def nats() -> AsyncIterator[Client]:
    """A plain connection to the broker.

    Raises:
        click.ClickException: it does not answer.
    """
    try:
        client = await connect_plain(load_settings(Settings).nats_url)
    except (OSError, NatsError, TimeoutError, ValueError) as error:
        raise click.ClickException(f"NATS does not answer: {_words(error)}") from error
    try:
        yield client
    finally:
        await client.close()


def _no_postgres(error: BaseException) -> click.ClickException:
    return click.ClickException(f"Postgres does not answer: {_words(error)}")


def _words(error: BaseException) -> str:
    return str(error) or type(error).__name__

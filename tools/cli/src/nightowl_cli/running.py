"""Runs a command's work: what may be expected to fail is told in a sentence."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import asyncpg
import rich_click as click
from nats.errors import Error as NatsError
from nats.js.errors import NotFoundError as NatsNotFoundError

from nightowl_common.errors import NightOwlError
from nightowl_sql import MigrationError, TenantError, TenantExistsError, TenantNotSuspendedError

_SQL_ERRORS = (MigrationError, TenantError, TenantExistsError, TenantNotSuspendedError)


def run(work: Coroutine[Any, Any, int | None], *, expected: tuple[type[Exception], ...] = ()) -> None:
    """Runs a command; failures that may be expected of any, or of this one, end with one sentence and exit code 1."""
    told: tuple[type[Exception], ...] = (NightOwlError, *_SQL_ERRORS, *expected)
    try:
        code = asyncio.run(work)
    except told as error:
        raise click.ClickException(str(error)) from error
    except (asyncpg.UndefinedTableError, asyncpg.UndefinedFunctionError) as error:
        raise click.ClickException("the database is not prepared; run `nightowl migrate` first") from error
    except asyncpg.PostgresError as error:
        raise click.ClickException(f"Postgres refused: {error}") from error
    except NatsNotFoundError as error:
        raise click.ClickException("the broker is not prepared; run `nightowl streams apply` first") from error
    except NatsError as error:
        raise click.ClickException(f"NATS refused: {error}") from error
    if code:
        raise SystemExit(code)

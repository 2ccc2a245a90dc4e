"""Bulk jobs: what was asked, for which alerts, and what each came to."""

from collections.abc import Mapping, Sequence
from uuid import UUID

import msgspec

from nightowl_common.db import Tx, load_queries
from nightowl_contracts import Actor
from nightowl_query.model import BulkFailure, BulkJob

SQL = load_queries(__package__, "bulk.sql")


class Work(msgspec.Struct, frozen=True, kw_only=True):
    """Who asked for what."""

    actor: Actor
    command: Mapping[str, object]


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """One alert of a job."""

    position: int
    alert_id: UUID


async def insert_job(tx: Tx, job_id: UUID, actor: Actor, command: object, *, alert_ids: Sequence[UUID]) -> None:
    """A job with its alerts, in order; one without any is finished."""
    await tx.execute(SQL["insert_job"], job_id, actor, command, len(alert_ids))
    await tx.execute(SQL["insert_items"], job_id, list(alert_ids))


async def load_job(tx: Tx, job_id: UUID) -> BulkJob | None:
    """How far a job is, with every failure."""
    row = await tx.fetchrow(SQL["load_job"], job_id)
    if row is None:
        return None
    failures = [msgspec.convert(dict(each), BulkFailure) for each in await tx.fetch(SQL["list_failures"], job_id)]
    return msgspec.convert({**dict(row), "failures": failures}, BulkJob)


async def load_work(tx: Tx, job_id: UUID) -> Work | None:
    """What a job that is not finished asks."""
    row = await tx.fetchrow(SQL["load_work"], job_id)
    return None if row is None else msgspec.convert(dict(row), Work)


async def load_open_items(tx: Tx, job_id: UUID, *, limit: int) -> list[Item]:
    """Alerts that have no outcome yet."""
    return [msgspec.convert(dict(row), Item) for row in await tx.fetch(SQL["load_open_items"], job_id, limit)]


async def lock_item(tx: Tx, job_id: UUID, position: int) -> bool:
    """The right to change an alert of the job; false when it has its outcome or somebody else has the right."""
    return bool(await tx.fetchval(SQL["lock_item"], job_id, position))


async def mark_done(tx: Tx, job_id: UUID, position: int) -> None:
    """Changed, or as wanted before."""
    await tx.execute(SQL["mark_item"], job_id, position, "done", None, None)


async def mark_failed(tx: Tx, job_id: UUID, position: int, *, code: str, reason: str) -> None:
    """Refused."""
    await tx.execute(SQL["mark_item"], job_id, position, "failed", code, reason)


async def finish_job(tx: Tx, job_id: UUID) -> bool:
    """Marks a job whose alerts all have an outcome as finished."""
    return bool(await tx.fetchval(SQL["finish_job"], job_id))

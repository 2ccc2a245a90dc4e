"""Noise rules of all kinds. Each kind has its SQL in a file of its own, with the same names of queries."""

from collections.abc import Mapping, Sequence
from typing import TypeVar
from uuid import UUID

import asyncpg
import msgspec

from nightowl_common.db import Tx, load_queries
from nightowl_common.errors import FieldProblem, InvalidError
from nightowl_contracts.rules import RuleKind
from nightowl_query.model.rules import NameTakenError, Rule, RuleNotFoundError, Silence

RuleT = TypeVar("RuleT", bound=Rule)

SQL: Mapping[RuleKind, Mapping[str, str]] = {
    "route": load_queries(__package__, "routes.sql"),
    "silence": load_queries(__package__, "silences.sql"),
    "maintenance_window": load_queries(__package__, "maintenance_windows.sql"),
    "inhibition_rule": load_queries(__package__, "inhibition_rules.sql"),
    "grouping_rule": load_queries(__package__, "grouping_rules.sql"),
}


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """After which rule of an ordered list a page begins."""

    position: int
    id: UUID


async def list_rules(tx: Tx, kind: type[RuleT], *, below: UUID, limit: int) -> list[RuleT]:
    """Rules of a kind without an order, with an id below a bound, newest first."""
    return [msgspec.convert(dict(row), kind) for row in await tx.fetch(SQL[kind.KIND]["list_rules"], below, limit)]


async def list_in_order(tx: Tx, kind: type[RuleT], *, after: Place, limit: int) -> list[RuleT]:
    """Rules of a kind with an order, after a place."""
    rows = await tx.fetch(SQL[kind.KIND]["list_in_order"], after.position, after.id, limit)
    return [msgspec.convert(dict(row), kind) for row in rows]


async def list_silences(tx: Tx, states: Sequence[str] | None, *, below: UUID, limit: int) -> list[Silence]:
    """Silences in some states (None: in any), newest first."""
    rows = await tx.fetch(SQL[Silence.KIND]["list_silences"], states, below, limit)
    return [msgspec.convert(dict(row), Silence) for row in rows]


async def count_silences(tx: Tx, states: Sequence[str] | None) -> int:
    """How many silences are in some states."""
    count: int = await tx.fetchval(SQL[Silence.KIND]["count_silences"], states)
    return count


async def count_rules(tx: Tx, kind: type[Rule]) -> int:
    """How many rules of a kind there are; of silences, those that are not over."""
    count: int = await tx.fetchval(SQL[kind.KIND]["count_rules"])
    return count


async def load_rule(tx: Tx, kind: type[RuleT], rule_id: UUID) -> RuleT:
    """One rule.

    Raises:
        RuleNotFoundError: there is none of this kind.
    """
    row = await tx.fetchrow(SQL[kind.KIND]["load_rule"], rule_id)
    if row is None:
        raise RuleNotFoundError
    return msgspec.convert(dict(row), kind)


async def lock_rule(tx: Tx, kind: type[RuleT], rule_id: UUID) -> RuleT:
    """One rule, locked until the transaction ends.

    Raises:
        RuleNotFoundError: there is none of this kind.
    """
    await tx.fetch(SQL[kind.KIND]["lock_rules"], [rule_id])
    return await load_rule(tx, kind, rule_id)


async def lock_all_in_order(tx: Tx, kind: type[RuleT]) -> list[RuleT]:
    """All rules of a kind with an order, locked until the transaction ends."""
    rows = await tx.fetch(SQL[kind.KIND]["lock_all_in_order"])
    return [msgspec.convert(dict(row), kind) for row in rows]


async def insert_rule(tx: Tx, kind: type[Rule], row: Mapping[str, object]) -> None:
    """A new rule, by columns.

    Raises:
        NameTakenError: another one of this kind has its name.
        InvalidError: what it names is not there.
    """
    await _write(tx, SQL[kind.KIND]["insert_rule"], row)


async def update_rule(tx: Tx, kind: type[Rule], row: Mapping[str, object]) -> None:
    """New content for a locked rule, by columns; the revision rises.

    Raises:
        NameTakenError: another one of this kind has its name.
        InvalidError: what it names is not there.
    """
    await _write(tx, SQL[kind.KIND]["update_rule"], row)


async def move_rules(tx: Tx, kind: type[Rule], positions: Mapping[UUID, int]) -> None:
    """New positions for locked rules; the revisions rise."""
    await tx.execute(SQL[kind.KIND]["move_rules"], list(positions), list(positions.values()))


async def delete_rule(tx: Tx, kind: type[Rule], rule_id: UUID) -> None:
    """Gone; of a silence: over now, and kept."""
    await tx.execute(SQL[kind.KIND]["delete_rule"], rule_id)


async def _write(tx: Tx, query: str, row: Mapping[str, object]) -> None:
    try:
        await tx.execute(query, row)
    except asyncpg.UniqueViolationError as error:
        raise NameTakenError(fields=[FieldProblem(field="$.name", reason="another rule has it")]) from error
    except asyncpg.ForeignKeyViolationError as error:
        named = "service" if error.constraint_name == "routes_service_id_fkey" else "policy"
        problem = FieldProblem(field=f"$.{named}_id", reason=f"there is no such {named}")
        raise InvalidError(fields=[problem]) from error

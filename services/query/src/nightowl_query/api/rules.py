"""A change of a noise rule is one commit: row, audit, event; and what was muted is judged again.

Muted alerts are judged by the rules as they stand then, so whatever has changed, none stays muted by what is gone.
"""

from collections.abc import Sequence
from typing import TypeVar
from uuid import UUID

import msgspec
from litestar import Response

from nightowl_alerting.noise.store import lock_mute_rules
from nightowl_alerting.store import insert_audit, rejudge_muted
from nightowl_auth import Principal
from nightowl_common.db import Tx
from nightowl_common.errors import FieldProblem
from nightowl_common.ids import new_id
from nightowl_contracts import ChangedRule, RuleChanged
from nightowl_query.api.edge import etag
from nightowl_query.engine import rules as engine
from nightowl_query.model.rules import OrderOutOfDateError, Rule, Silence, TooManyRulesError
from nightowl_query.store import rules as store

RuleT = TypeVar("RuleT", bound=Rule)

MAX_RULES = 1_000
TAGS = ["Noise"]


async def create_rule(tx: Tx, who: Principal, kind: type[RuleT], content: msgspec.Struct) -> RuleT:
    """A new rule.

    Raises:
        TooManyRulesError: there are `MAX_RULES` of this kind.
        InvalidError: it cannot be meant, or names what is not there.
        NameTakenError: another one of this kind has its name.
    """
    engine.require_rule(content)
    if await store.count_rules(tx, kind) >= MAX_RULES:
        raise TooManyRulesError
    made = new_id()
    await store.insert_rule(tx, kind, {**_columns(content), "id": made, "created_by": who.actor})
    after = await store.load_rule(tx, kind, made)
    await _tell(tx, who, None, after, action="created")
    await _rejudge(tx)
    return after


async def update_rule(tx: Tx, who: Principal, before: RuleT, content: msgspec.Struct) -> RuleT:
    """New content for a locked rule; nothing happens when it says the same.

    Raises:
        InvalidError: it cannot be meant, or names what is not there.
        NameTakenError: another one of this kind has its name.
    """
    engine.require_rule(content)
    if not engine.differs(before, content):
        return before
    await store.update_rule(tx, type(before), {**_columns(content), "id": before.id})
    after = await store.load_rule(tx, type(before), before.id)
    await _tell(tx, who, before, after, action="updated")
    await _rejudge(tx)
    return after


async def delete_rule(tx: Tx, who: Principal, before: Rule) -> None:
    """A locked rule is gone."""
    await store.delete_rule(tx, type(before), before.id)
    await _tell(tx, who, before, None, action="deleted")
    await _rejudge(tx)


async def end_silence(tx: Tx, who: Principal, before: Silence) -> Silence:
    """A locked silence is over from now on; nothing happens to one that is."""
    if before.state == "expired":
        return before
    await store.delete_rule(tx, Silence, before.id)
    after = await store.load_rule(tx, Silence, before.id)
    await _tell(tx, who, before, after, action="ended")
    await _rejudge(tx)
    return after


async def reorder_rules(tx: Tx, who: Principal, kind: type[RuleT], ids: Sequence[UUID]) -> None:
    """The rules of a kind stand in this order, numbered from 0; those whose position changes have a new revision.

    Raises:
        OrderOutOfDateError: these are not exactly the rules that are there, each once.
    """
    before = {each.id: each for each in await store.lock_all_in_order(tx, kind)}
    if len(ids) != len(before) or set(ids) != set(before):
        raise OrderOutOfDateError(
            fields=[FieldProblem(field="$.ids", reason=f"exactly the {len(before)} that there are")]
        )
    wanted = {each: position for position, each in enumerate(ids)}
    await store.move_rules(tx, kind, {
        each: position for each, position in wanted.items() if getattr(before[each], "position", None) != position
    })  # fmt: skip
    for after in await store.lock_all_in_order(tx, kind):
        if after.revision != before[after.id].revision:
            await _tell(tx, who, before[after.id], after, action="updated")
    await _rejudge(tx)


def answer_rule(rule: RuleT, *, status: int = 200) -> Response[RuleT]:
    """The rule with its revision as `ETag`."""
    return Response(rule, status_code=status, headers={"ETag": etag(rule.revision)})


def _columns(content: msgspec.Struct) -> dict[str, object]:
    return {name: getattr(content, name) for name in content.__struct_fields__}


async def _tell(tx: Tx, who: Principal, before: RuleT | None, after: RuleT | None, *, action: str) -> None:
    some = before if after is None else after
    assert some is not None
    changes = engine.diff(before, after)
    await insert_audit(tx, who.actor, action=action, entity=some.KIND, entity_id=some.id, changes=changes)
    told = ChangedRule(
        kind=some.KIND, rule_id=some.id, name=engine.name_of(some), action=action, revision=some.revision
    )
    tx.emit(RuleChanged(id=new_id(), tenant=who.tenant, at=await tx.now(), actor=who.actor, data=told))


async def _rejudge(tx: Tx) -> None:
    """Last in a change: it waits for workers that are judging by the rules as they were, and sees what they muted."""
    await lock_mute_rules(tx)
    await rejudge_muted(tx)

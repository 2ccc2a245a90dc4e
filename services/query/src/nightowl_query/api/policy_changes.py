"""A change of a policy is one commit: the new version, audit, event. Nothing that is there is ever changed."""

from collections.abc import Set as AbstractSet
from datetime import timedelta
from uuid import UUID

import msgspec

from nightowl_alerting.model import Policy as KernelPolicy
from nightowl_alerting.store import insert_audit
from nightowl_alerting.targets import store as targets
from nightowl_alerting.targets.model import Staff
from nightowl_alerting.targets.parsing import rosters_of
from nightowl_alerting.targets.reach import Outlook, outlook
from nightowl_alerting.targets.timetable import Timetable
from nightowl_auth import Principal
from nightowl_common.db import Tx
from nightowl_common.errors import FieldProblem
from nightowl_common.ids import new_id
from nightowl_contracts import ChangedPolicy, PolicyChanged
from nightowl_query.engine import policies as engine
from nightowl_query.model.policies import (
    MAX_POLICIES,
    Policy,
    PolicyContent,
    PolicyDetail,
    PolicyInUseError,
    TooManyPoliciesError,
)
from nightowl_query.store import policies as store

AHEAD = timedelta(days=14)


class Surroundings(msgspec.Struct, frozen=True, kw_only=True):
    """The people, those of a policy's rosters that exist, and who is on call on them in the days ahead."""

    staff: Staff
    rosters: AbstractSet[UUID]
    timetable: Timetable


async def look_around(tx: Tx, policy: KernelPolicy) -> Surroundings:
    """What a policy is judged by, from now on."""
    now, roster_ids = await tx.now(), rosters_of(policy)
    book = await targets.load_book(tx, roster_ids, start=now, end=now + AHEAD)
    return Surroundings(
        staff=await targets.load_staff(tx),
        rosters=book.rosters.keys() & roster_ids,
        timetable=Timetable(book, roster_ids, start=now, end=now + AHEAD),
    )


async def require_known(tx: Tx, content: PolicyContent) -> None:
    """Does nothing when everything that a policy names is there.

    Raises:
        InvalidError: with the field of each thing that is not.
    """
    around = await look_around(tx, engine.to_kernel(content, policy_id=UUID(int=0), version=0))
    engine.require_policy(content, staff=around.staff, rosters=around.rosters)


async def require_sound(tx: Tx, content: PolicyContent) -> None:
    """Does nothing when everything that a policy names is there, and it reaches somebody.

    Raises:
        InvalidError: with the field of each thing that is wrong.
    """
    policy = engine.to_kernel(content, policy_id=UUID(int=0), version=0)
    around = await look_around(tx, policy)
    engine.require_policy(content, staff=around.staff, rosters=around.rosters)
    engine.require_reachable(outlook(policy, staff=around.staff, timetable=around.timetable))


async def create_policy(tx: Tx, who: Principal, content: PolicyContent) -> PolicyDetail:
    """A new policy.

    Raises:
        TooManyPoliciesError: there are `MAX_POLICIES`.
        InvalidError: it names what is not there, or reaches nobody.
        PolicyNameTakenError: another one has its name.
    """
    if await store.count_policies(tx) >= MAX_POLICIES:
        raise TooManyPoliciesError
    await require_sound(tx, content)
    made = new_id()
    await store.insert_policy(tx, made, content, actor=who.actor)
    changes: dict[str, object] = {"name": content.name, "version": 1}
    await _tell(tx, who, made, version=1, name=content.name, action="created", changes=changes)
    return await load_detail(tx, made)


async def update_policy(
    tx: Tx, who: Principal, before: Policy, content: PolicyContent, *, back_to: int | None = None
) -> PolicyDetail:
    """A new version of a locked policy; none when it says the same. `back_to`: the version that it is a copy of.

    Raises:
        InvalidError: it names what is not there, or reaches nobody.
        PolicyNameTakenError: another one has its name.
    """
    changes = engine.differences(before, content)
    if changes:
        await require_sound(tx, content)
        version = before.version + 1
        change = "updated" if back_to is None else f"rolled back to {back_to}"
        await store.update_policy(tx, before.id, content, version=version, actor=who.actor, change=change)
        action = "updated" if back_to is None else "rolled_back"
        told = {**changes, "version": [before.version, version]}
        await _tell(tx, who, before.id, version=version, name=content.name, action=action, changes=told)
    return await load_detail(tx, before.id)


async def archive_policy(tx: Tx, who: Principal, policy: Policy) -> None:
    """A locked policy that nothing uses is gone for people.

    Raises:
        PolicyInUseError: something uses it; each user is named.
    """
    uses = await store.load_uses(tx, policy.id)
    if uses:
        raise PolicyInUseError(fields=[FieldProblem(field=each.kind, reason=each.name) for each in uses])
    await store.archive_policy(tx, policy.id)
    changes: dict[str, object] = {"name": policy.name}
    await _tell(tx, who, policy.id, version=policy.version, name=policy.name, action="archived", changes=changes)


async def load_detail(tx: Tx, policy_id: UUID) -> PolicyDetail:
    """A policy with what uses it and what is wrong with it.

    Raises:
        PolicyNotFoundError: there is none.
    """
    row = await store.load_policy(tx, policy_id)
    tiers = await load_outlook(tx, engine.to_kernel(msgspec.convert(dict(row), Policy), policy_id=policy_id, version=0))
    return msgspec.convert(
        {**dict(row), "used_by": await store.load_uses(tx, policy_id), "warnings": engine.warnings_of(tiers)},
        PolicyDetail,
    )


async def load_outlook(tx: Tx, policy: KernelPolicy) -> list[Outlook]:
    """Each tier of a policy in the days ahead."""
    around = await look_around(tx, policy)
    return outlook(policy, staff=around.staff, timetable=around.timetable)


async def _tell(
    tx: Tx, who: Principal, policy_id: UUID, *, version: int, name: str, action: str, changes: dict[str, object]
) -> None:
    await insert_audit(tx, who.actor, action=action, entity="policy", entity_id=policy_id, changes=changes)
    told = ChangedPolicy(policy_id=policy_id, version=version, name=name, change=action)
    tx.emit(PolicyChanged(id=new_id(), tenant=who.tenant, at=await tx.now(), actor=who.actor, data=told))

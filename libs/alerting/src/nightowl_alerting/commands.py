"""What people ask of an alert, applied: load → decide (actions) → write, in the caller's transaction."""

from uuid import UUID

import msgspec

from nightowl_alerting import actions, lifecycle, obligations, store
from nightowl_alerting.actions import AnyCommand, Assign, HandOver, Reopen, Reroute
from nightowl_alerting.model import (
    Alert,
    NewerEpisodeError,
    PersonUnreachableError,
    RacedError,
    Recipient,
    UnknownAssigneeError,
    UnknownPolicyError,
)
from nightowl_alerting.targets.model import urgency_of
from nightowl_alerting.targets.resolve import page_person
from nightowl_alerting.targets.store import load_current_policies, load_person
from nightowl_common.db import Tx
from nightowl_common.errors import FieldProblem
from nightowl_contracts import Actor

SNOOZE = Actor(kind="service", id="escalation", name="escalation")


async def apply(tx: Tx, tenant: str, alert_id: UUID, actor: Actor, command: AnyCommand) -> Alert:
    """The alert after a command, with all that follows from it in the same commit. Idempotent.

    Raises:
        AlertNotFoundError: no such alert.
        ConflictError: its state does not allow it.
        InvalidError: what is asked cannot be meant.
    """
    alert, now = await lifecycle.locked(tx, alert_id)
    await _check(tx, alert, command)
    complete = await _complete(tx, command)
    pages = await _pages_to(tx, command.user_id, alert) if isinstance(command, HandOver) else []
    change = actions.decide(alert, complete, actor, now)
    action = str(command.__struct_config__.tag)
    try:
        after = await lifecycle.write_by_hand(tx, tenant, alert, change, actor=actor, action=action, now=now)
    except RacedError as error:
        raise NewerEpisodeError from error
    if pages:
        await obligations.hand_over(tx, tenant, after, pages, now=now)
    return after


async def wake(tx: Tx, tenant: str, alert: Alert, *, timer_version: int) -> bool:
    """Ends a snooze whose timer is due, on an alert that is locked; false when the timer is void."""
    if alert.escalation_state != "snoozed" or alert.escalation_version != timer_version:
        await store.delete_timers(tx, "snooze", [alert.id])
        return False
    now = await tx.now()
    await lifecycle.write_changes(tx, tenant, [actions.wake(alert, SNOOZE, now)], now=now)
    return True


class Swept(msgspec.Struct, frozen=True, kw_only=True):
    """What a look at a part of the open alerts came to; `reached` is where the next one begins, None: at the start."""

    closed: int
    reached: UUID | None


async def close_silent(tx: Tx, tenant: str, actor: Actor, *, above: UUID | None, limit: int) -> Swept:
    """Resolves those of the next `limit` open alerts of which nothing was heard for as long as the tenant allows.

    Whatever is being changed right now is left alone. What is locked is judged again, so a repeat that came in between
    wins.
    """
    minutes = await store.load_auto_close_minutes(tx, tenant)
    if minutes is None:
        return Swept(closed=0, reached=None)
    looked_at = await store.find_silent(tx, minutes=minutes, above=above, limit=limit)
    alerts = await store.lock_alerts_or_skip(tx, [alert_id for alert_id, is_silent in looked_at if is_silent])
    stirred = await store.load_stirred(tx, list(alerts), minutes=minutes)
    now = await tx.now()
    decided = [
        actions.close_silent(alert, actor, now, minutes=minutes) for alert in alerts.values() if alert.id not in stirred
    ]
    changes = [each for each in decided if each is not None]
    await lifecycle.write_changes(tx, tenant, changes, now=now)
    return Swept(closed=len(changes), reached=looked_at[-1][0] if len(looked_at) == limit else None)


async def _check(tx: Tx, alert: Alert, command: AnyCommand) -> None:
    """What the alert's own row cannot say."""
    match command:
        case Reopen() if alert.status == "resolved":
            if await store.load_open_alert_id(tx, alert.fingerprint) is not None:
                raise NewerEpisodeError
        case Assign(assignee_id=UUID() as assignee_id):
            if not await store.user_is_active(tx, assignee_id):
                problem = FieldProblem(field="assignee_id", reason="no such active person")
                raise UnknownAssigneeError(fields=[problem])
        case _:
            pass


async def _complete(tx: Tx, command: AnyCommand) -> AnyCommand:
    """The command with what is known only now: the version that a policy has."""
    if not isinstance(command, Reroute):
        return command
    found = await load_current_policies(tx, [command.policy_id])
    if not found:
        raise UnknownPolicyError(fields=[FieldProblem(field="policy_id", reason="no such escalation policy")])
    return msgspec.structs.replace(command, policy_version=found[0].version)


async def _pages_to(tx: Tx, user_id: UUID, alert: Alert) -> list[Recipient]:
    person = await load_person(tx, user_id)
    if person is None:
        raise UnknownAssigneeError(fields=[FieldProblem(field="user_id", reason="no such active person")])
    pages = page_person(person, urgency=urgency_of(alert.severity))
    if not pages:
        raise PersonUnreachableError(fields=[FieldProblem(field="user_id", reason="has no contact method")])
    return pages

"""What people ask of an alert, beside acknowledging and resolving it. One function applies; each route is a command."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Response, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from nightowl_alerting import commands
from nightowl_alerting.actions import (
    AnyCommand,
    Assign,
    Comment,
    EscalateNow,
    HandOver,
    Investigate,
    Reopen,
    Reroute,
    Snooze,
    Unacknowledge,
)
from nightowl_auth import Principal, requires
from nightowl_common.outbox import Outbox
from nightowl_query.api.alerts import answer, load_alert, require_unchanged
from nightowl_query.api.edge import ETAG, IfMatch, problems
from nightowl_query.api.repeats import IdempotencyKey, once
from nightowl_query.model import Alert

Reason = Annotated[str, msgspec.Meta(max_length=1_000, pattern=r"^[^\x00]*$", description="Told on the timeline.")]


class ReasonGiven(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why; may be left out."""

    reason: Reason | None = None


class SnoozeRequest(ReasonGiven, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Until when nothing pages: within the year ahead."""

    until: Annotated[datetime, msgspec.Meta(tz=True)]


class AssignRequest(ReasonGiven, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who is asked to look after it; null takes that back."""

    assignee_id: UUID | None


class RerouteRequest(ReasonGiven, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The policy by which it escalates from now on."""

    policy_id: UUID


class HandOverRequest(ReasonGiven, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who is paged now; after `minutes` without an acknowledgement the escalation goes on."""

    user_id: UUID
    minutes: Annotated[int, msgspec.Meta(ge=1, le=1_440)] = 5


class CommentRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Words for the timeline."""

    text: Annotated[str, msgspec.Meta(min_length=1, max_length=10_000, pattern=r"^[^\x00]*$")]


async def _ask(
    principal: Principal, outbox: Outbox, alert_id: UUID, command: AnyCommand, *, if_match: str | None
) -> Response[Alert]:
    async with outbox.tenant_tx(principal.tenant) as tx:
        await require_unchanged(tx, alert_id, if_match)
        await commands.apply(tx, principal.tenant, alert_id, principal.actor, command)
        return answer(await load_alert(tx, alert_id))


async def _ask_once(
    principal: Principal,
    outbox: Outbox,
    alert_id: UUID,
    command: AnyCommand,
    *,
    key: str | None,
    if_match: str | None,
) -> Response[Alert]:
    async with outbox.tenant_tx(principal.tenant) as tx:

        async def act() -> Alert:
            await require_unchanged(tx, alert_id, if_match)
            await commands.apply(tx, principal.tenant, alert_id, principal.actor, command)
            return await load_alert(tx, alert_id)

        route = f"alerts/{alert_id}/{command.__struct_config__.tag}"
        return answer(await once(tx, key, principal, route=route, asked=command, act=act, kind=Alert))


def _reason(given: ReasonGiven | None) -> str | None:
    return None if given is None else given.reason


@patch(
    "/alerts/{alert_id:uuid}/investigate", operation_id="investigateAlert", tags=["Alerts"],
    summary="Say that somebody works on it",
    guards=[requires("engineer")], responses=problems(404, 409, 412, 413, 422), response_headers=[ETAG],
)  # fmt: skip
async def investigate_alert(
    alert_id: FromPath[UUID],
    principal: NamedDependency[Principal],
    outbox: NamedDependency[Outbox],
    data: JSONBody[ReasonGiven | None] = None,
    if_match: IfMatch = None,
) -> Response[Alert]:
    """Takes the alert too, if nobody has. Idempotent. The body may be empty."""
    return await _ask(principal, outbox, alert_id, Investigate(reason=_reason(data)), if_match=if_match)


@patch(
    "/alerts/{alert_id:uuid}/unacknowledge", operation_id="unacknowledgeAlert", tags=["Alerts"],
    summary="Give an alert back: it fires and pages from tier 1",
    guards=[requires("engineer")], responses=problems(404, 409, 412, 413, 422), response_headers=[ETAG],
)  # fmt: skip
async def unacknowledge_alert(
    alert_id: FromPath[UUID],
    principal: NamedDependency[Principal],
    outbox: NamedDependency[Outbox],
    data: JSONBody[ReasonGiven | None] = None,
    if_match: IfMatch = None,
) -> Response[Alert]:
    """The escalation starts anew, at once. Idempotent. The body may be empty."""
    return await _ask(principal, outbox, alert_id, Unacknowledge(reason=_reason(data)), if_match=if_match)


@patch(
    "/alerts/{alert_id:uuid}/reopen", operation_id="reopenAlert", tags=["Alerts"],
    summary="Say that it was not over: the same episode fires again",
    guards=[requires("engineer")], responses=problems(404, 409, 412, 413, 422), response_headers=[ETAG],
)  # fmt: skip
async def reopen_alert(
    alert_id: FromPath[UUID],
    principal: NamedDependency[Principal],
    outbox: NamedDependency[Outbox],
    data: JSONBody[ReasonGiven | None] = None,
    if_match: IfMatch = None,
) -> Response[Alert]:
    """409 while a newer episode of the problem is open. Idempotent. The body may be empty."""
    return await _ask(principal, outbox, alert_id, Reopen(reason=_reason(data)), if_match=if_match)


@patch(
    "/alerts/{alert_id:uuid}/snooze", operation_id="snoozeAlert", tags=["Alerts"],
    summary="Page nobody before a time",
    guards=[requires("engineer")], responses=problems(404, 409, 412, 413, 422), response_headers=[ETAG],
)  # fmt: skip
async def snooze_alert(
    alert_id: FromPath[UUID],
    principal: NamedDependency[Principal],
    outbox: NamedDependency[Outbox],
    data: JSONBody[SnoozeRequest],
    if_match: IfMatch = None,
) -> Response[Alert]:
    """What still fires then, taken or not, is judged again and pages at once. Acknowledging or resolving ends it."""
    command = Snooze(until=data.until, reason=data.reason)
    return await _ask(principal, outbox, alert_id, command, if_match=if_match)


@patch(
    "/alerts/{alert_id:uuid}/assign", operation_id="assignAlert", tags=["Alerts"],
    summary="Ask somebody to look after it",
    guards=[requires("engineer")], responses=problems(404, 409, 412, 413, 422), response_headers=[ETAG],
)  # fmt: skip
async def assign_alert(
    alert_id: FromPath[UUID],
    principal: NamedDependency[Principal],
    outbox: NamedDependency[Outbox],
    data: JSONBody[AssignRequest],
    if_match: IfMatch = None,
) -> Response[Alert]:
    """Recorded; paging goes on until somebody acknowledges."""
    command = Assign(assignee_id=data.assignee_id, reason=data.reason)
    return await _ask(principal, outbox, alert_id, command, if_match=if_match)


@post(
    "/alerts/{alert_id:uuid}/comments", operation_id="commentOnAlert", tags=["Alerts"],
    summary="Add words to the timeline",
    guards=[requires("engineer")], responses=problems(404, 409, 412, 413, 422), response_headers=[ETAG],
)  # fmt: skip
async def comment_on_alert(
    alert_id: FromPath[UUID],
    principal: NamedDependency[Principal],
    outbox: NamedDependency[Outbox],
    data: JSONBody[CommentRequest],
    key: IdempotencyKey = None,
    if_match: IfMatch = None,
) -> Response[Alert]:
    """Answers the alert; the comment is on its timeline."""
    return await _ask_once(principal, outbox, alert_id, Comment(text=data.text), key=key, if_match=if_match)


@post(
    "/alerts/{alert_id:uuid}/escalate", operation_id="escalateAlert", tags=["Alerts"],
    summary="Page the next tier now", status_code=200,
    guards=[requires("engineer")], responses=problems(404, 409, 412, 413, 422), response_headers=[ETAG],
)  # fmt: skip
async def escalate_alert(
    alert_id: FromPath[UUID],
    principal: NamedDependency[Principal],
    outbox: NamedDependency[Outbox],
    data: JSONBody[ReasonGiven | None] = None,
    key: IdempotencyKey = None,
    if_match: IfMatch = None,
) -> Response[Alert]:
    """409 when no tier is pending. The body may be empty."""
    command = EscalateNow(reason=_reason(data))
    return await _ask_once(principal, outbox, alert_id, command, key=key, if_match=if_match)


@post(
    "/alerts/{alert_id:uuid}/reroute", operation_id="rerouteAlert", tags=["Alerts"],
    summary="Escalate anew under another policy", status_code=200,
    guards=[requires("engineer")], responses=problems(404, 409, 412, 413, 422), response_headers=[ETAG],
)  # fmt: skip
async def reroute_alert(
    alert_id: FromPath[UUID],
    principal: NamedDependency[Principal],
    outbox: NamedDependency[Outbox],
    data: JSONBody[RerouteRequest],
    key: IdempotencyKey = None,
    if_match: IfMatch = None,
) -> Response[Alert]:
    """From tier 1 of its current version, at once, whatever the severity. Unsent pages are called back."""
    command = Reroute(policy_id=data.policy_id, reason=data.reason)
    return await _ask_once(principal, outbox, alert_id, command, key=key, if_match=if_match)


@post(
    "/alerts/{alert_id:uuid}/hand-over", operation_id="handOverAlert", tags=["Alerts"],
    summary="Page a person now and ask them to look after it", status_code=200,
    guards=[requires("engineer")], responses=problems(404, 409, 412, 413, 422), response_headers=[ETAG],
)  # fmt: skip
async def hand_over_alert(
    alert_id: FromPath[UUID],
    principal: NamedDependency[Principal],
    outbox: NamedDependency[Outbox],
    data: JSONBody[HandOverRequest],
    key: IdempotencyKey = None,
    if_match: IfMatch = None,
) -> Response[Alert]:
    """The alert fires until they acknowledge. 422 when there is no address at which they could be paged."""
    command = HandOver(user_id=data.user_id, minutes=data.minutes, reason=data.reason)
    return await _ask_once(principal, outbox, alert_id, command, key=key, if_match=if_match)


HANDLERS = [
    investigate_alert, unacknowledge_alert, reopen_alert, snooze_alert, assign_alert, comment_on_alert, escalate_alert,
    reroute_alert, hand_over_alert,
]  # fmt: skip

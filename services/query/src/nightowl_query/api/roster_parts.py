"""Members, overrides and pins of a roster. Each change is a new revision of the roster, whose ETag is answered."""

from typing import Annotated
from uuid import UUID

from litestar import Response, delete, post, put
from litestar.di import NamedDependency
from litestar.openapi.spec.enums import OpenAPIType
from litestar.params import FromPath, JSONBody, QueryParameter

from nightowl_auth import Principal, requires
from nightowl_common.db import Tx
from nightowl_common.errors import FieldProblem, InvalidError
from nightowl_common.ids import new_id
from nightowl_common.outbox import Outbox
from nightowl_oncall import Turns
from nightowl_query.api.edge import ETAG, problems, read
from nightowl_query.api.repeats import IdempotencyKey, once
from nightowl_query.api.roster_changes import IfMatch, changing, require_people
from nightowl_query.api.rosters import answer
from nightowl_query.engine.rosters import check_moment, check_span, check_stay
from nightowl_query.engine.stays import find_stay, left, placed
from nightowl_query.model.rosters import (
    MAX_MEMBERS,
    MemberChange,
    MemberNew,
    OverrideContent,
    PinContent,
    RosterDetail,
    Stay,
)
from nightowl_query.store import books
from nightowl_query.store import rosters as store

TAGS = ["On call"]


@post(
    "/rosters/{roster_id:uuid}/members", operation_id="addRosterMember", tags=TAGS, summary="Somebody joins a roster",
    guards=[requires("manager")], responses=problems(404, 409, 412, 413, 422), response_headers=[ETAG],
)  # fmt: skip
async def add_member(
    roster_id: FromPath[UUID],
    data: JSONBody[MemberNew],
    principal: NamedDependency[Principal],
    outbox: NamedDependency[Outbox],
    if_match: IfMatch = None,
) -> Response[RosterDetail]:
    """From the handoff on `joined_on`; without one since the roster began, which changes shifts that are over."""
    check_stay(data.joined_on, data.left_on)
    async with outbox.tenant_tx(principal.tenant) as tx:
        async with changing(
            tx, principal, roster_id, change="members", action="member_added", if_match=if_match
        ) as note:
            await require_people(tx, {"$.user_id": data.user_id})
            stays = await store.list_stays(tx, roster_id)
            _require_room(stays)
            last = max((each.position for each in stays), default=-1) + 1
            made = Stay(
                id=new_id(), user_id=data.user_id, position=last, joined_on=data.joined_on, left_on=data.left_on
            )
            await store.insert_stay(tx, roster_id, made)
            await store.order_stays(tx, [each.id for each in placed(stays, made, data.position)])
            note.tell(member_id=made.id, user_id=data.user_id, joined_on=data.joined_on, left_on=data.left_on)
        return answer(await store.load_roster(tx, roster_id), status=201)


@put(
    "/rosters/{roster_id:uuid}/members/{member_id:uuid}", operation_id="updateRosterMember", tags=TAGS,
    summary="Change a member's place or days", guards=[requires("manager")],
    responses=problems(404, 409, 412, 413, 422), response_headers=[ETAG],
)  # fmt: skip
async def update_member(
    roster_id: FromPath[UUID],
    member_id: FromPath[UUID],
    data: JSONBody[MemberChange],
    principal: NamedDependency[Principal],
    outbox: NamedDependency[Outbox],
    if_match: IfMatch = None,
) -> Response[RosterDetail]:
    """Takes the whole of it."""
    check_stay(data.joined_on, data.left_on)
    async with outbox.tenant_tx(principal.tenant) as tx:
        async with changing(
            tx, principal, roster_id, change="members", action="member_changed", if_match=if_match
        ) as note:
            stays = await store.list_stays(tx, roster_id)
            stay = find_stay(stays, member_id)
            await store.update_stay(tx, member_id, joined_on=data.joined_on, left_on=data.left_on)
            await store.order_stays(tx, [each.id for each in placed(stays, stay, data.position)])
            note.tell(member_id=member_id, user_id=stay.user_id, before=stay, after=data)
        return answer(await store.load_roster(tx, roster_id))


@delete(
    "/rosters/{roster_id:uuid}/members/{member_id:uuid}", operation_id="removeRosterMember", tags=TAGS,
    summary="Somebody leaves a roster", guards=[requires("manager")], responses=problems(404, 412, 422),
    status_code=200, response_headers=[ETAG],
)  # fmt: skip
async def remove_member(
    roster_id: FromPath[UUID],
    member_id: FromPath[UUID],
    principal: NamedDependency[Principal],
    outbox: NamedDependency[Outbox],
    if_match: IfMatch = None,
    whole: Annotated[
        str | None,
        QueryParameter(
            description="The stay is taken out as if it had never been, past shifts included.",
            schema_extra={"type": OpenAPIType.BOOLEAN},
        ),
    ] = None,
) -> Response[RosterDetail]:
    """At the next handoff time; their past shifts stay theirs. Who has not begun yet is taken out."""
    is_whole = read(whole, bool, field="whole") or False
    async with outbox.tenant_tx(principal.tenant) as tx:
        async with changing(
            tx, principal, roster_id, change="members", action="member_removed", if_match=if_match
        ) as note:
            stays = await store.list_stays(tx, roster_id)
            stay = find_stay(stays, member_id)
            rota = (await books.load_definition(tx, roster_id)).rota
            after = left(stay, rota, await tx.now(), is_whole=is_whole)
            if after is None:
                await store.delete_stay(tx, member_id)
                await store.order_stays(tx, [each.id for each in stays if each.id != member_id])
            elif after != stay:
                await store.update_stay(tx, member_id, joined_on=after.joined_on, left_on=after.left_on)
            note.tell(member_id=member_id, user_id=stay.user_id, left_on=None if after is None else after.left_on)
        return answer(await store.load_roster(tx, roster_id))


@post(
    "/rosters/{roster_id:uuid}/overrides", operation_id="addOverride", tags=TAGS, summary="Somebody takes over",
    guards=[requires("manager")], responses=problems(404, 409, 412, 413, 422), response_headers=[ETAG],
)  # fmt: skip
async def add_override(
    roster_id: FromPath[UUID],
    data: JSONBody[OverrideContent],
    principal: NamedDependency[Principal],
    outbox: NamedDependency[Outbox],
    if_match: IfMatch = None,
    key: IdempotencyKey = None,
) -> Response[RosterDetail]:
    """For [starts_at, ends_at), before pin and rotation. Two overrides of a roster must not share an instant."""
    _check_override(data)
    async with outbox.tenant_tx(principal.tenant) as tx:

        async def act() -> RosterDetail:
            async with changing(
                tx, principal, roster_id, change="overrides", action="override_added", if_match=if_match
            ) as note:
                await require_people(tx, {"$.user_id": data.user_id})
                await _require_no_clash(tx, roster_id, data)
                made = new_id()
                await store.insert_override(tx, roster_id, made, data)
                note.tell(override_id=made, after=data)
            return await store.load_roster(tx, roster_id)

        route = f"addOverride {roster_id}"
        return answer(await once(tx, key, principal, route=route, asked=data, act=act, kind=RosterDetail), status=201)


@put(
    "/rosters/{roster_id:uuid}/overrides/{override_id:uuid}", operation_id="updateOverride", tags=TAGS,
    summary="Change an override", guards=[requires("manager")], responses=problems(404, 412, 413, 422),
    response_headers=[ETAG],
)  # fmt: skip
async def update_override(
    roster_id: FromPath[UUID],
    override_id: FromPath[UUID],
    data: JSONBody[OverrideContent],
    principal: NamedDependency[Principal],
    outbox: NamedDependency[Outbox],
    if_match: IfMatch = None,
) -> Response[RosterDetail]:
    """Takes the whole of it."""
    _check_override(data)
    async with outbox.tenant_tx(principal.tenant) as tx:
        async with changing(
            tx, principal, roster_id, change="overrides", action="override_changed", if_match=if_match
        ) as note:
            before = await store.load_override(tx, roster_id, override_id)
            await require_people(tx, {"$.user_id": data.user_id})
            await _require_no_clash(tx, roster_id, data, apart_from=override_id)
            await store.update_override(tx, override_id, data)
            note.tell(override_id=override_id, before=before, after=data)
        return answer(await store.load_roster(tx, roster_id))


@delete(
    "/rosters/{roster_id:uuid}/overrides/{override_id:uuid}", operation_id="removeOverride", tags=TAGS,
    summary="Take an override back", guards=[requires("manager")], responses=problems(404, 412), status_code=200,
    response_headers=[ETAG],
)  # fmt: skip
async def remove_override(
    roster_id: FromPath[UUID],
    override_id: FromPath[UUID],
    principal: NamedDependency[Principal],
    outbox: NamedDependency[Outbox],
    if_match: IfMatch = None,
) -> Response[RosterDetail]:
    """The rotation answers again. What was in force stays in the history."""
    async with outbox.tenant_tx(principal.tenant) as tx:
        async with changing(
            tx, principal, roster_id, change="overrides", action="override_removed", if_match=if_match
        ) as note:
            before = await store.load_override(tx, roster_id, override_id)
            await store.delete_override(tx, override_id)
            note.tell(override_id=override_id, before=before)
        return answer(await store.load_roster(tx, roster_id))


@post(
    "/rosters/{roster_id:uuid}/pins", operation_id="addPin", tags=TAGS, summary="Give somebody one turn",
    guards=[requires("manager")], responses=problems(404, 412, 413, 422), response_headers=[ETAG],
)  # fmt: skip
async def add_pin(
    roster_id: FromPath[UUID],
    data: JSONBody[PinContent],
    principal: NamedDependency[Principal],
    outbox: NamedDependency[Outbox],
    if_match: IfMatch = None,
) -> Response[RosterDetail]:
    """The turn that runs at `turn_at`, whoever's it is; in place of an earlier pin of that turn."""
    check_moment(data.turn_at, name="$.turn_at")
    async with outbox.tenant_tx(principal.tenant) as tx:
        async with changing(tx, principal, roster_id, change="pins", action="pin_added", if_match=if_match) as note:
            await require_people(tx, {"$.user_id": data.user_id})
            turns = Turns((await books.load_definition(tx, roster_id)).rota)
            if data.turn_at < turns.begins or (turns.ends is not None and data.turn_at >= turns.ends):
                raise InvalidError(fields=[FieldProblem(field="$.turn_at", reason="the roster has no turn then")])
            begins = turns.start(turns.number_at(data.turn_at))
            pin = PinContent(user_id=data.user_id, turn_at=begins, reason=data.reason)
            await store.upsert_pin(tx, roster_id, new_id(), pin)
            note.tell(after=pin)
        return answer(await store.load_roster(tx, roster_id), status=201)


@delete(
    "/rosters/{roster_id:uuid}/pins/{pin_id:uuid}", operation_id="removePin", tags=TAGS, summary="Take a pin back",
    guards=[requires("manager")], responses=problems(404, 412), status_code=200, response_headers=[ETAG],
)  # fmt: skip
async def remove_pin(
    roster_id: FromPath[UUID],
    pin_id: FromPath[UUID],
    principal: NamedDependency[Principal],
    outbox: NamedDependency[Outbox],
    if_match: IfMatch = None,
) -> Response[RosterDetail]:
    """The rotation answers again."""
    async with outbox.tenant_tx(principal.tenant) as tx:
        async with changing(tx, principal, roster_id, change="pins", action="pin_removed", if_match=if_match) as note:
            before = await store.load_pin(tx, roster_id, pin_id)
            await store.delete_pin(tx, pin_id)
            note.tell(before=before)
        return answer(await store.load_roster(tx, roster_id))


HANDLERS = [
    add_member, update_member, remove_member, add_override, update_override, remove_override, add_pin, remove_pin,
]  # fmt: skip


def _check_override(content: OverrideContent) -> None:
    check_span(content.starts_at, content.ends_at, names=("$.starts_at", "$.ends_at"))


async def _require_no_clash(
    tx: Tx, roster_id: UUID, content: OverrideContent, *, apart_from: UUID | None = None
) -> None:
    clash = await store.find_clash(tx, roster_id, content, apart_from=apart_from)
    if clash is None:
        return
    span = f"[{clash.starts_at.isoformat()}, {clash.ends_at.isoformat()})"
    reason = f"another override of this roster stands in {span}; change that one, or end before it or begin after it"
    raise InvalidError(fields=[FieldProblem(field="$.starts_at", reason=reason)])


def _require_room(stays: list[Stay]) -> None:
    if len(stays) >= MAX_MEMBERS:
        raise InvalidError(
            fields=[FieldProblem(field="$.user_id", reason=f"a roster has at most {MAX_MEMBERS} members")]
        )

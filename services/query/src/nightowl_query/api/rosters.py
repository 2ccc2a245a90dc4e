"""Rosters: made, listed, changed, deleted."""

from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Request, Response, delete, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter

from nightowl_alerting.knowledge.model import Removal
from nightowl_auth import Principal, requires
from nightowl_common.db import Database, Tx
from nightowl_common.errors import FieldProblem, InvalidError
from nightowl_common.ids import new_id
from nightowl_common.outbox import Outbox
from nightowl_query.api import roster_changes as changes
from nightowl_query.api.edge import ETAG, etag, problems, require_revision, words
from nightowl_query.api.paging import PAGING, Paging, cut
from nightowl_query.api.repeats import IdempotencyKey, once
from nightowl_query.api.roster_changes import IfMatch, Note
from nightowl_query.api.tables import TableOperation, answer_table
from nightowl_query.engine.rosters import check_content
from nightowl_query.model.rosters import RosterContent, RosterDetail, RosterNew, RosterPage, Stay
from nightowl_query.store import rosters as store

TAGS = ["On call"]


@post(
    "/rosters", operation_id="createRoster", tags=TAGS, summary="Make a roster", guards=[requires("manager")],
    responses=problems(409, 413, 422), response_headers=[ETAG],
)  # fmt: skip
async def create_roster(
    data: JSONBody[RosterNew],
    principal: NamedDependency[Principal],
    outbox: NamedDependency[Outbox],
    key: IdempotencyKey = None,
) -> Response[RosterDetail]:
    """Its members take turns in the order in which they are named."""
    content = to_content(data)
    check_content(content)
    _require_distinct(data.members)
    async with outbox.tenant_tx(principal.tenant) as tx:

        async def act() -> RosterDetail:
            return await _create(tx, principal, content, data.members)

        made = await once(tx, key, principal, route="createRoster", asked=data, act=act, kind=RosterDetail)
    return answer(made, status=201)


@get(
    "/rosters", operation_id="listRosters", tags=TAGS, summary="List rosters with their members",
    guards=[requires("readonly")], responses=problems(422), dependencies=PAGING, operation_class=TableOperation,
)  # fmt: skip
async def list_rosters(
    request: Request[Any, Any, Any],
    principal: NamedDependency[Principal],
    database: NamedDependency[Database],
    paging: NamedDependency[Paging],
    q: Annotated[str | None, QueryParameter(description="Parts of the name or the description: all of them.")] = None,
) -> Response[RosterPage]:
    """Members are in turn order; deactivated people are not shown."""
    wanted = words(q, field="q")
    async with database.tenant_tx(principal.tenant) as tx:
        found = await cut(
            paging,
            lambda limit: store.list_rosters(tx, wanted, below=paging.below, limit=limit),
            count=lambda: store.count_rosters(tx, wanted),
        )
    page = RosterPage(items=found.items, next_cursor=found.next_cursor, total=found.total)
    return answer_table(request, page, page.items)


@get(
    "/rosters/{roster_id:uuid}", operation_id="getRoster", tags=TAGS, summary="One roster",
    guards=[requires("readonly")], responses=problems(404), response_headers=[ETAG],
)  # fmt: skip
async def get_roster(
    roster_id: FromPath[UUID], principal: NamedDependency[Principal], database: NamedDependency[Database]
) -> Response[RosterDetail]:
    """With the overrides and pins that are not over. The `ETag` is the revision that `If-Match` takes."""
    async with database.tenant_tx(principal.tenant) as tx:
        return answer(await store.load_roster(tx, roster_id))


@put(
    "/rosters/{roster_id:uuid}", operation_id="updateRoster", tags=TAGS, summary="Change a roster",
    guards=[requires("manager")], responses=problems(404, 409, 412, 413, 422), response_headers=[ETAG],
)  # fmt: skip
async def update_roster(
    roster_id: FromPath[UUID],
    data: JSONBody[RosterContent],
    principal: NamedDependency[Principal],
    outbox: NamedDependency[Outbox],
    if_match: IfMatch = None,
) -> Response[RosterDetail]:
    """Takes the whole content; members, overrides and pins have their own routes. `/preview` shows what comes."""
    check_content(data)
    async with outbox.tenant_tx(principal.tenant) as tx:
        async with changes.changing(
            tx, principal, roster_id, change="updated", action="updated", if_match=if_match
        ) as note:
            await changes.require_no_circle(tx, roster_id, data.linked_roster_id)
            before = await store.load_roster(tx, roster_id)
            await store.update_roster(tx, roster_id, data)
            note.tell(**_differences(before, await store.load_roster(tx, roster_id)))
        return answer(await store.load_roster(tx, roster_id))


@delete(
    "/rosters/{roster_id:uuid}", operation_id="deleteRoster", tags=TAGS, summary="Delete a roster",
    guards=[requires("manager")], responses=problems(404, 409, 412), status_code=200,
)  # fmt: skip
async def delete_roster(
    roster_id: FromPath[UUID],
    principal: NamedDependency[Principal],
    outbox: NamedDependency[Outbox],
    if_match: IfMatch = None,
) -> Removal:
    """Not while an escalation policy or another roster names it. An end date keeps it instead."""
    async with outbox.tenant_tx(principal.tenant) as tx:
        roster = await store.lock_roster(tx, roster_id)
        require_revision(if_match, roster.revision)
        await changes.delete_roster(tx, principal, roster)
    return Removal(outcome="deleted")


HANDLERS = [create_roster, list_rosters, get_roster, update_roster, delete_roster]


def answer(roster: RosterDetail, *, status: int = 200) -> Response[RosterDetail]:
    """A roster with its ETag."""
    return Response(roster, status_code=status, headers={"ETag": etag(roster.revision)})


def to_content(new: RosterNew) -> RosterContent:
    """Without the members."""
    return msgspec.convert(new, RosterContent, from_attributes=True)


async def _create(tx: Tx, who: Principal, content: RosterContent, members: Sequence[UUID]) -> RosterDetail:
    made = new_id()
    await changes.require_people(tx, {f"$.members[{place}]": each for place, each in enumerate(members)})
    await changes.require_no_circle(tx, made, content.linked_roster_id)
    await store.insert_roster(tx, made, content)
    for place, user_id in enumerate(members):
        stay = Stay(id=new_id(), user_id=user_id, position=place, joined_on=None, left_on=None)
        await store.insert_stay(tx, made, stay)
    note = Note("created", "created")
    note.tell(name=content.name)
    await changes.keep_revision(tx, who, made, note, revision=1)
    return await store.load_roster(tx, made)


def _require_distinct(members: list[UUID]) -> None:
    doubles = [place for place, each in enumerate(members) if each in members[:place]]
    if doubles:
        raise InvalidError(fields=[FieldProblem(field=f"$.members[{doubles[0]}]", reason="is named twice")])


def _differences(before: RosterDetail, after: RosterDetail) -> dict[str, object]:
    names = set(RosterContent.__struct_fields__)
    return {
        name: [getattr(before, name), getattr(after, name)]
        for name in sorted(names)
        if getattr(before, name) != getattr(after, name)
    }

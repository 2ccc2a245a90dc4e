"""Dead letters of the tenant: seeing why, and handing one back after the reason is mended."""

import asyncio
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from nightowl_alerting.store import insert_audit
from nightowl_auth import Principal, requires
from nightowl_common import dead_letters, inbox
from nightowl_common.bus import Bus, Message
from nightowl_common.db import Database
from nightowl_common.dead_letters import DeadLetter as Letter
from nightowl_query.api.edge import problems
from nightowl_query.api.paging import PAGING, Paging, cut
from nightowl_query.api.tables import TableOperation, answer_table
from nightowl_query.model.dead_letters import DeadLetter, DeadLetterNotFoundError, DeadLetterPage, Replay
from nightowl_query.store.audit import was_noted

TAGS = ["System"]
ENTITY, REPLAYED = "dead_letter", "replayed"
SHOWN_BYTES = 4_096

_one_at_a_time = asyncio.Semaphore(1)
"""Reading all of them back is heavy when there are many; callers wait for each other."""


@get(
    "/dead-letters", operation_id="listDeadLetters", tags=TAGS, summary="List dead letters, newest first",
    guards=[requires("admin")], responses=problems(422), dependencies=PAGING, operation_class=TableOperation,
)  # fmt: skip
async def list_dead_letters(
    request: Request[Any, Any, Any],
    principal: NamedDependency[Principal],
    bus: NamedDependency[Bus],
    paging: NamedDependency[Paging],
) -> Response[DeadLetterPage]:
    """Messages of this tenant that could not be handled, with the reason. They are kept for 30 days."""
    async with _one_at_a_time:
        found = await dead_letters.find(bus, tenant=principal.tenant)

    async def rows(limit: int) -> list[DeadLetter]:
        below = [each for each in reversed(found) if UUID(int=each.sequence) < paging.below]
        loaded = [await dead_letters.load(bus, each.sequence) for each in below[:limit]]
        return [_shown(*each) for each in loaded if each is not None]

    async def count() -> int:
        return len(found)

    part = await cut(paging, rows, count=count)
    page = DeadLetterPage(items=part.items, next_cursor=part.next_cursor, total=part.total)
    return answer_table(request, page, page.items)


@get(
    "/dead-letters/{letter_id:uuid}", operation_id="getDeadLetter", tags=TAGS, summary="One dead letter",
    guards=[requires("admin")], responses=problems(404),
)  # fmt: skip
async def get_dead_letter(
    letter_id: FromPath[UUID], principal: NamedDependency[Principal], bus: NamedDependency[Bus]
) -> DeadLetter:
    """With the reason and the text."""
    found = await _load(bus, principal, letter_id)
    if found is None:
        raise DeadLetterNotFoundError
    return _shown(*found)


@post(
    "/dead-letters/{letter_id:uuid}/replay", operation_id="replayDeadLetter", tags=TAGS, status_code=200,
    summary="Hand a dead letter back", guards=[requires("admin")], responses=problems(404),
)  # fmt: skip
async def replay_dead_letter(
    letter_id: FromPath[UUID],
    principal: NamedDependency[Principal],
    database: NamedDependency[Database],
    bus: NamedDependency[Bus],
) -> Replay:
    """To its stream, with its original bytes. Where the reason still holds, it is a dead letter again.

    Calling it again changes nothing. After an error it may be called again.
    """
    found = await _load(bus, principal, letter_id)
    async with database.tenant_tx(principal.tenant) as tx:
        if found is None:
            if not await was_noted(tx, action=REPLAYED, entity=ENTITY, entity_id=letter_id):
                raise DeadLetterNotFoundError
            return Replay(outcome="already")
        letter, message = found
        told: dict[str, object] = {"number": letter.sequence, "subject": letter.subject, "reason": letter.reason}
        await insert_audit(tx, principal.actor, action=REPLAYED, entity=ENTITY, entity_id=letter_id, changes=told)
        if letter.event_id is not None:
            await inbox.forget_rejection(tx, letter.event_id)
    await dead_letters.hand_back(bus, letter, message)
    return Replay(outcome="replayed")


HANDLERS = [list_dead_letters, get_dead_letter, replay_dead_letter]


async def _load(bus: Bus, principal: Principal, letter_id: UUID) -> tuple[Letter, Message] | None:
    """None also for what is another tenant's, or nobody's."""
    if not 0 < letter_id.int < 1 << 63:
        return None
    found = await dead_letters.load(bus, letter_id.int)
    return found if found is not None and found[0].tenant == principal.tenant else None


def _shown(letter: Letter, message: Message) -> DeadLetter:
    return DeadLetter(
        id=UUID(int=letter.sequence),
        number=letter.sequence,
        stream=letter.stream,
        subject=letter.subject,
        place=letter.place,
        reason=letter.reason,
        buried_at=letter.buried_at,
        size_bytes=letter.size_bytes,
        body=message.body[:SHOWN_BYTES].decode("utf-8", "replace"),
        is_cut=letter.size_bytes > SHOWN_BYTES,
    )

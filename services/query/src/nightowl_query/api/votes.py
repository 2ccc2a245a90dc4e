"""Did this help? What those who had an alert say of what was known for it."""

from uuid import UUID

from litestar import delete, get, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from nightowl_alerting.knowledge import votes as store
from nightowl_alerting.knowledge import voting
from nightowl_alerting.knowledge.model import Vote, VoteContent
from nightowl_alerting.model import AlertNotFoundError
from nightowl_auth import Principal, requires
from nightowl_common.db import Database
from nightowl_common.outbox import Outbox
from nightowl_query.api.edge import problems
from nightowl_query.model.knowledge import VotePage

TAGS = ["Knowledge"]
MOST = 100


@get(
    "/alerts/{alert_id:uuid}/votes", operation_id="listVotes", tags=TAGS,
    summary="Whether what was known for an alert helped", guards=[requires("readonly")], responses=problems(404),
)  # fmt: skip
async def list_votes(
    alert_id: FromPath[UUID], principal: NamedDependency[Principal], database: NamedDependency[Database]
) -> VotePage:
    """One vote for each who was asked: a person, or a key that is nobody's."""
    async with database.tenant_tx(principal.tenant) as tx:
        ballot = await store.load_ballot(tx, alert_id, principal.actor)
        if ballot is None:
            raise AlertNotFoundError
        items, total = await store.list_votes(tx, alert_id, limit=MOST)
    return VotePage(items=items, next_cursor=None, total=total, mine=ballot.earlier)


@put(
    "/alerts/{alert_id:uuid}/vote", operation_id="vote", tags=TAGS, summary="Say whether what was known helped",
    guards=[requires("engineer")], responses=problems(404, 409, 413, 422),
)  # fmt: skip
async def put_vote(
    alert_id: FromPath[UUID],
    data: JSONBody[VoteContent],
    principal: NamedDependency[Principal],
    outbox: NamedDependency[Outbox],
) -> Vote:
    """Takes the place of what the caller said before. Counted for the incident, told on the timeline. Idempotent."""
    async with outbox.tenant_tx(principal.tenant) as tx:
        return await voting.vote(tx, principal, alert_id, data)


@delete(
    "/alerts/{alert_id:uuid}/vote", operation_id="withdrawVote", tags=TAGS, summary="Take the caller's vote back",
    guards=[requires("engineer")], responses=problems(404, 409), status_code=204,
)  # fmt: skip
async def withdraw_vote(
    alert_id: FromPath[UUID], principal: NamedDependency[Principal], outbox: NamedDependency[Outbox]
) -> None:
    """As if it had never been counted; the timeline says that it was taken back. Idempotent."""
    async with outbox.tenant_tx(principal.tenant) as tx:
        await voting.withdraw(tx, principal, alert_id)


HANDLERS = [list_votes, put_vote, withdraw_vote]

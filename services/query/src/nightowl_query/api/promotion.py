"""An alert becomes an entry of the knowledge base."""

from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from nightowl_alerting.knowledge import changes
from nightowl_alerting.knowledge.drafting import apply_overrides
from nightowl_alerting.knowledge.model import Incident, IncidentContent, Promotion
from nightowl_auth import Principal, requires
from nightowl_common.db import Database
from nightowl_common.outbox import Outbox
from nightowl_query.api.edge import ETAG, MAX_CONTENT_BYTES, etag, problems
from nightowl_query.api.repeats import IdempotencyKey, once

TAGS = ["Knowledge"]


@get(
    "/alerts/{alert_id:uuid}/promote", operation_id="draftIncident", tags=TAGS,
    summary="The incident that an alert would become", guards=[requires("readonly")], responses=problems(404, 409),
)  # fmt: skip
async def draft_promotion(
    alert_id: FromPath[UUID], principal: NamedDependency[Principal], database: NamedDependency[Database]
) -> IncidentContent:
    """Nothing is saved. 409 when an incident answers for the alert's fingerprint already: `errors` names it."""
    async with database.tenant_tx(principal.tenant) as tx:
        return await changes.draft_from_alert(tx, alert_id)


@post(
    "/alerts/{alert_id:uuid}/promote", operation_id="promoteAlert", tags=TAGS,
    summary="Write an incident from an alert",
    guards=[requires("engineer")], responses=problems(404, 409, 413, 422), response_headers=[ETAG],
    request_max_body_size=MAX_CONTENT_BYTES,
)  # fmt: skip
async def promote_alert(
    alert_id: FromPath[UUID],
    principal: NamedDependency[Principal],
    outbox: NamedDependency[Outbox],
    data: JSONBody[Promotion | None] = None,
    key: IdempotencyKey = None,
) -> Response[Incident]:
    """The draft, with the fields of the body in place of its own; the alert shows the incident from now on.

    409 when an incident answers for the alert's fingerprint already: `errors` names it. The body may be empty.
    """
    async with outbox.tenant_tx(principal.tenant) as tx:

        async def act() -> Incident:
            content = apply_overrides(await changes.draft_from_alert(tx, alert_id), data)
            return await changes.promote_alert(tx, principal, alert_id, content)

        asked = Promotion() if data is None else data
        route = f"alerts/{alert_id}/promote"
        made = await once(tx, key, principal, route=route, asked=asked, act=act, kind=Incident)
    return Response(made, status_code=201, headers={"ETag": etag(made.revision)})


HANDLERS = [draft_promotion, promote_alert]

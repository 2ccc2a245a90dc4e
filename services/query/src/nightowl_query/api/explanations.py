"""Explanations: every decision about an alert, with the rules behind it."""

from uuid import UUID

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from nightowl_alerting.model import AlertNotFoundError
from nightowl_auth import Principal, requires
from nightowl_common.db import Database
from nightowl_common.errors import FieldProblem, InvalidError
from nightowl_query.api.edge import moment, problems
from nightowl_query.engine.explaining import explain
from nightowl_query.model.explanation import Explanation, PastedAlert
from nightowl_query.store import explaining as store

MAX_BODY_BYTES = 1024 * 1024


@get(
    "/alerts/{alert_id:uuid}/explain", operation_id="explainAlert", tags=["Alerts"],
    summary="Why an alert pages, or does not: every decision with the rule behind it",
    guards=[requires("readonly")], responses=problems(404),
)  # fmt: skip
async def explain_alert(
    alert_id: FromPath[UUID], principal: NamedDependency[Principal], database: NamedDependency[Database]
) -> Explanation:
    """The chain in order, from the sender's bytes to whom is paged next.

    Each step says what was decided; its `now` says what the rules of today would decide instead, where that differs.
    """
    async with database.tenant_tx(principal.tenant) as tx:
        facts = await store.load_facts(tx, alert_id, tenant=principal.tenant)
    if facts is None:
        raise AlertNotFoundError
    return explain(facts)


@post(
    "/explain", operation_id="explainPasted", tags=["Alerts"], status_code=200,
    summary="What would become of an alert that has not been sent",
    guards=[requires("readonly")], responses=problems(413, 422), request_max_body_size=MAX_BODY_BYTES,
)  # fmt: skip
async def explain_pasted(
    data: JSONBody[PastedAlert], principal: NamedDependency[Principal], database: NamedDependency[Database]
) -> Explanation:
    """Nothing is stored. The body is `alerts[i].alert` of the webhooks' test endpoint, with `source` and `at` beside.

    Rules, and what is open, are those of now; silences and windows are read at the instant `at`.
    """
    _require_storable(data)
    asked = moment(data.at, field="$.at")
    async with database.tenant_tx(principal.tenant) as tx:
        facts = await store.load_facts_of_pasted(tx, data, at=asked or await tx.now())
    return explain(facts)


HANDLERS = [explain_alert, explain_pasted]


def _require_storable(pasted: PastedAlert) -> None:
    """Raises:
    InvalidError: a text that no alert can have, since Postgres cannot store it.
    """
    texts = {name: [getattr(pasted, name)] for name in ("fingerprint", "title", "source")}
    texts["labels"] = [*pasted.labels, *pasted.labels.values()]
    bad = [name for name, values in texts.items() if any("\x00" in each for each in values)]
    if bad:
        raise InvalidError(fields=[FieldProblem(field=f"$.{name}", reason="holds NUL") for name in bad])

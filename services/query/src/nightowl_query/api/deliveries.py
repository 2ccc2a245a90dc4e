"""What became of the pages of a span of time. Nothing is changed here."""

from datetime import timedelta
from typing import Annotated

from litestar import get
from litestar.di import NamedDependency
from litestar.params import QueryParameter

from nightowl_auth import Principal, requires
from nightowl_common.db import Database
from nightowl_query.api.edge import INSTANT, instant, problems
from nightowl_query.engine import rosters as rules
from nightowl_query.model.deliveries import DeliverySummary
from nightowl_query.model.insight import MAX_ROWS
from nightowl_query.store import deliveries as store

LONGEST = timedelta(days=7)
USUAL = timedelta(days=1)

From = Annotated[
    str | None, QueryParameter(name="from", description="RFC 3339; a day before `to` by default.", schema_extra=INSTANT)
]
To = Annotated[
    str | None, QueryParameter(name="to", description="RFC 3339, not included; now by default.", schema_extra=INSTANT)
]


@get(
    "/deliveries/summary", operation_id="summarizeDeliveries", tags=["Deliveries"],
    summary="What became of pages, by channel and provider", guards=[requires("readonly")], responses=problems(422),
)  # fmt: skip
async def summarize_deliveries(
    principal: NamedDependency[Principal], database: NamedDependency[Database], start: From = None, end: To = None
) -> DeliverySummary:
    """The pages that were made in [from, to), at most 7 days."""
    first, last = instant(start, field="from"), instant(end, field="to")
    async with database.tenant_tx(principal.tenant) as tx:
        last = last or await tx.now()
        first = first or last - USUAL
        rules.check_span(first, last, names=("from", "to"), longest=LONGEST)
        items = await store.summarize(tx, start=first, end=last)
    pages = sum(each.waiting + each.sent + each.delivered + each.failed + each.superseded for each in items)
    return DeliverySummary(starts_at=first, ends_at=last, is_exact=pages < MAX_ROWS, items=items)


HANDLERS = [summarize_deliveries]

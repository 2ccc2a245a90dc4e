"""What senders wrote about an alert."""

from uuid import UUID

from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromPath

from nightowl_alerting.model import AlertNotFoundError
from nightowl_auth import Principal, requires
from nightowl_common.db import Database
from nightowl_query.api.edge import problems
from nightowl_query.model import RawPayloads
from nightowl_query.store import alerts as alert_store
from nightowl_query.store import payloads as store


@get(
    "/alerts/{alert_id:uuid}/raw", operation_id="getRawPayloads", tags=["Alerts"],
    summary="What the sender wrote about an alert, word for word",
    guards=[requires("readonly")], responses=problems(404),
)  # fmt: skip
async def get_raw_payloads(
    alert_id: FromPath[UUID], principal: NamedDependency[Principal], database: NamedDependency[Database]
) -> RawPayloads:
    """The alert's own part of the call that opened it, and of the newest call about it."""
    async with database.tenant_tx(principal.tenant) as tx:
        if not await alert_store.alert_exists(tx, alert_id):
            raise AlertNotFoundError
        return await store.load_payloads(tx, alert_id)


HANDLERS = [get_raw_payloads]

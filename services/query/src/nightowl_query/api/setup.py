"""The checklist of a first run."""

from litestar import get
from litestar.di import NamedDependency

from nightowl_auth import Principal, requires
from nightowl_common.db import Database
from nightowl_query.api.edge import problems
from nightowl_query.engine.setup import checklist
from nightowl_query.model.setup import Setup
from nightowl_query.store import setup as store


@get(
    "/setup", operation_id="getSetup", tags=["System"], summary="How far a first run has come",
    guards=[requires("readonly")], responses=problems(),
)  # fmt: skip
async def get_setup(principal: NamedDependency[Principal], database: NamedDependency[Database]) -> Setup:
    """Read from what is there: nobody ticks anything off."""
    async with database.tenant_tx(principal.tenant) as tx:
        return checklist(await store.count_steps(tx, principal.user_id))


HANDLERS = [get_setup]

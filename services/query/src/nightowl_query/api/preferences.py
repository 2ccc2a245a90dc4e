"""What the caller prefers on the screen."""

from uuid import UUID

import msgspec
from litestar import get, put
from litestar.di import NamedDependency
from litestar.params import JSONBody

from nightowl_alerting.store import insert_audit
from nightowl_auth import Principal, requires
from nightowl_common.db import Database, Tx
from nightowl_common.errors import FieldProblem, InvalidError
from nightowl_common.outbox import Outbox
from nightowl_oncall import UnknownZoneError, zone_of
from nightowl_query.api.edge import problems
from nightowl_query.engine.preferences import read_preferences
from nightowl_query.model.identity import PersonNeededError
from nightowl_query.model.preferences import MyPreferences
from nightowl_query.store import preferences as store
from nightowl_query.store.preferences import Kept

TAGS = ["People"]
NOTHING = Kept(timezone=None, preferences={})


@get(
    "/me/preferences", operation_id="getMyPreferences", tags=TAGS, summary="What the caller prefers on the screen",
    guards=[requires("readonly")], responses=problems(404),
)  # fmt: skip
async def get_my_preferences(
    principal: NamedDependency[Principal], database: NamedDependency[Database]
) -> MyPreferences:  # fmt: skip
    """What is usual where nothing was chosen, and for keys that are nobody's."""
    return read_preferences((await load_kept(database, principal)).preferences)


@put(
    "/me/preferences", operation_id="putMyPreferences", tags=TAGS, summary="Choose what the screen looks like",
    guards=[requires("readonly")], responses=problems(404, 413, 422),
)  # fmt: skip
async def put_my_preferences(
    data: JSONBody[MyPreferences], principal: NamedDependency[Principal], outbox: NamedDependency[Outbox]
) -> MyPreferences:
    """Takes the whole; what is left out is as usual. A key that is nobody's has none (403)."""
    _require_zone(data.time_zone)
    if principal.person_id is None:
        raise PersonNeededError
    chosen: dict[str, object] = msgspec.to_builtins(data)
    async with outbox.tenant_tx(principal.tenant) as tx:
        if principal.user_id is not None:
            await _keep_of_person(tx, principal, principal.user_id, chosen)
        else:
            await _keep_of_admin(tx, principal, principal.person_id, chosen)
    return data


HANDLERS = [get_my_preferences, put_my_preferences]


async def load_kept(database: Database, who: Principal) -> Kept:
    """What is kept for a caller; nothing for a key that is nobody's.

    Raises:
        UserNotFoundError: the person is gone.
    """
    if who.person_id is None:
        return NOTHING
    async with database.tenant_tx(who.tenant) as tx:
        if who.user_id is not None:
            return await store.load_of_person(tx, who.user_id)
        return await store.load_of_admin(tx, who.person_id)


async def _keep_of_person(tx: Tx, who: Principal, user_id: UUID, chosen: dict[str, object]) -> None:
    before = await store.lock_of_person(tx, user_id)
    if _differs(before, chosen):
        await store.keep_of_person(tx, user_id, chosen)
        await _audit(tx, who, "user", user_id)


async def _keep_of_admin(tx: Tx, who: Principal, local_admin_id: UUID, chosen: dict[str, object]) -> None:
    before = await store.load_of_admin(tx, local_admin_id)
    if _differs(before, chosen):
        await store.keep_of_admin(tx, local_admin_id, chosen)
        await _audit(tx, who, "local_admin", local_admin_id)


def _differs(before: Kept, chosen: dict[str, object]) -> bool:
    return any(before.preferences.get(name, ...) != value for name, value in chosen.items())


async def _audit(tx: Tx, who: Principal, entity: str, entity_id: UUID) -> None:
    told: dict[str, object] = {"preferences": "replaced"}
    await insert_audit(tx, who.actor, action="updated", entity=entity, entity_id=entity_id, changes=told)


def _require_zone(name: str | None) -> None:
    """Raises:
    InvalidError: no time zone is called so.
    """
    if name is None:
        return
    try:
        zone_of(name)
    except UnknownZoneError as error:
        problem = FieldProblem(field="$.time_zone", reason=f"no time zone is called {name}")
        raise InvalidError(fields=[problem]) from error

"""What a tenant decides for all of its alerts."""

from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
from litestar import Response, get, patch
from litestar.di import NamedDependency
from litestar.params import JSONBody

from nightowl_alerting.store import insert_audit
from nightowl_auth import Principal, requires
from nightowl_common.db import Database, Tx
from nightowl_common.errors import FieldProblem, InvalidError
from nightowl_common.outbox import Outbox
from nightowl_query.api.edge import ETAG, IfMatch, etag, problems, require_revision
from nightowl_query.model.config import ConfigChange, TenantConfig
from nightowl_query.store import config as store

TAGS = ["System"]
ENTITY = UUID(int=0)
"""What the audit log calls the one row."""


@get(
    "/admin/config", operation_id="getConfig", tags=TAGS, summary="The tenant's settings",
    guards=[requires("manager")], responses=problems(), response_headers=[ETAG],
)  # fmt: skip
async def get_config(
    principal: NamedDependency[Principal], database: NamedDependency[Database]
) -> Response[TenantConfig]:
    """The `ETag` is the revision that `If-Match` takes."""
    async with database.tenant_tx(principal.tenant) as tx:
        return _answer(await store.load_config(tx, principal.tenant))


@patch(
    "/admin/config", operation_id="changeConfig", tags=TAGS, summary="Change the tenant's settings",
    guards=[requires("admin")], responses=problems(412, 413, 422), response_headers=[ETAG],
)  # fmt: skip
async def change_config(
    data: JSONBody[ConfigChange],
    principal: NamedDependency[Principal],
    outbox: NamedDependency[Outbox],
    if_match: IfMatch = None,
) -> Response[TenantConfig]:
    """Fields that are left out stay. A change of the default policy is in force for new alerts, after 2 s."""
    async with outbox.tenant_tx(principal.tenant) as tx:
        before = await store.lock_config(tx, principal.tenant)
        require_revision(if_match, before.revision)
        wanted = {name: value for name, value in msgspec.structs.asdict(data).items() if value is not msgspec.UNSET}
        changes: dict[str, object] = {
            name: [getattr(before, name), value] for name, value in wanted.items() if getattr(before, name) != value
        }
        if changes:
            after = msgspec.structs.replace(before, **wanted)
            await _require_sense(tx, after)
            await store.update_config(tx, principal.tenant, after)
            await insert_audit(
                tx, principal.actor, action="updated", entity="config", entity_id=ENTITY, changes=changes
            )  # fmt: skip
        return _answer(await store.load_config(tx, principal.tenant))


HANDLERS = [get_config, change_config]


async def _require_sense(tx: Tx, config: TenantConfig) -> None:
    """Raises:
    InvalidError: there is no such time zone or policy; says which.
    """
    fields = []
    if not _is_zone(config.timezone):
        fields.append(FieldProblem(field="$.timezone", reason="no such time zone; names are like Europe/Berlin"))
    if config.default_policy_id is not None and not await store.policy_exists(tx, config.default_policy_id):
        fields.append(FieldProblem(field="$.default_policy_id", reason="no such escalation policy"))
    if fields:
        raise InvalidError(fields=fields)


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def _answer(config: TenantConfig) -> Response[TenantConfig]:
    return Response(config, headers={"ETag": etag(config.revision)})

"""The noise rules as they are now, and the only SQL that writes groups."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from nightowl_alerting.model import RacedError, Route
from nightowl_alerting.noise.model import Group, GroupingRule, MuteRules, OpenAlert, RouteRule
from nightowl_alerting.noise.routing import Routing
from nightowl_common.db import Tx, load_queries

SQL = load_queries(__package__)


class GroupKey(msgspec.Struct, frozen=True, kw_only=True):
    """What makes a group: a rule, and the values of the labels that it groups by."""

    rule_id: UUID
    key: dict[str, str]


class NewGroup(msgspec.Struct, frozen=True, kw_only=True):
    """A group to be."""

    id: UUID
    rule_id: UUID
    name: str
    key: dict[str, str]
    pages: str


async def load_routing(tx: Tx) -> Routing:
    """The tenant's routes, services and default policy."""
    routes = [msgspec.convert(dict(row), RouteRule) for row in await tx.fetch(SQL["load_routes"])]
    by_name = {
        row["name"]: Route(
            service_id=row["service_id"], policy_id=row["policy_id"], policy_version=row["policy_version"]
        )
        for row in await tx.fetch(SQL["load_service_routes"])
    }
    default = by_name.pop(None, Route())
    return Routing(routes=routes, services=by_name, default=default)


async def load_grouping_rules(tx: Tx) -> list[GroupingRule]:
    """Enabled rules in order."""
    return [msgspec.convert(dict(row), GroupingRule) for row in await tx.fetch(SQL["load_grouping_rules"])]


async def load_mute_rules(tx: Tx) -> MuteRules:
    """Silences that stand, and windows and inhibition rules that are enabled."""
    row = await tx.fetchrow(SQL["load_mute_rules"])
    assert row is not None
    return msgspec.convert(dict(row), MuteRules)


async def hold_mute_rules(tx: Tx) -> bool:
    """The rules stay as they are until the transaction ends; false while somebody is changing them.

    Without it, a worker could mute by a rule that is deleted meanwhile, and whoever deletes it could not see that.
    """
    return bool(await tx.fetchval(SQL["hold_mute_rules"]))


async def lock_mute_rules(tx: Tx) -> None:
    """Nobody judges by the rules until the transaction ends, and what was judged before is there to be seen."""
    await tx.execute(SQL["lock_mute_rules"])


async def find_open_alerts(tx: Tx, *, besides: UUID, labels: Mapping[str, str]) -> list[OpenAlert]:
    """Other open alerts that have some labels, at most 500."""
    rows = await tx.fetch(SQL["find_open_alerts"], besides, dict(labels))
    return [msgspec.convert(dict(row), OpenAlert) for row in rows]


async def find_ungrouped(tx: Tx, *, since: datetime, labels: Mapping[str, str]) -> list[OpenAlert]:
    """Alerts that opened after a time, have some labels and are in no group, at most 200."""
    rows = await tx.fetch(SQL["find_ungrouped"], since, dict(labels))
    return [msgspec.convert(dict(row), OpenAlert) for row in rows]


async def lock_open_groups(tx: Tx, wanted: Sequence[GroupKey]) -> list[tuple[UUID, GroupKey]]:
    """The groups that take alerts of these keys, locked until the transaction ends; stale ones are closed here."""
    rows = await tx.fetch(SQL["lock_open_groups"], list(wanted))
    if not rows:
        return []
    closed = {row["id"] for row in await tx.fetch(SQL["close_stale_groups"], [row["id"] for row in rows])}
    return [(row["id"], GroupKey(rule_id=row["rule_id"], key=row["key"])) for row in rows if row["id"] not in closed]


async def insert_groups(tx: Tx, groups: Sequence[NewGroup]) -> None:
    """New groups.

    Raises:
        RacedError: a rival began one of them first.
    """
    if groups and len(await tx.fetch(SQL["insert_groups"], list(groups))) < len(groups):
        raise RacedError


async def touch_groups(tx: Tx, group_ids: Sequence[UUID]) -> None:
    """Groups that this transaction holds have taken something."""
    if group_ids:
        await tx.execute(SQL["touch_groups"], list(group_ids))


async def lock_group_or_skip(tx: Tx, group_id: UUID) -> Group | None:
    """A group, locked until the transaction ends; None when somebody else holds it."""
    row = await tx.fetchrow(SQL["lock_group_or_skip"], group_id)
    return None if row is None else msgspec.convert(dict(row), Group)


async def load_group(tx: Tx, group_id: UUID) -> Group | None:
    """A group, not locked."""
    row = await tx.fetchrow(SQL["load_group"], group_id)
    return None if row is None else msgspec.convert(dict(row), Group)


async def set_lead(tx: Tx, group_id: UUID, alert_id: UUID) -> None:
    """The alert that pages for a locked group from now on."""
    await tx.execute(SQL["set_lead"], group_id, alert_id)

"""Browsers in the database: sealed at rest, opened by who sends, shown to nobody."""

from uuid import UUID

import msgspec

from nightowl_alerting.push.model import Browser, Subscription
from nightowl_alerting.sealing import MasterKeys, Sealed
from nightowl_alerting.store import insert_audit
from nightowl_common.db import Tx, load_queries
from nightowl_contracts import Actor

SQL = load_queries(__package__)


async def save_subscription(
    tx: Tx, tenant: str, method_id: UUID, subscription: Subscription, keys: MasterKeys, *, name: str
) -> None:  # fmt: skip
    """Seals and stores what reaches a browser, whose contact method is there already.

    Raises:
        MasterKeyMissingError: there is no master key.
    """
    sealed = keys.seal(msgspec.json.encode(subscription), owner=_owner(tenant, method_id))
    await tx.execute(SQL["save_subscription"], method_id, name, sealed.body, sealed.key_id)


async def load_browsers(tx: Tx, tenant: str, address: UUID, keys: MasterKeys) -> list[Browser]:
    """The browsers that an address means: all of a person's, or the one of a contact method. Those that ended are not.

    Raises:
        MasterKeyMissingError: one is sealed under a key that is not here.
        UnsealableError: one is not what was sealed for this tenant.
    """
    found: list[Browser] = []
    for row in await tx.fetch(SQL["load_subscriptions"], address):
        sealed = Sealed(key_id=row["key_id"], body=row["sealed"])
        plain = keys.open(sealed, owner=_owner(tenant, row["method_id"]))
        found.append(Browser(method_id=row["method_id"], subscription=msgspec.json.decode(plain, type=Subscription)))
    return found


async def end_subscription(tx: Tx, method_id: UUID, *, actor: Actor) -> bool:
    """Its push service says that it is over: it is paged no more, and the audit log says so. False when it was over."""
    row = await tx.fetchrow(SQL["end_subscription"], method_id)
    if row is None:
        return False
    changes: dict[str, object] = {
        "contact_method_id": str(method_id), "kind": "push", "address": row["address"], "name": row["name"],
    }  # fmt: skip
    await insert_audit(
        tx, actor, action="contact_method_ended", entity="user", entity_id=row["user_id"], changes=changes
    )
    return True


async def wrap_subscriptions_anew(tx: Tx, tenant: str, keys: MasterKeys) -> int:
    """As `credentials.wrap_credentials_anew`, of browsers. Raises the same."""
    rows = await tx.fetch(SQL["lock_sealed_otherwise"], keys.current)
    for row in rows:
        old = Sealed(key_id=row["key_id"], body=row["sealed"])
        new = keys.wrap_anew(old, owner=_owner(tenant, row["contact_method_id"]))
        await tx.execute(SQL["replace_seal"], row["contact_method_id"], new.body, new.key_id)
    return len(rows)


def _owner(tenant: str, method_id: UUID) -> str:
    return f"nightowl:{tenant}:push:{method_id}"

"""Who a Slack user is here: by their Slack id, else by the e-mail address that their workspace vouches for.

An address is believed only of a full member of the very workspace that the request came from: who comes from another
one over a shared channel brings an address that others have vouched for.
"""

from collections.abc import Mapping, Sequence

import msgspec
from slack_sdk.errors import SlackClientError

from nightowl_alerting.store import insert_audit
from nightowl_auth.principal import ROLES, Role
from nightowl_common.db import Database, Tx
from nightowl_common.logs import get_logger
from nightowl_contracts import Actor
from nightowl_notifier import store
from nightowl_notifier.channels.accounts import Accounts, SlackAccount
from nightowl_notifier.channels.transport import BROKEN
from nightowl_notifier.model import SlackPerson

log = get_logger(__name__)

MATCHED = Actor(kind="provider", id="slack", name="slack (matched by e-mail)")


class Caller(msgspec.Struct, frozen=True, kw_only=True):
    """A Slack user, the workspace, and the accounts whose signature the request carries."""

    accounts: list[SlackAccount]
    team_id: str
    user_id: str
    request_id: str | None = None


class Colleague(msgspec.Struct, frozen=True, kw_only=True):
    """Who asks, in one tenant. Good as the author of a change."""

    tenant: str
    account: SlackAccount
    person: SlackPerson

    @property
    def actor(self) -> Actor:
        """Whom history and audit log name."""
        return Actor(kind="user", id=str(self.person.id), name=self.person.name)

    def may(self, role: Role) -> bool:
        """Whether the person has at least this role."""
        return ROLES[self.person.role] >= ROLES[role]


async def served_by(accounts: Accounts, verified: Sequence[SlackAccount]) -> dict[str, SlackAccount]:
    """The tenants that verified accounts may act for, and no others."""
    served: dict[str, SlackAccount] = {}
    for account in verified:
        slugs = [account.tenant] if account.tenant is not None else await accounts.sharing_slack()
        served |= {slug: account for slug in slugs if slug not in served}
    return served


async def find_colleagues(database: Database, caller: Caller, served: Mapping[str, SlackAccount]) -> list[Colleague]:
    """Who a caller is in the tenants that are asked about, by tenant. Someone who is found by e-mail is remembered."""
    known: list[Colleague] = []
    async with database.global_tx() as tx:
        for tenant, account in sorted(served.items()):
            await tx.enter_tenant(tenant)
            person = _only(await store.find_people(tx, caller.user_id), tenant)
            if person is not None:
                known.append(Colleague(tenant=tenant, account=account, person=person))
    return known or await _by_email(database, caller, served)


def _only(found: Sequence[SlackPerson], tenant: str) -> SlackPerson | None:
    """Two people of one Slack id are nobody: it cannot be told who asks."""
    if len(found) > 1:
        log.warning("slack_id_of_several", tenant=tenant)
    return found[0] if len(found) == 1 else None


async def _by_email(database: Database, caller: Caller, served: Mapping[str, SlackAccount]) -> list[Colleague]:
    found: list[Colleague] = []
    apps = {account.tenant: account for account in served.values()}
    emails = {owner: await _email(account, caller) for owner, account in apps.items()}
    async with database.global_tx() as tx:
        for tenant, account in sorted(served.items()):
            email = emails[account.tenant]
            person = None if email is None else await _match(tx, tenant, caller.user_id, email)
            if person is not None:
                found.append(Colleague(tenant=tenant, account=account, person=person))
    return found


async def _email(account: SlackAccount, caller: Caller) -> str | None:
    """The address that the workspace knows a user by; None when it vouches for none."""
    try:
        answer = await account.client.users_info(user=caller.user_id)
    except (*BROKEN, SlackClientError) as error:
        log.warning("slack_user_not_asked", error=str(error)[:200])
        return None
    user = answer.get("user")
    return _vouched(user, caller.team_id) if isinstance(user, Mapping) else None


def _vouched(user: Mapping[str, object], team_id: str) -> str | None:
    foreign = ("deleted", "is_bot", "is_stranger", "is_restricted", "is_ultra_restricted")
    if any(user.get(each) for each in foreign) or user.get("team_id") != team_id:
        return None
    if user.get("is_email_confirmed") is False:
        return None
    profile = user.get("profile")
    email = profile.get("email") if isinstance(profile, Mapping) else None
    return email if isinstance(email, str) and email else None


async def _match(tx: Tx, tenant: str, slack_user_id: str, email: str) -> SlackPerson | None:
    await tx.enter_tenant(tenant)
    person = await store.lock_person_by_email(tx, email)
    if person is None:
        return None
    await store.set_slack_user_id(tx, person.id, slack_user_id)
    changes: dict[str, object] = {"slack_user_id": [None, slack_user_id]}
    await insert_audit(tx, MATCHED, action="updated", entity="user", entity_id=person.id, changes=changes)
    log.info("slack_user_matched", tenant=tenant, user_id=str(person.id))
    return person

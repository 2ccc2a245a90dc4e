"""Whose provider account a page travels over: the tenant's own where it has one, else the installation's.

A tenant's own credentials are looked at again after five seconds, so a change is in force within that time. While they
cannot be opened its pages fail over, and never travel over somebody else's account.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

import aiohttp
import msgspec
from slack_sdk.web.async_client import AsyncWebClient
from twilio.rest import Client

from nightowl_alerting import credentials as kernel
from nightowl_alerting.credentials import (
    AnyCredentials,
    ProviderKind,
    SlackCredentials,
    SmtpCredentials,
    TwilioCredentials,
)
from nightowl_alerting.sealing import MasterKeys
from nightowl_common import clock
from nightowl_common.db import Database, TenantSuspendedError, UnknownTenantError
from nightowl_common.errors import PermanentError
from nightowl_common.logs import get_logger
from nightowl_common.settings import Secret
from nightowl_notifier.channels.email import Server
from nightowl_notifier.channels.slack import open_client as open_slack
from nightowl_notifier.channels.twilio_client import open_client as open_twilio

log = get_logger(__name__)

RECHECK_SECONDS = 5.0
MOST_REMEMBERED = 5_000
"""Tenants per provider; beyond it all are looked up anew, which costs one small query each."""


class SlackAccount(msgspec.Struct, frozen=True, kw_only=True):
    """A Slack app of a workspace. `tenant`: None for the installation's own. Without a secret it takes no requests."""

    tenant: str | None
    client: AsyncWebClient
    signing_secret: Secret | None


class TwilioAccount(msgspec.Struct, frozen=True, kw_only=True):
    """A Twilio account with its numbers in order of use. `tenant` is None for the installation's own."""

    tenant: str | None
    client: Client
    auth_token: Secret
    numbers: Sequence[str]


AccountT = TypeVar("AccountT")
Load = Callable[[str, ProviderKind], Awaitable[AnyCredentials | None]]
"""A tenant's own credentials, opened; None: it has none."""


class _Known(msgspec.Struct, Generic[AccountT], frozen=True):
    credentials: AnyCredentials | None
    account: AccountT | None
    until: float


class OwnAccounts(Generic[AccountT]):
    """The tenants' own accounts at one provider, opened once for as long as their credentials stay the same."""

    def __init__(self, kind: ProviderKind, load: Load, make: Callable[[str, AnyCredentials], AccountT]) -> None:
        self._kind = kind
        self._load = load
        self._make = make
        self._known: dict[str, _Known[AccountT]] = {}

    async def of(self, tenant: str) -> AccountT | None:
        """A tenant's own account; None: it has none.

        Raises:
            TransientError: the database cannot be used.
            PermanentError: the tenant is gone, or its credentials cannot be opened here.
        """
        now = clock.monotonic_seconds()
        known = self._known.get(tenant)
        if known is None or known.until <= now:
            if len(self._known) >= MOST_REMEMBERED:
                self._known.clear()
            known = self._known[tenant] = self._renewed(tenant, known, await self._load(tenant, self._kind), now)
        return known.account

    def _renewed(
        self, tenant: str, known: _Known[AccountT] | None, credentials: AnyCredentials | None, now: float
    ) -> _Known[AccountT]:
        until = now + RECHECK_SECONDS
        if known is not None and known.credentials == credentials:
            return msgspec.structs.replace(known, until=until)
        account = None if credentials is None else self._make(tenant, credentials)
        return _Known(credentials, account, until)


class Installation(msgspec.Struct, frozen=True, kw_only=True):
    """The accounts of the installation's own settings, for tenants that have none."""

    slack: SlackAccount | None
    twilio: TwilioAccount | None
    mail: Server | None


class Addresses(msgspec.Struct, frozen=True, kw_only=True):
    """Where the providers' APIs are, and how long a mail server has to answer, in seconds."""

    slack: str
    twilio: str
    mail_seconds: float


class Accounts:
    """Finds the account of a tenant, and the accounts that a provider's request may be about."""

    def __init__(
        self,
        database: Database,
        *,
        keys: MasterKeys,
        session: aiohttp.ClientSession,
        addresses: Addresses,
        installation: Installation,
    ) -> None:
        self._database = database
        self._keys = keys
        self._session = session
        self._addresses = addresses
        self._installation = installation
        self._slack = OwnAccounts("slack", self._load, self._open_slack)
        self._twilio = OwnAccounts("twilio", self._load, self._open_twilio)
        self._mail = OwnAccounts("smtp", self._load, self._open_mail)

    async def slack(self, tenant: str) -> SlackAccount | None:
        """The Slack app that serves a tenant; None: there is none for it. Raises as `OwnAccounts`."""
        return await self._slack.of(tenant) or self._installation.slack

    async def twilio(self, tenant: str) -> TwilioAccount | None:
        """The Twilio account that serves a tenant. As `slack`."""
        return await self._twilio.of(tenant) or self._installation.twilio

    async def own_mail(self, tenant: str) -> Server | None:
        """The tenant's own mail server: an address that a tenant has chosen. Raises as `OwnAccounts`."""
        return await self._mail.of(tenant)

    @property
    def shared_mail(self) -> Server | None:
        """The installation's mail server."""
        return self._installation.mail

    async def slack_of_team(self, team_id: str) -> list[SlackAccount]:
        """Whose a request from a workspace may be: the signature tells. Tenants' own apps, then the installation's."""
        return await self._candidates("slack", team_id, own=self._slack, shared=self._installation.slack)

    async def twilio_of_tenant(self, tenant: str) -> list[TwilioAccount]:
        """Whose a request about a tenant's page may be: it may have gone out before the tenant had its own account."""
        return [each for each in (await self._twilio.of(tenant), self._installation.twilio) if each is not None]

    async def twilio_of_number(self, number: str) -> list[TwilioAccount]:
        """Whose a request about a number of ours may be. As `slack_of_team`."""
        return await self._candidates("twilio", number, own=self._twilio, shared=self._installation.twilio)

    async def sharing_slack(self) -> list[str]:
        """Active tenants without a Slack app of their own."""
        return await self._sharing("slack")

    async def sharing_twilio(self) -> list[str]:
        """Active tenants without a Twilio account of their own."""
        return await self._sharing("twilio")

    async def _sharing(self, kind: ProviderKind) -> list[str]:
        async with self._database.global_tx() as tx:
            return await kernel.load_sharing(tx, kind)

    async def _candidates(
        self, kind: ProviderKind, address: str, *, own: OwnAccounts[AccountT], shared: AccountT | None
    ) -> list[AccountT]:
        """A tenant whose credentials cannot be opened keeps nobody else from being found."""
        async with self._database.global_tx() as tx:
            holders = await kernel.load_holders(tx, kind, address)
        found: list[AccountT | None] = []
        for tenant in holders:
            try:
                found.append(await own.of(tenant))
            except (PermanentError, UnknownTenantError, TenantSuspendedError) as error:
                log.exception("account_not_at_hand", tenant=tenant, kind=kind, error=error.code)
        return [each for each in (*found, shared) if each is not None]

    async def _load(self, tenant: str, kind: ProviderKind) -> AnyCredentials | None:
        async with self._database.tenant_tx(tenant) as tx:
            return await kernel.load_credentials(tx, tenant, kind, self._keys)

    def _open_slack(self, tenant: str, own: AnyCredentials) -> SlackAccount:
        assert isinstance(own, SlackCredentials)
        client = open_slack(token=own.bot_token, base_url=self._addresses.slack, session=self._session)
        return SlackAccount(tenant=tenant, client=client, signing_secret=Secret(own.signing_secret))

    def _open_twilio(self, tenant: str, own: AnyCredentials) -> TwilioAccount:
        assert isinstance(own, TwilioCredentials)
        client = open_twilio(
            account_sid=own.account_sid,
            auth_token=own.auth_token,
            base_url=self._addresses.twilio,
            session=self._session,
        )
        return TwilioAccount(tenant=tenant, client=client, auth_token=Secret(own.auth_token), numbers=own.numbers)

    def _open_mail(self, _tenant: str, own: AnyCredentials) -> Server:
        assert isinstance(own, SmtpCredentials)
        return Server(
            host=own.host,
            port=own.port,
            security="plain" if own.security == "none" else own.security,
            user=own.username,
            password=own.password,
            sender=own.from_address,
            timeout_seconds=self._addresses.mail_seconds,
        )

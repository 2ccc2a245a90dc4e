"""Which channel object serves a tenant: over its own account, over the installation's, else what stands in."""

from collections.abc import Awaitable, Callable
from typing import Literal

from slack_sdk.web.async_client import AsyncWebClient

from nightowl_alerting.paging import AttemptResult, Failed, FailureReason
from nightowl_common.errors import NightOwlError, TransientError
from nightowl_common.guarded import GuardedClient
from nightowl_common.logs import get_logger
from nightowl_notifier.channels.accounts import Accounts
from nightowl_notifier.channels.callbacks import Callbacks
from nightowl_notifier.channels.channel import Channel
from nightowl_notifier.channels.email import Email
from nightowl_notifier.channels.links import PageLinks
from nightowl_notifier.channels.slack import ClientOf, Slack
from nightowl_notifier.channels.sms import Sms
from nightowl_notifier.channels.voice import Voice
from nightowl_notifier.model import CannotTell, LookUp, OutgoingPage

log = get_logger(__name__)

ChannelOf = Callable[[str], Awaitable[Channel]]
"""The channel of a tenant. Never raises: one that cannot be had at this moment fails its pages."""


class NotAtHand:
    """Stands in where it cannot be told which account is to be used."""

    def __init__(self, *, is_permanent: bool, detail: str) -> None:
        self._is_permanent = is_permanent
        self._detail = detail

    @property
    def name(self) -> str:
        """No provider."""
        return "none"

    async def send(self, _page: OutgoingPage) -> AttemptResult:
        """Nothing was sent; for good when trying again would tell the same."""
        reason = FailureReason.NOT_CONFIGURED if self._is_permanent else FailureReason.UNAVAILABLE
        return Failed(provider=self.name, reason=reason, is_permanent=self._is_permanent, detail=self._detail)

    async def find(self, _page: OutgoingPage) -> LookUp:
        """Nobody to ask."""
        return CannotTell(detail=self._detail)


def same(channel: Channel) -> ChannelOf:
    """One channel for every tenant."""

    async def channel_of(_tenant: str) -> Channel:
        return channel

    return channel_of


def slack_of(
    accounts: Accounts, kind: Literal["dm", "channel"], links: PageLinks, *, otherwise: Channel
) -> ChannelOf:  # fmt: skip
    """Slack, to people or to channels."""

    async def find(tenant: str) -> Channel:
        account = await accounts.slack(tenant)
        return otherwise if account is None else Slack(account.client, kind=kind, links=links)

    return _safely(find)


def slack_client_of(accounts: Accounts) -> ClientOf:
    """The client that edits a tenant's messages; None: it has none, or none that can be used.

    Raises:
        TransientError: the database cannot be used.
    """

    async def client_of(tenant: str) -> AsyncWebClient | None:
        try:
            account = await accounts.slack(tenant)
        except TransientError:
            raise
        except NightOwlError as error:
            log.exception("account_not_at_hand", tenant=tenant, error=error.code)
            return None
        return None if account is None else account.client

    return client_of


def sms_of(accounts: Accounts, callbacks: Callbacks, links: PageLinks, *, otherwise: Channel) -> ChannelOf:
    """Text messages."""

    async def find(tenant: str) -> Channel:
        account = await accounts.twilio(tenant)
        if account is None:
            return otherwise
        return Sms(account.client, numbers=account.numbers, callbacks=callbacks, links=links)

    return _safely(find)


def voice_of(accounts: Accounts, callbacks: Callbacks, *, otherwise: Channel) -> ChannelOf:
    """Calls."""

    async def find(tenant: str) -> Channel:
        account = await accounts.twilio(tenant)
        return otherwise if account is None else Voice(account.client, numbers=account.numbers, callbacks=callbacks)

    return _safely(find)


def email_of(accounts: Accounts, links: PageLinks, *, guard: GuardedClient, otherwise: Channel) -> ChannelOf:
    """Mail. A server that a tenant has chosen is connected to like any address that tenants choose."""

    async def find(tenant: str) -> Channel:
        own = await accounts.own_mail(tenant)
        if own is not None:
            return Email(own, links=links, guard=guard)
        return otherwise if accounts.shared_mail is None else Email(accounts.shared_mail, links=links)

    return _safely(find)


def _safely(find: ChannelOf) -> ChannelOf:
    async def channel_of(tenant: str) -> Channel:
        try:
            return await find(tenant)
        except TransientError as error:
            return NotAtHand(is_permanent=False, detail=error.detail)
        except NightOwlError as error:
            log.exception("account_not_at_hand", tenant=tenant, error=error.code)
            return NotAtHand(is_permanent=True, detail=f"the tenant's account cannot be used: {error.code}")

    return channel_of

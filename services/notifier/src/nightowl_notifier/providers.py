"""What the settings say of providers, opened: the installation's own accounts, and the channels of a tenant."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

import aiohttp

from nightowl_alerting.paging import NOTIFIER
from nightowl_alerting.push import store as browsers
from nightowl_alerting.push.keys import VapidKey
from nightowl_alerting.push.model import Browser
from nightowl_alerting.sealing import MasterKeys
from nightowl_common.db import Database
from nightowl_common.guarded import GuardedClient
from nightowl_contracts.topology import CHANNELS
from nightowl_notifier import store
from nightowl_notifier.channels import canary, email, mattermost, push, serving, slack, teams, twilio_client, webhook
from nightowl_notifier.channels.accounts import Accounts, Addresses, Installation, SlackAccount, TwilioAccount
from nightowl_notifier.channels.callbacks import Callbacks
from nightowl_notifier.channels.channel import Channel, NotConfigured
from nightowl_notifier.channels.links import PageLinks
from nightowl_notifier.channels.local import LocalOutbox
from nightowl_notifier.channels.serving import ChannelOf
from nightowl_notifier.model import Endpoint, Firing, OutgoingPage
from nightowl_notifier.settings import Settings


def open_accounts(settings: Settings, *, session: aiohttp.ClientSession, database: Database) -> Accounts:
    """The installation's own provider accounts from the settings, and the way to the tenants' own."""
    return Accounts(
        database,
        keys=MasterKeys.parse(settings.master_keys.reveal()),
        session=session,
        addresses=Addresses(
            slack=settings.slack_api_url,
            twilio=settings.twilio_api_url,
            mail_seconds=settings.provider_timeout_seconds,
        ),
        installation=Installation(
            slack=_slack(settings, session), twilio=_twilio(settings, session), mail=_mail(settings)
        ),
    )


def open_channels(
    settings: Settings, *, accounts: Accounts, callbacks: Callbacks, database: Database
) -> Mapping[str, ChannelOf]:
    """What serves each channel of a tenant: its account, the installation's, the local outbox, or nothing that works.

    Endpoints need no account: a tenant that has one has configured it.
    """
    local = _local_outbox(database) if settings.local_outbox else None
    otherwise: dict[str, Channel] = {name: local or NotConfigured(name) for name in CHANNELS}
    guard, links = GuardedClient(hosts=settings.listed_hosts), page_links(settings)
    channels = {
        "slack_dm": serving.slack_of(accounts, "dm", links, otherwise=otherwise["slack_dm"]),
        "slack_channel": serving.slack_of(accounts, "channel", links, otherwise=otherwise["slack_channel"]),
        "sms": serving.sms_of(accounts, callbacks, links, otherwise=otherwise["sms"]),
        "phone": serving.voice_of(accounts, callbacks, otherwise=otherwise["phone"]),
        "email": serving.email_of(accounts, links, guard=guard, otherwise=otherwise["email"]),
        "push": serving.same(_push(settings, guard, database) or otherwise["push"]),
        **{name: serving.same(channel) for name, channel in _endpoints(guard, database).items()},
    }
    sink = canary.Sink(_canary_arrivals(database))
    return {name: canary.apart_from_canary(sink, channel_of) for name, channel_of in channels.items()}


def _canary_arrivals(database: Database) -> canary.Note:
    async def note(fired_at: datetime) -> None:
        async with database.global_tx() as tx:
            await store.note_canary_arrival(tx, fired_at=fired_at)

    return note


def open_canary(settings: Settings, session: aiohttp.ClientSession, database: Database) -> canary.Canary | None:
    """What fires the canary and tells of it; None: this installation has none."""
    if settings.canary_url is None or settings.canary_key is None:
        return None

    async def claim_firing() -> Firing | None:
        async with database.global_tx() as tx:
            return await store.claim_canary_firing(tx, seconds=settings.canary_seconds)

    async def claim_news() -> bool:
        async with database.global_tx() as tx:
            return await store.claim_canary_news(tx)

    return canary.Canary(
        session,
        url=settings.canary_url,
        key=settings.canary_key,
        heartbeat_url=settings.canary_heartbeat_url,
        claim_firing=claim_firing,
        claim_news=claim_news,
    )


def _slack(settings: Settings, session: aiohttp.ClientSession) -> SlackAccount | None:
    if settings.slack_bot_token is None:
        return None
    token = settings.slack_bot_token.reveal()
    client = slack.open_client(token=token, base_url=settings.slack_api_url, session=session)
    return SlackAccount(tenant=None, client=client, signing_secret=settings.slack_signing_secret)


def _twilio(settings: Settings, session: aiohttp.ClientSession) -> TwilioAccount | None:
    if not (settings.twilio_account_sid and settings.twilio_auth_token and settings.twilio_from):
        return None
    client = twilio_client.open_client(
        account_sid=settings.twilio_account_sid,
        auth_token=settings.twilio_auth_token.reveal(),
        base_url=settings.twilio_api_url,
        session=session,
    )
    numbers = [each for each in (settings.twilio_from, settings.twilio_second_from) if each is not None]
    return TwilioAccount(tenant=None, client=client, auth_token=settings.twilio_auth_token, numbers=numbers)


def _mail(settings: Settings) -> email.Server | None:
    if settings.smtp_host is None or settings.mail_from is None:
        return None
    return email.Server(
        host=settings.smtp_host,
        port=settings.smtp_port,
        security=settings.smtp_security,
        user=settings.smtp_user,
        password=None if settings.smtp_password is None else settings.smtp_password.reveal(),
        sender=settings.mail_from,
        timeout_seconds=settings.provider_timeout_seconds,
    )


def _push(settings: Settings, client: GuardedClient, database: Database) -> push.Push | None:
    """Web push; None: there is no key to sign with."""
    if settings.vapid_key is None:
        return None
    keys = MasterKeys.parse(settings.master_keys.reveal())

    async def load(tenant: str, address: str) -> list[Browser]:
        meant = UUID(address)
        async with database.tenant_tx(tenant) as tx:
            return await browsers.load_browsers(tx, tenant, meant, keys)

    async def end(tenant: str, method_id: UUID) -> None:
        async with database.tenant_tx(tenant) as tx:
            await browsers.end_subscription(tx, method_id, actor=NOTIFIER)

    return push.Push(
        client,
        key=VapidKey.parse(settings.vapid_key.reveal()),
        contact=settings.contact,
        links=page_links(settings),
        load=load,
        end=end,
    )


def _endpoints(client: GuardedClient, database: Database) -> dict[str, Channel]:
    async def load(tenant: str, endpoint_id: UUID) -> Endpoint | None:
        async with database.tenant_tx(tenant) as tx:
            return await store.load_endpoint(tx, endpoint_id)

    return {
        "webhook": webhook.Webhook(client, load=load),
        "mattermost": mattermost.Mattermost(client, load=load),
        "teams": teams.Teams(client, load=load),
    }


def page_links(settings: Settings) -> PageLinks:
    """Makes and reads the links in pages."""
    return PageLinks(
        public_url=settings.public_url, auth_token=settings.twilio_auth_token, secret=settings.callback_secret
    )


def _local_outbox(database: Database) -> LocalOutbox:
    async def write(page: OutgoingPage, body: Mapping[str, object]) -> None:
        async with database.tenant_tx(page.tenant) as tx:
            await store.insert_local_page(tx, page, body)

    async def read(page: OutgoingPage) -> UUID | None:
        async with database.tenant_tx(page.tenant) as tx:
            return await store.load_local_page(tx, page.delivery_id)

    return LocalOutbox(write=write, read=read)

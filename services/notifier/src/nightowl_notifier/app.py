"""Composition root: the only place that makes connections, clients, consumers and loops, and that closes them."""

import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from typing import Any
from uuid import UUID

import aiohttp
from faststream import AckPolicy
from faststream.nats import JStream, NatsBroker, NatsMessage, PullSub
from faststream.nats.subscriber.usecases import LogicSubscriber
from litestar import Litestar
from nats.aio.msg import Msg

from nightowl_common.bus import Bus
from nightowl_common.db import Database
from nightowl_common.health import Health, Heartbeat, bus_check, consumer_check, database_check
from nightowl_common.logs import get_logger
from nightowl_common.loops import Loops
from nightowl_common.outbox import Outbox
from nightowl_common.serve import end_process_when_bus_closes, require_ready
from nightowl_common.web import RequestLog, exception_handlers, health_routes, safe_headers
from nightowl_contracts.topology import CHANNELS, PAGES, Consumer, notifier_consumer
from nightowl_notifier import store
from nightowl_notifier.api.pages import link_routes
from nightowl_notifier.api.twilio import twilio_routes
from nightowl_notifier.channels import email, mattermost, slack, sms, teams, twilio_client, voice, webhook
from nightowl_notifier.channels.callbacks import Callbacks
from nightowl_notifier.channels.channel import Channel, NotConfigured
from nightowl_notifier.channels.dispatch import Dispatcher
from nightowl_notifier.channels.guarded import GuardedClient
from nightowl_notifier.channels.links import PageLinks
from nightowl_notifier.channels.local import LocalOutbox
from nightowl_notifier.channels.transport import open_session
from nightowl_notifier.handlers import HintReader
from nightowl_notifier.jobs import DueDeliveries
from nightowl_notifier.model import Endpoint, OutgoingPage
from nightowl_notifier.settings import Settings

log = get_logger(__name__)

GRACEFUL_SECONDS = 10.0
WATCH_SECONDS = 5.0
MAX_BODY_BYTES = 1024**2
"""Of callbacks and answers; Slack's hold the whole message again."""


class HintConsumers:
    """The PAGES consumers of one process: FastStream's one-message handlers on durables that exist already.

    Acks are ours alone (`MANUAL`): FastStream's default would discard a message for ever after one exception.
    Nothing is declared: binding to a durable that is missing would make one with other settings, so `start` is
    called only after `require_ready`, and `watch` stops a subscriber whose durable was deleted (it would ask the
    broker thousands of times a second) until it is there again. One message is fetched at a time, so none waits
    in a process that ends.
    """

    def __init__(self, url: str, *, bus: Bus, read: Callable[[Msg], Awaitable[None]], workers: int) -> None:
        self._bus = bus
        self._read = read
        self._is_closing = False
        self._broker = NatsBroker(
            url.split(","),
            name="nightowl-notifier-hints",
            max_reconnect_attempts=-1,
            reconnect_time_wait=1,
            connect_timeout=2,
            ping_interval=5,
            closed_cb=self._closed,
            ack_policy=AckPolicy.MANUAL,
            graceful_timeout=GRACEFUL_SECONDS,
            apply_types=False,
            logger=_quiet_logger(),
        )
        self._subscribers = {
            channel: self._subscribe(notifier_consumer(channel), workers=workers) for channel in CHANNELS
        }

    def _subscribe(self, consumer: Consumer, *, workers: int) -> LogicSubscriber[Any]:
        subscriber = self._broker.subscriber(
            consumer.filter_subject,
            durable=consumer.name,
            stream=JStream(PAGES.name, declare=False),
            pull_sub=PullSub(batch_size=1, timeout=2.0),
            max_workers=workers,
            ack_policy=AckPolicy.MANUAL,
            decoder=_as_it_came,
            no_reply=True,
        )
        subscriber(self._on_message)
        return subscriber

    async def _on_message(self, message: NatsMessage) -> None:
        await self._read(message.raw_message)

    async def start(self) -> None:
        """Connects and starts taking hints."""
        await self._broker.start()

    async def close(self) -> None:
        """Takes no more hints, finishes those in hand (at most 10 s), disconnects."""
        self._is_closing = True
        await self._broker.stop()

    async def watch(self) -> None:
        """One look at every durable: stops the subscriber of one that is gone, starts it when it is back.

        Raises:
            BusUnavailableError: the broker does not answer.
        """
        for channel, subscriber in self._subscribers.items():
            exists = await self._bus.lag(notifier_consumer(channel)) is not None
            if exists and not subscriber.running and not self._is_closing:
                await subscriber.start()
                log.warning("hints_resumed", channel=channel)
            elif not exists and subscriber.running:
                log.error("hints_paused", channel=channel, reason="the consumer does not exist")
                await subscriber.stop()

    async def check(self) -> str | None:
        """For readiness: connected, and every subscriber runs."""
        paused = [channel for channel, subscriber in self._subscribers.items() if not subscriber.running]
        if not self._broker.connection.is_connected:
            return "not connected"
        return f"not consuming: {', '.join(paused)}" if paused else None

    async def _closed(self) -> None:
        if not self._is_closing:
            end_process_when_bus_closes()


def build(settings: Settings) -> Litestar:
    """The service. Connects when it starts, not before."""
    health = Health()
    callbacks = Callbacks(
        public_url=settings.public_url, auth_token=settings.twilio_auth_token, secret=settings.callback_secret
    )

    @asynccontextmanager
    async def running(app: Litestar) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            await _start(app, settings, health, callbacks=callbacks, stack=stack)
            yield

    return Litestar(
        route_handlers=[
            *twilio_routes(callbacks),
            *link_routes(page_links(settings), valid_minutes=settings.link_minutes),
            *health_routes(health),
        ],
        lifespan=[running],
        middleware=[RequestLog()],
        before_send=[safe_headers(public_url=settings.public_url)],
        request_max_body_size=MAX_BODY_BYTES,
        exception_handlers=exception_handlers(),
        openapi_config=None,
        logging_config=None,  # Litestar would put its own handlers in place of ours
    )


async def _start(
    app: Litestar, settings: Settings, health: Health, *, callbacks: Callbacks, stack: AsyncExitStack
) -> None:  # fmt: skip  # long: the wiring, in order
    database = await Database.connect(settings.database_url, size=settings.database_pool_size, service="notifier")
    stack.push_async_callback(database.close)
    app.state.database = database
    bus = await Bus.connect(settings.nats_url, service="notifier", on_closed=end_process_when_bus_closes)
    stack.push_async_callback(bus.close)
    await require_ready(database, bus)
    app.state.outbox = outbox = Outbox(database, bus)
    stack.push_async_callback(outbox.close)
    session = await stack.enter_async_context(open_session(timeout_seconds=settings.provider_timeout_seconds))
    dispatcher = Dispatcher(
        outbox,
        open_channels(settings, session=session, callbacks=callbacks, database=database),
        lease_seconds=settings.lease_seconds,
        provider_timeout_seconds=settings.provider_timeout_seconds,
    )
    due = DueDeliveries(database, dispatcher, slots_per_channel=settings.channel_workers, batch=settings.due_batch)
    reader = HintReader(bus=bus, dispatcher=dispatcher)
    hints = HintConsumers(settings.nats_url, bus=bus, read=reader.read, workers=settings.channel_workers)
    loops, heartbeat = Loops(), Heartbeat()
    stack.push_async_callback(loops.close)
    stack.push_async_callback(hints.close)
    stack.callback(loops.stop.set)  # first of all: both ways of taking work end at the same moment
    _watch_health(health, database=database, bus=bus, hints=hints, heartbeat=heartbeat)
    await hints.start()
    loops.every("tenants", settings.sweep_seconds, database.tenants)
    loops.start("due_deliveries", partial(due.run_due_deliveries, stop=loops.stop, beat=heartbeat.beat))
    loops.every("watch_hints", WATCH_SECONDS, hints.watch)
    loops.every("sweep_outbox", settings.sweep_seconds, outbox.sweep)


def _watch_health(
    health: Health, *, database: Database, bus: Bus, hints: HintConsumers, heartbeat: Heartbeat
) -> None:  # fmt: skip
    health.add("database", database_check(database))
    health.add("bus", bus_check(bus))
    for channel in CHANNELS:
        health.add(f"consumer_{channel}", consumer_check(bus, notifier_consumer(channel)))
    health.add("hints", hints.check)
    health.add("due_deliveries", heartbeat.check)


def open_channels(
    settings: Settings, *, session: aiohttp.ClientSession, callbacks: Callbacks, database: Database
) -> Mapping[str, Channel]:
    """What serves each channel: its provider, else the local outbox, else nothing that works.

    Endpoints need no setting: a tenant that has one has configured it.
    """
    local = _local_outbox(database) if settings.local_outbox else None
    channels: dict[str, Channel] = {name: local or NotConfigured(name) for name in CHANNELS}
    return {
        **channels,
        **_slack(settings, session),
        **_twilio(settings, session, callbacks),
        **_mail(settings),
        **_endpoints(settings, database),
    }


def _slack(settings: Settings, session: aiohttp.ClientSession) -> dict[str, Channel]:
    if settings.slack_bot_token is None:
        return {}
    client = slack.open_client(
        token=settings.slack_bot_token.reveal(), base_url=settings.slack_api_url, session=session
    )
    return {"slack_dm": slack.Slack(client, kind="dm"), "slack_channel": slack.Slack(client, kind="channel")}


def _twilio(settings: Settings, session: aiohttp.ClientSession, callbacks: Callbacks) -> dict[str, Channel]:
    if not (settings.twilio_account_sid and settings.twilio_auth_token and settings.twilio_from):
        return {}
    client = twilio_client.open_client(
        account_sid=settings.twilio_account_sid,
        auth_token=settings.twilio_auth_token.reveal(),
        base_url=settings.twilio_api_url,
        session=session,
    )
    return {
        "sms": sms.Sms(client, sender=settings.twilio_from, callbacks=callbacks),
        "phone": voice.Voice(client, sender=settings.twilio_from, callbacks=callbacks),
    }


def _mail(settings: Settings) -> dict[str, Channel]:
    if settings.smtp_host is None or settings.mail_from is None:
        return {}
    server = email.Server(
        host=settings.smtp_host,
        port=settings.smtp_port,
        security=settings.smtp_security,
        user=settings.smtp_user,
        password=None if settings.smtp_password is None else settings.smtp_password.reveal(),
        sender=settings.mail_from,
        timeout_seconds=settings.provider_timeout_seconds,
    )
    return {"email": email.Email(server, links=page_links(settings))}


def _endpoints(settings: Settings, database: Database) -> dict[str, Channel]:
    async def load(tenant: str, endpoint_id: UUID) -> Endpoint | None:
        async with database.tenant_tx(tenant) as tx:
            return await store.load_endpoint(tx, endpoint_id)

    client = GuardedClient(hosts=settings.listed_hosts)
    return {
        "webhook": webhook.Webhook(client, load=load),
        "mattermost": mattermost.Mattermost(client, load=load),
        "teams": teams.Teams(client, load=load),
    }


def page_links(settings: Settings) -> PageLinks:
    """Makes and reads the links in mails."""
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


async def _as_it_came(message: NatsMessage) -> NatsMessage:
    """Decoding is ours, so that a bad body is our decision and not an exception inside the framework."""
    return message


def _quiet_logger() -> logging.Logger:
    """FastStream's own lines, from warnings upwards: it writes two for every message."""
    logger = logging.getLogger("nightowl_notifier.faststream")
    logger.setLevel(logging.WARNING)
    return logger

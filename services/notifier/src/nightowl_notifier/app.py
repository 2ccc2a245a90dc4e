"""Composition root: the only place that makes connections, clients, consumers and loops, and that closes them."""

import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from typing import Any

import aiohttp
from faststream import AckPolicy
from faststream.nats import JStream, NatsBroker, NatsMessage, PullSub
from faststream.nats.subscriber.usecases import LogicSubscriber
from litestar import Litestar
from litestar.handlers import HTTPRouteHandler
from nats.aio.msg import Msg

from nightowl_common.bus import Bus
from nightowl_common.db import Database
from nightowl_common.guarded import TIMEOUT_SECONDS, GuardedClient
from nightowl_common.health import Health, Heartbeat, bus_check, consumer_check, database_check
from nightowl_common.logs import get_logger
from nightowl_common.loops import Loops
from nightowl_common.outbox import Outbox
from nightowl_common.serve import end_process_when_bus_closes, require_ready
from nightowl_common.web import RequestLog, exception_handlers, health_routes, safe_headers
from nightowl_contracts.topology import NOTIFIER, PAGES, THREADS, WEBHOOKS, Consumer
from nightowl_notifier.api.pages.routes import link_routes
from nightowl_notifier.api.slack.desk import Desk
from nightowl_notifier.api.slack.edge import SlackEdge
from nightowl_notifier.api.slack.gate import Gate
from nightowl_notifier.api.slack.interactions import Buttons
from nightowl_notifier.api.slack.routes import slack_routes
from nightowl_notifier.api.slack.work import Replies, Workbench
from nightowl_notifier.api.twilio import twilio_routes
from nightowl_notifier.channels import serving, slack
from nightowl_notifier.channels.accounts import Accounts
from nightowl_notifier.channels.callbacks import Callbacks
from nightowl_notifier.channels.cards import CardKeeper
from nightowl_notifier.channels.dispatch import Dispatcher
from nightowl_notifier.channels.posting import Poster
from nightowl_notifier.channels.transport import open_session
from nightowl_notifier.handlers import CardHints, EventReader, HintReader
from nightowl_notifier.jobs import (
    CARD_HINTS_AT_ONCE,
    EVENTS_AT_ONCE,
    TEST_PAGES_EVERY_SECONDS,
    DueCards,
    DueDeliveries,
    DueEvents,
    DueTestPages,
    run_gathered,
)
from nightowl_notifier.providers import open_accounts, open_canary, open_channels, page_links
from nightowl_notifier.settings import Settings

log = get_logger(__name__)

GRACEFUL_SECONDS = 10.0
WATCH_SECONDS = 5.0
FORGET_SECONDS = 60.0
CANARY_TURN_SECONDS = 1.0
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
        self._subscribers = {each: self._subscribe(each, workers=workers) for each in NOTIFIER}

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

    def keep(self, loops: Loops, *, seconds: float) -> None:
        """Looks after the durables and their subscribers as long as the process runs."""
        loops.every("watch_hints", WATCH_SECONDS, self.watch)
        loops.every("restore_hints", seconds, self.restore)

    async def watch(self) -> None:
        """One look at every durable: stops the subscriber of one that is gone, starts it when it is back.

        Raises:
            BusUnavailableError: the broker does not answer.
        """
        for consumer, subscriber in self._subscribers.items():
            exists = await self._bus.lag(consumer) is not None
            if exists and not subscriber.running and not self._is_closing:
                await subscriber.start()
                log.warning("hints_resumed", consumer=consumer.name)
            elif not exists and subscriber.running:
                log.error("hints_paused", consumer=consumer.name, reason="the consumer does not exist")
                await subscriber.stop()

    async def restore(self) -> None:
        """Makes durables anew that are gone, once their subscribers are stopped; the next look starts those."""
        for consumer, subscriber in self._subscribers.items():
            if not subscriber.running and not self._is_closing:
                await self._bus.restore_if_missing(consumer)

    async def check(self) -> str | None:
        """For readiness: connected, and every subscriber runs."""
        paused = [each.name for each, subscriber in self._subscribers.items() if not subscriber.running]
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
        route_handlers=[*_edge_routes(settings, callbacks), *health_routes(health)],
        lifespan=[running],
        middleware=[RequestLog()],
        before_send=[safe_headers(public_url=settings.public_url)],
        request_max_body_size=MAX_BODY_BYTES,
        exception_handlers=exception_handlers(),
        openapi_config=None,
        logging_config=None,  # Litestar would put its own handlers in place of ours
    )


def _edge_routes(settings: Settings, callbacks: Callbacks) -> list[HTTPRouteHandler]:
    """What providers and people with a link call; each request proves itself."""
    links = link_routes(page_links(settings), valid_minutes=settings.link_minutes)
    return [*twilio_routes(callbacks), *slack_routes(), *links]


async def _start(
    app: Litestar, settings: Settings, health: Health, *, callbacks: Callbacks, stack: AsyncExitStack
) -> None:  # fmt: skip  # long: the wiring, in order
    database = await Database.connect(
        settings.database_url, size=settings.database_pool_size, service="notifier", plans_once=True
    )
    stack.push_async_callback(database.close)
    app.state.database = database
    bus = await Bus.connect(settings.nats_url, service="notifier", on_closed=end_process_when_bus_closes)
    stack.push_async_callback(bus.close)
    await require_ready(database, bus)
    app.state.outbox = outbox = Outbox(database, bus)
    stack.push_async_callback(outbox.close)
    session = await stack.enter_async_context(open_session(timeout_seconds=settings.provider_timeout_seconds))
    app.state.accounts = accounts = open_accounts(settings, session=session, database=database)
    gate = Gate(database=database, accounts=accounts, seconds=settings.slack_answer_seconds)
    app.state.slack = open_slack_edge(
        settings, gate, database=database, accounts=accounts, outbox=outbox, session=session, stack=stack
    )
    dispatcher = Dispatcher(
        outbox,
        open_channels(settings, accounts=accounts, callbacks=callbacks, database=database),
        lease_seconds=settings.lease_seconds,
        provider_timeout_seconds=settings.provider_timeout_seconds,
        claims_at_once=max(1, settings.database_pool_size // 2),
        tenant_series=settings.tenant_series,
    )
    due = DueDeliveries(database, dispatcher, slots_per_channel=settings.channel_workers, batch=settings.due_batch)
    reader = HintReader(bus=bus, dispatcher=dispatcher, slots_per_channel=settings.channel_workers)
    hints = HintConsumers(settings.nats_url, bus=bus, read=reader.read, workers=settings.channel_workers)
    loops, heartbeat = Loops(), Heartbeat()
    stack.push_async_callback(loops.close)
    stack.push_async_callback(hints.close)
    stack.callback(loops.stop.set)  # first of all: both ways of taking work end at the same moment
    _watch_health(health, database=database, bus=bus, hints=hints, heartbeat=heartbeat)
    await hints.start()
    loops.start("due_deliveries", partial(due.run_due_deliveries, stop=loops.stop, beat=heartbeat.beat))
    hints.keep(loops, seconds=settings.sweep_seconds)
    loops.every("tenants", settings.sweep_seconds, database.tenants)
    loops.every("sweep_outbox", settings.sweep_seconds, outbox.sweep)
    loops.every("forget_slack_requests", FORGET_SECONDS, gate.forget)
    _start_trials(settings, database, dispatcher, session, loops=loops)
    _keep_cards(settings, database, bus, client_of=serving.slack_client_of(accounts), loops=loops)
    _start_subscriptions(settings, loops=loops, database=database, bus=bus, outbox=outbox)


def _start_trials(
    settings: Settings, database: Database, dispatcher: Dispatcher, session: aiohttp.ClientSession, *, loops: Loops
) -> None:
    """Pages that somebody asks for to see whether they come, and the canary's."""
    tests = DueTestPages(database, dispatcher, lease_seconds=settings.lease_seconds)
    loops.every("test_pages", TEST_PAGES_EVERY_SECONDS, tests.run_due)
    canary = open_canary(settings, session, database)
    if canary is not None:
        loops.every("canary", CANARY_TURN_SECONDS, canary.take_turn)


def _start_subscriptions(settings: Settings, *, loops: Loops, database: Database, bus: Bus, outbox: Outbox) -> None:
    """Events for subscriptions. Readiness does not depend on them: pages do not wait for them either."""
    client = GuardedClient(hosts=settings.listed_hosts)
    poster = Poster(outbox, client, lease_seconds=max(settings.lease_seconds, 2 * TIMEOUT_SECONDS))
    due = DueEvents(database, poster, lanes_per_subscription=settings.webhook_lanes)
    reader = EventReader(bus=bus, database=database, on_owed=due.wake)
    loops.start("owe_events", partial(run_gathered, bus, WEBHOOKS, reader.read, batch=EVENTS_AT_ONCE, stop=loops.stop))
    loops.start("post_events", partial(due.run, stop=loops.stop))
    loops.every("restore_webhooks", settings.sweep_seconds, partial(bus.restore_if_missing, WEBHOOKS))


def _keep_cards(
    settings: Settings, database: Database, bus: Bus, *, client_of: slack.ClientOf, loops: Loops
) -> None:  # fmt: skip
    """What keeps Slack's messages up to date: apart from all that sends pages."""
    keeper = CardKeeper(
        database,
        client_of,
        links=page_links(settings),
        lease_seconds=settings.lease_seconds,
        provider_timeout_seconds=settings.provider_timeout_seconds,
    )
    due = DueCards(database, keeper, slots_per_tenant=settings.card_workers, batch=settings.due_batch)
    loops.start("due_cards", partial(due.run_due_cards, stop=loops.stop))
    hints = CardHints(due.wake).on_messages
    loops.start("card_hints", partial(run_gathered, bus, THREADS, hints, batch=CARD_HINTS_AT_ONCE, stop=loops.stop))
    loops.every("restore_threads", settings.sweep_seconds, partial(bus.restore_if_missing, THREADS))


def _watch_health(
    health: Health, *, database: Database, bus: Bus, hints: HintConsumers, heartbeat: Heartbeat
) -> None:  # fmt: skip
    health.add("database", database_check(database))
    health.add("bus", bus_check(bus))
    for consumer in NOTIFIER:
        health.add(f"consumer_{consumer.name.removeprefix('notifier-')}", consumer_check(bus, consumer))
    health.add("hints", hints.check)
    health.add("due_deliveries", heartbeat.check)


def open_slack_edge(
    settings: Settings,
    gate: Gate,
    *,
    database: Database,
    accounts: Accounts,
    outbox: Outbox,
    session: aiohttp.ClientSession,
    stack: AsyncExitStack,
) -> SlackEdge:
    """What answers Slack's requests. What is at hand is finished when the service stops."""
    bench = Workbench(seconds=settings.slack_answer_seconds)
    stack.push_async_callback(bench.close)
    return SlackEdge(
        gate=gate,
        desk=Desk(database=database, outbox=outbox, accounts=accounts),
        buttons=Buttons(database=database, outbox=outbox, accounts=accounts),
        bench=bench,
        replies=Replies(session, base_url=settings.slack_api_url),
    )


async def _as_it_came(message: NatsMessage) -> NatsMessage:
    """Decoding is ours, so that a bad body is our decision and not an exception inside the framework."""
    return message


def _quiet_logger() -> logging.Logger:
    """FastStream's own lines, from warnings upwards: it writes two for every message."""
    logger = logging.getLogger("nightowl_notifier.faststream")
    logger.setLevel(logging.WARNING)
    return logger

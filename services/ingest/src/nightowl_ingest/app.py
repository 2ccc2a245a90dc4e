"""The composition root of ingest: makes what it needs and closes it again."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TypeGuard

from litestar import Litestar
from litestar.enums import ScopeType
from litestar.types import HTTPScope, LifeSpanReceive, LifeSpanScope, LifeSpanSend, Receive, Scope, Send

from nightowl_auth import SHARE_SECONDS, KeyRing, RateLimiter
from nightowl_common.bus import Bus
from nightowl_common.cache import Cache
from nightowl_common.db import Database
from nightowl_common.health import Check, Health, database_check
from nightowl_common.ids import new_id
from nightowl_common.loops import Loops
from nightowl_common.serve import end_process_when_bus_closes, require_ready
from nightowl_common.web import RequestLog, exception_handlers, health_routes
from nightowl_contracts import subjects
from nightowl_ingest.api import (
    HEARTBEATS_PREFIX,
    WEBHOOKS_PREFIX,
    Intake,
    Overload,
    Rejections,
    Replies,
    WebhookEndpoint,
)
from nightowl_ingest.api.intake import KEEP_SECONDS
from nightowl_ingest.settings import Settings

KEY_SECONDS = 30.0

_PREFIXES = (WEBHOOKS_PREFIX, HEARTBEATS_PREFIX)


class IngestApp(Litestar):
    """Litestar with the webhooks in front of it, where none of its per-request work is paid."""

    webhooks: WebhookEndpoint | None = None

    async def __call__(
        self, scope: Scope | LifeSpanScope, receive: Receive | LifeSpanReceive, send: Send | LifeSpanSend
    ) -> None:
        """Dispatches by path."""
        if self.webhooks is not None and _is_webhook(scope):
            await self.webhooks(scope, receive, send)  # type: ignore[arg-type]  # an http scope comes with http's channels
        else:
            await super().__call__(scope, receive, send)


def _is_webhook(scope: Scope | LifeSpanScope) -> TypeGuard[HTTPScope]:
    return scope["type"] == ScopeType.HTTP and str(scope["path"]).startswith(_PREFIXES)  # type: ignore[typeddict-item]


def build(settings: Settings) -> Litestar:
    """The application; pools, connections and loops live as long as its lifespan."""
    health = Health()

    @asynccontextmanager
    async def running(app: Litestar) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            await _start(app, settings, health, stack)
            yield

    return IngestApp(
        route_handlers=health_routes(health),
        lifespan=[running],
        middleware=[RequestLog()],
        exception_handlers=exception_handlers(),
        openapi_config=None,
        logging_config=None,
    )


async def _start(app: Litestar, settings: Settings, health: Health, stack: AsyncExitStack) -> None:
    database = await Database.connect(settings.database_url, size=settings.database_pool_size, service="ingest")
    stack.push_async_callback(database.close)
    bus = await Bus.connect(settings.nats_url, service="ingest", on_closed=end_process_when_bus_closes)
    stack.push_async_callback(bus.close)
    await require_ready(database, bus)
    await database.tenants()
    loops = Loops()
    stack.push_async_callback(loops.close)
    intake = await _intake(database, bus, loops, stack)
    rejections = Rejections(intake)
    stack.push_async_callback(rejections.close)
    replies = Replies(new_id().hex)
    await replies.listen(bus)
    key_ring = KeyRing(database)
    overload = _overload(settings, database, intake, loops, stack)
    loops.every("tenants", settings.sweep_seconds, database.tenants)
    loops.every("keys", KEY_SECONDS, key_ring.sweep)
    health.add("intake", _either(bus, database))
    assert isinstance(app, IngestApp)
    app.state.key_ring = key_ring
    app.webhooks = WebhookEndpoint(
        settings, key_ring=key_ring, tenants=database, intake=intake, replies=replies, rejections=rejections,
        overload=overload,
    )  # fmt: skip


async def _intake(database: Database, bus: Bus, loops: Loops, stack: AsyncExitStack) -> Intake:
    """The promise, and what it goes by while the bus is away."""
    intake = Intake(database, bus)
    stack.push_async_callback(intake.close)
    await bus.listen(subjects.HINT_UNREAD, intake.on_unread)
    loops.every("recent", KEEP_SECONDS, intake.look_after_recent)
    return intake


def _overload(settings: Settings, database: Database, intake: Intake, loops: Loops, stack: AsyncExitStack) -> Overload:
    """The limits, and the loops that share and tell them."""
    cache = Cache(settings.redis_url)
    stack.push_async_callback(cache.close)
    alerts = RateLimiter("alerts", settings.rates, overrides=database.limits_of, cache=cache)
    beats = RateLimiter("beats", settings.rates, overrides=database.limits_of, cache=cache)
    overload = Overload(alerts, beats, intake=intake, cache=cache)
    stack.push_async_callback(overload.close)
    loops.every("overload", settings.sweep_seconds, overload.sweep)
    loops.every("alert_rates", SHARE_SECONDS, alerts.share)
    loops.every("beat_rates", SHARE_SECONDS, beats.share)
    return overload


def _either(bus: Bus, database: Database) -> Check:
    """Alerts can be accepted as long as one of the two is there."""
    ask_database = database_check(database)

    async def check() -> str | None:
        if bus.is_connected:
            return None
        reason = await ask_database()
        return None if reason is None else f"neither NATS nor Postgres: {reason}"

    return check

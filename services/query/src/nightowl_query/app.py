"""Composition root: the only place that makes connections and loops, and that closes them."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial

from litestar import Litestar
from litestar.datastructures import State

from nightowl_alerting.push.keys import VapidKey
from nightowl_alerting.sealing import MasterKeys
from nightowl_auth import SHARE_SECONDS, AddressLimiter, KeyRing, RateLimiter, Sessions
from nightowl_auth.oidc import BearerTokens, Providers
from nightowl_common import clock
from nightowl_common.bus import Bus
from nightowl_common.cache import Cache
from nightowl_common.db import Database
from nightowl_common.health import Health, database_check
from nightowl_common.loops import Loops
from nightowl_common.outbox import Outbox
from nightowl_common.packing import PackedAnswers
from nightowl_common.serve import end_process_when_bus_closes, require_ready, when_stopping
from nightowl_common.web import RequestLog, StrictRequest, exception_handlers, health_routes, safe_headers
from nightowl_query.api import routes
from nightowl_query.api.audit import CallOrigin, record_denial
from nightowl_query.api.departing import OidcSetup
from nightowl_query.api.edge import provide_in_turn, refuse_suspended
from nightowl_query.api.front_end import read_front_end
from nightowl_query.api.stream import OpenStreams
from nightowl_query.channels.probes import Places
from nightowl_query.jobs import BulkWorker
from nightowl_query.settings import Settings, require_safe
from nightowl_query.store.oidc import sweep_departures
from nightowl_query.store.totals import Totals

MAX_BODY_BYTES = 256 * 1024
"""Holds the longest text that a command takes, however its characters are escaped."""


def build(settings: Settings) -> Litestar:
    """The service. Connects when it starts, not before.

    Raises:
        SettingsError: the settings are for development and the mode is not, or there is no front end where they say.
    """
    require_safe(settings)
    health = Health()

    @asynccontextmanager
    async def running(app: Litestar) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            await _start(app, settings, health, stack)
            yield

    app = Litestar(
        route_handlers=[*routes(), *health_routes(health)],
        lifespan=[running],
        middleware=[RequestLog(), PackedAnswers(), CallOrigin()],
        before_request=refuse_suspended,
        before_send=[safe_headers(public_url=settings.public_url)],
        after_exception=[record_denial],
        exception_handlers=exception_handlers(),
        request_class=StrictRequest,
        request_max_body_size=MAX_BODY_BYTES,
        openapi_config=None,
        logging_config=None,
        state=State({"front_end": read_front_end(settings.web_dir)}),
    )
    return provide_in_turn(app)


async def _start(app: Litestar, settings: Settings, health: Health, stack: AsyncExitStack) -> None:
    database = await Database.connect(settings.database_url, size=settings.database_pool_size, service="query")
    stack.push_async_callback(database.close)
    bus = await Bus.connect(settings.nats_url, service="query", on_closed=end_process_when_bus_closes)
    stack.push_async_callback(bus.close)
    await require_ready(database, bus)
    await database.tenants()
    cache = Cache(settings.redis_url)
    stack.push_async_callback(cache.close)
    outbox = Outbox(database, bus)
    stack.push_async_callback(outbox.close)
    key_ring, sessions = KeyRing(database), Sessions(database, settings.sessions)
    loops = Loops()
    stack.push_async_callback(loops.close)
    _bound(app, settings, loops, database=database, cache=cache)
    loops.every("tenants", settings.sweep_seconds, database.tenants)
    loops.start("bulk_jobs", partial(BulkWorker(outbox=outbox, database=database).run, stop=loops.stop))
    loops.every("outbox", settings.sweep_seconds, outbox.sweep)
    loops.every("keys", settings.sweep_seconds, key_ring.sweep)
    loops.every("sessions", settings.sweep_seconds, sessions.sweep)
    loops.every("sign_ins", settings.sweep_seconds, partial(sweep_departures, database))
    health.add("database", database_check(database))
    # Not the bus: reading and acknowledging work without it, so its absence must not take this service away.
    app.state.update(database=database, bus=bus, cache=cache, outbox=outbox, key_ring=key_ring, sessions=sessions)
    app.state.update(streams=_open_streams(stack), totals=Totals(), started_seconds=clock.monotonic_seconds())
    _open_sign_in(app, settings)


def _open_sign_in(app: Litestar, settings: Settings) -> None:
    master_keys = MasterKeys.parse(settings.master_keys.reveal())
    providers, installation = Providers(hosts=settings.provider_hosts), settings.installation_issuer
    oidc = OidcSetup(
        database=app.state.database,
        master_keys=master_keys,
        providers=providers,
        installation=installation,
        client_secret=settings.oidc_client_secret,
        public_url=settings.public_url,
        hosts=settings.provider_hosts,
    )
    app.state.update(
        dev_login=settings.dev_login,
        public_url=settings.public_url,
        master_keys=master_keys,
        push_key=None if settings.vapid_key is None else VapidKey.parse(settings.vapid_key.reveal()).public,
        oidc=oidc,
        bearer_tokens=BearerTokens(app.state.database, providers, installation),
    )


def _open_streams(stack: AsyncExitStack) -> OpenStreams:
    """They end before anything that they read from is closed, and when the process is told to stop."""
    streams = OpenStreams()
    stack.callback(streams.closing.set)
    when_stopping(streams.closing.set)
    return streams


def _bound(app: Litestar, settings: Settings, loops: Loops, *, database: Database, cache: Cache) -> None:
    """How often callers may call, and where calls for them go."""
    limiter = RateLimiter("calls", settings.rates, overrides=database.limits_of, cache=cache)
    loops.every("rates", SHARE_SECONDS, limiter.share)
    app.state.update(limiter=limiter, sign_ins=AddressLimiter(settings.sign_ins_per_minute))
    app.state.places = Places(
        slack_url=settings.slack_api_url, twilio_url=settings.twilio_api_url, hosts=settings.listed_hosts
    )

"""The canary: an alert of our own, fired every minute, whose page must come back here.

It is sent to the webhook over HTTP like anybody's alert and goes through ingest, the stream, enrichment, a timer and
the notifier. Its pages end in a sink instead of at a provider, whatever their channel. An arrival is told to an outside
watcher, who raises the alarm when it hears nothing: what is broken cannot be relied on to say so.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime

import aiohttp
import msgspec

from nightowl_alerting.paging import AttemptResult, Failed, FailureReason, Sent
from nightowl_common.errors import TransientError
from nightowl_common.logs import get_logger
from nightowl_common.settings import Secret
from nightowl_contracts.canary import CANARY_TENANT
from nightowl_notifier import telemetry
from nightowl_notifier.channels.channel import Channel
from nightowl_notifier.channels.serving import ChannelOf
from nightowl_notifier.model import CannotTell, Firing, LookUp, OutgoingPage

log = get_logger(__name__)

PROVIDER = "canary"
_SUCCESS = range(200, 300)

Note = Callable[[datetime], Awaitable[None]]
"""Writes down that what was fired then has arrived now."""

ClaimFiring = Callable[[], Awaitable[Firing | None]]
"""The right to fire now; None when it is not time, when somebody else has it, or when there is no canary."""

ClaimNews = Callable[[], Awaitable[bool]]
"""The right to tell of an arrival that nobody was told of yet."""


class Sink:
    """Where the canary's pages end."""

    def __init__(self, note: Note) -> None:
        self._note = note

    @property
    def name(self) -> str:
        """No provider of anybody."""
        return PROVIDER

    async def send(self, page: OutgoingPage) -> AttemptResult:
        """Writes the arrival down. A page that is none of ours ends here all the same, and tells nothing."""
        try:
            await self._note(datetime.fromisoformat(page.description or ""))
        except ValueError:
            log.warning("not_a_canary", alert_id=str(page.alert_id))
        except TransientError as error:
            reason = FailureReason.UNAVAILABLE
            return Failed(provider=PROVIDER, reason=reason, is_permanent=False, detail=error.detail)
        return Sent(provider=PROVIDER, provider_id=str(page.delivery_id), detail="arrived; nobody is paged")

    async def find(self, _page: OutgoingPage) -> LookUp:
        """Arriving twice does no harm."""
        return CannotTell(detail="the sink keeps no list")


def apart_from_canary(sink: Channel, channel_of: ChannelOf) -> ChannelOf:
    """The channel of a tenant, but the sink for the canary's."""

    async def find(tenant: str) -> Channel:
        return sink if tenant == CANARY_TENANT else await channel_of(tenant)

    return find


class Canary:
    """Fires, and tells of arrivals. Any number may run: each turn is claimed in the database."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        *,
        url: str,
        key: Secret,
        heartbeat_url: Secret | None,
        claim_firing: ClaimFiring,
        claim_news: ClaimNews,
    ) -> None:
        self._session = session
        self._webhook = f"{url.rstrip('/')}/api/v1/webhooks/generic"
        self._headers = {"X-API-Key": key.reveal(), "Prefer": "respond-async", "Content-Type": "application/json"}
        self._heartbeat_url = heartbeat_url
        self._claim_firing = claim_firing
        self._claim_news = claim_news

    async def take_turn(self) -> None:
        """Fires when it is time, and tells of what has arrived."""
        firing = await self._claim_firing()
        if firing is not None:
            await self._fire(firing)
        if self._heartbeat_url is not None and await self._claim_news():
            await self._tell(self._heartbeat_url)

    async def _fire(self, firing: Firing) -> None:
        """The one before is resolved first, so that at most one is open."""
        if firing.previous_at is not None:
            await self._post(firing.previous_at, status="resolved")
        is_taken = await self._post(firing.fired_at, status="firing")
        telemetry.CANARY_FIRED.labels("taken" if is_taken else "refused").inc()

    async def _post(self, fired_at: datetime, *, status: str) -> bool:
        body = msgspec.json.encode(
            {
                "title": "NightOwl canary",
                "severity": "critical",
                "status": status,
                "fingerprint": f"nightowl-canary-{fired_at:%Y%m%dT%H%M%S.%f}",
                "description": fired_at.isoformat(),
            }
        )
        try:
            async with self._session.post(self._webhook, data=body, headers=self._headers) as answer:
                if answer.status in _SUCCESS:
                    return True
                log.warning("canary_refused", status=answer.status)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            log.warning("canary_refused", error=type(error).__name__)
        return False

    async def _tell(self, url: Secret) -> None:
        """The watcher's address is a secret: whoever knows it can keep it quiet."""
        try:
            async with self._session.get(url.reveal()) as answer:
                is_told = answer.status in _SUCCESS
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            log.warning("canary_not_told", error=type(error).__name__)
            is_told = False
        telemetry.CANARY_TOLD.labels("told" if is_told else "failed").inc()

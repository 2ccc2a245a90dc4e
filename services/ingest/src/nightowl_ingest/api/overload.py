"""Calls over the limit: refused with 503, which senders repeat, and told to the tenant as one alert per key.

So what is over the limit is never lost in silence: whoever is on call is told that alerts are missing, and how many
calls. The alert fires with the first refusal, again each minute while there are more, and is resolved after five
minutes without any.
"""

import asyncio
import math

import msgspec

from nightowl_auth import Principal, RateLimiter, Seat
from nightowl_common import clock
from nightowl_common.cache import Cache
from nightowl_common.ids import new_id
from nightowl_common.logs import get_logger
from nightowl_contracts import Actor, ReceivedAlert
from nightowl_contracts.ingest import AlertStatus
from nightowl_ingest.api.intake import Intake
from nightowl_ingest.engine import Call, cut_messages
from nightowl_ingest.model import NotAcceptedError, OverLimitError, Reading
from nightowl_ingest.telemetry import CALLS_OVER_LIMIT

log = get_logger(__name__)

SOURCE = "nightowl"
AGAIN_SECONDS = 60.0
QUIET_SECONDS = 300.0


class _Excess(msgspec.Struct, kw_only=True):
    principal: Principal
    calls: int = 0
    told_at: float = -math.inf
    refused_at: float = 0.0


class Overload:
    """Lets calls through within the limits, and tells of those that are not."""

    def __init__(self, limiter: RateLimiter, beats: RateLimiter, *, intake: Intake, cache: Cache) -> None:
        self._limiters = {True: beats, False: limiter}
        self._intake = intake
        self._cache = cache
        self._name = new_id().bytes
        self._excesses: dict[tuple[str, str], _Excess] = {}
        self._telling: set[asyncio.Task[None]] = set()

    def admit(self, principal: Principal, *, is_beat: bool) -> Seat:
        """The caller's seat, charged for the call itself; the alerts in it are for the caller of this to charge.

        Beats are counted apart, so that a storm of alerts makes no heartbeat late.

        Raises:
            OverLimitError: the key or its tenant is over its rate.
        """
        seat = self._limiters[is_beat].seat(principal.tenant, principal.key_id)
        now = clock.monotonic_seconds()
        seconds = seat.wait_seconds(now)
        if seconds > 0:
            CALLS_OVER_LIMIT.inc()
            self._note(principal, now)
            raise OverLimitError(retry_after_seconds=math.ceil(seconds))
        seat.charge(1)
        return seat

    async def sweep(self) -> None:
        """Tells what is still refused, and that it is over where it is."""
        now = clock.monotonic_seconds()
        for place, excess in list(self._excesses.items()):
            if now - excess.refused_at >= QUIET_SECONDS:
                if await self._cache.get(_mark(excess.principal)) in {None, self._name}:
                    del self._excesses[place]
                    await self._tell(excess, "resolved")
            elif excess.calls and now - excess.told_at >= AGAIN_SECONDS:
                self._tell_soon(excess, now)

    async def close(self) -> None:
        """Waits for what is in hand."""
        await asyncio.gather(*self._telling)

    def _note(self, principal: Principal, now: float) -> None:
        excess = self._excesses.setdefault(
            (principal.tenant, str(principal.key_id)), _Excess(principal=principal)
        )  # fmt: skip
        excess.calls += 1
        excess.refused_at = now
        if now - excess.told_at >= AGAIN_SECONDS:
            self._tell_soon(excess, now)

    def _tell_soon(self, excess: _Excess, now: float) -> None:
        excess.told_at = now
        task = asyncio.create_task(self._tell(excess, "firing"))
        self._telling.add(task)
        task.add_done_callback(self._telling.discard)

    async def _tell(self, excess: _Excess, status: AlertStatus) -> None:
        """Past the limits, since it is ours; at most one a minute for a key."""
        calls, excess.calls = excess.calls, 0
        call = _call(excess.principal)
        reading = Reading(alerts=[summary(excess.principal, status, calls=calls)])
        try:
            await self._intake.accept(cut_messages(call, reading, new_id=new_id))
        except NotAcceptedError:
            excess.calls += calls
            excess.told_at = -math.inf
            log.warning("over_limit_not_told", calls=calls)
            return
        if status == "firing":  # so that no other process says that it is over, as long as this one tells
            await self._cache.put(_mark(excess.principal), self._name, seconds=math.ceil(QUIET_SECONDS))


def summary(principal: Principal, status: AlertStatus, *, calls: int) -> ReceivedAlert:
    """The alert that stands for what was refused. Critical, since what was refused may be."""
    return ReceivedAlert(
        index=0,
        fingerprint=f"nightowl-over-limit-{principal.key_id}",
        status=status,
        severity="critical",
        title=f"Alerts are refused: the key {principal.name!r} or its tenant is over its limit",
        description=(
            f"NightOwl refused {calls} calls with 503. Senders that repeat lose nothing; of others, alerts are missing "
            "here. Look at the sender itself, and have the limit raised if this rate is meant."
        ),
        labels={"alertname": "NightOwlOverLimit", "key": principal.name},
        fingerprint_rule="one per key",
    )


def _call(principal: Principal) -> Call:
    receipt_id = new_id()
    return Call(
        receipt_id=receipt_id,
        tenant=principal.tenant,
        key_id=principal.key_id,
        actor=Actor(kind="service", id="ingest", name="ingest"),
        source=SOURCE,
        at=clock.utc_now(),
        trace=f"00-{receipt_id.hex}-{receipt_id.hex[16:]}-00",
    )


def _mark(principal: Principal) -> str:
    return f"{principal.tenant}:over-limit:{principal.key_id}"

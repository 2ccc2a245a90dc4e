"""Claim → provider → settle: the one way a page goes out, whoever found that it is owed.

The right to send is a claim in the database (lease and fencing token); the provider is called outside of any
transaction; what came of it is committed before anybody says that the work is done. A result that cannot be
committed is tried until the lease is over, because a known result that is lost becomes an unclear page. Results of
pages that were sent at the same moment share a commit; every other result has one of its own.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from nightowl_alerting import paging, sending
from nightowl_alerting.calm.store import load_late
from nightowl_alerting.model import Claim
from nightowl_alerting.paging import AttemptResult, Failed, FailureReason, Sent, SentPage, Unclear
from nightowl_common import clock
from nightowl_common.db import Tx
from nightowl_common.errors import TransientError
from nightowl_common.logs import get_logger
from nightowl_common.outbox import Outbox
from nightowl_common.telemetry import TenantLabel, current_trace, span
from nightowl_notifier import telemetry
from nightowl_notifier.channels.bundle import as_bundle
from nightowl_notifier.channels.channel import Channel, NotConfigured
from nightowl_notifier.channels.claims import STRAY_SECONDS, Claims, Taken
from nightowl_notifier.channels.rounds import Rounds
from nightowl_notifier.channels.serving import ChannelOf
from nightowl_notifier.model import CannotTell, Found, LookUp, NotFound, OutgoingPage

log = get_logger(__name__)

GRACE_SECONDS = 1.0
"""Beyond the provider time-out, for channels whose client does not keep it."""

DEFAULT_HOLD_SECONDS = 5.0
LATE_AT_ONCE = 10
"""Pages without a slot that are given to the next contact method in one go, so that the due loop is soon back."""

SENT_GATHER_SECONDS = 0.01
"""A result may wait a moment for others: its page is out already."""


class Holds:
    """Channels of tenants whose provider asked for patience. Ends are database times."""

    def __init__(self) -> None:
        self._until: dict[tuple[str, str], datetime] = {}

    def hold(self, tenant: str, channel: str, *, until: datetime) -> None:
        """Nothing is sent before `until`; the later end wins."""
        current = self._until.get((tenant, channel))
        self._until[tenant, channel] = until if current is None else max(current, until)

    def is_held(self, tenant: str, channel: str) -> bool:
        """Whether there is a hold that may not have ended."""
        return (tenant, channel) in self._until

    def seconds_left(self, tenant: str, channel: str, *, now: datetime) -> float:
        """0 when there is no hold; an ended one is forgotten."""
        until = self._until.get((tenant, channel), now)
        if until <= now:
            self._until.pop((tenant, channel), None)
            return 0.0
        return (until - now).total_seconds()


class Dispatcher:
    """Sends pages over all channels of one process. Never works twice on one delivery at the same time."""

    def __init__(
        self,
        outbox: Outbox,
        channels: Mapping[str, ChannelOf],
        *,
        lease_seconds: float,
        provider_timeout_seconds: float,
        claims_at_once: int = 4,
        tenant_series: int = 0,
    ) -> None:
        """`claims_at_once` is less than the connections that there are: results always find one."""
        self._outbox = outbox
        self._tenant_label = TenantLabel(tenant_series)
        self._channels = channels
        self._lease_seconds = lease_seconds
        self._timeout_seconds = provider_timeout_seconds + GRACE_SECONDS
        self._begin_seconds = max(0.0, lease_seconds - self._timeout_seconds)
        self._holds = Holds()
        self._in_hand: set[UUID] = set()
        self._no_other_until: dict[UUID, float] = {}
        self._claims = Claims(outbox, lease_seconds=lease_seconds, at_once=claims_at_once)
        self._sent = Rounds(self._settle_sent, gather_seconds=SENT_GATHER_SECONDS)

    def has_in_hand(self, delivery_id: UUID) -> bool:
        """Whether this process is working on a delivery now."""
        return delivery_id in self._in_hand

    async def send_hinted(self, tenant: str, delivery_id: UUID, *, channel: str, is_critical: bool = False) -> None:
        """Sends a page that a hint has named; returns when the result is committed or there is nothing to send.

        Raises:
            TransientError: the database cannot be used; the delivery's timer stays.
        """
        with self._taking(delivery_id) as is_free:
            if not is_free or await self._postpone_if_held(tenant, delivery_id, channel):
                return
            taken = await self._claims.take(tenant, delivery_id, is_critical=is_critical)
            if taken is not None:
                await self._send(tenant, taken)

    async def leave_to_due_loop(self, tenant: str, delivery_id: UUID) -> None:
        """A hinted page that finds no slot is due at once, so that the due loop sends it in its turn.

        Raises:
            TransientError: the database cannot be used; the hint shall come again.
        """
        await self._claims.leave(tenant, delivery_id)

    async def give_up_late(self, tenant: str, delivery_ids: Sequence[UUID]) -> None:
        """Critical pages that have found no slot in time are told over the next contact method.

        Those without another one keep their place, and are asked about again after a moment.

        Raises:
            TransientError: the database cannot be used; the timers stay due.
        """
        late_after = paging.CRITICAL_PATIENCE_SECONDS - paging.LONGEST_ATTEMPT_SECONDS
        now = clock.monotonic_seconds()
        self._no_other_until = {each: until for each, until in self._no_other_until.items() if until > now}
        asked = [each for each in delivery_ids if each not in self._no_other_until]
        if not asked:
            return
        async with self._outbox.tenant_tx(tenant) as tx:
            late = await load_late(tx, asked, seconds=late_after, limit=LATE_AT_ONCE)
        for delivery_id in late:
            async with self._outbox.tenant_tx(tenant) as tx:
                if not await sending.give_up_if_late(
                    tx, tenant, delivery_id, seconds=0, provider="none", reason=FailureReason.UNAVAILABLE,
                    detail="the channel was too busy to try it in time", lease_seconds=self._lease_seconds,
                ):  # fmt: skip
                    self._no_other_until[delivery_id] = clock.monotonic_seconds() + STRAY_SECONDS

    async def pay_due(
        self, tenant: str, delivery_id: UUID, *, channel: str | None, is_critical: bool = False
    ) -> None:  # fmt: skip
        """Does what a due timer asks of its delivery: send, find out, call back, or nothing.

        Raises:
            TransientError: the database cannot be used; the timer stays due.
        """
        with self._taking(delivery_id) as is_free:
            if not is_free or (channel and await self._postpone_if_held(tenant, delivery_id, channel)):
                return
            step, taken = await self._claims.take_due(tenant, delivery_id, is_critical=is_critical)
            match step, taken:
                case "send", Taken():
                    await self._send(tenant, taken)
                case "find_out", Taken():
                    await self._find_out(tenant, taken)

    async def _send(self, tenant: str, taken: Taken) -> None:
        claim = taken.claim
        page = self._page(tenant, claim)
        with span("send", current_trace() or claim.trace) as attempt:
            attempt.note(tenant=tenant, alert_id=str(claim.alert_id), delivery_id=str(claim.delivery_id))
            result = await self._ask(page, claimed_at=taken.started)

            async def settle(tx: Tx) -> None:
                await sending.finish_attempt(tx, tenant, claim, result)
                await self._hold_if_asked(tx, page, result)

            if isinstance(result, Sent):
                sent = SentPage(claim=claim, sent=result, trace=current_trace())
                await self._until_written(partial(self._sent.ask, tenant, sent), started=taken.started)
            else:
                await self._until_written(partial(self._write, tenant, settle), started=taken.started)
            attempt.note(channel=page.channel, attempt=claim.attempts, result=_words(result)[0])
            self._tell(page, result, started=taken.started)

    async def _settle_sent(self, tenant: str, pages: Sequence[SentPage]) -> list[None]:
        async with self._outbox.tenant_tx(tenant) as tx:
            await sending.finish_sent(tx, tenant, pages)
        return [None] * len(pages)

    async def _find_out(self, tenant: str, taken: Taken) -> None:
        claim = taken.claim
        page = self._page(tenant, claim)
        channel = await self._channel(tenant, claim.channel)
        with span(f"ask {channel.name}", claim.trace, kind="client") as asking:
            asking.note(tenant=tenant, delivery_id=str(claim.delivery_id), channel=claim.channel)
            answer = await self._look_up(channel, page)

        async def settle(tx: Tx) -> None:
            match answer:
                case Found(provider_id=provider_id):
                    detail = "found at the provider"
                    sent = Sent(provider=channel.name, provider_id=provider_id, found=True, detail=detail)
                    await sending.finish_attempt(tx, tenant, claim, sent)
                case NotFound() | CannotTell() if not claim.still_needed:
                    detail = "no longer needed, and the provider has no proof of it"
                    await sending.supersede(tx, tenant, claim.delivery_id, token=claim.token, detail=detail)
                case NotFound() | CannotTell():
                    await sending.repeat(tx, tenant, claim, provider=channel.name)

        await self._until_written(partial(self._write, tenant, settle), started=taken.started)
        self._tell_look_up(page, answer, is_needed=claim.still_needed)

    async def send_once(self, page: OutgoingPage) -> AttemptResult:
        """Asks the page's channel once, outside of any transaction and without a claim; for what is no delivery."""
        return await self._ask(page, claimed_at=clock.monotonic_seconds())

    async def _ask(self, page: OutgoingPage, *, claimed_at: float) -> AttemptResult:
        """Calls the provider, unless the process stood still for so long that the answer may come after the lease.

        By then somebody else may have sent the page, and nobody could tell that this message is the second one.
        """
        channel = await self._channel(page.tenant, page.channel)
        if clock.monotonic_seconds() - claimed_at > self._begin_seconds:
            detail = "not begun: too much of the time to send it was over"
            return Failed(provider=channel.name, reason=FailureReason.UNAVAILABLE, is_permanent=False, detail=detail)
        try:
            with span(f"call {channel.name}", kind="client"):
                async with asyncio.timeout(self._timeout_seconds):
                    return await channel.send(page)
        except TimeoutError:
            return Unclear(provider=channel.name, detail="no answer in time")
        except Exception as error:
            log.exception("channel_failed", channel=page.channel, delivery_id=str(page.delivery_id))
            return Unclear(provider=channel.name, detail=f"channel failed: {type(error).__name__}")

    async def _look_up(self, channel: Channel, page: OutgoingPage) -> LookUp:
        try:
            async with asyncio.timeout(self._timeout_seconds):
                return await channel.find(page)
        except TimeoutError:
            return CannotTell(detail="no answer in time")
        except Exception as error:
            log.exception("look_up_failed", channel=page.channel, delivery_id=str(page.delivery_id))
            return CannotTell(detail=f"look-up failed: {type(error).__name__}")

    async def _write(self, tenant: str, settle: Callable[[Tx], Awaitable[None]]) -> None:
        async with self._outbox.tenant_tx(tenant) as tx:
            await settle(tx)

    async def _until_written(self, write: Callable[[], Awaitable[None]], *, started: float) -> None:
        """Writes a known result, again and again while the lease holds."""
        attempt = 0
        while True:
            attempt += 1
            try:
                await write()
            except TransientError as error:
                if clock.monotonic_seconds() - started > self._lease_seconds:
                    raise
                log.warning("result_not_committed", attempt=attempt, error=error.detail)
                await clock.sleep(clock.backoff_seconds(attempt, first=0.1, cap=2.0))
            else:
                return

    async def _postpone_if_held(self, tenant: str, delivery_id: UUID, channel: str) -> bool:
        """A held page waits for the hold's end or, when that is too late, is told over the next contact method."""
        if not self._holds.is_held(tenant, channel):
            return False
        provider = (await self._channel(tenant, channel)).name
        async with self._outbox.tenant_tx(tenant) as tx:
            seconds = self._holds.seconds_left(tenant, channel, now=await tx.now())
            return seconds > 0 and await sending.hold(
                tx, tenant, delivery_id, seconds=seconds, provider=provider, lease_seconds=self._lease_seconds
            )  # fmt: skip

    async def _hold_if_asked(self, tx: Tx, page: OutgoingPage, result: AttemptResult) -> None:
        if isinstance(result, Failed) and result.reason is FailureReason.RATE_LIMITED:
            seconds = result.retry_after_seconds or DEFAULT_HOLD_SECONDS
            now = await tx.now()
            self._holds.hold(page.tenant, page.channel, until=now + timedelta(seconds=seconds))
            telemetry.HOLDS.labels(page.channel).inc()

    async def _channel(self, tenant: str, name: str) -> Channel:
        """A name that this version does not know is a channel without a provider: the page fails over."""
        channel_of = self._channels.get(name)
        return NotConfigured(name) if channel_of is None else await channel_of(tenant)

    def _page(self, tenant: str, claim: Claim) -> OutgoingPage:
        claimed_at = claim.lease_until - timedelta(seconds=self._lease_seconds)
        page = OutgoingPage(
            tenant=tenant,
            delivery_id=claim.delivery_id,
            alert_id=claim.alert_id,
            channel=claim.channel,
            recipient=claim.recipient,
            address=claim.address,
            is_repeat=claim.is_repeat,
            age_seconds=max(0.0, (claimed_at - claim.created_at).total_seconds()),
            severity=claim.severity,
            title=claim.title,
            description=claim.description,
            source=claim.source,
            labels=claim.labels,
            first_fired_at=claim.first_fired_at,
            occurrence_count=claim.occurrence_count,
            board=claim.board,
        )
        return as_bundle(page, claim.bundle, severity=claim.severity)

    @contextmanager
    def _taking(self, delivery_id: UUID) -> Iterator[bool]:
        if delivery_id in self._in_hand:
            yield False
            return
        self._in_hand.add(delivery_id)
        try:
            yield True
        finally:
            self._in_hand.discard(delivery_id)

    def _tell(self, page: OutgoingPage, result: AttemptResult, *, started: float) -> None:
        """One line and the measurements of an attempt."""
        seconds = clock.monotonic_seconds() - started
        word, reason = _words(result)
        telemetry.DELIVERIES.labels(page.channel, word, reason).inc()
        if self._tenant_label.is_on:
            telemetry.TENANT_PAGES.labels(self._tenant_label.of(page.tenant), word).inc()
        if isinstance(result, Sent):
            telemetry.DELIVERY_SECONDS.labels(page.channel).observe(page.age_seconds + seconds)
        if page.is_repeat and not isinstance(result, Failed):
            telemetry.REPEATS.inc()
        log.info(
            "page_attempt", tenant=page.tenant, delivery_id=str(page.delivery_id), alert_id=str(page.alert_id),
            channel=page.channel, result=word, reason=reason, detail=result.detail, ms=round(seconds * 1000, 1),
        )  # fmt: skip

    def _tell_look_up(self, page: OutgoingPage, answer: LookUp, *, is_needed: bool) -> None:
        word = "found" if isinstance(answer, Found) else "repeated" if is_needed else "superseded"
        telemetry.DELIVERIES.labels(page.channel, word, "unclear").inc()
        log.info(
            "page_look_up", tenant=page.tenant, delivery_id=str(page.delivery_id), alert_id=str(page.alert_id),
            channel=page.channel, result=word, answer=str(answer.__struct_config__.tag),
        )  # fmt: skip


def _words(result: AttemptResult) -> tuple[str, str]:
    match result:
        case Sent():
            return "sent", ""
        case Failed(reason=reason):
            return "failed", str(reason)
        case Unclear():
            return "unclear", str(FailureReason.UNCLEAR)

"""At/Want: an end-to-end story on real processes. At a time something happens, then certain pages are wanted.

Every message that a person of the story's tenant received must have been wanted, or the story fails. Time is
the database's: zero is the moment after the first alert was fired, and `at` moves the clock to an offset from it.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from nightowl_common import clock as host_clock
from nightowl_common.db import Database
from nightowl_testkit.builders import Team
from nightowl_testkit.client import AlertView, ApiClient, Receipt
from nightowl_testkit.clock import DbClock
from nightowl_testkit.fakes import FakeSlack, FakeTwilio, Received
from nightowl_testkit.fakes.provider import Recorder

SETTLE_SECONDS = 15.0
LOOK_SECONDS = 0.02

_FAKES = {
    **dict.fromkeys(("slack", "slack_dm", "slack_channel"), "Slack"),
    **dict.fromkeys(("sms", "phone"), "Twilio"),
    "email": "mail",
}

_UNREST = """
SELECT
    (
        SELECT count(*) FROM public.timers WHERE tenant = $1 AND kind <> 'card' AND due_at <= public.clock_now()
    ) AS due_timers,
    (SELECT count(*) FROM public.outbox) AS unpublished_bundles,
    (SELECT count(*) FROM deliveries WHERE status = 'queued' AND not_before <= public.clock_now()) AS unsent_pages,
    (
        SELECT count(*) FROM deliveries AS d
        WHERE d.status = 'sending' AND NOT EXISTS (
            SELECT FROM delivery_attempts AS t
            WHERE t.delivery_id = d.id AND t.token = d.token AND t.outcome = 'unclear'
        )
    ) AS pages_in_hand
"""


class WantedPage(msgspec.Struct, frozen=True, kw_only=True):
    """`via` is slack (any kind) or a word of `notify_via`."""

    to: str
    via: str
    contains: str
    is_repeat: bool

    def fits(self, received: Received) -> bool:
        """Whether a message is this page."""
        return (
            received.to == self.to
            and received.channel.startswith(self.via)
            and self.contains in received.text
            and received.is_repeat == self.is_repeat
        )


def page(*, to: str, via: str, contains: str = "", is_repeat: bool = False) -> WantedPage:
    """What somebody should receive; `to` is a Slack id or a phone number."""
    return WantedPage(to=to, via=via, contains=contains, is_repeat=is_repeat)


class Story:
    """One tenant's story. The fakes may serve other tenants at the same time; their messages are not looked at."""

    def __init__(
        self,
        client: ApiClient,
        clock: DbClock,
        slack: FakeSlack,
        twilio: FakeTwilio,
        *others: Recorder,
        database: Database,
        team: Team,
    ) -> None:
        self._client = client
        self._clock = clock
        self._fakes: tuple[Recorder, ...] = (slack, twilio, *others)
        self._database = database
        self._tenant = team.tenant
        self._start: datetime | None = None
        self._wanted: set[str] = set()
        self._alert_ids: list[UUID] = []

    @property
    def alert_id(self) -> UUID:
        """The alert that was fired last."""
        return self._alert_ids[-1]

    async def fires(self, payload: object, *, source: str = "alertmanager") -> Receipt:
        """A monitoring system posts; returns when every alert of the payload has its disposition.

        Raises:
            AssertionError: some have none within the time.
        """
        receipt = await self._client.fire(source, payload, wait_seconds=10)
        open_ends = [each.event_id for each in receipt.alerts if each.disposition is None]
        assert not open_ends, f"no disposition within 10 s: {open_ends}"
        self._alert_ids += [each.alert_id for each in receipt.alerts if each.alert_id is not None]
        if self._start is None:
            self._start = await self._clock.now()
        return receipt

    async def at(self, *, hours: float = 0, minutes: float = 0, seconds: float = 0) -> None:
        """Lets the system come to rest, then moves the clock to an offset from the story's zero.

        Raises:
            AssertionError: the system does not come to rest, or the story is past that time.
        """
        assert self._start is not None, "a story begins with fires()"
        await self.settle()
        moment = self._start + timedelta(hours=hours, minutes=minutes, seconds=seconds)
        now = await self._clock.now()
        assert now <= moment, f"the story is {now - self._start} old already"
        await self._clock.advance_to(moment)

    async def want(self, *wanted: WantedPage, within_seconds: float = 15.0) -> list[Received]:
        """Each of these pages arrives within the time, and each counts for one message.

        Raises:
            AssertionError: one did not; says what was received instead.
        """
        return [await self._want_one(each, within_seconds) for each in wanted]

    async def want_nothing_more(self) -> None:
        """Lets the system come to rest; then every message must have been wanted.

        Raises:
            AssertionError: names the unexpected messages.
        """
        await self.settle()
        everything = [each for fake in self._fakes for each in fake.received]
        unexpected = [each for each in await self._ours(everything) if each.provider_id not in self._wanted]
        assert not unexpected, "received and not wanted:" + "".join(f"\n  {each}" for each in unexpected)

    async def acknowledges(self, alert_id: UUID | None = None) -> AlertView:
        """Somebody takes the alert (the last one) over the API."""
        return await self._client.acknowledge(alert_id or self.alert_id)

    async def resolves(self, alert_id: UUID | None = None) -> AlertView:
        """Somebody ends the alert (the last one) over the API."""
        return await self._client.resolve(alert_id or self.alert_id)

    async def settle(self, *, seconds: float = SETTLE_SECONDS) -> None:
        """Waits until nothing is due, unpublished, unsent or in hand. Pages that wait for proof or a retry may stay.

        So may edits of messages: they owe nobody a page, and take their time.

        Raises:
            AssertionError: not within the time; says what is left.
        """
        deadline = host_clock.monotonic_seconds() + seconds
        while left := await self._unrest():
            if host_clock.monotonic_seconds() > deadline:
                raise AssertionError(f"no rest within {seconds} s: {left}")
            await host_clock.sleep(LOOK_SECONDS)

    async def _unrest(self) -> dict[str, int]:
        async with self._database.tenant_tx(self._tenant) as tx:
            row = await tx.fetchrow(_UNREST, self._tenant)
        return {name: count for name, count in (row or {}).items() if count}

    async def _want_one(self, wanted: WantedPage, seconds: float) -> Received:
        provider = self._fake_for(wanted.via)
        deadline = host_clock.monotonic_seconds() + seconds
        foreign: set[str] = set()

        def is_new(received: Received) -> bool:
            return received.provider_id not in self._wanted | foreign and wanted.fits(received)

        while True:
            left = max(0.0, deadline - host_clock.monotonic_seconds())
            candidates = await provider.wait_for(is_new, seconds=left)
            ours = await self._ours(candidates)
            if ours:
                self._wanted.add(ours[0].provider_id)
                return ours[0]
            foreign.update(each.provider_id for each in candidates)

    def _fake_for(self, via: str) -> Recorder:
        """Who plays the provider of a channel."""
        name = _FAKES.get(via, "hooks")
        return next(each for each in self._fakes if each.name == name)

    async def _ours(self, received: Sequence[Received]) -> list[Received]:
        """A message without a delivery id counts as ours: nothing may slip through."""
        ids = [each.delivery_id for each in received if each.delivery_id is not None]
        async with self._database.tenant_tx(self._tenant) as tx:
            rows = await tx.fetch("SELECT id FROM deliveries WHERE id = ANY ($1::uuid[])", ids)
        ours = {row["id"] for row in rows}
        return [each for each in received if each.delivery_id is None or each.delivery_id in ours]

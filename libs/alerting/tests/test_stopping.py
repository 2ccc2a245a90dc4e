"""What stops, starts and moves a page, on real rows: one commit each, whoever races."""

import asyncio
import secrets
from datetime import timedelta

import pytest

from nightowl_alerting import lifecycle, obligations, paging, sending, store
from nightowl_alerting.ledger import unaccounted
from nightowl_alerting.model import AlertResolvedError, Recipient, Route
from nightowl_alerting.paging import Failed, FailureReason, Sent
from nightowl_alerting.transitions import Received
from nightowl_common import clock
from nightowl_common.ids import new_id
from nightowl_contracts import Actor
from nightowl_testkit.builders import an_alert, seed_team

pytestmark = pytest.mark.integration

SOMEBODY = Actor(kind="user", id="somebody", name="Somebody")
GONE = Failed(provider="slack", reason=FailureReason.BAD_ADDRESS, is_permanent=True)


class Scene:
    """One tenant's alerts, pages and timers."""

    def __init__(self, tenant, *, team, database, outbox) -> None:
        self.tenant = tenant
        self.team = team
        self._database = database
        self._outbox = outbox

    def tx(self):
        """A transaction whose events are published."""
        return self._outbox.tenant_tx(self.tenant)

    async def receives(self, fingerprint: str, **changes):
        """(disposition, alert id) of one received alert."""
        route = Route(policy_id=self.team.policy_id, policy_version=1)
        received = Received(
            alert=an_alert(fingerprint=fingerprint, **changes),
            source="generic", receipt_id=new_id(), new_id=new_id(), at=clock.utc_now(),
        )  # fmt: skip
        async with self.tx() as tx:
            [outcome] = await lifecycle.receive(tx, self.tenant, [received], route=lambda _alert: route)
        return outcome

    async def fires(self, **changes):
        """A new alert's id."""
        _disposition, alert_id = await self.receives(secrets.token_hex(8), **changes)
        return alert_id

    async def alert(self, alert_id):
        """As it stands."""
        async with self._database.tenant_tx(self.tenant) as tx:
            return await store.lock_alert(tx, alert_id)

    async def page(self, alert_id, *recipients: Recipient):
        """Pages the alert's next tier, as escalation does; returns the delivery ids, in order."""
        async with self.tx() as tx:
            alert, now = await store.lock_alert(tx, alert_id), await tx.now()
            decision = paging.Page(cycle=alert.cycle, tier=alert.tier, next_due_at=now + timedelta(minutes=10))
            tier = obligations.DueTier(alert=alert, decision=decision, recipients=recipients, due_at=now)
            await obligations.page(tx, self.tenant, [tier], now=now)
        query = "SELECT id FROM deliveries WHERE alert_id = $1 AND step = $2 AND recipient = $3 AND channel = $4"
        return [
            (await self.rows(query, alert_id, alert.tier, each.recipient, each.channel))[0]["id"] for each in recipients
        ]

    def alice(self, channel: str = "slack_dm") -> Recipient:
        """Who is on call."""
        return self._over(self.team.alice_id, self.team.alice, channel)

    def bob(self, channel: str = "slack_dm") -> Recipient:
        """Who is her backup."""
        return self._over(self.team.bob_id, self.team.bob, channel)

    def _over(self, user_id, person, channel: str) -> Recipient:
        address = person.slack_user_id if channel == "slack_dm" else person.phone
        return Recipient(recipient=f"user:{user_id}", channel=channel, address=address)

    async def acknowledge(self, alert_id) -> None:
        """Somebody takes it."""
        async with self.tx() as tx:
            await lifecycle.acknowledge(tx, self.tenant, alert_id, SOMEBODY)

    async def claim(self, delivery_id):
        """The right to send."""
        async with self.tx() as tx:
            return await sending.claim(tx, self.tenant, delivery_id, lease_seconds=30)

    async def attempt(self, delivery_id, result) -> None:
        """A whole attempt with its result."""
        claim = await self.claim(delivery_id)
        assert claim is not None
        async with self.tx() as tx:
            await sending.finish_attempt(tx, self.tenant, claim, result)

    async def rows(self, query: str, *args) -> list[dict]:
        """Reads the tenant's tables."""
        async with self._database.tenant_tx(self.tenant) as tx:
            return [dict(row) for row in await tx.fetch(query, *args)]

    async def pages(self, alert_id) -> list[tuple[int, str, str, str]]:
        """(step, recipient, channel, status), oldest first."""
        query = "SELECT step, recipient, channel, status FROM deliveries WHERE alert_id = $1 ORDER BY id"
        return [tuple(row.values()) for row in await self.rows(query, alert_id)]

    async def timers(self, kind: str) -> list:
        """What has a timer."""
        query = "SELECT ref FROM public.timers WHERE tenant = $1 AND kind = $2"
        return [row["ref"] for row in await self.rows(query, self.tenant, kind)]

    async def minutes_left(self, alert_id) -> float:
        """Until the next tier is due."""
        query = "SELECT extract(epoch FROM due_at - public.clock_now())::float / 60 AS left FROM public.timers WHERE ref = $1"
        return (await self.rows(query, alert_id))[0]["left"]

    async def kinds(self, alert_id) -> list[str]:
        """The timeline's entries."""
        query = "SELECT kind FROM alert_timeline WHERE alert_id = $1 ORDER BY id"
        return [row["kind"] for row in await self.rows(query, alert_id)]

    async def findings(self) -> list:
        """What the ledger has to say."""
        async with self._database.tenant_tx(self.tenant) as tx:
            return await unaccounted(tx, self.tenant, [])


@pytest.fixture
async def scene(tenant, database, outbox):
    made = Scene(tenant, team=await seed_team(database, tenant), database=database, outbox=outbox)
    yield made
    async with database.global_tx() as tx:  # no later test shall find something due here
        await tx.execute("DELETE FROM public.timers WHERE tenant = $1", tenant)


async def test_an_acknowledgement_calls_pages_back_and_deletes_timers_in_one_commit(scene):
    """Until the commit nothing has changed for anybody, after it everything has."""
    alert_id = await scene.fires()
    slack, sms = await scene.page(alert_id, scene.alice(), scene.alice("sms"))

    async with scene.tx() as tx:
        await lifecycle.acknowledge(tx, scene.tenant, alert_id, SOMEBODY)
        assert {status for *_, status in await scene.pages(alert_id)} == {"queued"}
        assert await scene.timers("escalation") == [alert_id]
        assert sorted(await scene.timers("delivery")) == sorted([slack, sms])

    assert {status for *_, status in await scene.pages(alert_id)} == {"superseded"}
    assert await scene.timers("escalation") == await scene.timers("delivery") == []
    alert = await scene.alert(alert_id)
    assert (alert.status, alert.escalation_state, alert.acknowledged_by) == ("acknowledged", "stopped", SOMEBODY)
    assert await scene.claim(slack) is None
    assert await scene.findings() == []


async def test_an_acknowledgement_that_fails_leaves_everything_owed(scene):
    """Half an acknowledgement would be silence."""
    alert_id = await scene.fires()
    await scene.page(alert_id, scene.alice())

    async def half_of_it() -> None:
        async with scene.tx() as tx:
            await lifecycle.acknowledge(tx, scene.tenant, alert_id, SOMEBODY)
            raise RuntimeError("power cut")

    with pytest.raises(RuntimeError, match="power cut"):
        await half_of_it()

    assert [status for *_, status in await scene.pages(alert_id)] == ["queued"]
    assert (await scene.alert(alert_id)).status == "firing"
    assert await scene.findings() == []


async def test_an_acknowledgement_leaves_a_page_alone_that_is_being_sent(scene):
    """It cannot be called back: it ends as what it was, and nothing else is sent."""
    alert_id = await scene.fires()
    in_hand, waiting = await scene.page(alert_id, scene.alice(), scene.alice("sms"))
    claim = await scene.claim(in_hand)

    await scene.acknowledge(alert_id)

    states = {channel: status for _step, _recipient, channel, status in await scene.pages(alert_id)}
    assert states == {"slack_dm": "sending", "sms": "superseded"}
    assert await scene.timers("delivery") == [in_hand]
    assert await scene.timers("escalation") == []
    async with scene.tx() as tx:
        await sending.finish_attempt(tx, scene.tenant, claim, Sent(provider="slack", provider_id="1.2"))
    assert [status for *_, status in await scene.pages(alert_id)] == ["sent", "superseded"]
    assert await scene.timers("delivery") == []
    assert await scene.claim(waiting) is None
    assert await scene.findings() == []


async def test_a_page_that_fails_after_the_acknowledgement_is_not_handed_on(scene):
    """Nobody needs the next contact method any more."""
    alert_id = await scene.fires()
    [delivery_id] = await scene.page(alert_id, scene.alice())
    claim = await scene.claim(delivery_id)
    await scene.acknowledge(alert_id)

    async with scene.tx() as tx:
        await sending.finish_attempt(tx, scene.tenant, claim, GONE)

    assert [status for *_, status in await scene.pages(alert_id)] == ["failed"]
    assert await scene.findings() == []


async def test_a_page_put_back_after_the_acknowledgement_is_superseded_when_its_turn_comes(scene, db_clock):
    """A temporary failure after the ack: the retry is due, and is not sent."""
    alert_id = await scene.fires()
    [delivery_id] = await scene.page(alert_id, scene.alice())
    claim = await scene.claim(delivery_id)
    await scene.acknowledge(alert_id)
    again = Failed(provider="slack", reason=FailureReason.UNAVAILABLE, is_permanent=False)
    async with scene.tx() as tx:
        await sending.finish_attempt(tx, scene.tenant, claim, again)
    assert [status for *_, status in await scene.pages(alert_id)] == ["queued"]

    await db_clock.advance(seconds=5)
    assert await scene.claim(delivery_id) is None
    async with scene.tx() as tx:
        assert await sending.next_step(tx, scene.tenant, delivery_id) == "nothing"

    assert [status for *_, status in await scene.pages(alert_id)] == ["superseded"]
    assert await scene.findings() == []


async def test_acknowledging_at_the_same_time_is_one_acknowledgement(scene):
    """Ten people press the button: one entry, one line in the audit log, one version more."""
    alert_id = await scene.fires()
    await scene.page(alert_id, scene.alice())
    version = (await scene.alert(alert_id)).version

    await asyncio.gather(*(scene.acknowledge(alert_id) for _ in range(10)))

    assert (await scene.kinds(alert_id)).count("acknowledged") == 1
    assert len(await scene.rows("SELECT FROM audit_log WHERE action = 'acknowledge' AND entity_id = $1", alert_id)) == 1
    assert (await scene.alert(alert_id)).version == version + 1


async def test_acknowledging_and_resolving_at_the_same_time_end_in_resolved(scene):
    """Whoever comes second sees what the first did; an acknowledgement that is too late says so."""
    alert_id = await scene.fires()

    async def resolve() -> None:
        async with scene.tx() as tx:
            await lifecycle.resolve(tx, scene.tenant, alert_id, SOMEBODY, resolution="restarted")

    acknowledged, resolved = await asyncio.gather(scene.acknowledge(alert_id), resolve(), return_exceptions=True)

    assert acknowledged is None or isinstance(acknowledged, AlertResolvedError)
    assert resolved is None
    assert (await scene.alert(alert_id)).status == "resolved"
    assert await scene.findings() == []


async def test_a_rise_in_severity_starts_the_escalation(scene):
    """A warning pages nobody; the same alert as critical is due now."""
    _, alert_id = await scene.receives("rising", severity="warning")
    quiet = await scene.alert(alert_id)
    assert (quiet.escalation_state, quiet.policy_id) == ("none", None)
    assert await scene.timers("escalation") == []

    assert await scene.receives("rising", severity="critical") == ("repeated", alert_id)

    alert = await scene.alert(alert_id)
    assert (alert.escalation_state, alert.policy_id) == ("pending", scene.team.policy_id)
    assert await scene.minutes_left(alert_id) <= 0
    assert "severity_changed" in await scene.kinds(alert_id)
    assert await scene.findings() == []


async def test_a_rise_in_severity_after_the_acknowledgement_starts_nothing(scene):
    """Somebody has it."""
    _, alert_id = await scene.receives("rising", severity="warning")
    await scene.acknowledge(alert_id)

    await scene.receives("rising", severity="critical")

    assert (await scene.alert(alert_id)).escalation_state == "none"
    assert await scene.timers("escalation") == []
    assert await scene.findings() == []


async def test_a_resolve_from_the_source_calls_pages_back(scene):
    """It is over: no timer, no unsent page, and the alert says who ended it."""
    _, alert_id = await scene.receives("passing")
    await scene.page(alert_id, scene.alice(), scene.alice("sms"))

    assert await scene.receives("passing", status="resolved") == ("resolved", alert_id)

    alert = await scene.alert(alert_id)
    assert (alert.status, alert.escalation_state, alert.resolved_by.kind) == ("resolved", "stopped", "source")
    assert {status for *_, status in await scene.pages(alert_id)} == {"superseded"}
    assert await scene.timers("escalation") == await scene.timers("delivery") == []
    assert await scene.findings() == []


async def test_a_failed_page_is_handed_to_the_next_contact_method_and_then_to_the_next_tier(scene):
    """Slack, text message, phone, mail; with none left nobody waits for the timeout."""
    alert_id = await scene.fires()
    [slack] = await scene.page(alert_id, scene.alice())
    assert await scene.minutes_left(alert_id) > 9

    failed = []
    while queued := await scene.rows("SELECT id, channel FROM deliveries WHERE status = 'queued'"):
        [waiting] = queued
        failed.append(waiting["channel"])
        assert await scene.minutes_left(alert_id) > 9, "as long as there is hope, the next tier waits"
        await scene.attempt(waiting["id"], GONE)

    assert failed == ["slack_dm", "sms", "phone", "email"]
    assert await scene.minutes_left(alert_id) <= 0
    assert {status for *_, status in await scene.pages(alert_id)} == {"failed"}
    assert slack not in await scene.timers("delivery")
    assert await scene.findings() == []


async def test_the_next_tier_waits_while_another_page_of_the_step_got_through(scene):
    """Bob was reached: Alice's dead contact methods are no reason to wake the third."""
    alert_id = await scene.fires()
    _alices, bobs = await scene.page(alert_id, scene.alice(), scene.bob())
    await scene.attempt(bobs, Sent(provider="slack", provider_id="1.2"))

    while queued := await scene.rows("SELECT id FROM deliveries WHERE status = 'queued'"):
        await scene.attempt(queued[0]["id"], GONE)

    assert await scene.minutes_left(alert_id) > 9


async def test_a_page_of_an_earlier_tier_that_fails_late_does_not_shorten_the_next_ones_time(scene, database):
    """The carrier reports Alice's text message as lost when Bob has been told already: Bob keeps his ten minutes."""
    async with database.tenant_tx(scene.tenant) as tx:
        await tx.execute("UPDATE users SET is_active = false WHERE id = $1", scene.team.alice_id)
    alert_id = await scene.fires()
    [alices] = await scene.page(alert_id, scene.alice("sms"))
    await scene.attempt(alices, Sent(provider="twilio", provider_id="SM1"))
    [bobs] = await scene.page(alert_id, scene.bob())
    await scene.attempt(bobs, Sent(provider="slack", provider_id="1.2"))

    async with scene.tx() as tx:
        told = await sending.apply_callback(
            tx, scene.tenant, alices, provider="twilio", provider_id="SM1", word="undelivered", detail=None
        )

    assert told
    assert [status for *_, status in await scene.pages(alert_id)] == ["failed", "sent"]
    assert await scene.minutes_left(alert_id) > 9

"""Pages on their way, with real servers and scripted providers."""

import asyncio
import time
from datetime import timedelta

import pytest

from nightowl_alerting import sending, store
from nightowl_alerting.model import Recipient
from nightowl_alerting.paging import Sent, SentPage
from nightowl_common import clock
from nightowl_common.db import Database
from nightowl_common.outbox import Outbox
from nightowl_notifier.channels.dispatch import Dispatcher
from nightowl_testkit.fakes import DroppedReply, ErrorAfterAccept, ErrorBeforeAccept, RateLimited, Refused, Slow

pytestmark = pytest.mark.integration


def got(fake, address):
    """What somebody received."""
    return [each for each in fake.received if each.to == address]


def to(address):
    """Fits messages to an address."""
    return lambda received: received.to == address


async def test_a_hinted_page_is_sent_once(scene, notifier, fake_slack):
    """The hint makes it fast: no clock has to move."""
    await notifier()
    person = await scene.person()

    delivery_id = await scene.owe_one(person.over("slack_dm"))
    row = await scene.until(delivery_id, "sent")

    [message] = got(fake_slack, person.slack)
    assert message.delivery_id == delivery_id
    assert "Disk full" in message.text
    assert row["provider_id"] == message.provider_id
    assert await scene.outcomes(delivery_id) == ["sent"]
    assert await scene.timer(delivery_id) is None


async def test_a_page_whose_hint_was_lost_is_sent_by_the_due_loop(scene, notifier, fake_twilio, db_clock):
    """The row is the obligation, the hint only the hurry."""
    await notifier()
    person = await scene.person()
    delivery_id = await scene.owe_one(person.over("sms"), hint=False)

    await db_clock.advance(seconds=11)
    await scene.until(delivery_id, "sent")

    assert len(got(fake_twilio, person.phone)) == 1


async def test_two_notifiers_side_by_side_send_each_page_once(scene, notifier, fake_slack, db_clock):
    """Hints and due loops of both race for the same rows."""
    await notifier()
    await notifier()
    person = await scene.person()
    pages = [await scene.owe_one(person.over("slack_dm")) for _ in range(20)]

    await db_clock.advance(seconds=11)
    for delivery_id in pages:
        await scene.until(delivery_id, "sent")

    assert sorted(str(each.delivery_id) for each in got(fake_slack, person.slack)) == sorted(map(str, pages))


@pytest.mark.parametrize("step", [ErrorAfterAccept(500), DroppedReply(), Slow(3)])
@pytest.mark.parametrize("channel", ["slack_dm", "sms"])
async def test_a_page_that_arrived_without_an_answer_is_found_and_not_sent_again(
    scene, notifier, fake_slack, fake_twilio, db_clock, step, channel
):
    """After the wait for a callback the provider is asked."""
    fake = fake_slack if channel == "slack_dm" else fake_twilio
    await notifier()
    person = await scene.person()
    recipient = person.over(channel)
    fake.script(step, when=to(recipient.address))

    delivery_id = await scene.owe_one(recipient)
    await scene.until(delivery_id, "sending", reason="unclear")
    await db_clock.advance(seconds=16)
    row = await scene.until(delivery_id, "sent")

    [message] = got(fake, recipient.address)
    assert row["provider_id"] == message.provider_id
    assert not row["is_repeat"]
    assert await scene.outcomes(delivery_id) == ["unclear", "found"]


async def test_a_message_to_a_slack_channel_is_found_there(scene, notifier, fake_slack, db_clock):
    """Channels are looked up under their own id."""
    await notifier()
    channel = f"C{(await scene.person()).slack}"
    fake_slack.script(DroppedReply(), when=to(channel))

    delivery_id = await scene.owe_one(
        Recipient(recipient=f"channel:{channel}", channel="slack_channel", address=channel)
    )
    await scene.until(delivery_id, "sending", reason="unclear")
    await db_clock.advance(seconds=16)
    await scene.until(delivery_id, "sent")

    assert len(got(fake_slack, channel)) == 1


@pytest.mark.parametrize("channel", ["slack_dm", "sms"])
async def test_a_page_of_which_the_provider_knows_nothing_is_sent_again_and_marked(
    scene, notifier, fake_slack, fake_twilio, db_clock, channel
):
    """Twice rather than never, and the person is told."""
    fake = fake_slack if channel == "slack_dm" else fake_twilio
    await notifier()
    recipient = (await scene.person()).over(channel)
    fake.script(ErrorBeforeAccept(500), when=to(recipient.address))

    delivery_id = await scene.owe_one(recipient)
    await scene.until(delivery_id, "sending", reason="unclear")
    await db_clock.advance(seconds=16)
    row = await scene.until(delivery_id, "sent")

    [message] = got(fake, recipient.address)
    assert message.is_repeat
    assert row["is_repeat"]
    assert row["attempts"] == 2
    assert "page_repeats" in await scene.timeline(delivery_id)


async def test_a_look_up_that_fails_ends_in_a_marked_repeat(scene, notifier, fake_slack, db_clock):
    """Cannot tell is treated as not arrived."""
    await notifier()
    person = await scene.person()
    fake_slack.script(DroppedReply(), when=to(person.slack))
    fake_slack.script_lookups(RateLimited(30))

    delivery_id = await scene.owe_one(person.over("slack_dm"))
    await scene.until(delivery_id, "sending", reason="unclear")
    await db_clock.advance(seconds=16)
    await scene.until(delivery_id, "sent")

    first, second = got(fake_slack, person.slack)
    assert not first.is_repeat
    assert second.is_repeat


async def test_an_unclear_page_that_nobody_needs_any_more_is_not_repeated(scene, notifier, fake_slack, db_clock):
    """An acknowledgement between the attempt and the look-up ends it."""
    await notifier()
    person = await scene.person()
    fake_slack.script(ErrorBeforeAccept(500), when=to(person.slack))
    alert = await scene.alert()
    [delivery_id] = await scene.owe(person.over("slack_dm"), alert=alert)
    await scene.until(delivery_id, "sending", reason="unclear")

    await scene.acknowledge(alert.id)
    await db_clock.advance(seconds=16)
    await scene.until(delivery_id, "superseded")

    assert got(fake_slack, person.slack) == []


async def test_a_rate_limit_holds_that_channel_of_that_tenant_and_nothing_else(
    scene, notifier, fake_slack, fake_twilio, db_clock
):
    """The second page waits without an attempt; text messages go out meanwhile."""
    await notifier()
    person, other = await scene.person(), await scene.person()
    fake_slack.script(RateLimited(40), when=to(person.slack))

    limited = await scene.owe_one(person.over("slack_dm"), severity="major")
    await scene.until(limited, "queued", reason="rate_limited")
    held = await scene.owe_one(other.over("slack_dm"), severity="major")
    texted = await scene.owe_one(other.over("sms"))
    await scene.until(texted, "sent")
    async with asyncio.timeout(20):
        while await scene.timer(held) < await scene.now() + timedelta(seconds=25):
            await asyncio.sleep(0.02)

    assert (await scene.delivery(held))["attempts"] == 0
    assert got(fake_slack, other.slack) == []
    assert len(got(fake_twilio, other.phone)) == 1

    await db_clock.advance(seconds=41)
    await scene.until(limited, "sent", attempts=2)
    await scene.until(held, "sent", attempts=1)


async def test_a_held_channel_of_one_tenant_does_not_hold_another(scene, neighbour, notifier, fake_slack):
    """Holds are per tenant."""
    await notifier()
    person, theirs = await scene.person(), await neighbour.person()
    fake_slack.script(RateLimited(40), when=to(person.slack))
    limited = await scene.owe_one(person.over("slack_dm"), severity="major")
    await scene.until(limited, "queued", reason="rate_limited")

    await neighbour.until(await neighbour.owe_one(theirs.over("slack_dm")), "sent")

    assert len(got(fake_slack, theirs.slack)) == 1


async def test_a_permanent_failure_fails_over_to_the_next_contact_method(scene, notifier, fake_slack, fake_twilio):
    """At once, without waiting for the next tier."""
    await notifier()
    person = await scene.person()
    fake_slack.script(Refused("channel_not_found"), when=to(person.slack))

    delivery_id = await scene.owe_one(person.over("slack_dm"))
    row = await scene.until(delivery_id, "failed")
    [text] = await fake_twilio.wait_for(to(person.phone))

    assert row["reason"] == "bad_address"
    assert "Disk full" in text.text


async def test_an_unconfigured_channel_fails_over_too(scene, notifier, fake_slack):
    """Nothing pretends to be sent."""
    await notifier(TWILIO_ACCOUNT_SID="", TWILIO_AUTH_TOKEN="", TWILIO_FROM="")
    person = await scene.person()

    delivery_id = await scene.owe_one(person.over("sms"))
    row = await scene.until(delivery_id, "failed")
    await fake_slack.wait_for(to(person.slack))

    assert row["reason"] == "not_configured"


async def test_a_temporary_failure_is_tried_again_after_its_wait(scene, running, fake_twilio, db_clock):
    """A refused connection surely sent nothing: no repeat mark."""
    person = await scene.person()
    async with running(TWILIO_API_URL="http://127.0.0.1:1"):
        delivery_id = await scene.owe_one(person.over("sms"))
        await scene.until(delivery_id, "queued", reason="unavailable")
    async with running():
        await db_clock.advance(seconds=3)
        row = await scene.until(delivery_id, "sent")

    assert row["attempts"] == 2
    assert [each.is_repeat for each in got(fake_twilio, person.phone)] == [False]


async def test_an_acknowledgement_before_the_claim_stops_the_page(scene, notifier, fake_slack, db_clock):
    """Whichever commits first wins, and nothing is sent after an acknowledgement."""
    person = await scene.person()
    alert = await scene.alert()
    [delivery_id] = await scene.owe(person.over("slack_dm"), alert=alert, hint=False)

    await scene.acknowledge(alert.id)
    await notifier()
    await db_clock.advance(seconds=11)
    probe = await scene.owe_one(person.over("slack_dm"))
    await scene.until(probe, "sent")

    assert (await scene.delivery(delivery_id))["status"] == "superseded"
    assert [each.delivery_id for each in got(fake_slack, person.slack)] == [probe]


async def test_the_lease_of_a_dead_process_is_taken_over(scene, notifier, fake_slack, db_clock):
    """It died before the provider call: the page goes out, marked, because nobody can know that."""
    person = await scene.person()
    delivery_id = await scene.owe_one(person.over("slack_dm"), hint=False)
    await scene.claim(delivery_id)

    await notifier()
    await db_clock.advance(seconds=31)
    row = await scene.until(delivery_id, "sent")

    assert row["is_repeat"]
    assert len(got(fake_slack, person.slack)) == 1


async def test_a_page_in_hand_is_nobody_elses(scene, database):
    """Whoever comes for it while somebody is taking it waits for them, and goes away empty."""
    person = await scene.person()
    delivery_id = await scene.owe_one(person.over("slack_dm"), hint=False)

    async with database.tenant_tx(scene.tenant) as tx:
        first = await sending.claim(tx, scene.tenant, delivery_id, lease_seconds=30)
        second = asyncio.create_task(scene.claim(delivery_id))
        while not await tx.fetchval("SELECT count(*) FROM pg_locks WHERE locktype = 'transactionid' AND NOT granted"):
            assert not second.done()
            await asyncio.sleep(0.01)

    assert first is not None
    assert await second is None


async def test_a_late_writer_is_fenced_off(scene, notifier, database, db_clock):
    """A process that was paused beyond its lease changes nothing but leaves a trace."""
    person = await scene.person()
    delivery_id = await scene.owe_one(person.over("slack_dm"), hint=False)
    old = await scene.claim(delivery_id)
    await notifier()
    await db_clock.advance(seconds=31)
    sent = await scene.until(delivery_id, "sent")

    async with database.tenant_tx(scene.tenant) as tx:
        await sending.finish_attempt(tx, scene.tenant, old, Sent(provider="slack", provider_id="late"))

    assert (await scene.delivery(delivery_id)) == sent
    assert "late" in await scene.outcomes(delivery_id)


async def test_a_process_that_stood_still_after_its_claim_does_not_send_any_more(
    scene, outbox, monkeypatch
):  # fmt: skip
    """Somebody else may have sent the page meanwhile, and this message could not say that it is the second one."""
    stood_still, claim = [0.0], sending.claim

    async def claim_and_stand_still(*args, **kwargs):
        claimed = await claim(*args, **kwargs)
        stood_still[0] = 20.0
        return claimed

    monkeypatch.setattr(sending, "claim", claim_and_stand_still)
    monkeypatch.setattr(clock, "monotonic_seconds", lambda: time.monotonic() + stood_still[0])
    person, sent = await scene.person(), []
    delivery_id = await scene.owe_one(person.over("slack_dm"), hint=False)
    dispatcher = Dispatcher(
        outbox, {"slack_dm": channel_that(sent)}, lease_seconds=30, provider_timeout_seconds=10
    )  # fmt: skip

    await dispatcher.send_hinted(scene.tenant, delivery_id, channel="slack_dm")

    assert sent == []
    assert (await scene.delivery(delivery_id))["status"] == "queued"
    assert await scene.outcomes(delivery_id) == ["failed"]


async def test_a_result_never_waits_behind_a_flood_of_claims(scene, servers, bus, monkeypatch):
    """Claims take so few of the connections that what a provider has said is written at once."""
    is_flooded, is_over, claim = asyncio.Event(), asyncio.Event(), sending.claim

    async def claim_slowly_in_the_flood(*args, **kwargs):
        if is_flooded.is_set():
            await is_over.wait()
        return await claim(*args, **kwargs)

    monkeypatch.setattr(sending, "claim", claim_slowly_in_the_flood)
    person, sent, is_answered = await scene.person(), [], asyncio.Event()
    first, *others = [await scene.owe_one(person.over("slack_dm"), hint=False) for _ in range(6)]
    database = await Database.connect(servers.database_url, size=2, service="notifier")
    dispatcher = Dispatcher(
        Outbox(database, bus), {"slack_dm": channel_that(sent, after=is_answered)}, lease_seconds=30,
        provider_timeout_seconds=10, claims_at_once=1,
    )  # fmt: skip

    async def send(delivery_id) -> None:
        await dispatcher.send_hinted(scene.tenant, delivery_id, channel="slack_dm")

    async with asyncio.TaskGroup() as group:
        group.create_task(send(first))
        while not sent:
            await asyncio.sleep(0.01)
        is_flooded.set()
        for each in others:
            group.create_task(send(each))
        await asyncio.sleep(0)
        is_answered.set()
        await scene.until(first, "sent", seconds=4)
        is_over.set()
    await database.close()

    assert len(sent) == 6


async def test_critical_pages_that_come_together_share_the_claim_and_the_result(scene, outbox):
    """Five pages, two commits: those of one round have the transaction that wrote them in common."""
    person, sent, is_answered = await scene.person(), [], asyncio.Event()
    pages = [await scene.owe_one(person.over("slack_dm"), hint=False) for _ in range(5)]
    dispatcher = Dispatcher(
        outbox, {"slack_dm": channel_that(sent, after=is_answered)}, lease_seconds=30, provider_timeout_seconds=10
    )  # fmt: skip

    async with asyncio.TaskGroup() as group:
        for each in pages:
            group.create_task(dispatcher.send_hinted(scene.tenant, each, channel="slack_dm", is_critical=True))
        async with asyncio.timeout(20):
            while len(sent) < len(pages):
                await asyncio.sleep(0.01)
        claimed_by = {row["by"] for row in await scene.rows(_WRITTEN_BY, pages)}
        is_answered.set()
    settled_by = {row["by"] for row in await scene.rows(_WRITTEN_BY, pages)}

    assert (len(claimed_by), len(settled_by)) == (1, 1)
    for each in pages:
        assert (await scene.delivery(each))["status"] == "sent"
        assert await scene.outcomes(each) == ["sent"]
        assert await scene.timer(each) is None
        assert (await scene.timeline(each)).count("page_sent") == 1


_WRITTEN_BY = "SELECT xmin::text AS by FROM deliveries WHERE id = ANY ($1::uuid[])"


async def test_a_round_of_claims_takes_only_what_is_owed_and_free(scene, database):
    """Left out: what was acknowledged, what is not critical, and what somebody else is changing, for whom it does not wait."""
    person = await scene.person()
    owed, ordinary, taken, held = [
        await scene.owe_one(person.over("slack_dm"), hint=False, severity=severity)
        for severity in ("critical", "warning", "critical", "critical")
    ]
    await scene.acknowledge((await scene.alert_of(taken))["id"])

    async with database.tenant_tx(scene.tenant) as other:
        await other.execute("SELECT FROM deliveries WHERE id = $1 FOR UPDATE", held)
        async with database.tenant_tx(scene.tenant) as tx, asyncio.timeout(20):
            asked = [owed, ordinary, taken, held]
            claims, left = await sending.claim_critical(tx, scene.tenant, asked, lease_seconds=30)

    assert [each.delivery_id for each in claims] == [owed]
    assert set(left) == {ordinary, held}
    async with database.tenant_tx(scene.tenant) as tx:
        assert await sending.claim_critical(tx, scene.tenant, [owed], lease_seconds=30) == ([], [])
    statuses = [(await scene.delivery(each))["status"] for each in (owed, ordinary, taken, held)]
    assert statuses == ["sending", "queued", "superseded", "queued"]
    assert await scene.timer(owed) == claims[0].lease_until


async def test_a_late_writer_among_others_is_the_only_one_that_is_fenced_off(scene, database, db_clock):
    """A result under an old token changes nothing; those beside it are written."""
    person = await scene.person()
    late, good = [await scene.owe_one(person.over("slack_dm"), hint=False) for _ in range(2)]
    old = await scene.claim(late)
    await db_clock.advance(seconds=31)
    async with database.tenant_tx(scene.tenant) as tx:
        await sending.claim_unclear(tx, scene.tenant, late, lease_seconds=30)
    told = [
        SentPage(claim=each, sent=Sent(provider="slack", provider_id="D1:1")) for each in (old, await scene.claim(good))
    ]

    async with database.tenant_tx(scene.tenant) as tx:
        await sending.finish_sent(tx, scene.tenant, told)

    assert [(await scene.delivery(each))["status"] for each in (late, good)] == ["sending", "sent"]
    assert [await scene.outcomes(each) for each in (late, good)] == [["late"], ["sent"]]


def channel_that(sent: list, *, after: asyncio.Event | None = None):
    """A channel that notes what it is told to send."""

    class Noting:
        name = "noting"

        async def send(self, page):
            sent.append(page)
            if after is not None:
                await after.wait()
            return Sent(provider="noting")

    async def channel_of(_tenant):
        return Noting()

    return channel_of


async def test_a_slow_channel_does_not_delay_another(scene, notifier, fake_slack, fake_twilio, db_clock):
    """Slots are counted per channel: hanging Slack calls leave text messages alone."""
    await notifier(NIGHTOWL_CHANNEL_WORKERS="2")
    slow, quick = await scene.person(), await scene.person()
    fake_slack.script(Slow(1.5), when=to(slow.slack), forever=True)
    for _ in range(6):
        await scene.owe_one(slow.over("slack_dm"), hint=False)
    texted = await scene.owe_one(quick.over("sms"), hint=False)

    await db_clock.advance(seconds=11)
    await scene.until(texted, "sent", seconds=1.0)

    assert len(got(fake_slack, slow.slack)) <= 4


async def test_a_stopping_notifier_finishes_what_it_has_in_hand(scene, running, fake_slack):
    """The answer of the provider is committed before the process ends."""
    person = await scene.person()
    fake_slack.script(Slow(1), when=to(person.slack))
    async with running():
        delivery_id = await scene.owe_one(person.over("slack_dm"))
        await fake_slack.wait_for(to(person.slack))

    assert (await scene.delivery(delivery_id))["status"] == "sent"


async def test_the_local_outbox_stands_in_where_no_provider_is_configured(scene, notifier, fake_twilio):
    """Visible, once, and called what it is."""
    await notifier(
        TWILIO_ACCOUNT_SID="", TWILIO_AUTH_TOKEN="", TWILIO_FROM="", NIGHTOWL_MODE="dev", NIGHTOWL_LOCAL_OUTBOX="true"
    )
    person = await scene.person()

    delivery_id = await scene.owe_one(person.over("sms"))
    row = await scene.until(delivery_id, "sent")

    [written] = await scene.rows("SELECT * FROM local_outbox WHERE delivery_id = $1", delivery_id)
    [entry] = await scene.rows("SELECT evidence FROM alert_timeline WHERE kind = 'page_sent'")
    assert row["provider"] == "local-outbox"
    assert written["address"] == person.phone
    assert "Disk full" in written["body"]["text"]
    assert entry["evidence"]["detail"] == "written to the local outbox: no sms provider is configured"
    assert got(fake_twilio, person.phone) == []


async def test_a_channel_that_this_version_does_not_know_fails_over(scene, notifier, database, fake_twilio, db_clock):
    """A typing error in a policy costs a moment, not the page."""
    await notifier()
    person = await scene.person()
    delivery_id = await scene.owe_one(person.over("slack_dm"), hint=False)
    async with database.tenant_tx(scene.tenant) as tx:
        await tx.execute("UPDATE deliveries SET channel = 'pigeon' WHERE id = $1", delivery_id)

    await db_clock.advance(seconds=11)
    await scene.until(delivery_id, "failed", reason="not_configured")


async def test_a_tenant_that_cannot_be_handled_does_not_block_its_neighbours(
    scene, neighbour, notifier, database, fake_slack, db_clock
):
    """Its timers are put off; the others and the loop go on."""
    await notifier()
    person, theirs = await scene.person(), await neighbour.person()
    stuck = await neighbour.owe_one(theirs.over("slack_dm"), hint=False)
    fine = await scene.owe_one(person.over("slack_dm"), hint=False)
    async with database.tenant_tx(neighbour.tenant) as tx:
        await tx.execute("ALTER TABLE deliveries RENAME TO elsewhere")

    await db_clock.advance(seconds=11)
    await scene.until(fine, "sent")
    async with asyncio.timeout(20):
        while await scene.timer(stuck) < await scene.now() + timedelta(seconds=5):
            await asyncio.sleep(0.02)

    assert got(fake_slack, theirs.slack) == []
    async with database.tenant_tx(neighbour.tenant) as tx:
        await tx.execute("ALTER TABLE elsewhere RENAME TO deliveries")
    await db_clock.advance(seconds=11)
    await neighbour.until(stuck, "sent")


async def test_a_timer_without_a_delivery_is_removed(scene, notifier, database, db_clock):
    """What is owed by nobody does not stay due for ever."""
    await notifier()
    person = await scene.person()
    delivery_id = await scene.owe_one(person.over("slack_dm"), hint=False)
    async with database.tenant_tx(scene.tenant) as tx:
        await tx.execute("DELETE FROM deliveries WHERE id = $1", delivery_id)

    await db_clock.advance(seconds=11)

    async with asyncio.timeout(20):
        while await scene.timer(delivery_id) is not None:
            await asyncio.sleep(0.02)


async def test_a_full_round_of_waiting_pages_lets_other_channels_through(
    scene, notifier, fake_slack, fake_twilio, db_clock
):
    """Due pages that find no slot make room for those behind them."""
    await notifier(NIGHTOWL_CHANNEL_WORKERS="1", NIGHTOWL_DUE_BATCH="3")
    slow, quick = await scene.person(), await scene.person()
    fake_slack.script(Slow(1.5), when=to(slow.slack), forever=True)
    for _ in range(5):
        await scene.owe_one(slow.over("slack_dm"), hint=False)
    texted = await scene.owe_one(quick.over("sms"), hint=False)

    await db_clock.advance(seconds=11)
    await scene.until(texted, "sent")

    assert len(got(fake_slack, slow.slack)) < 3, "the text message stood behind the whole first round"


async def test_pages_that_make_room_keep_their_order(scene, database):
    """The first is due again at once, so that nothing newer overtakes it; what somebody holds is let alone."""
    person = await scene.person()
    held, *waiting = [await scene.owe_one(person.over("sms"), hint=False) for _ in range(5)]
    waiting.reverse()
    before = await scene.timer(held)
    async with database.global_tx() as holder, database.global_tx() as tx:
        await holder.execute("SELECT FROM public.timers WHERE kind = 'delivery' AND ref = $1 FOR UPDATE", held)
        await store.postpone_free_timers(tx, "delivery", [*waiting, held], seconds=10, in_turn=True)
        now = await tx.now()

    due = [(await scene.timer(each) - now).total_seconds() for each in waiting]
    assert due == pytest.approx([2, 4, 6, 8], abs=0.5)
    assert await scene.timer(held) == before

"""Storms: few messages, nothing lost, and what is critical arrives alone."""

from datetime import timedelta

import pytest

from nightowl_alerting import lifecycle, sending
from nightowl_alerting.ledger import unaccounted
from nightowl_alerting.model import Route
from nightowl_alerting.transitions import Received
from nightowl_common.ids import new_id
from nightowl_contracts import ReceivedAlert
from nightowl_testkit.fakes import DroppedReply, ErrorBeforeAccept, Refused

pytestmark = pytest.mark.integration

HELD = "status = 'queued' AND held_for = 'limit'"


def texts(fake, address):
    """Texts that somebody got, in order."""
    return [each.text for each in fake.received if each.to == address]


def to(address):
    """Fits messages to an address."""
    return lambda received: received.to == address


async def held(scene, recipient, count):
    """Pages of warnings that a limit held, whose time has come."""
    found = await scene.storm(recipient, count, hint=False)
    await scene.write("UPDATE deliveries SET held_for = 'limit' WHERE id = ANY ($1::uuid[])", found)
    return found


async def in_quiet_hours(scene):
    """A person who has quiet hours now, for two hours more."""
    person, now = await scene.person(), await scene.now()
    quiet = {"start_time": f"{now - timedelta(hours=1):%H:%M}", "end_time": f"{now + timedelta(hours=2):%H:%M}"}
    await scene.write("INSERT INTO notification_rules (user_id, quiet_hours) VALUES ($1, $2)", person.id, quiet)
    return person


async def test_a_storm_is_few_messages_and_a_critical_page_is_one_of_its_own(
    scene, notifier, fake_twilio, database, db_clock
):
    """300 warnings: five texts, then one for all the rest; each page is told of, and the ledger has nothing to say."""
    await notifier()
    person = await scene.person()
    sms = person.over("sms")

    storm = await scene.storm(sms, 150)
    urgent = await scene.owe_one(sms)
    storm += await scene.storm(sms, 150)
    await scene.until(urgent, "sent")
    await scene.until_all(storm, f"status = 'sent' OR {HELD}")
    first = texts(fake_twilio, person.phone)
    [taken] = await scene.rows(f"SELECT id, alert_id FROM deliveries WHERE {HELD} ORDER BY id DESC LIMIT 1")
    await scene.acknowledge(taken["alert_id"])
    async with database.tenant_tx(scene.tenant) as tx:
        owed = await unaccounted(tx, scene.tenant, [])
    await db_clock.advance(seconds=15 * 60 + 1)
    await scene.until_all([each for each in storm if each != taken["id"]], "status = 'sent'")

    assert owed == []
    assert 5 <= len(first) <= 6
    assert sum("[CRITICAL] Disk full" in each for each in first) == 1
    assert (await scene.delivery(urgent))["bundled_into"] is None
    assert (await scene.delivery(taken["id"]))["status"] == "superseded"
    [bundle] = texts(fake_twilio, person.phone)[len(first) :]
    bundled = await scene.rows("SELECT * FROM deliveries WHERE bundled_into IS NOT NULL")
    [leader] = {row["bundled_into"] for row in bundled}
    assert f"[WARNING] {len(bundled) + 1} alerts: Node" in bundle
    assert len(bundled) + len(first) == 300 - 1
    assert {row["provider_id"] for row in bundled} == {(await scene.delivery(leader))["provider_id"]}
    async with database.tenant_tx(scene.tenant) as tx:
        assert await unaccounted(tx, scene.tenant, []) == []


async def test_messages_that_failed_use_up_nobodys_limit(scene, notifier, fake_slack, fake_twilio, db_clock):
    """Twelve warnings over a channel that refuses all: each fails over, without waiting for a window that holds nothing."""
    await notifier()
    person = await scene.person()
    fake_twilio.script(Refused("21211"), when=to(person.phone), forever=True)

    pages = await scene.storm(person.over("sms"), 12)
    await scene.until_all(pages, "attempts > 0 OR held_for = 'limit'")
    for _ in range(3):
        await db_clock.advance(seconds=6)
        await scene.until_all(pages, "status = 'failed' OR not_before > public.clock_now() - interval '1 s'")
    await scene.until_all(pages, "status = 'failed'")
    rows = await scene.rows("SELECT DISTINCT alert_id FROM deliveries WHERE channel <> 'sms'")

    assert len(rows) == 12
    assert texts(fake_twilio, person.phone) == []


async def test_an_acknowledged_page_of_a_bundle_takes_nothing_from_the_others(scene, notifier, fake_slack, db_clock):
    """Its own row is superseded, the message tells of the rest."""
    person = await scene.person()
    pages = await held(scene, person.over("slack_dm"), 4)
    await scene.acknowledge((await scene.alert_of(pages[0]))["id"])

    await notifier()
    await db_clock.advance(seconds=11)
    await scene.until_all(pages[1:], "status = 'sent'")

    assert (await scene.delivery(pages[0]))["status"] == "superseded"
    [text] = texts(fake_slack, person.slack)
    assert "3 alerts" in text
    assert "Node 0" not in text


async def test_each_alert_of_a_bundle_says_so(scene, notifier, db_clock):
    """On its timeline and in its receipt."""
    await notifier()
    person = await scene.person()
    pages = await held(scene, person.over("slack_dm"), 3)

    await db_clock.advance(seconds=11)
    await scene.until_all(pages, "status = 'sent'")

    rows = [await scene.delivery(each) for each in pages]
    [leader] = [row["id"] for row in rows if row["bundled_into"] is None]
    assert [row["bundled_into"] for row in rows if row["id"] != leader] == [leader, leader]
    for each in pages:
        query = "SELECT evidence FROM alert_timeline WHERE kind = 'page_sent' AND evidence ->> 'delivery_id' = $1"
        [entry] = await scene.rows(query, str(each))
        assert entry["evidence"]["bundled_with"] == 2
        assert await scene.outcomes(each) == ["sent"]
        assert await scene.timer(each) is None


async def test_a_bundle_whose_answer_was_lost_is_found_and_not_sent_again(scene, notifier, fake_slack, db_clock):
    """One look-up proves all of it."""
    await notifier()
    person = await scene.person()
    pages = await held(scene, person.over("slack_dm"), 3)
    fake_slack.script(DroppedReply(), when=to(person.slack))

    await db_clock.advance(seconds=11)
    await scene.until_all(pages, "status = 'sending' AND reason = 'unclear'")
    await db_clock.advance(seconds=16)
    await scene.until_all(pages, "status = 'sent' AND NOT is_repeat")

    assert len(texts(fake_slack, person.slack)) == 1


@pytest.mark.parametrize("is_crash", [True, False], ids=["crash", "unclear"])
async def test_a_bundle_of_which_nobody_knows_is_sent_again_once_and_marked(
    scene, notifier, fake_slack, db_clock, is_crash
):
    """Whether our process died or the provider gave no proof: one marked message for all."""
    person = await scene.person()
    pages = await held(scene, person.over("slack_dm"), 3)
    if is_crash:
        claim = await scene.claim(pages[0])
        assert len(claim.bundle) == 2
    else:
        fake_slack.script(ErrorBeforeAccept(500), when=to(person.slack))
    await notifier()

    if not is_crash:
        await db_clock.advance(seconds=11)
        await scene.until_all(pages, "status = 'sending' AND reason = 'unclear'")
    await db_clock.advance(seconds=31 if is_crash else 16)
    await scene.until_all(pages, "status = 'sent' AND is_repeat")

    [text] = texts(fake_slack, person.slack)
    assert "REPEAT" in text
    assert "3 alerts" in text


async def test_a_bundle_that_fails_for_good_fails_over_for_each_of_its_alerts(
    scene, notifier, fake_slack, fake_twilio, db_clock
):
    """Nobody's page is forgotten because it travelled with others."""
    await notifier()
    person = await scene.person()
    pages = await held(scene, person.over("slack_dm"), 3)
    fake_slack.script(Refused("channel_not_found"), when=to(person.slack))

    await db_clock.advance(seconds=11)
    await scene.until_all(pages, "status = 'failed'")
    rows = await scene.rows("SELECT id, alert_id FROM deliveries WHERE channel = 'sms'")
    await scene.until_all([row["id"] for row in rows], "status = 'sent'")

    assert len({row["alert_id"] for row in rows}) == 3
    assert len(texts(fake_twilio, person.phone)) == 3


async def test_what_the_provider_reports_of_a_bundle_holds_for_all_of_it(scene, notifier, database, db_clock):
    """The message reached the device, so all of its alerts have."""
    await notifier()
    person = await scene.person()
    pages = await held(scene, person.over("sms"), 3)
    await db_clock.advance(seconds=11)
    await scene.until_all(pages, "status IN ('sent', 'delivered')")
    [leader] = [each for each in pages if (await scene.delivery(each))["bundled_into"] is None]

    async with database.tenant_tx(scene.tenant) as tx:
        await sending.apply_callback(
            tx, scene.tenant, leader, provider="twilio", provider_id="SM1", word="delivered", detail=None
        )

    assert {(await scene.delivery(each))["status"] for each in pages} == {"delivered"}


async def test_quiet_hours_hold_what_is_of_low_urgency_and_nothing_else(scene, notifier, fake_slack, db_clock):
    """Until they end; then the page goes out, and its timeline has said until when it waits."""
    await notifier()
    person = await in_quiet_hours(scene)

    low = await scene.owe_one(person.over("slack_dm"), severity="warning")
    await scene.until(low, "queued", held_for="quiet_hours")
    high = await scene.owe_one(person.over("slack_dm"), severity="major")
    await scene.until(high, "sent")
    before = len(texts(fake_slack, person.slack))
    await db_clock.advance(seconds=2 * 3600 + 1)
    await scene.until(low, "sent")

    assert before == 1
    assert await scene.timeline(low) == ["page_held", "page_sent"]


async def test_what_becomes_critical_is_held_no_longer(scene, notifier, outbox, fake_slack):
    """Neither quiet hours nor a limit were meant for it."""
    await notifier()
    person = await in_quiet_hours(scene)
    alert = await scene.alert(severity="warning")
    [page] = await scene.owe(person.over("slack_dm"), alert=alert)
    await scene.until(page, "queued", held_for="quiet_hours")

    worse = ReceivedAlert(
        index=0, fingerprint=alert.fingerprint, status="firing", severity="critical", title="Disk full"
    )
    received = Received(alert=worse, source="generic", receipt_id=new_id(), new_id=new_id(), at=await scene.now())
    async with outbox.tenant_tx(scene.tenant) as tx:
        route = Route(policy_id=alert.policy_id, policy_version=alert.policy_version, pages_from="info")
        await lifecycle.receive(tx, scene.tenant, [received], route=lambda _alert: route)
    await scene.until(page, "sent")

    [text] = texts(fake_slack, person.slack)
    assert "[CRITICAL] Disk full" in text

"""A provider that is slow, down or asks for patience: the next contact method is used in time. Time is the test's clock."""

import asyncio
from datetime import timedelta

import pytest

from nightowl_alerting.model import Recipient
from nightowl_testkit.fakes import ErrorBeforeAccept, RateLimited, Slow

pytestmark = pytest.mark.integration

PATIENCE = {"critical": 30, "major": 60}
WAITS = """
    SELECT extract(epoch FROM t.due_at - public.clock_now())::double precision + 0.1 AS seconds
    FROM deliveries AS d JOIN public.timers AS t ON t.kind = 'delivery' AND t.ref = d.id
    WHERE d.id = $1 AND d.attempts > 0 AND t.due_at > public.clock_now()
        AND (d.status = 'queued' OR d.reason = 'unclear' AND d.lease_until < public.clock_now() + interval '16 s')
"""
"""For how long a page waits between attempts; no row while it is being sent or looked up, which has a lease of 30 s."""


def to(address):
    """Fits messages to an address."""
    return lambda received: received.to == address


async def pass_time(scene, delivery_id, db_clock) -> float:
    """Moves the clock to each moment for which the page waits, until it is settled; returns by how much in all."""
    moved = 0.0
    async with asyncio.timeout(120):
        while (await scene.delivery(delivery_id))["status"] in {"queued", "sending"}:
            for row in await scene.rows(WAITS, delivery_id):
                moved += row["seconds"]
                await db_clock.advance(seconds=row["seconds"])
            await asyncio.sleep(0.05)
    return moved


@pytest.mark.parametrize("severity", ["critical", "major"])
@pytest.mark.parametrize("step", [ErrorBeforeAccept(503), RateLimited(7), RateLimited(120), Slow(2.5)], ids=str)
async def test_a_provider_in_trouble_is_left_in_time_and_the_text_message_arrives_once(
    scene, notifier, fake_slack, fake_twilio, db_clock, step, severity
):
    """At most 30 s for a critical page, 60 s for another, whatever Slack answers and whether it can be asked."""
    await notifier(NIGHTOWL_PROVIDER_TIMEOUT_SECONDS="1")
    person = await scene.person()
    fake_slack.script(step, when=to(person.slack), forever=True)
    fake_slack.script_lookups(*[RateLimited(30)] * 3)

    delivery_id = await scene.owe_one(person.over("slack_dm"), severity=severity)
    moved = await pass_time(scene, delivery_id, db_clock)
    await fake_twilio.wait_for(to(person.phone))
    [text] = await scene.rows("SELECT id FROM deliveries WHERE channel = 'sms' AND recipient = $1", f"user:{person.id}")
    await scene.until(text["id"], "sent")

    assert (await scene.delivery(delivery_id))["status"] == "failed"
    assert moved <= PATIENCE[severity]
    assert len([each for each in fake_twilio.received if each.to == person.phone]) == 1


async def test_a_page_that_another_ones_rate_limit_holds_for_too_long_fails_over(
    scene, notifier, fake_slack, fake_twilio
):
    """It was never tried, and need not be: the person is told otherwise, at once."""
    await notifier()
    person, other = await scene.person(), await scene.person()
    fake_slack.script(RateLimited(120), when=to(person.slack))
    first = await scene.owe_one(person.over("slack_dm"))
    await scene.until(first, "failed", reason="rate_limited")

    held = await scene.owe_one(other.over("slack_dm"))
    row = await scene.until(held, "failed", reason="rate_limited")
    await fake_twilio.wait_for(to(other.phone))

    assert "page_failed" in await scene.timeline(held)
    assert row["provider"] == "slack"
    assert [each for each in fake_slack.received if each.to == other.slack] == []


async def test_a_recipient_without_another_contact_method_waits_for_as_long_as_it_takes(
    scene, notifier, fake_slack, db_clock
):
    """A channel has no other way: the page stays queued through a long rate limit and goes out after it."""
    await notifier()
    channel = f"C{(await scene.person()).slack}"
    fake_slack.script(RateLimited(300), when=to(channel))
    recipient = Recipient(recipient=f"channel:{channel}", channel="slack_channel", address=channel)

    limited = await scene.owe_one(recipient)
    await scene.until(limited, "queued", reason="rate_limited")
    assert await scene.timer(limited) > await scene.now() + timedelta(seconds=200)
    await db_clock.advance(seconds=301)
    await scene.until(limited, "sent")

    assert [each.to for each in fake_slack.received if each.to == channel] == [channel]


async def test_a_critical_page_that_finds_no_slot_in_time_fails_over(
    scene, notifier, fake_slack, fake_twilio, db_clock
):
    """Calls that hang hold the only slot: who waits behind them is told otherwise before they end."""
    await notifier(NIGHTOWL_CHANNEL_WORKERS="1")
    slow, behind = await scene.person(), await scene.person()
    fake_slack.script(Slow(1.5), when=to(slow.slack), forever=True)
    await scene.until(await scene.owe_one(slow.over("sms")), "sent")  # the due loop has looked for the first time
    await db_clock.advance(seconds=11)
    await scene.owe_one(slow.over("slack_dm"), hint=False)
    late = await scene.owe_one(behind.over("slack_dm"), hint=False)

    await db_clock.advance(seconds=29)
    row = await scene.until(late, "failed")
    await fake_twilio.wait_for(to(behind.phone))

    assert row["reason"] == "unavailable"
    assert [each for each in fake_slack.received if each.to == behind.slack] == []


async def test_what_waited_because_no_notifier_was_there_goes_out_where_it_was_to(
    scene, notifier, fake_slack, fake_twilio, db_clock
):
    """An outage of our own says nothing against the channel: late pages stand in line, and nobody gets a text instead."""
    crowd = [await scene.person() for _ in range(4)]
    pages = [await scene.owe_one(each.over("slack_dm"), hint=False) for each in crowd]
    await db_clock.advance(seconds=60)

    await notifier(NIGHTOWL_CHANNEL_WORKERS="1")
    await scene.until_all(pages, "status = 'sent'")

    assert {each.to for each in fake_slack.received} >= {each.slack for each in crowd}
    assert [each for each in fake_twilio.received if each.to in {person.phone for person in crowd}] == []

"""Stories: what people receive, told in the order of a night. Real processes, two of each worker, a movable clock."""

import asyncio
from datetime import timedelta

import pytest

from nightowl_common import clock
from nightowl_testkit.builders import (
    an_alertmanager_alert,
    an_alertmanager_payload,
    insert_policy,
    the_usual_tiers,
)
from nightowl_testkit.fakes import DroppedReply, ErrorAfterAccept, RateLimited, Refused
from nightowl_testkit.story import page

pytestmark = pytest.mark.e2e

ALICE, BOB, BOBS_PHONE, ALICES_PHONE, CAROL, CAROLS_PHONE = (
    "U0ALICE", "+12025550102", "+12025550102", "+4915550000001", "U0CAROL", "+6421555003",
)  # fmt: skip


# Under a second where nothing else runs, which the bench measures; busy machines are slower. It is less than the five
# seconds of the sweepers, so that nothing here can be their repair.
AT_ONCE_SECONDS = 4.0


def firing(**changes):
    return an_alertmanager_payload(an_alertmanager_alert(**changes))


async def test_a_critical_alert_pages_the_person_on_call(story, client):
    """Webhook in, Slack message out, with the alert's name in it; nobody else hears of it."""
    await story.fires(firing())

    await story.want(page(to=ALICE, via="slack_dm", contains="DiskFull"))
    await story.want_nothing_more()
    assert await client.unaccounted() == []


async def test_the_next_tier_is_paged_when_nobody_answers(story, client):
    """Alice, after five minutes Bob twice over, after ten more Carol; then the admins are told that it is exhausted."""
    await story.fires(firing())
    await story.want(page(to=ALICE, via="slack_dm"))

    await story.at(minutes=5, seconds=2)
    await story.want(page(to="U0BOB", via="slack_dm"), page(to=BOBS_PHONE, via="sms", contains="DiskFull"))

    await story.at(minutes=15, seconds=4)
    await story.want(page(to=CAROLS_PHONE, via="sms"))

    await story.at(minutes=30, seconds=8)
    await story.want(page(to=CAROL, via="slack_dm"))
    await story.want_nothing_more()

    alert = await client.alert(story.alert_id)
    assert alert.escalation_state == "exhausted"
    assert await client.unaccounted() == []


async def test_an_acknowledgement_stops_the_escalation_for_good(story, client):
    """However far the clock runs, nobody is paged after the ack."""
    await story.fires(firing())
    await story.want(page(to=ALICE, via="slack_dm"))
    await story.acknowledges()

    await story.at(hours=3)
    await story.want_nothing_more()

    alert = await client.alert(story.alert_id)
    assert (alert.status, alert.escalation_state) == ("acknowledged", "stopped")


async def test_a_policy_that_repeats_pages_everyone_again(story, database, tenant, team):
    """Two tiers, once more: four pages, in order."""
    tiers = the_usual_tiers(team.carol_id)[:1]
    async with database.tenant_tx(tenant) as tx:
        policy_id = await insert_policy(tx, tiers, roster_id=team.roster_id, name="Twice", repeat_count=1)
        await tx.execute("UPDATE tenant_config SET default_policy_id = $1", policy_id)
    await asyncio.sleep(2.1)  # enrichment remembers a tenant's routes for two seconds

    await story.fires(firing())
    await story.want(page(to=ALICE, via="slack_dm"))
    await story.at(minutes=5, seconds=2)
    await story.want(page(to=ALICE, via="slack_dm"))
    await story.at(minutes=10, seconds=4)
    await story.want(page(to=CAROL, via="slack_dm"))
    await story.want_nothing_more()


async def test_a_resolve_from_the_source_closes_the_alert_and_a_refire_pages_again(story, client):
    """Within five minutes of the resolve: a new alert, linked to the old one, with a page of its own."""
    started = clock.utc_now() - timedelta(minutes=10)
    await story.fires(firing(starts_at=started))
    await story.want(page(to=ALICE, via="slack_dm"))
    first = story.alert_id

    ended = clock.utc_now()
    receipt = await story.fires(firing(status="resolved", starts_at=started, ends_at=ended))
    assert [each.disposition for each in receipt.alerts] == ["resolved"]

    await story.fires(firing(starts_at=ended + timedelta(seconds=1)))
    await story.want(page(to=ALICE, via="slack_dm"))
    await story.want_nothing_more()

    second = await client.alert(story.alert_id)
    assert (second.episode, second.previous_id) == (2, first)
    assert (await client.alert(first)).status == "resolved"


async def test_a_thousand_posts_from_two_senders_are_one_alert_and_one_page(story, client):
    """One open alert, a count of a thousand, one page."""
    payload = firing()

    async def sender() -> None:
        for _ in range(500):
            await client.fire_alertmanager(payload)

    await asyncio.gather(sender(), sender())
    await story.fires(payload)
    await story.want(page(to=ALICE, via="slack_dm"))
    await story.want_nothing_more()

    async with asyncio.timeout(20):  # two workers share the messages: the last one may not be the last handled
        while (await client.alert(story.alert_id)).occurrence_count < 1_001:
            await asyncio.sleep(0.05)
    [alert] = await client.alerts()
    assert (alert.status, alert.occurrence_count) == ("firing", 1_001)
    assert await client.unaccounted() == []


async def test_one_bad_alert_in_a_group_of_ten_is_listed_and_the_nine_live(story, client):
    """The answer names the field; the rejected one is listed with its reason."""
    alerts = [an_alertmanager_alert(name=f"Pod{n}", severity="warning") for n in range(10)]
    payload = an_alertmanager_payload(*alerts)
    payload["alerts"][3]["labels"] = "not a map"

    answer = await client.call("POST", "/webhooks/alertmanager", body=payload, headers={"Prefer": "wait=5"})

    assert answer.status == 200
    assert [each["field"] for each in answer.json()["rejected"]] == ["$.alerts[3].labels"]
    assert len(await client.alerts()) == 9
    listed = (await client.call("GET", "/rejected-payloads")).json()["items"]
    assert [each["field"] for each in listed] == ["$.alerts[3].labels"]


async def test_a_warning_pages_nobody_and_says_why(story, client):
    """Open, counted, without a timer, with a reason."""
    await story.fires(firing(severity="warning"))

    await story.want_nothing_more()
    alert = await client.alert(story.alert_id)
    assert (alert.escalation_state, alert.escalation_reason) == ("none", "severity warning does not page")


@pytest.mark.parametrize("step", [ErrorAfterAccept(), DroppedReply()], ids=["500 after accept", "dropped reply"])
async def test_a_page_whose_answer_got_lost_is_proved_by_look_up_and_not_repeated(story, fake_slack, step, client):
    """Slack has the message: it is found there, and Alice is not woken twice."""
    fake_slack.script(step)
    await story.fires(firing())

    await story.want(page(to=ALICE, via="slack_dm"))
    await story.at(seconds=40)
    await story.settle()
    async with asyncio.timeout(20):
        while (await client.deliveries(story.alert_id))[0].status != "sent":
            await asyncio.sleep(0.1)
    await story.want_nothing_more()


async def test_a_dead_contact_method_fails_over_to_the_next_one(story, fake_slack):
    """Slack says that Alice is gone; her phone gets a text message instead."""
    fake_slack.script(Refused("user_not_found"))

    await story.fires(firing())

    await story.want(page(to=ALICES_PHONE, via="sms", contains="DiskFull"))
    await story.want_nothing_more()


async def test_a_rate_limited_channel_waits_and_does_not_delay_the_other(story, fake_slack):
    """Bob's text message is on time while Slack asks for patience; the Slack page follows."""
    await story.fires(firing())
    await story.want(page(to=ALICE, via="slack_dm"))
    fake_slack.script(RateLimited(12))

    await story.at(minutes=5, seconds=2)

    await story.want(page(to=BOBS_PHONE, via="sms"), within_seconds=8)
    await story.want(page(to="U0BOB", via="slack_dm"), within_seconds=30)
    await story.want_nothing_more()


async def test_a_snooze_that_ends_pages_at_once_if_it_still_fires(story, client):
    """Nobody hears of it while it lasts, however many tiers would have been due."""
    await story.fires(firing())
    await story.want(page(to=ALICE, via="slack_dm"))
    until = (await client.alert(story.alert_id)).first_fired_at + timedelta(hours=1)
    answer = await client.call("PATCH", f"/alerts/{story.alert_id}/snooze", body={"until": until})
    assert answer.status == 200, answer.body

    await story.at(minutes=59)
    await story.want_nothing_more()

    await story.at(hours=1, seconds=1)
    await story.want(page(to=ALICE, via="slack_dm", contains="DiskFull"), within_seconds=AT_ONCE_SECONDS)
    await story.want_nothing_more()
    assert await client.unaccounted() == []


async def test_an_alert_that_is_given_back_pages_from_tier_one(story, client):
    """Acknowledged, then unacknowledged: Alice again at once, and Bob five minutes later."""
    await story.fires(firing())
    await story.want(page(to=ALICE, via="slack_dm"))
    await story.acknowledges()

    answer = await client.call("PATCH", f"/alerts/{story.alert_id}/unacknowledge", body={"reason": "wrong team"})
    assert answer.status == 200, answer.body

    await story.want(page(to=ALICE, via="slack_dm"), within_seconds=AT_ONCE_SECONDS)
    await story.at(minutes=6)
    await story.want(page(to="U0BOB", via="slack_dm"), page(to=BOBS_PHONE, via="sms"))
    await story.want_nothing_more()
    assert await client.unaccounted() == []


async def test_a_bulk_acknowledgement_of_five_hundred_stops_five_hundred_escalations(story, client, database, tenant):
    """One call; afterwards the clock may run, and nobody is paged for any of them."""
    payloads = [
        an_alertmanager_payload(*(an_alertmanager_alert(name=f"Pod{batch}x{n}") for n in range(50)))
        for batch in range(10)
    ]
    for payload in payloads:
        await story.fires(payload)

    started = await client.call(
        "POST", "/alerts/bulk", body={"action": "acknowledge", "filter": {"status": ["firing"]}}
    )
    assert (started.status, started.json()["total"]) == (202, 500)
    async with asyncio.timeout(30):
        while (job := (await client.call("GET", f"/alerts/bulk/{started.json()['id']}")).json())["finished_at"] is None:
            await asyncio.sleep(0.1)

    assert (job["done"], job["failed"]) == (500, 0)
    facets = (await client.call("GET", "/alerts/facets")).json()
    assert facets["status"] == [{"value": "acknowledged", "count": 500, "name": None}]
    await story.at(hours=2)
    async with database.tenant_tx(tenant) as tx:
        timers = await tx.fetchval("SELECT count(*) FROM public.timers WHERE tenant = $1 AND kind <> 'card'", tenant)
        steps = await tx.fetch("SELECT DISTINCT step FROM deliveries")
    assert (timers, [row["step"] for row in steps]) == (0, [0])
    assert await client.unaccounted() == []


async def test_a_silence_holds_the_page_back_and_the_page_comes_at_once_at_its_end(story, client, database, tenant):
    """Over a firing critical: state goes on, nobody is woken; at the end what still fires pages at once."""
    async with database.tenant_tx(tenant) as tx:
        await tx.execute(
            """INSERT INTO silences (matchers, starts_at, ends_at, comment, created_by)
            VALUES ($1, public.clock_now(), public.clock_now() + interval '30 minutes', 'planned', '{}')""",
            [{"name": "alertname", "op": "=~", "value": "Disk.*"}],
        )
    payload = firing()
    await story.fires(payload)
    await story.fires(payload)
    await story.at(minutes=29)
    await story.want_nothing_more()
    alert = await client.alert(story.alert_id)
    assert (alert.status, alert.escalation_state, alert.occurrence_count) == ("firing", "muted", 2)
    assert await client.unaccounted() == []

    await story.at(minutes=30)
    started = clock.monotonic_seconds()
    await story.want(page(to=ALICE, via="slack_dm", contains="DiskFull"))

    async with database.tenant_tx(tenant) as tx:
        late = await tx.fetchval("SELECT extract(epoch FROM max(fired_at - due_at)) FROM escalation_events")
    assert late < AT_ONCE_SECONDS, f"{late} s by the database, {clock.monotonic_seconds() - started:.2f} s by the host"
    await story.want_nothing_more()


async def test_an_acknowledgement_of_a_silenced_alert_is_for_good(story, client, database, tenant):
    """Somebody took it while it was muted: the end of the silence wakes nobody."""
    async with database.tenant_tx(tenant) as tx:
        await tx.execute(
            """INSERT INTO silences (matchers, starts_at, ends_at, comment, created_by)
            VALUES ($1, public.clock_now(), public.clock_now() + interval '30 minutes', 'planned', '{}')""",
            [{"name": "alertname", "op": "=", "value": "DiskFull"}],
        )
    await story.fires(firing())
    await story.settle()
    await story.acknowledges()

    await story.at(hours=1)

    await story.want_nothing_more()
    assert await client.unaccounted() == []


async def test_a_watchdog_that_goes_silent_pages_and_its_return_resolves(story, client):
    """Dead man's switch: nothing while it fires, one page when it stops, resolved when it fires again."""
    await client.define_heartbeat(
        "prometheus",
        interval_seconds=60,
        grace_seconds=30,
        matchers=[{"name": "alertname", "op": "=", "value": "Watchdog"}],
    )
    receipt = await story.fires(firing(name="Watchdog", severity="none"))
    assert [each.disposition for each in receipt.alerts] == ["suppressed"]
    await story.want_nothing_more()

    await story.at(minutes=2)
    await story.want(page(to=ALICE, via="slack_dm", contains="No heartbeat from prometheus"))
    await story.want_nothing_more()
    [alert] = await client.alerts()
    assert (alert.status, alert.labels) == ("firing", {"heartbeat": "prometheus"})

    await client.beat("prometheus")
    assert (await client.alert(alert.id)).status == "resolved"
    assert await client.unaccounted() == []

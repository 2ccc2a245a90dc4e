"""How a person wants to be paged, on real rows: their methods, their order, their delays."""

import pytest

from nightowl_alerting import sending
from nightowl_alerting.obligations import RE_HINT_SECONDS
from nightowl_alerting.paging import Failed, FailureReason

pytestmark = pytest.mark.integration

SMS_THEN_PHONE = [{"channel": "sms", "delay_minutes": 0}, {"channel": "phone", "delay_minutes": 3}]
GONE = Failed(provider="twilio", reason=FailureReason.BAD_ADDRESS, is_permanent=True)


@pytest.fixture
async def ruled(scene):
    """Alice wants an SMS, and a call three minutes later."""
    await scene.write(
        "INSERT INTO notification_rules (user_id, high) VALUES ($1, $2)", scene.team.alice_id, SMS_THEN_PHONE
    )
    return scene


async def deliveries(scene, alert_id) -> list[dict]:
    return await scene.rows(
        """SELECT d.id, d.channel, d.status, extract(epoch FROM d.not_before - d.created_at)::integer / 60 AS minutes,
            extract(epoch FROM t.due_at - d.created_at)::double precision AS timer_seconds
        FROM deliveries AS d LEFT JOIN public.timers AS t ON t.kind = 'delivery' AND t.ref = d.id
        WHERE d.alert_id = $1 ORDER BY d.not_before""",
        alert_id,
    )


async def claim(scene, outbox, delivery_id):
    async with outbox.tenant_tx(scene.tenant) as tx:
        return await sending.claim(tx, scene.tenant, delivery_id, lease_seconds=30)


async def test_a_delay_is_a_later_delivery_of_the_same_step(ruled, outbox, db_clock):
    """Both are owed from the start, each with its timer; the later one cannot be claimed before its time."""
    alert_id = await ruled.fires_one()
    await ruled.worker().pay_due()

    sms, phone = await deliveries(ruled, alert_id)

    assert (sms["channel"], sms["minutes"], sms["timer_seconds"]) == ("sms", 0, RE_HINT_SECONDS)
    assert (phone["channel"], phone["minutes"], phone["timer_seconds"]) == ("phone", 3, 180)
    assert await claim(ruled, outbox, phone["id"]) is None
    await db_clock.advance(minutes=3)
    assert await claim(ruled, outbox, phone["id"]) is not None


async def test_an_acknowledgement_calls_back_what_was_to_ring_later(ruled):
    """In the same commit, with its timer."""
    alert_id = await ruled.fires_one()
    await ruled.worker().pay_due()

    await ruled.acknowledge(alert_id)

    assert {each["status"] for each in await deliveries(ruled, alert_id)} == {"superseded"}
    assert {each["timer_seconds"] for each in await deliveries(ruled, alert_id)} == {None}
    assert await ruled.findings() == []


async def test_a_later_page_takes_the_place_of_one_that_failed(ruled, outbox):
    """Waiting three minutes for nothing helps nobody; no further channel is used."""
    alert_id = await ruled.fires_one()
    await ruled.worker().pay_due()
    sms, phone = await deliveries(ruled, alert_id)
    claimed = await claim(ruled, outbox, sms["id"])

    async with outbox.tenant_tx(ruled.tenant) as tx:
        await sending.finish_attempt(tx, ruled.tenant, claimed, GONE)

    assert await claim(ruled, outbox, phone["id"]) is not None
    assert len(await deliveries(ruled, alert_id)) == 2


async def test_only_verified_methods_are_paged(scene):
    """The first of its kind stands before the profile's; one that nobody has verified is as if it were not there."""
    add = "INSERT INTO contact_methods (user_id, kind, address, position, verified_at) VALUES ($1, $2, $3, $4, $5)"
    now = (await scene.rows("SELECT public.clock_now() AS now"))[0]["now"]
    for kind, address, position, verified_at in (
        ("slack_dm", "U0SECOND", 2, now),
        ("slack_dm", "U0FIRST", 1, now),
        ("slack_dm", "U0GUESS", 0, None),
    ):
        await scene.write(add, scene.team.alice_id, kind, address, position, verified_at)
    alert_id = await scene.fires_one()

    await scene.worker().pay_due()

    found = await scene.rows("SELECT channel, address FROM deliveries WHERE alert_id = $1", alert_id)
    assert [tuple(row.values()) for row in found] == [("slack_dm", "U0FIRST")]


async def test_the_lead_and_other_rosters_are_paged(scene):
    """Targets beyond the policy's own roster."""
    await scene.write(
        "UPDATE escalation_policy_versions SET lead_id = $1, roster_id = NULL, tiers = $2",
        scene.team.carol_id,
        [{"timeout_minutes": 5, "notify_via": ["slack_dm"],
          "targets": ["team_lead", f"roster:{scene.team.roster_id}:secondary"]}],
    )  # fmt: skip
    alert_id = await scene.fires_one()

    await scene.worker().pay_due()

    assert await scene.pages(alert_id) == [(0, 0, "Bob", "slack_dm"), (0, 0, "Carol", "slack_dm")]

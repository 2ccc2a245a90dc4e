"""What a dry run shows is what a night does."""

from datetime import timedelta

import pytest

from nightowl_alerting.targets import store as targets
from nightowl_alerting.targets.parsing import rosters_of
from nightowl_alerting.targets.simulate import climb
from nightowl_alerting.targets.timetable import Timetable

pytestmark = pytest.mark.integration

SMS_THEN_PHONE = [{"channel": "sms", "delay_minutes": 0}, {"channel": "phone", "delay_minutes": 3}]


async def test_a_night_is_as_the_virtual_clock_said(scene_of, tenant, database, db_clock):
    """Every page of two cycles and the end: cycle, step, recipient, channel and minute, rules and a gap included."""
    nobody = "user:00000000-0000-0000-0000-0000000000ff"
    tiers = [
        {"timeout_minutes": 3, "notify_via": ["slack_dm"], "targets": ["oncall_primary"]},
        {"timeout_minutes": 4, "notify_via": ["sms"], "targets": [nobody]},
        {"timeout_minutes": 5, "notify_via": ["slack_dm", "slack_channel"], "targets": ["oncall_backup"]},
    ]
    scene = await scene_of(tenant, tiers=tiers, repeat_count=1)
    await scene.write(
        "INSERT INTO notification_rules (user_id, high) VALUES ($1, $2)", scene.team.alice_id, SMS_THEN_PHONE
    )
    alert_id = await scene.fires_one()
    alert = await scene.alert(alert_id)
    async with database.tenant_tx(tenant) as tx:
        start = await tx.now()
        [policy] = (await targets.load_policies(tx, [(alert.policy_id, alert.policy_version)])).values()
        book = await targets.load_book(tx, rosters_of(policy), start=start, end=start + timedelta(hours=1))
        staff = await targets.load_staff(tx)
    timetable = Timetable(book, rosters_of(policy), start=start, end=start + timedelta(hours=1))
    rungs = climb(alert, policy, staff=staff, duty_at=lambda at: timetable.duty(policy, at), start=start)
    said = [
        (rung.cycle, rung.tier, page.recipient, page.channel,
         round((rung.at - start).total_seconds() / 60) + page.delay_minutes)
        for rung in rungs for page in rung.resolved.recipients
    ]  # fmt: skip

    worker = scene.worker()
    for _ in range(30):
        while (await worker.pay_due())[0]:
            pass
        await db_clock.advance(minutes=1)

    happened = await scene.rows(
        "SELECT cycle, step, recipient, channel, "
        "round(extract(epoch FROM not_before - $2::timestamptz) / 60)::integer AS minute "
        "FROM deliveries WHERE alert_id = $1",
        alert_id, start,
    )  # fmt: skip
    assert sorted(said) == sorted(tuple(row.values()) for row in happened)
    assert len(said) >= 10

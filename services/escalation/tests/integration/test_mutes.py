"""Silences, windows, inhibition and groups hold pages back, on real rows; when they end, what still fires pages."""

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest

from nightowl_alerting import commands, lifecycle, store
from nightowl_alerting.actions import EscalateNow, Snooze
from nightowl_alerting.model import RacedError
from nightowl_alerting.noise.model import GroupingRule
from nightowl_contracts import Actor

pytestmark = pytest.mark.integration

SOMEBODY = Actor(kind="user", id="somebody", name="Somebody")
WEB_1 = [{"name": "instance", "op": "=", "value": "web-1"}]
NODE_DOWN = [{"name": "alertname", "op": "=", "value": "NodeDown"}]
ON_CALL = (0, 0, "Alice", "slack_dm")


async def silence(scene, *, minutes: int, matchers=WEB_1) -> UUID:
    [row] = await scene.rows(
        """INSERT INTO silences (matchers, starts_at, ends_at, comment, created_by)
        VALUES ($1, public.clock_now(), public.clock_now() + make_interval(mins => $2), 'a planned reboot', '{}')
        RETURNING id""",
        matchers,
        minutes,
    )
    return row["id"]


async def inhibit(scene, *, equal=("cluster",)) -> None:
    await scene.write(
        """INSERT INTO inhibition_rules (name, source_matchers, target_matchers, equal)
        VALUES ('node down', $1, $2, $3)""",
        NODE_DOWN,
        [{"name": "alertname", "op": "!=", "value": "NodeDown"}],
        list(equal),
    )


async def group_rule(scene, **changes) -> GroupingRule:
    given = {"name": "by cluster", "matchers": [], "group_by": ["cluster"], **changes}
    [row] = await scene.rows(
        """INSERT INTO grouping_rules (name, position, matchers, group_by, threshold, window_minutes, pages)
        VALUES ($1, 1, $2, $3, $4, $5, $6) RETURNING id""",
        given["name"],
        given["matchers"],
        given["group_by"],
        given.get("threshold", 1),
        given.get("window_minutes", 30),
        given.get("pages", "first"),
    )
    return GroupingRule(id=row["id"], **given)


async def all_due(worker):
    """Ends snoozes and pays what is due, until nothing is."""
    await worker.end_snoozes()
    while (await worker.pay_due())[0]:
        pass


async def resolve(scene, outbox, alert_id) -> None:
    async with outbox.tenant_tx(scene.tenant) as tx:
        await lifecycle.resolve(tx, scene.tenant, alert_id, SOMEBODY, resolution=None)


async def in_cluster(scene, name: str, **changes):
    return await scene.fires_one(labels={"alertname": name, "cluster": "prod", "instance": name}, **changes)


async def test_a_silence_holds_every_page_back_and_its_end_pages_at_once(scene, db_clock):
    """Nobody hears of it while it stands, the alert says why, repeats are counted, and then tier 1 is paged."""
    worker = scene.worker()
    silence_id = await silence(scene, minutes=60)
    alert_id = await scene.fires_one(fingerprint="silenced")
    await all_due(worker)

    alert = await scene.alert(alert_id)
    assert (alert.escalation_state, alert.muted_by.id) == ("muted", silence_id)
    assert alert.escalation_reason.startswith("muted by silence “a planned reboot” until ")
    assert await scene.findings() == []
    await db_clock.advance(minutes=59)
    await scene.fires_one(fingerprint="silenced")
    await all_due(worker)
    assert await scene.pages(alert_id) == []
    assert (await scene.alert(alert_id)).occurrence_count == 2

    await db_clock.advance(minutes=1, seconds=1)
    await all_due(worker)

    assert await scene.pages(alert_id) == [ON_CALL]
    alert = await scene.alert(alert_id)
    assert (alert.escalation_state, alert.muted_by, alert.escalation_reason) == ("pending", None, "policy version 1")
    assert [kind for kind, _ in await scene.timeline(alert_id)][:4] == ["opened", "muted", "repeated", "unmuted"]
    assert await scene.findings() == []


async def test_a_silence_that_comes_later_holds_the_next_tier_back_and_then_that_tier_is_paged(scene, db_clock):
    """Alice was paged before it; Bob is paged after it, and Alice not twice."""
    worker = scene.worker()
    alert_id = await scene.fires_one()
    await all_due(worker)
    await silence(scene, minutes=60)

    await db_clock.advance(minutes=6)
    await all_due(worker)
    assert await scene.pages(alert_id) == [ON_CALL]

    await db_clock.advance(minutes=55)
    await all_due(worker)
    assert {page[2] for page in await scene.pages(alert_id)} == {"Alice", "Bob"}
    assert [page for page in await scene.pages(alert_id) if page[2] == "Alice"] == [ON_CALL]


async def test_what_is_resolved_or_taken_while_muted_never_pages(scene, outbox, db_clock):
    """The mute's timer goes with it."""
    worker = scene.worker()
    await silence(scene, minutes=60)
    over, taken = await scene.fires(2)
    await all_due(worker)

    await resolve(scene, outbox, over)
    await scene.acknowledge(taken)
    await db_clock.advance(minutes=61)
    await all_due(worker)

    assert await scene.pages(over) == await scene.pages(taken) == []
    assert await scene.timer(over) is await scene.timer(taken) is None
    assert await scene.findings() == []


async def test_a_silence_that_is_ended_early_pages_at_once(scene, outbox):
    """Whoever ends a rule has what it muted judged again in the same commit."""
    worker = scene.worker()
    silence_id = await silence(scene, minutes=60)
    alert_id = await scene.fires_one()
    await all_due(worker)

    async with outbox.tenant_tx(scene.tenant) as tx:
        await tx.execute("UPDATE silences SET ends_at = public.clock_now() WHERE id = $1", silence_id)
        await store.rejudge_muted(tx)
    await all_due(worker)

    assert await scene.pages(alert_id) == [ON_CALL]


async def test_of_several_mutes_the_last_to_end_counts(scene, db_clock):
    """One look at the end of all, not one at the end of each."""
    worker = scene.worker()
    await silence(scene, minutes=10)
    longest = await silence(scene, minutes=60)
    alert_id = await scene.fires_one()
    await all_due(worker)
    assert (await scene.alert(alert_id)).muted_by.id == longest

    await db_clock.advance(minutes=11)
    await all_due(worker)

    assert await scene.pages(alert_id) == []
    assert [kind for kind, _ in await scene.timeline(alert_id)] == ["opened", "muted"]


async def test_a_maintenance_window_mutes_while_it_is_open(scene, db_clock):
    """Wall-clock time of its own zone; afterwards what still fires pages."""
    worker = scene.worker()
    await scene.write(
        """INSERT INTO maintenance_windows (name, matchers, timezone, starts_at, duration_minutes, rrule, created_by)
        SELECT 'nightly', $1, 'Europe/Berlin',
            date_trunc('minute', public.clock_now() AT TIME ZONE 'Europe/Berlin') - interval '1 day 30 minutes', 60,
            'FREQ=DAILY', '{}'""",
        WEB_1,
    )
    alert_id = await scene.fires_one()
    await all_due(worker)
    muted = (await scene.alert(alert_id)).muted_by
    assert (muted.kind, muted.name) == ("maintenance_window", "nightly")

    await db_clock.advance(minutes=31)
    await all_due(worker)

    assert await scene.pages(alert_id) == [ON_CALL]


async def test_an_open_inhibitor_mutes_and_its_end_pages_at_once(scene, outbox):
    """Same cluster: muted. Another cluster: paged. The inhibitor itself pages."""
    worker = scene.worker()
    await inhibit(scene)
    node = await in_cluster(scene, "NodeDown")
    muted = await in_cluster(scene, "DiskFull")
    elsewhere = await scene.fires_one(labels={"alertname": "DiskFull", "cluster": "test"})
    await all_due(worker)
    assert [len(await scene.pages(each)) for each in (node, muted, elsewhere)] == [1, 0, 1]
    assert (await scene.alert(muted)).muted_by.alert_id == node
    assert await scene.findings() == []

    await resolve(scene, outbox, node)
    await all_due(worker)

    assert await scene.pages(muted) == [ON_CALL]


async def test_escalating_a_muted_alert_by_hand_pages_in_spite_of_the_mute(scene, outbox):
    """A person's word beats a rule, and the timeline says so."""
    worker = scene.worker()
    await silence(scene, minutes=60)
    alert_id = await scene.fires_one()
    await all_due(worker)

    async with outbox.tenant_tx(scene.tenant) as tx:
        await commands.apply(tx, scene.tenant, alert_id, SOMEBODY, EscalateNow(reason="it is worse than planned"))
    await all_due(worker)

    assert await scene.pages(alert_id) == [ON_CALL]
    [told] = [evidence for kind, evidence in await scene.timeline(alert_id) if kind == "escalated_by_hand"]
    assert told["in_spite_of"]["kind"] == "silence"


async def test_a_snooze_over_a_mute_ends_with_its_own_time(scene, outbox, db_clock):
    """Muted, snoozed, silence over, still snoozed; then it pages."""
    worker = scene.worker()
    await silence(scene, minutes=10)
    alert_id = await scene.fires_one()
    await all_due(worker)
    async with outbox.tenant_tx(scene.tenant) as tx:
        until = await tx.now() + timedelta(minutes=30)
        await commands.apply(tx, scene.tenant, alert_id, SOMEBODY, Snooze(until=until))
    assert await scene.findings() == []

    await db_clock.advance(minutes=11)
    await all_due(worker)
    assert await scene.pages(alert_id) == []
    await db_clock.advance(minutes=20)
    await all_due(worker)

    assert await scene.pages(alert_id) == [ON_CALL]


async def test_exhaustion_waits_for_the_end_of_a_mute_as_well(scene, db_clock):
    """The admins are not woken by what is silenced."""
    worker = scene.worker()
    alert_id = await scene.fires_one()
    for minutes in (0, 6, 11):
        await db_clock.advance(minutes=minutes)
        await all_due(worker)
    await silence(scene, minutes=60)

    await db_clock.advance(minutes=16)
    await all_due(worker)
    assert (await scene.alert(alert_id)).escalation_state == "muted"
    await db_clock.advance(minutes=60)
    await all_due(worker)

    assert (await scene.alert(alert_id)).escalation_state == "exhausted"


async def test_one_of_a_group_pages_and_when_it_is_over_the_next_does(scene, outbox):
    """The first leads; the others are muted by it, and one of them leads when it is resolved."""
    worker, rule = scene.worker(), await group_rule(scene)
    lead = await in_cluster(scene, "A", grouping=[rule])
    await all_due(worker)
    second = await in_cluster(scene, "B", grouping=[rule])
    third = await in_cluster(scene, "C", grouping=[rule])
    await all_due(worker)
    assert [len(await scene.pages(each)) for each in (lead, second, third)] == [1, 0, 0]
    assert (await scene.alert(third)).muted_by.alert_id == lead
    assert await scene.findings() == []

    await resolve(scene, outbox, lead)
    await all_due(worker)

    assert sorted([len(await scene.pages(each)) for each in (second, third)]) == [0, 1]
    assert await scene.findings() == []


async def test_a_lead_that_somebody_has_taken_still_leads(scene):
    """What joins afterwards is in their hands."""
    worker, rule = scene.worker(), await group_rule(scene)
    lead = await in_cluster(scene, "A", grouping=[rule])
    await all_due(worker)
    await scene.acknowledge(lead)

    later = await in_cluster(scene, "B", grouping=[rule])
    await all_due(worker)

    assert await scene.pages(later) == []
    assert (await scene.alert(later)).escalation_state == "muted"


async def test_what_is_more_severe_than_the_lead_pages_and_leads(scene):
    """A critical alert is never hidden behind a major one."""
    worker, rule = scene.worker(), await group_rule(scene)
    lead = await in_cluster(scene, "A", grouping=[rule], severity="major")
    await all_due(worker)

    worse = await in_cluster(scene, "B", grouping=[rule], severity="critical")
    await all_due(worker)

    assert [len(await scene.pages(each)) for each in (lead, worse)] == [1, 1]
    [row] = await scene.rows("SELECT lead_id FROM alert_groups")
    assert row["lead_id"] == worse


async def test_a_lead_that_nobody_answered_leads_no_more(scene, db_clock):
    """Exhausted: the others are judged again at once, and page."""
    worker, rule = scene.worker(), await group_rule(scene)
    lead = await in_cluster(scene, "A", grouping=[rule])
    await all_due(worker)
    other = await in_cluster(scene, "B", grouping=[rule])
    await all_due(worker)
    assert await scene.pages(other) == []

    for minutes in (6, 11, 16):
        await db_clock.advance(minutes=minutes)
        await all_due(worker)

    assert (await scene.alert(lead)).escalation_state == "exhausted"
    assert await scene.pages(other) != []


async def test_a_group_that_pages_each_mutes_nobody(scene):
    """Grouped for the eye only."""
    worker, rule = scene.worker(), await group_rule(scene, pages="each")
    alerts = [await in_cluster(scene, name, grouping=[rule]) for name in "AB"]

    await all_due(worker)

    assert [len(await scene.pages(each)) for each in alerts] == [1, 1]
    assert len({(await scene.alert(each)).group_id for each in alerts}) == 1


async def test_due_together_in_one_group_one_pages(scene):
    """Ten at once in a batch: one lead."""
    worker, rule = scene.worker(), await group_rule(scene)
    alerts = await scene.fires(10, grouping=[rule], labels={"alertname": "A", "cluster": "prod"})

    await all_due(worker)

    assert sum([len(await scene.pages(each)) for each in alerts]) == 1
    assert await scene.findings() == []


async def test_n_in_m_minutes_become_one_group_with_those_that_came_before(scene, db_clock):
    """Two are two alerts; the third makes the group of three. One that is older than the window stays outside."""
    rule = await group_rule(scene, threshold=3, window_minutes=10)
    old = await in_cluster(scene, "Old", grouping=[rule])
    await db_clock.advance(minutes=11)
    first = await in_cluster(scene, "A", grouping=[rule])
    second = await in_cluster(scene, "B", grouping=[rule])
    assert (await scene.alert(second)).group_id is None

    third = await in_cluster(scene, "C", grouping=[rule])

    grouped = {(await scene.alert(each)).group_id for each in (first, second, third)}
    assert len(grouped) == 1
    assert None not in grouped
    assert (await scene.alert(old)).group_id is None
    assert [kind for kind, _ in await scene.timeline(first)] == ["opened", "grouped"]


async def test_a_group_takes_alerts_until_its_window_after_the_last_and_then_a_new_one_begins(scene, outbox, db_clock):
    """All resolved: within the window the same group, after it another one."""
    rule = await group_rule(scene, window_minutes=10)
    first = await in_cluster(scene, "A", grouping=[rule])
    await resolve(scene, outbox, first)
    await db_clock.advance(minutes=9)
    second = await in_cluster(scene, "B", grouping=[rule])
    await resolve(scene, outbox, second)
    await db_clock.advance(minutes=11)

    third = await in_cluster(scene, "C", grouping=[rule])

    ids = [(await scene.alert(each)).group_id for each in (first, second, third)]
    assert ids[0] == ids[1] != ids[2]
    closed = await scene.rows("SELECT closed_at IS NOT NULL AS is_closed FROM alert_groups ORDER BY opened_at")
    assert [row["is_closed"] for row in closed] == [True, False]


async def test_a_group_that_somebody_holds_is_looked_at_again_and_blocks_nobody(scene, outbox):
    """A worker never waits for a group's lock."""
    worker, rule = scene.worker(), await group_rule(scene)
    alert_id = await in_cluster(scene, "A", grouping=[rule])
    async with outbox.tenant_tx(scene.tenant) as tx:
        await tx.execute("SELECT FROM alert_groups FOR UPDATE")
        await worker.pay_due()
        assert await scene.pages(alert_id) == []

    while not await scene.pages(alert_id):
        await worker.pay_due()

    assert await scene.pages(alert_id) == [ON_CALL]


async def test_a_muted_alert_without_its_timer_is_found_and_mended(scene):
    """The ledger says so, and the sweeper restores it."""
    worker = scene.worker()
    await silence(scene, minutes=60)
    alert_id = await scene.fires_one()
    await all_due(worker)
    await scene.write("DELETE FROM public.timers WHERE ref = $1", alert_id)
    assert [finding.rule for finding in await scene.findings()] == [2]

    while await scene.findings():  # other tests' alerts may be mended first
        await worker.restore_missing()

    assert await scene.timer(alert_id) is not None


async def test_workers_senders_and_people_at_once_never_lock_each_other_out(scene, outbox):
    """Two workers, alerts that join two groups, and people who end them, in any order: no error, a clean ledger."""
    rule = await group_rule(scene)
    await inhibit(scene)
    workers = [scene.worker(batch=10), scene.worker(batch=10)]
    is_over = asyncio.Event()

    async def work(worker) -> None:
        while not is_over.is_set():
            await worker.pay_due()

    async def fires(**labels) -> UUID:
        while True:
            try:
                return await scene.fires_one(labels=labels, grouping=[rule])
            except RacedError:
                continue  # a rival began the group first: do it again, as enrichment does

    async def live(number: int) -> None:
        cluster = f"c{number % 2}"
        for round_number in range(8):
            name = "NodeDown" if round_number % 4 == 0 else f"Disk{number}"
            alert_id = await fires(alertname=name, cluster=cluster, n=f"{number}-{round_number}")
            await resolve(scene, outbox, alert_id) if round_number % 2 else await scene.acknowledge(alert_id)

    working = [asyncio.create_task(work(each)) for each in workers]
    try:
        await asyncio.gather(*(live(number) for number in range(6)))
    finally:
        is_over.set()
        await asyncio.gather(*working)

    await all_due(workers[0])
    assert await scene.findings() == []
    assert (await scene.rows("SELECT count(*) AS n FROM alerts"))[0]["n"] == 48

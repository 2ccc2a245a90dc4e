"""INGEST messages in, alerts out, on a real NATS server and a real Postgres."""

import asyncio
from datetime import datetime

import pytest

from nightowl_alerting import lifecycle
from nightowl_alerting.model import RacedError
from nightowl_common import clock, inbox
from nightowl_common.bus import Message
from nightowl_common.db import DatabaseUnavailableError
from nightowl_common.ids import new_id
from nightowl_contracts import (
    Actor,
    AlertsReceived,
    ReceivedAlert,
    ReceivedBatch,
    RejectedAlert,
    subjects,
)
from nightowl_contracts.topology import DLQ, INGEST, Header
from nightowl_testkit.builders import insert_policy, seed_team, the_usual_tiers

pytestmark = pytest.mark.integration

KEY = Actor(kind="api_key", id="key", name="key")


def an_event(tenant: str, *alerts: ReceivedAlert, rejected: list[RejectedAlert] | None = None) -> AlertsReceived:
    receipt = new_id()
    batch = ReceivedBatch(receipt_id=receipt, source="generic", alerts=list(alerts), rejected=rejected or [])
    return AlertsReceived(id=new_id(), tenant=tenant, at=clock.utc_now(), actor=KEY, data=batch)


def an_alert(index: int = 0, **changes) -> ReceivedAlert:
    given = {"fingerprint": "disk", "status": "firing", "severity": "critical", "title": "Disk full"}
    return ReceivedAlert(index=index, **{**given, **changes})


async def alerts_of(database, tenant: str) -> list[dict]:
    async with database.tenant_tx(tenant) as tx:
        rows = await tx.fetch("SELECT * FROM alerts ORDER BY episode")
    return [dict(row) for row in rows]


async def test_a_fire_a_repeat_and_a_resolve_are_one_alert(pipeline, enriching, database, tenant):
    """Opened, counted, closed: each with its disposition."""
    said = [
        await pipeline.handle(an_event(tenant, an_alert())),
        await pipeline.handle(an_event(tenant, an_alert())),
        await pipeline.handle(an_event(tenant, an_alert(status="resolved"))),
    ]

    [alert] = await alerts_of(database, tenant)
    assert said == [["opened"], ["repeated"], ["resolved"]]
    assert (alert["status"], alert["occurrence_count"]) == ("resolved", 2)


@pytest.mark.parametrize("is_timed", [True, False], ids=["with its source's times", "without times"])
async def test_an_end_that_comes_after_the_next_firing_leaves_it_open(pipeline, enriching, database, tenant, is_timed):
    """It was long on its way. What fires goes on paging, until its own end closes it."""
    await seed_team(database, tenant)

    def said(status: str, start: datetime) -> AlertsReceived:
        now = clock.utc_now()
        times = {"starts_at": start, "ends_at": now if status == "resolved" else None} if is_timed else {}
        return an_event(tenant, an_alert(status=status, **times))

    began = clock.utc_now()
    first, its_end = said("firing", began), said("resolved", began)
    began_again = clock.utc_now()
    again, last_end = said("firing", began_again), said("resolved", began_again)

    handled = [await pipeline.handle(each) for each in (first, again, its_end)]
    [alert] = await alerts_of(database, tenant)
    async with database.tenant_tx(tenant) as tx:
        timers = await tx.fetchval("SELECT count(*) FROM public.timers WHERE ref = $1", alert["id"])
    handled.append(await pipeline.handle(last_end))
    [closed] = await alerts_of(database, tenant)

    assert handled == [["opened"], ["repeated"], ["stale"], ["resolved"]]
    assert (alert["status"], alert["escalation_state"], timers) == ("firing", "pending", 1)
    assert (closed["id"], closed["status"]) == (alert["id"], "resolved")


@pytest.mark.parametrize("workers", [1, 3])
async def test_a_thousand_firings_from_two_senders_are_one_open_alert(enrichers, pipeline, database, tenant, workers):
    """However many workers race, one alert counts them all."""
    async with enrichers(count=workers):

        async def sender() -> None:
            futures = [await pipeline.publish(an_event(tenant, an_alert())) for _ in range(500)]
            await asyncio.wait_for(asyncio.gather(*futures), 60)

        await asyncio.gather(sender(), sender())

    [alert] = await alerts_of(database, tenant)
    assert (alert["status"], alert["occurrence_count"]) == ("firing", 1_000)


async def test_an_event_delivered_twice_counts_once(pipeline, enriching, database, tenant):
    """A redelivery finds the inbox row and is told what became of the first."""
    event = an_event(tenant, an_alert())

    first = await pipeline.handle(event, message_id="once")
    second = await pipeline.handle(event, message_id="twice")

    [alert] = await alerts_of(database, tenant)
    assert (first, second) == (["opened"], ["opened"])
    assert alert["occurrence_count"] == 1


async def test_what_fails_before_the_commit_comes_again(pipeline, enriching, database, tenant, monkeypatch):
    """Nothing is acknowledged that is not committed: neither with its batch, nor alone."""
    insert, failures = inbox.insert_handled, iter(range(2))

    async def insert_or_fail(*arguments: object) -> None:
        if next(failures, None) is not None:
            raise DatabaseUnavailableError
        await insert(*arguments)

    monkeypatch.setattr(inbox, "insert_handled", insert_or_fail)

    said = await pipeline.handle(an_event(tenant, an_alert()))

    assert said == ["opened"]
    assert next(failures, None) is None
    assert len(await alerts_of(database, tenant)) == 1


async def test_a_batch_that_was_raced_is_done_again_in_halves(pipeline, enrichers, database, tenant, monkeypatch):
    """Not one by one: that would take a hundred transactions where a rival was first with one alert."""
    insert, sizes = inbox.insert_handled, []

    async def insert_or_lose(tx, consumer, handled) -> None:
        sizes.append(len(handled))
        if len(sizes) == 1:
            raise RacedError
        await insert(tx, consumer, handled)

    monkeypatch.setattr(inbox, "insert_handled", insert_or_lose)
    futures = [await pipeline.publish(an_event(tenant, an_alert(fingerprint=f"a{number}"))) for number in range(20)]

    async with enrichers():
        told = await asyncio.wait_for(asyncio.gather(*futures), 20)

    first = sizes[0]
    assert sizes[:3] == [first, first // 2, first - first // 2]
    assert [each.outcomes[0].disposition for each in told] == ["opened"] * 20
    assert len(await alerts_of(database, tenant)) == 20


async def test_what_a_person_has_closed_fires_anew(pipeline, enriching, database, outbox, tenant):
    """The database alone says what is open, whatever this process has seen of it."""
    said = [await pipeline.handle(an_event(tenant, an_alert())) for _ in range(2)]
    [alert] = await alerts_of(database, tenant)
    async with outbox.tenant_tx(tenant) as tx:
        await lifecycle.resolve(tx, tenant, alert["id"], KEY, resolution=None)

    said.append(await pipeline.handle(an_event(tenant, an_alert())))

    assert said == [["opened"], ["repeated"], ["opened"]]
    assert [(each["status"], each["episode"]) for each in await alerts_of(database, tenant)] == [
        ("resolved", 1),
        ("firing", 2),
    ]


async def test_rejected_alerts_are_listed_beside_the_accepted_ones(pipeline, enriching, database, tenant):
    """One bad alert of two: the good one lives, the bad one is listed with its reason."""
    bad = RejectedAlert(index=1, reason="expected a string", field="$.alerts[1].labels", raw="{}")

    said = await pipeline.handle(an_event(tenant, an_alert(), rejected=[bad]))

    async with database.tenant_tx(tenant) as tx:
        [row] = await tx.fetch("SELECT item, field, reason FROM rejected_payloads")
    assert said == ["opened", "rejected"]
    assert tuple(row) == (1, "$.alerts[1].labels", "expected a string")


async def dead_letters(bus) -> list[str]:
    state = (await bus.jetstream.stream_info(DLQ.name)).state
    messages = [await bus.jetstream.get_msg(DLQ.name, n) for n in range(max(1, state.first_seq), state.last_seq + 1)]
    return [(message.headers or {}).get(Header.REASON, "") for message in messages]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"not json", "not a readable event"),
        (b"[" * 1_000 + b"]" * 1_000, "not a readable event"),
        (b'{"type":"alerts.received.v9"}', "not a readable event"),
    ],
    ids=["not json", "too deep", "unknown tag"],
)
async def test_an_unreadable_message_goes_to_the_dead_letters_and_blocks_nobody(
    bus, pipeline, enriching, database, tenant, body, reason
):
    """It gets a disposition of its own; its neighbours are handled."""
    event_id = new_id()
    await bus.publish(
        Message(
            stream=INGEST.name,
            subject=subjects.ingest(tenant),
            id=str(event_id),
            body=body,
            headers={Header.EVENT_ID: str(event_id), Header.ALERTS: "1"},
        )
    )

    said = await pipeline.handle(an_event(tenant, an_alert()))

    async with database.global_tx() as tx:
        dispositions = await tx.fetchval("SELECT dispositions FROM public.inbox WHERE event_id = $1", event_id)
    assert said == ["opened"]
    assert dispositions == ["rejected"]
    assert any(reason in each for each in await dead_letters(bus))


async def test_an_alert_that_postgres_refuses_is_buried_alone(bus, pipeline, enriching, database, tenant):
    """A NUL that slipped through fails its own message, not the batch around it."""
    poison = an_event(tenant, an_alert(fingerprint="poison", title="nul \x00 here"))
    await pipeline.publish(poison)

    said = await pipeline.handle(an_event(tenant, an_alert()))

    assert said == ["opened"]
    async with asyncio.timeout(20):
        while not any("Untranslatable" in each for each in await dead_letters(bus)):
            await asyncio.sleep(0.1)


async def test_an_alert_of_an_unknown_tenant_is_a_dead_letter(bus, pipeline, enriching, tenant):
    """Nothing is written for a tenant that is not in the registry."""
    await pipeline.publish(an_event("nobody_knows", an_alert()))

    assert await pipeline.handle(an_event(tenant, an_alert())) == ["opened"]
    async with asyncio.timeout(20):
        while not any("no such tenant" in each for each in await dead_letters(bus)):
            await asyncio.sleep(0.1)


async def kept_payloads(outbox, tenant):
    async with outbox.tenant_tx(tenant) as tx:
        rows = await tx.fetch("SELECT occasion, item, source, is_cut, raw FROM alert_payloads ORDER BY occasion DESC")
    return [tuple(row.values()) for row in rows]


async def test_the_opening_and_the_newest_payload_are_kept(enrichers, outbox, pipeline, tenant):
    """Two rows however often it repeats; what is stale, or came without its text, changes nothing."""
    async with enrichers():
        await pipeline.handle(an_event(tenant, an_alert(raw="one"), an_alert(1, raw="two", raw_is_cut=True)))
        assert await kept_payloads(outbox, tenant) == [
            ("opening", 0, "generic", False, "one"),
            ("latest", 1, "generic", True, "two"),
        ]
        await pipeline.handle(an_event(tenant, an_alert(raw="three")))
        await pipeline.handle(an_event(tenant, an_alert()))
        await pipeline.handle(an_event(tenant, an_alert(2, raw="end", status="resolved")))
        await pipeline.handle(an_event(tenant, an_alert(3, raw="again", status="resolved")))

    assert await kept_payloads(outbox, tenant) == [
        ("opening", 0, "generic", False, "one"),
        ("latest", 2, "generic", False, "end"),
    ]


async def write(database, tenant, statement, *args) -> None:
    async with database.tenant_tx(tenant) as tx:
        await tx.execute(statement, *args)


async def rows(database, tenant, query, *args) -> list[dict]:
    async with database.tenant_tx(tenant) as tx:
        return [dict(row) for row in await tx.fetch(query, *args)]


async def test_a_route_gives_policy_channel_and_severity_and_the_timeline_names_it(
    database, enrichers, tenant, pipeline
):
    """A warning of the database team pages under its own policy; the same warning of others does not."""
    team = await seed_team(database, tenant)
    async with database.tenant_tx(tenant) as tx:
        tiers = the_usual_tiers(team.carol_id)[:1]
        policy_id = await insert_policy(tx, tiers, roster_id=team.roster_id, name="Databases")
        await tx.execute(
            """INSERT INTO routes (name, position, matchers, policy_id, slack_channel, pages_from)
            VALUES ('databases', 1, $1, $2, 'C0DB', 'warning')""",
            [{"name": "team", "op": "=~", "value": "db|storage"}, {"name": "@source", "op": "=", "value": "generic"}],
            policy_id,
        )
    ours = an_alert(0, fingerprint="ours", severity="warning", labels={"team": "storage"})
    others = an_alert(1, fingerprint="others", severity="warning", labels={"team": "web"})

    async with enrichers():
        assert await pipeline.handle(an_event(tenant, ours, others)) == ["opened", "opened"]

    found = await rows(
        database,
        tenant,
        "SELECT policy_id, slack_channel, pages_from, escalation_state FROM alerts ORDER BY fingerprint DESC",
    )
    assert found == [
        {"policy_id": policy_id, "slack_channel": "C0DB", "pages_from": "warning", "escalation_state": "pending"},
        {"policy_id": None, "slack_channel": None, "pages_from": "major", "escalation_state": "none"},
    ]
    [told] = await rows(
        database,
        tenant,
        """SELECT evidence FROM alert_timeline WHERE kind = 'opened'
            AND alert_id = (SELECT id FROM alerts WHERE fingerprint = 'ours')""",
    )
    assert told["evidence"]["routes"] == ["databases"]


async def test_a_rise_in_severity_is_routed_anew(database, enrichers, tenant, pipeline):
    """What did not page as a warning takes the route of critical alerts when it becomes one."""
    await seed_team(database, tenant)
    await write(
        database,
        tenant,
        """INSERT INTO routes (name, position, matchers, slack_channel) VALUES ('critical', 1, $1, 'C0CRIT')""",
        [{"name": "@severity", "op": "=", "value": "critical"}],
    )

    async with enrichers():
        await pipeline.handle(an_event(tenant, an_alert(severity="warning")))
        await pipeline.handle(an_event(tenant, an_alert(severity="critical")))

    [alert] = await rows(database, tenant, "SELECT slack_channel, escalation_state, occurrence_count FROM alerts")
    assert alert == {"slack_channel": "C0CRIT", "escalation_state": "pending", "occurrence_count": 2}


async def test_rivals_for_a_new_group_end_with_one_group(database, enrichers, tenant, pipeline):
    """Three consumers, sixty calls of one key at once: every alert is opened once and in the one group."""
    await write(
        database,
        tenant,
        "INSERT INTO grouping_rules (name, position, group_by, pages) VALUES ('by cluster', 1, '{cluster}', 'first')",
    )

    async with enrichers(count=3):
        told = await asyncio.gather(
            *(
                pipeline.handle(an_event(tenant, an_alert(fingerprint=f"a{number}", labels={"cluster": "prod"})))
                for number in range(60)
            )
        )

    assert told == [["opened"]] * 60
    [group] = await rows(database, tenant, "SELECT id, key FROM alert_groups")
    assert group["key"] == {"cluster": "prod"}
    [count] = await rows(database, tenant, "SELECT count(*) AS n FROM alerts WHERE group_id = $1", group["id"])
    assert count["n"] == 60

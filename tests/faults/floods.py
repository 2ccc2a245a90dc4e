"""Rows of what comes in: poison, storms, acknowledgements that race timers; and of how many there are to take it."""

import asyncio
import random
from collections.abc import Sequence
from functools import partial

from load import Load
from oracle import copies_of
from records import Evidence
from scenario import Run, Scenario
from timing import Passage, lateness
from world import TIER_MINUTES

from nightowl_common import clock
from nightowl_contracts import subjects
from nightowl_contracts.topology import DLQ, INGEST
from nightowl_testkit.client import ApiClient
from nightowl_testkit.services import SERVICES

BURIED_SECONDS = 30.0
"""The promise is 5 s; the row tells how long it took, and a starved machine breaks no promise."""

GARBAGE = (b"\xff\xfe\x00garbage", b"{", b"[" * 1_000, b'{"type":"alerts.received.v1"}')
POISON = {
    "NUL": (b'{"title":"a\\u0000b","severity":"critical","status":"firing","fingerprint":"nul"}', {200, 400, 422}),
    "1000 deep": (b'{"title":' * 1_000 + b"1" + b"}" * 1_000, {400, 422}),
    "2 MiB": (b'{"title":"' + b"x" * 2 * 1024**2 + b'"}', {413}),
    "no JSON": (b"\xff\xfe\x00", {400, 422}),
    "NaN": (b'{"title":NaN}', {400, 422}),
}
"""What is posted, and what may be answered."""

STORM_PER_SECOND = 1_000


async def poison(run: Run) -> None:
    """Bodies that nobody can read, at the front door and behind it."""
    await run.reach(0.3)
    world, tenant = run.world, run.teams[0].tenant
    url = world.services.url("ingest")
    async with ApiClient(ingest_url=url, query_url=url, key=run.teams[0].key) as client:
        for name, (body, allowed) in POISON.items():
            answer = await client.call("POST", "/webhooks/generic", body=body)
            if answer.status not in allowed:
                run.notes.append(f"{name}: answered {answer.status}")
    buried = await world.bus.count(DLQ)
    for each in GARBAGE:
        await world.bus.jetstream.publish(subjects.ingest(tenant), each, stream=INGEST.name)
    started = clock.monotonic_seconds()
    while await world.bus.count(DLQ) < buried + len(GARBAGE):
        if clock.monotonic_seconds() > started + BURIED_SECONDS:
            run.notes.append(f"not all dead letters within {BURIED_SECONDS:.0f} s")
            return
        await asyncio.sleep(0.05)
    run.remarks.append(f"buried within {clock.monotonic_seconds() - started:.1f} s, of 5")


def garbage_is_buried(run: Run, evidence: Evidence) -> Sequence[str]:
    """That, and nothing else."""
    wanted = len(GARBAGE)
    return [] if evidence.dead_letters == wanted else [f"{evidence.dead_letters} dead letters, {wanted} wanted"]


async def calm(run: Run) -> None:
    """The tenant of the storm has the limits that people have by default."""
    async with run.world.database.tenant_tx(run.teams[1].tenant) as tx:
        await tx.execute("UPDATE tenant_config SET page_limits = NULL")


async def storm(run: Run) -> None:
    """Of one tenant, a thousand new problems a second for a sixth of the load's time: 10,000 in a minute's run."""
    await run.reach(0.3)
    flood = Load(
        run.world, run.teams[1:], per_second=STORM_PER_SECOND, seed=run.load.seed + 1,
        kinds={"fires": 1}, severities={"major": 1}, together={20: 1}, via={"slack_dm": 1},
    )  # fmt: skip
    await flood.run(run.seconds / 6)
    run.load.accepted += flood.accepted
    run.remarks.append(f"the storm: {len(flood.accepted):,} alerts")
    run.mark()


def neighbours_did_not_feel_it(run: Run, evidence: Evidence) -> Sequence[str]:
    """The figures of each tenant; the one of the storm was bundled."""
    tenants = {each.problem: each.tenant for each in run.load.accepted}
    problems = {each.id: each.problem for each in evidence.alerts}
    first = {delivery_id: messages[0].at for delivery_id, messages in copies_of(evidence.received).items()}
    for team in run.teams:
        late = lateness(
            Passage(begun_at=each.created_at, done_at=first[each.message_of])
            for each in evidence.deliveries
            if tenants.get(problems[each.alert_id]) == team.tenant and each.message_of in first
        )
        run.remarks.append(f"{team.tenant}: pages p50 {late.p50:.2f} s, p99 {late.p99:.2f} s")
    bundled = sum(each.bundled_into is not None for each in evidence.deliveries)
    return [] if bundled else ["nothing of the storm was bundled"]


async def acknowledge_as_timers_fire(run: Run) -> None:
    """Everything that still escalates becomes due for its second tier at one moment, and is taken at that moment."""
    world, chance = run.world, random.Random(run.load.seed)
    racing = [(team, alert_id) for team in run.teams for alert_id in await _pending(run, team.tenant)]
    chance.shuffle(racing)
    await world.clock.advance(minutes=TIER_MINUTES, seconds=1)
    await run.load.take_all(racing)
    run.remarks.append(f"{len(racing):,} races")


async def _pending(run: Run, tenant: str) -> Sequence[object]:
    async with run.world.database.tenant_tx(tenant) as tx:
        rows = await tx.fetch("SELECT id FROM alerts WHERE status = 'firing' AND escalation_state = 'pending'")
    return [row["id"] for row in rows]


def some_were_won_by_each(run: Run, evidence: Evidence) -> Sequence[str]:
    """Told, not judged: which side wins depends on the machine. That no page follows an ack, the oracle judges."""
    second = sum(each.step == 1 for each in evidence.deliveries)
    run.remarks.append(f"{second:,} timers were first")
    return []


async def roll(run: Run) -> None:
    """Every process is ended in order and started again, one after the other."""
    for number, name in enumerate(run.world.running):
        await run.reach(0.1 + 0.8 * number / len(run.world.running))
        if (code := await run.world.services.terminate(name)) != 0:
            run.notes.append(run.world.services[name].describe(f"ended with code {code}"))
        await run.start(name)


async def kill_here_and_there(run: Run, replicas: int) -> None:
    """One of each service, any of them."""
    for number, service in enumerate(SERVICES):
        await run.reach(0.1 + 0.8 * number / len(SERVICES))
        which = run.chance.randint(1, replicas)
        name = service if which == 1 else f"{service}-{which}"
        await run.kill(name)
        run.mark()
        await run.start(name)


ROWS = [
    Scenario(
        name="poison",
        is_quick=True,
        row="poison body, NUL, 1000-deep JSON, 2 MiB, garbage on the bus",
        expected="4xx or a dead letter within 5 s; neighbours unaffected",
        breaks=poison,
        check=garbage_is_buried,
        permits=frozenset({"dead letters"}),
    ),
    Scenario(
        name="storm",
        row="storm: 10,000 distinct alerts in 10 s, one tenant",
        expected="that tenant bundled; the others' pages as quick as before",
        before=calm,
        breaks=storm,
        check=neighbours_did_not_feel_it,
        permits=frozenset({"late"}),
    ),
    Scenario(
        name="ack-races-timer",
        row="an acknowledgement races the timer",
        expected="never a page committed after the ack committed",
        breaks=lambda run: run.reach(1),
        after=acknowledge_as_timers_fire,
        check=some_were_won_by_each,
        permits=frozenset({"late"}),
    ),
    Scenario(
        name="rolling-restart",
        row="rolling restart of everything",
        expected="no loss, no double; every process ends in order",
        breaks=roll,
    ),
    *(
        Scenario(
            name=f"replicas-{count}",
            row=f"{count} of everything, one of each killed",
            expected="as one",
            breaks=partial(kill_here_and_there, replicas=count),
            replicas=count,
            permits=frozenset({"unprovable repeats"} if count > 1 else {"unprovable repeats", "late"}),
        )
        for count in (1, 2, 5)
    ),
]

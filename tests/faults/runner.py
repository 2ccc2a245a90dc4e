"""Runs a scenario: tenants, load, fault, healing, rest, judgement."""

import asyncio
import os
from collections.abc import Sequence
from uuid import UUID

import msgspec
from evidence import ahead_of, collect, count_dead_letters, story_of, take_time, until_rest
from load import Load
from oracle import Finding, copies_of, judge
from records import Evidence
from scenario import Run, Scenario, nothing
from timing import Timing, measure, slowest_page
from world import World

from nightowl_alerting.ledger import ReceivedMessage, unaccounted
from nightowl_common import clock
from nightowl_contracts import subjects
from nightowl_contracts.topology import CONSUMERS, ENRICHMENT, INGEST, Consumer
from nightowl_testkit.builders import Team

RECOVERY_SECONDS = 5.0
LATENESS_SECONDS = 1.0

STORY_SECONDS, STORIES = 6.0, 3

REST_SECONDS = 150.0
"""Long enough for an acknowledgement to be missed by the broker, and for three unclear attempts."""


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """How hard: alerts per second, for how long, and where chance begins.

    With `is_patient`, rest means that hints have come again which a dead notifier had in hand. That takes a minute.
    """

    per_second: float
    seconds: float
    seed: int = 2026
    is_patient: bool = True


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What a run came to. `slow` says which figures are beyond their targets; that alone is no failure.

    `machine_load` is the machine's load average of a minute when it ended: figures of time mean little without it.
    """

    scenario: str
    seed: int
    accepted: int
    tries: int
    pages: int
    repeats: int
    findings: list[Finding]
    slow: list[str]
    remarks: list[str]
    timing: Timing
    took_seconds: float
    machine_load: float

    def count(self, wrong: str) -> int:
        """Findings of a kind."""
        return sum(each.wrong == wrong for each in self.findings)


async def run_scenario(world: World, scenario: Scenario, options: Options) -> Outcome:
    """One run. The world is whole before and after it."""
    started = clock.monotonic_seconds()
    await world.scale(scenario.replicas)
    world.fakes.clear()
    seconds = max(options.seconds, scenario.least_seconds)
    ahead, buried = await ahead_of(world), await count_dead_letters(world, [])
    async with world.tenants() as teams:
        load = Load(world, teams, per_second=options.per_second, seed=options.seed)
        run = Run(world, load, teams, seconds=seconds, seed=options.seed)
        await _suffer(run, scenario, CONSUMERS if options.is_patient else (ENRICHMENT,))
        evidence = await collect(world, teams, load, ahead=ahead, buried_before=buried)
        findings = [
            *judge(evidence, scenario.permits),
            *(_of_row(scenario, each) for each in [*scenario.check(run, evidence), *run.notes, *_troubles(run)]),
            *await _ledger(world, teams),
        ]
        run.remarks += await _stories(run, evidence, findings)
    timing = measure(evidence, run.marks)
    return Outcome(
        scenario=scenario.name, seed=options.seed, accepted=len(load.accepted), tries=load.answers.total(),
        pages=len(evidence.received), repeats=_repeats(evidence), findings=findings,
        slow=[] if "late" in scenario.permits else _slow(timing), remarks=run.remarks, timing=timing,
        took_seconds=clock.monotonic_seconds() - started, machine_load=os.getloadavg()[0],
    )  # fmt: skip


async def _suffer(run: Run, scenario: Scenario, consumers: Sequence[Consumer]) -> None:
    """Load and fault, side by side, until all is at rest again. Alerts flow for as long as anything is being broken."""
    await scenario.before(run)
    run.begin()
    flowing = asyncio.create_task(run.load.run())
    try:
        await scenario.breaks(run)
    except Exception as error:  # noqa: BLE001  (a row that cannot do what it wants is a finding, and the others go on)
        run.notes += [f"the row broke off: {type(each).__name__}: {each}" for each in _causes(error)]
    finally:
        await run.world.heal()
        await run.reach(1)
        run.load.stop()
    try:
        async with asyncio.timeout(REST_SECONDS):
            await flowing
    except TimeoutError:
        run.notes.append("senders still had something in hand that nobody accepted")
    await _rest(run, consumers)
    if scenario.after is not nothing:
        await scenario.after(run)
        await _rest(run, consumers)


def _causes(error: Exception) -> list[Exception]:
    """What has gone wrong in tasks side by side, each by itself."""
    return (
        [cause for each in error.exceptions for cause in _causes(each)]
        if isinstance(error, ExceptionGroup)
        else [error]
    )


async def _rest(run: Run, consumers: Sequence[Consumer]) -> None:
    tenants = [each.tenant for each in run.teams]
    world = run.world
    left = await until_rest(world.database, world.bus, tenants, seconds=REST_SECONDS, consumers=consumers)
    run.notes += [left] if left else []


def _troubles(run: Run) -> list[str]:
    """What senders were refused, and services that have ended by themselves."""
    dead = [run.world.services[name] for name in run.world.running if not run.world.services[name].is_running]
    return [*run.load.refused, *(each.describe(f"ended with code {each.exit_code}") for each in dead)]


def _of_row(scenario: Scenario, detail: str) -> Finding:
    return Finding(wrong="broken", rule="row", subject=scenario.name, detail=detail)


async def _ledger(world: World, teams: Sequence[Team]) -> list[Finding]:
    """The product's own proof, as a second witness."""
    findings: list[Finding] = []
    for each in teams:
        scanned = await world.bus.scan(INGEST, subject=subjects.ingest(each.tenant))
        async with world.database.tenant_tx(each.tenant) as tx:
            await take_time(tx)
            found = await unaccounted(tx, each.tenant, [ReceivedMessage.from_scan(message) for message in scanned])
        findings += [
            Finding(wrong="broken", rule=f"{one.rule}, ledger", subject=one.subject, detail=one.detail) for one in found
        ]
    return findings


async def _stories(run: Run, evidence: Evidence, findings: Sequence[Finding]) -> list[str]:
    """Of what makes people ask why: a page that took long, and the first ones that are findings."""
    found = [
        (each.subject, UUID(each.subject.removeprefix("delivery ")))
        for each in findings
        if each.subject.startswith("delivery ") and each.subject != "delivery None"
    ]
    asked = found[:STORIES]
    slowest = slowest_page(evidence)
    if slowest is not None and slowest[1] >= STORY_SECONDS:
        asked.append((f"the slowest page took {slowest[1]:.1f} s", slowest[0].id))
    return [f"{name}: {'; '.join(await story_of(run.world, run.teams, page))}" for name, page in asked]


def _repeats(evidence: Evidence) -> int:
    """Second messages of one page, each marked or a finding."""
    return sum(len(messages) - 1 for messages in copies_of(evidence.received).values())


def _slow(timing: Timing) -> list[str]:
    recovery, late = timing.recovery_seconds or 0.0, timing.lateness.p99
    return [
        *([f"recovery {recovery:.1f} s"] if recovery > RECOVERY_SECONDS else []),
        *([f"timers p99 {late:.2f} s"] if late > LATENESS_SECONDS else []),
    ]

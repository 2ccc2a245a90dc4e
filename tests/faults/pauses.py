"""Rows of processes that stand still for longer than anybody waits for them, and go on as if nothing had happened."""

import asyncio
from collections.abc import Sequence
from functools import partial

from records import Evidence
from scenario import Run, Scenario
from world import LEASE_SECONDS

from nightowl_testkit.fakes import Slow

LEASE_OVER_SECONDS = LEASE_SECONDS + 3
"""Longer than the lease that this world's notifiers take."""

ACK_WAIT_OVER_SECONDS = 35.0
"""Longer than the broker waits for an acknowledgement."""


async def pause(run: Run, name: str, seconds: float) -> None:
    """One of two stands still while alerts flow."""
    await run.reach(0.2)
    run.world.services.pause(name)
    await asyncio.sleep(seconds)
    run.world.services.resume(name)
    run.mark()


async def pause_a_lease_holder(run: Run) -> None:
    """A notifier that has pages with its providers."""
    is_on = True
    for fake in run.world.fakes:
        fake.script(Slow(1.0), when=lambda _sent: is_on, forever=True)
    await run.reach(0.3)
    await pause(run, "notifier", LEASE_OVER_SECONDS)
    is_on = False


def was_fenced(run: Run, evidence: Evidence) -> Sequence[str]:
    """It held pages, and somebody else has taken them over."""
    taken_over = sum(each.token > 1 for each in evidence.deliveries)
    run.remarks.append(f"{taken_over} pages were taken over from it")
    return () if taken_over else ("it held nothing when it was paused",)


ROWS = [
    Scenario(
        name="pause-notifier",
        row="SIGSTOP a lease holder for longer than its lease, then continue",
        expected="fenced: its late write is refused",
        breaks=pause_a_lease_holder,
        check=was_fenced,
        permits=frozenset({"unprovable repeats", "late"}),
    ),
    Scenario(
        name="pause-escalation",
        row="SIGSTOP an escalation worker, then continue",
        expected="its transaction is ended by Postgres, the other worker fires",
        breaks=partial(pause, name="escalation", seconds=LEASE_OVER_SECONDS),
        permits=frozenset({"late"}),
    ),
    Scenario(
        name="pause-enrichment",
        row="SIGSTOP an enricher for longer than the broker waits for it, then continue",
        expected="the other one handles it; the late one finds the inbox rows",
        breaks=partial(pause, name="enrichment", seconds=ACK_WAIT_OVER_SECONDS),
        permits=frozenset({"late"}),
    ),
]

"""Rows of processes that are killed or paused."""

from functools import partial

from scenario import Run, Scenario

from nightowl_testkit.services import SERVICES


async def kill_one_then_the_other_then_both(run: Run, service: str) -> None:
    """Each single kill is marked; the death of both is an outage, and its end is."""
    first, second = service, f"{service}-2"
    for share, name in ((0.15, first), (0.4, second)):
        await run.reach(share)
        await run.kill(name)
        run.mark()
        await run.start(name)
    await run.reach(0.7)
    run.outage()
    await run.kill(first, second)
    await run.start(first, second)
    run.mark()


EXPECTED = {
    "ingest": "senders without a 2xx try again; no half payload",
    "enrichment": "delivered again; no second episode",
    "escalation": "the other worker fires, late by a second at most",
    "notifier": "sent after the lease, once; what was taken is proved and not sent again",
    "query": "people try again; nobody is paged for what was taken",
}

ROWS = [
    Scenario(
        name=f"kill-{service}",
        row=f"kill -9 of {service}, one of two, the other, both",
        expected=EXPECTED[service],
        breaks=partial(kill_one_then_the_other_then_both, service=service),
        permits=frozenset({"unprovable repeats"} if service == "notifier" else ()),
    )
    for service in SERVICES
]

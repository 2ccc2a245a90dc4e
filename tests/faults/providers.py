"""Rows of providers that are slow, refuse, are away, or say that they have not taken what they have."""

import asyncio
from collections.abc import Sequence
from functools import partial
from statistics import quantiles

from oracle import copies_of
from records import Evidence
from scenario import Run, Scenario

from nightowl_testkit.fakes import DroppedReply, ErrorAfterAccept, ErrorBeforeAccept, RateLimited, Slow, Step


async def misbehave(run: Run, *, steps: Sequence[Step], fakes: Sequence[str], for_share: float = 0.5) -> None:
    """Some providers do one of these things with every send, for a share of the load's time."""
    is_on = True
    await run.reach(0.2)
    for name in fakes:
        for each in steps:
            getattr(run.world.fakes, name).script(
                each, when=lambda sent, each=each: is_on and _falls_to(each, sent.provider_id, steps), forever=True
            )
    await run.reach(0.2 + for_share)
    is_on = False
    run.mark()


async def leave_unclear(run: Run) -> None:
    """Nobody can know whether the message was taken. To a mail server's 451 nothing is unclear, so it only hangs up."""
    async with asyncio.TaskGroup() as group:
        group.create_task(
            misbehave(run, steps=[ErrorAfterAccept(), DroppedReply()], fakes=["slack", "twilio", "hooks"])
        )
        group.create_task(misbehave(run, steps=[DroppedReply()], fakes=["mail"]))


def _falls_to(step: Step, provider_id: str, steps: Sequence[Step]) -> bool:
    """Which of the things a send meets: as good as by chance, and the same each time."""
    return steps[sum(provider_id.encode()) % len(steps)] is step


async def limit_slack(run: Run) -> None:
    """429 for as long as `Retry-After` says: 30 s of a minute."""
    await misbehave(run, steps=[RateLimited(max(1, round(run.seconds / 2)))], fakes=["slack"], for_share=0.1)


def others_were_not_delayed(run: Run, evidence: Evidence) -> Sequence[str]:
    """Every page of another channel was there before Slack took anything again, or as soon as ever."""
    first = {delivery_id: messages[0] for delivery_id, messages in copies_of(evidence.received).items()}
    waits: dict[str, list[float]] = {}
    for each in evidence.deliveries:
        if (message := first.get(each.id)) is not None:
            waits.setdefault(message.channel, []).append((message.at - each.created_at).total_seconds())
    p99 = {channel: quantiles(each, n=100)[98] if len(each) > 1 else each[0] for channel, each in sorted(waits.items())}
    run.remarks.append("p99 until received: " + ", ".join(f"{channel} {each:.2f} s" for channel, each in p99.items()))
    return [] if p99.get("slack_dm", 0) > 1 else ["Slack's limit delayed nothing"]


ROWS = [
    Scenario(
        name="slack-429",
        row="Slack 429 with Retry-After",
        expected="that channel waits, others do not",
        breaks=limit_slack,
        check=others_were_not_delayed,
        permits=frozenset({"late"}),
    ),
    Scenario(
        name="slack-slow",
        row="Slack takes pages and answers 20 s later",
        expected="proved by look-up; no loss",
        breaks=partial(misbehave, steps=[Slow(20)], fakes=["slack"]),
        permits=frozenset({"late"}),
    ),
    Scenario(
        name="twilio-slow",
        row="Twilio takes messages and answers 20 s later",
        expected="proved by look-up; no loss",
        breaks=partial(misbehave, steps=[Slow(20)], fakes=["twilio"]),
        permits=frozenset({"late"}),
    ),
    Scenario(
        name="unclear-answers",
        row="500 after accept, and no answer after accept, of every provider",
        expected="proved by look-up; where nobody can be asked, sent again with a mark",
        breaks=leave_unclear,
        permits=frozenset({"late"}),
    ),
    Scenario(
        name="slack-outage",
        row="Slack total outage",
        expected="the next contact method within 60 s; no loss",
        breaks=partial(misbehave, steps=[ErrorBeforeAccept(503)], fakes=["slack"], for_share=0.8),
        permits=frozenset({"late"}),
    ),
    Scenario(
        name="all-providers-away",
        row="total outage of every provider",
        expected="tried again until it is over; no loss",
        breaks=partial(misbehave, steps=[ErrorBeforeAccept(503)], fakes=["slack", "twilio", "mail", "hooks"]),
        permits=frozenset({"late"}),
    ),
]

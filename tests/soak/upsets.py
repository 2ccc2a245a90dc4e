"""Providers that are slow, refuse for a moment, or take a page and break the line before they say so."""

import asyncio
import random

from installation import Installation
from traffic import wait

from nightowl_testkit.fakes import DroppedReply, ErrorBeforeAccept, RateLimited, Slow

UPSET_EVERY = 60.0


async def upset_providers(house: Installation, stop: asyncio.Event, *, dice: random.Random) -> None:
    """Until told to stop: about once a minute the next send at one of them goes differently."""
    choices = [
        (house.slack, (Slow(2.0), RateLimited(2), ErrorBeforeAccept(500), DroppedReply())),
        (house.twilio, (Slow(2.0), RateLimited(2), ErrorBeforeAccept(500), DroppedReply())),
        (house.hooks, (Slow(2.0), ErrorBeforeAccept(503), DroppedReply())),
        (house.mail, (Slow(2.0), ErrorBeforeAccept())),
    ]
    while not stop.is_set():
        await wait(stop, dice.expovariate(1 / UPSET_EVERY))
        fake, steps = dice.choice(choices)
        fake.script(dice.choice(steps))

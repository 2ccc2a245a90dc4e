"""`./dev soak`: an hour of mixed load with restarts on a stack of its own, and a verdict per promise that nothing grows."""

import argparse
import asyncio
import logging
import os
import platform
import random
import sys
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import msgspec
from accounting import settle_accounts
from ageing import Pages, age
from installation import Installation, installed
from lookers import Lookers
from monitoring import Monitoring
from people import People, call_back
from planning import Planning
from promises import judge
from recording import Recording
from report import markdown
from sampling import Sampler
from traffic import Caller, Traffic
from unrest import Unrest
from upsets import upset_providers

from nightowl_common import clock


async def main(options: argparse.Namespace) -> Recording:
    """Installs, soaks, settles the account."""
    recording = Recording(minutes=options.minutes, rate=options.rate, began_at=clock.utc_now(), machine=_machine())
    async with installed() as house:
        recording.began_at = clock.utc_now()
        print(f"soaking for {options.minutes:g} minutes; logs in {house.servers.folder}", flush=True)
        traffic, pages = Traffic(), Pages()
        async with _sampled(house, recording, traffic, options.json):
            await _live(house, recording, traffic, pages, options)
            print("settling the account", flush=True)
            recording.account = await settle_accounts(house, traffic, pages, since=recording.began_at)
        recording.answers = dict(sorted(traffic.answers.items()))
        recording.answers["not accepted within five minutes"] = traffic.not_accepted
        recording.answers["events seen on streams"] = traffic.events_streamed
    recording.ended_at = clock.utc_now()
    return recording


@asynccontextmanager
async def _sampled(house: Installation, recording: Recording, traffic: Traffic, kept: Path) -> AsyncIterator[None]:
    """Samples beside the load and beyond its end; what there is so far is written every minute."""
    stop, began = asyncio.Event(), time.monotonic()
    sampling = asyncio.create_task(Sampler(house, recording, traffic, began=began).run(stop))
    keeping = asyncio.create_task(_keep(recording, kept))
    try:
        yield
    finally:
        stop.set()
        keeping.cancel()
        await sampling


async def _keep(recording: Recording, kept: Path) -> None:
    while True:
        await asyncio.sleep(60)
        kept.write_bytes(msgspec.json.encode(recording))


async def _live(
    house: Installation, recording: Recording, traffic: Traffic, pages: Pages, options: argparse.Namespace
) -> None:
    """All of the load, and all that is done to the installation, for so long."""
    stop, began = asyncio.Event(), time.monotonic()
    async with AsyncExitStack() as stack, asyncio.TaskGroup() as group:
        group.create_task(_stop_after(stop, recording.seconds))
        group.create_task(Unrest(house, recording, began=began, dice=_dice(options, "unrest")).run(stop))
        group.create_task(age(house, pages, stop))
        group.create_task(call_back(house, stop, dice=_dice(options, "callbacks")))
        group.create_task(upset_providers(house, stop, dice=_dice(options, "upsets")))
        for tenancy in house.tenants:
            client = await stack.enter_async_context(house.processes.client(tenancy.team.key))
            caller, slug = Caller(client, tenancy.slug, traffic), tenancy.slug
            share = options.rate / len(house.tenants)
            group.create_task(Monitoring(caller, per_second=share, dice=_dice(options, f"monitoring {slug}")).run(stop))
            group.create_task(People(house, tenancy, caller, dice=_dice(options, f"people {slug}")).run(stop))
            group.create_task(Planning(house, tenancy, caller, dice=_dice(options, f"planning {slug}")).run(stop))
            lookers = Lookers(house, caller, key=tenancy.team.key, dice=_dice(options, f"lookers {slug}"))
            group.create_task(lookers.run(stop))


async def _stop_after(stop: asyncio.Event, seconds: float) -> None:
    await asyncio.sleep(seconds)
    stop.set()


def _dice(options: argparse.Namespace, whose: str) -> random.Random:
    """Everybody has dice of their own, so that nobody's order hangs on how fast others were."""
    return random.Random(f"{options.seed} {whose}")


def _machine() -> str:
    return f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="./dev soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=60.0, help="length of the load (default 60)")
    parser.add_argument("--rate", type=float, default=3.0, help="webhook calls per second, storms apart (default 3)")
    parser.add_argument("--seed", default="2026", help="of everybody's dice (default 2026)")
    parser.add_argument("--report", type=Path, help="where the table goes as Markdown, beside the terminal")
    parser.add_argument("--json", type=Path, default=Path("soak.json"), help="where all samples go (default soak.json)")
    parser.add_argument("--again", type=Path, help="judge the samples of an earlier run instead of running")
    chosen = parser.parse_args()
    logging.disable(logging.CRITICAL)
    if chosen.again:
        outcome = msgspec.json.decode(chosen.again.read_bytes(), type=Recording)
    else:
        outcome = asyncio.run(main(chosen))
        chosen.json.write_bytes(msgspec.json.encode(outcome))
    verdicts = judge(outcome)
    table = markdown(outcome, verdicts)
    print(table)
    if chosen.report:
        chosen.report.write_text(table)
    sys.exit(0 if all(each.is_kept is not False for each in verdicts) else 1)

"""`./dev smoke`: one alert through everything on a temporary stack with fake providers, unattended.

Prints one JSON line and exits 0 when all of it is as it should be:
`webhook_to_row_ms` (request sent → answer with the alert's id, after its commit), `webhook_to_page_ms` (request
sent → the fake Slack has the message), `pages` (messages that people received), `ledger_unaccounted` (findings).
"""

import asyncio
import logging
import sys
import time
from pathlib import Path

import msgspec

from nightowl_common.bus import Bus
from nightowl_common.db import Database
from nightowl_testkit.builders import an_alertmanager_alert, an_alertmanager_payload, seed_team
from nightowl_testkit.client import ApiClient
from nightowl_testkit.clock import DbClock
from nightowl_testkit.fakes import FakeSlack, FakeTwilio
from nightowl_testkit.servers import Servers, make_tenant, running_servers, temporary_folder
from nightowl_testkit.services import ServiceProcesses
from nightowl_testkit.story import Story, page

TENANT = "smoke"


class Smoke(msgspec.Struct, frozen=True, kw_only=True):
    """The line that is printed."""

    webhook_to_row_ms: float
    webhook_to_page_ms: float
    pages: int
    ledger_unaccounted: int


async def main(folder: Path) -> Smoke:
    """Starts everything, lives through one alert, stops everything."""
    async with running_servers(folder) as servers, FakeSlack() as slack, FakeTwilio() as twilio:
        await make_tenant(servers, TENANT)
        environment = {**slack.environment, **twilio.environment}
        async with ServiceProcesses(servers, environment=environment) as services:
            return await _live_through(servers, services, slack, twilio)


async def _live_through(servers: Servers, services: ServiceProcesses, slack: FakeSlack, twilio: FakeTwilio) -> Smoke:
    database = await Database.connect(servers.database_url, size=2, service="smoke")
    bus = await Bus.connect(servers.nats_url, service="smoke", on_closed=lambda: None)
    try:
        team = await seed_team(database, TENANT)
        async with services.client(team.key) as client:
            story = Story(client, DbClock(database), slack, twilio, database=database, team=team)
            return await _one_alert(story, client, slack, twilio)
    finally:
        await bus.close()
        await database.close()


async def _one_alert(story: Story, client: ApiClient, slack: FakeSlack, twilio: FakeTwilio) -> Smoke:
    await client.alerts()  # the first call pays for connections
    sent_at = time.perf_counter()
    page_arrives = asyncio.create_task(_arrival(slack))
    await story.fires(an_alertmanager_payload(an_alertmanager_alert()))
    row_ms = (time.perf_counter() - sent_at) * 1000
    page_ms = (await page_arrives - sent_at) * 1000
    await story.want(page(to="U0ALICE", via="slack_dm"))
    await story.at(minutes=5, seconds=2)
    await story.want(page(to="U0BOB", via="slack_dm"), page(to="+12025550102", via="sms"))
    await story.acknowledges()
    await story.at(hours=1)
    await story.want_nothing_more()
    receipt = await story.fires(an_alertmanager_payload(an_alertmanager_alert(status="resolved")))
    assert [each.disposition for each in receipt.alerts] == ["resolved"]
    return Smoke(
        webhook_to_row_ms=round(row_ms, 1),
        webhook_to_page_ms=round(page_ms, 1),
        pages=len(slack.received) + len(twilio.received),
        ledger_unaccounted=len(await client.unaccounted()),
    )


async def _arrival(slack: FakeSlack) -> float:
    await slack.wait_for(1, seconds=10)
    return time.perf_counter()


if __name__ == "__main__":
    logging.disable(logging.CRITICAL)
    with temporary_folder() as folder:
        outcome = asyncio.run(main(folder))
    print(msgspec.json.encode(outcome).decode())
    sys.exit(0 if outcome.ledger_unaccounted == 0 and outcome.pages == 3 else 1)

"""What the running services tell about themselves: spans, metrics, and a canary."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

import aiohttp
import pytest
import pytest_asyncio
from aiohttp import web
from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families

from nightowl_cli import canary
from nightowl_cli.generate_metrics import declared
from nightowl_common import clock
from nightowl_contracts.topology import CONSUMERS
from nightowl_embedded import free_port
from nightowl_testkit.builders import an_alertmanager_payload
from nightowl_testkit.fakes import CollectedSpan, FakeCollector
from nightowl_testkit.fakes.served import Served
from nightowl_testkit.services import SERVICES, ServiceProcesses
from nightowl_testkit.story import page

pytestmark = pytest.mark.e2e

KEY = "ow_canary_of_the_tests_and_of_nobody_else"

PATH = [
    ("nightowl-ingest", "receive"),
    ("nightowl-enrichment", "enrich"),
    ("nightowl-escalation", "escalate"),
    ("nightowl-notifier", "page"),
    ("nightowl-notifier", "send"),
    ("nightowl-notifier", "call slack"),
]
"""Of one alert, from the webhook to the call of the provider; each is the child of the one before."""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def collector() -> AsyncIterator[FakeCollector]:
    async with FakeCollector() as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def processes(servers, slack_server, twilio_server, collector, watcher) -> AsyncIterator[ServiceProcesses]:
    fakes = (slack_server, twilio_server, collector)
    environment = {name: value for fake in fakes for name, value in fake.environment.items()}
    environment["NIGHTOWL_BACKLOG_SECONDS"] = "1"
    made = ServiceProcesses(servers, names=SERVICES, environment=environment)
    made["notifier"].configure(
        {
            "NIGHTOWL_CANARY_KEY": KEY,
            "NIGHTOWL_CANARY_URL": made.url("ingest"),
            "NIGHTOWL_CANARY_SECONDS": "1",
            "NIGHTOWL_CANARY_HEARTBEAT_URL": watcher.url,
        }
    )  # nothing comes of it until the canary is installed
    async with made as running:
        yield running
        assert running.dead() == []


def steps(spans: Sequence[CollectedSpan]) -> dict[tuple[str, str], CollectedSpan]:
    return {(each.service, each.name): each for each in spans if (each.service, each.name) in PATH}


async def test_the_trace_of_one_alert_is_whole(story, collector):
    """It begins at the webhook under the receipt's id and leads to the provider's call, each step inside the last."""
    receipt = await story.fires(an_alertmanager_payload())
    await story.want(page(to="U0ALICE", via="slack_dm"))

    spans = await collector.wait_for(receipt.receipt_id.hex, lambda found: len(steps(found)) == len(PATH))

    path = [steps(spans)[each] for each in PATH]
    assert path[0].parent_id == ""
    assert [each.parent_id for each in path[1:]] == [each.span_id for each in path[:-1]]
    assert [each.kind for each in path] == ["server", "consumer", "internal", "consumer", "internal", "client"]
    assert not any(each.failed for each in spans)
    statements = [each for each in spans if each.attributes.get("db.system") == "postgresql"]
    assert {each.service for each in statements} >= {"nightowl-enrichment", "nightowl-notifier"}
    assert {each.parent_id for each in statements} <= {each.span_id for each in spans}


async def test_an_answer_of_the_api_is_a_span_with_its_statements(client, collector):
    """Named by its route, never by the path, which holds ids; in the trace that the caller brought."""
    trace_id = "0af7651916cd43dd8448eb211c80319c"

    await client.call("GET", "/alerts", headers={"traceparent": f"00-{trace_id}-b7ad6b7169203331-01"})

    spans = await collector.wait_for(
        trace_id, lambda found: any(each.name == "GET /api/v1/alerts" for each in found)
    )  # fmt: skip
    assert {each.service for each in spans} == {"nightowl-query"}
    assert [each.parent_id for each in spans if each.kind == "server"] == ["b7ad6b7169203331"]
    assert any(each.attributes.get("db.system") == "postgresql" for each in spans)


@pytest.mark.parametrize("service", SERVICES)
async def test_a_scrape_holds_every_metric_that_the_reference_names(processes, service):
    """Prometheus' own parser reads it; nothing that is documented is missing, nothing of ours is undocumented."""
    families = await scrape(processes, service)

    ours = {name for name in families if name.startswith("nightowl_")}
    wanted = [each for each in declared() if service in each.services]
    assert {each.name.removesuffix("_total") for each in wanted} <= ours
    assert ours <= {each.name.removesuffix("_total") for each in declared()}
    assert {each.name: each.kind for each in wanted} == {
        each.name: families[each.name.removesuffix("_total")].type for each in wanted
    }


async def test_the_gauges_of_the_installation_are_there(processes):
    """Measured by escalation from its start on."""
    families = await scrape(processes, "escalation")

    lags = {each.labels["consumer"]: each.value for each in families["nightowl_consumer_lag_messages"].samples}
    assert set(lags) == {each.name for each in CONSUMERS}
    assert families["nightowl_outbox_age_seconds"].samples[0].value >= 0


async def test_every_call_and_message_is_one_line_without_secrets(story, client, team, processes, slack_server):
    """JSON that a program can follow from the call to the page by its ids; no key, token or password is in it."""
    receipt = await story.fires(an_alertmanager_payload())
    await story.want(page(to="U0ALICE", via="slack_dm"))
    wrong = {"tenant": "acme", "username": "ada", "password": "hush-hush-hush"}
    await client.call("POST", "/auth/login", body=wrong, key="ow_hush_hush_hush")
    await story.settle()

    lines = {name: [json.loads(line) for line in processes.logs(name).read_text().splitlines()] for name in SERVICES}
    alert_id, receipt_id = str(story.alert_id), str(receipt.receipt_id)
    [request] = [each for each in lines["ingest"] if each.get("receipt_id") == receipt_id]
    assert (request["event"], request["status"], request["tenant"]) == ("request", 200, team.tenant)
    [message] = [each for each in lines["enrichment"] if each.get("receipt_id") == receipt_id]
    assert (message["event"], message["alerts"], message["trace_id"]) == ("message_handled", 1, request["trace_id"])
    assert "paged" in [each["outcome"] for each in lines["escalation"] if each.get("alert_id") == alert_id]
    [attempt] = [each for each in lines["notifier"] if each.get("alert_id") == alert_id]
    assert (attempt["event"], attempt["result"]) == ("page_attempt", "sent")
    written = "".join(processes.logs(name).read_text() for name in SERVICES)
    secrets = [team.key, KEY, "hush", "ping/secret", *slack_server.environment.values()]
    assert [each for each in secrets if each in written and not each.startswith("http")] == []


async def test_the_canary_comes_through_and_is_missed_when_it_does_not(
    processes, servers, watcher, slack_server, monkeypatch
):
    """The watcher outside is called for each arrival and for nothing else, and no person is paged."""
    for name, value in {**servers.environment, "NIGHTOWL_CANARY_KEY": KEY}.items():
        monkeypatch.setenv(name, value)

    await canary.install()
    await watcher.hears(1)
    await until(lambda: has_arrived(processes))

    processes.pause("enrichment")
    await fires(processes, 1)  # the one before may have been under way
    before = watcher.calls
    await fires(processes, 2)
    assert watcher.calls == before
    processes.resume("enrichment")
    await watcher.hears(before + 1)

    assert not [each for each in slack_server.received if "canary" in each.text]
    found = await scrape(processes, "escalation")
    assert {each.value for each in found["nightowl_ledger_open_findings"].samples} <= {0}


class Watcher(Served):
    """Somebody outside who wants to be called every minute."""

    def __init__(self) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}/ping/secret"
        self.calls = 0
        self._changed = asyncio.Condition()

    def _routes(self) -> web.Application:
        application = web.Application()
        application.router.add_get("/ping/secret", self._take)
        return application

    async def _take(self, _request: web.Request) -> web.Response:
        async with self._changed:
            self.calls += 1
            self._changed.notify_all()
        return web.Response()

    async def hears(self, calls: int) -> None:
        """Waits until it was called so often."""
        async with asyncio.timeout(30), self._changed:
            await self._changed.wait_for(lambda: self.calls >= calls)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def watcher() -> AsyncIterator[Watcher]:
    async with Watcher() as made:
        yield made


async def scrape(processes: ServiceProcesses, service: str) -> dict[str, Metric]:
    async with aiohttp.ClientSession() as session, session.get(f"{processes.url(service)}/metrics") as answer:
        return {each.name: each for each in text_string_to_metric_families(await answer.text())}


async def has_arrived(processes: ServiceProcesses) -> bool:
    found = await scrape(processes, "escalation")
    age, round_trip = (
        found[f"nightowl_canary_{name}_seconds"].samples[0].value for name in ("age", "round_trip")
    )  # fmt: skip
    return 0 <= age < 30 and 0 < round_trip < 30


async def fires(processes: ServiceProcesses, more: int) -> None:
    """Waits until so many more canaries were taken by the webhook."""

    async def count() -> float:
        samples = (await scrape(processes, "notifier"))["nightowl_canary_fired"].samples
        return sum(each.value for each in samples if each.labels["result"] == "taken")

    wanted = await count() + more

    async def is_reached() -> bool:
        return await count() >= wanted

    await until(is_reached)


async def until(is_so: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(30):
        while not await is_so():
            await clock.sleep(0.1)

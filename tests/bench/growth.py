"""Cost over size: what people and sweepers do, at ten times the alerts, incidents and pending timers, and again."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from statistics import median
from uuid import UUID

import filling
import statements
from bench import ROSTER, Bench
from figures import Curve, Row
from filling import SCHEMA

from nightowl_testkit.client import ApiClient

SERVICES = ("ingest", "enrichment", "escalation", "notifier", "query")
OFTEN = {
    "NIGHTOWL_SWEEP_SECONDS": "1",
    "NIGHTOWL_LEDGER_SECONDS": "0.25",
    "NIGHTOWL_BACKLOG_SECONDS": "1",
    "NIGHTOWL_HANDOFF_SECONDS": "1",
    "NIGHTOWL_GAP_SECONDS": "2",
}
"""Loops that have something to show within a short window."""

_KEEP = f"""
UPDATE "{SCHEMA}".tenant_config SET keep_alerts_days = 3650, keep_payloads_days = 3650, keep_deliveries_days = 3650
"""
"""Retention looks and finds nothing to remove."""

Do = Callable[[int], Awaitable[object]]
DEAR = 5
"""Turns of what reads a whole span of time."""


class Growth:
    """Curves by measurement; a row for each that is steep."""

    def __init__(self) -> None:
        self.curves: list[Curve] = []

    async def measure(self, bench: Bench) -> list[Row]:
        """At each size: everything in turn by one client, then a quiet while in which only loops work."""
        done: dict[str, dict[str, float]] = {}
        spent: dict[str, dict[str, statements.Spent]] = {}
        idle: dict[str, dict[str, float]] = {}
        for step in range(bench.sizes.steps):
            alerts, incidents = bench.sizes.at(step)
            print(f"  {alerts:,} alerts, {incidents:,} incidents", flush=True)
            await filling.fill(bench, alerts=alerts, incidents=incidents)
            async with AsyncExitStack() as running:
                for name in SERVICES:
                    await running.enter_async_context(bench.also(name, bench.process(name, logs="growth", **OFTEN)))
                size = f"{alerts:,}"
                async with statements.logged(bench) as spent[size]:
                    done[size] = await _in_turn(bench)
                    await bench.until_rest()
                    idle[size] = await quiet(bench)
        self.curves = [
            *(Curve(what=name, unit="ms", points=points) for name, points in statements.together(done).items()),
            *(
                Curve(what=f"loops alone, {name}", unit="CPU ms/s", points=points)
                for name, points in statements.together(idle).items()
            ),
            *(
                Curve(what=f"sql {name}", unit="ms", points=points)
                for name, points in statements.together(
                    {size: statements.often(each) for size, each in spent.items()}
                ).items()
            ),
        ]
        steep = [curve for curve in self.curves if curve.is_steep]
        names = ", ".join(f"{curve.what} {curve.growth:.1f}x" for curve in steep)
        return [
            Row(
                what="growth: costs that more than double over ten times the size",
                value=len(steep),
                unit="of " + f"{len(self.curves)}",
                note=names,
            )
        ]


async def _in_turn(bench: Bench) -> dict[str, float]:
    """What → the median of its turns, ms."""
    async with bench.sql() as connection:
        await connection.execute(_KEEP)
        firing: list[UUID] = [
            row["id"]
            for row in await connection.fetch(
                f"""SELECT id FROM "{SCHEMA}".alerts WHERE status = 'firing' ORDER BY id LIMIT $1""", bench.sizes.turns
            )
        ]
    urls = {f"{name}_url": f"http://127.0.0.1:{bench.port(name)}" for name in ("ingest", "query")}
    async with ApiClient(**urls, key=bench.grown_key) as client:
        costs = {}
        for name, do in _all(client, firing).items():
            turns = DEAR if name.startswith(("insight", "ledger")) else min(bench.sizes.turns, len(firing))
            await do(turns)  # the first may plan, and fill what is remembered
            costs[name] = median([await _timed(do, number) for number in range(turns)])
    return costs


def _all(client: ApiClient, firing: list[UUID]) -> Mapping[str, Do]:
    unique = f"{time.time_ns():x}"

    def get(path: str) -> Do:
        return lambda _n: _read(client, path)

    def fire(number: int, *, fingerprint: str) -> Awaitable[object]:
        title = f"Problem w{number}x{number % 101} latency timeout"
        body = {"title": title, "severity": "warning", "status": "firing", "fingerprint": fingerprint}
        return client.fire_generic(body, wait_seconds=10)

    return {
        "list": get("/alerts"),
        "list, most urgent": get("/alerts?sort=urgent"),
        "list, a word": get("/alerts?q=latency"),
        "facets": get("/alerts/facets"),
        "detail": get(f"/alerts/{firing[-1]}"),
        "timeline": get(f"/alerts/{firing[-1]}/timeline"),
        "on-call now": get(f"/rosters/{ROSTER}/oncall"),
        "now": get("/now"),
        "insight, 28 days": get("/insight"),
        "knowledge search": get("/incidents/search?limit=20&q=latency"),
        "ledger of 72 h": get("/ledger/unaccounted"),
        "repeat of an open alert, until committed": lambda n: fire(1, fingerprint=f"{unique}-same"),
        "new alert with knowledge match, until committed": lambda n: fire(n, fingerprint=f"{unique}-{n}"),
        "one status change": lambda n: client.acknowledge(firing[n % len(firing)]),
    }


async def _read(client: ApiClient, path: str) -> None:
    answer = await client.call("GET", path)
    assert answer.status == 200, answer


async def _timed(do: Do, number: int) -> float:
    started = time.perf_counter()
    await do(number)
    return 1_000 * (time.perf_counter() - started)


async def quiet(bench: Bench) -> dict[str, float]:
    """Process → processor ms per second while nobody asks for anything."""
    before = bench.use()
    await asyncio.sleep(bench.sizes.idle_seconds)
    after = bench.use()
    costs = before.each(after, (after.at - before.at) * 1_000)
    return {name: cost for name, cost in costs.items() if name != "load"}

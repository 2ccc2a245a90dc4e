"""`./dev bench`: figures beside the ceilings of the same machine, taken in the same run. Never a test: machines are noisy."""

import argparse
import asyncio
import os
import platform
import tempfile
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path

import asyncpg
import ceilings
import knowledge
import listing
import msgspec
import rows
import tenants
import tracing
from rows import Bench, Row

import web
from nightowl_auth import insert_key, make_key
from nightowl_cli.supervisor import Supervisor
from nightowl_common.bus import Bus
from nightowl_common.db import Database
from nightowl_common.streams import apply_topology, connect_plain
from nightowl_embedded import Stack
from nightowl_sql import create_tenant, migrate

TENANTS = 20
NO_LIMITS = {
    f"NIGHTOWL_{name}_PER_MINUTE": "0" for name in ("KEY_ALERTS", "TENANT_ALERTS", "KEY_CALLS", "TENANT_CALLS")
}
"""What a bench sends is what a limit is there to refuse. Counting goes on, so its cost is in the figures."""


async def main(options: argparse.Namespace) -> None:
    """Starts a stack of its own, measures, prints a table, writes JSON."""
    with tempfile.TemporaryDirectory(prefix="nightowl-bench-") as folder:
        Path(folder).chmod(0o755)
        with Stack(Path(folder) / "stack") as stack:
            os.environ.update(stack.environment)
            keys = await _prepare(stack)
            figures = await _measure(options, stack, keys, Path(folder))
    _print(figures)
    options.json.write_bytes(msgspec.json.format(msgspec.json.encode(figures)))
    print(f"\nwritten to {options.json}")


async def _measure(options: argparse.Namespace, stack: Stack, keys: list[str], folder: Path) -> list[Row]:
    environment = {
        "NIGHTOWL_MODE": "dev",
        "NIGHTOWL_LOCAL_OUTBOX": "true",
        "NIGHTOWL_LOG_LEVEL": "warning",
        **NO_LIMITS,
    }
    front = Supervisor(("ingest",), logs=folder / "logs", environment=environment)
    workers = Supervisor(("enrichment", "escalation"), logs=folder / "logs", environment=environment)
    bus = await Bus.connect(stack.nats.url, service="bench", on_closed=lambda: None)
    bench = Bench(
        database_url=stack.postgres.url, nats_url=stack.nats.url, bus=bus, ingest=front, keys=keys,
        seconds=options.seconds,
    )  # fmt: skip
    stored = await ceilings.jetstream_publish(bench.bus)
    figures = [Row(what="ceiling: JetStream publish and ack, pipelined", value=stored, unit="msg/s", target="")]
    try:
        await front.start()
        figures += await _rows(_alone(bench), options.only)
        await workers.start()
        query = Supervisor(("query",), logs=folder / "logs", environment=environment)
        spare = Supervisor(("escalation",), logs=folder / "spare", environment=environment)
        figures += await _rows(_together(bench, query, spare), options.only)
    finally:
        await workers.stop()
        await front.stop()
        await bus.close()
    if options.only in {None, "tracing"}:
        print("measuring tracing", flush=True)
        figures += await tracing.measure(
            keys[0], seconds=options.seconds, logs=folder / "tracing", environment=environment
        )
    if options.only in {None, "list"}:
        figures += await _list(options, stack, keys, folder / "logs", environment)
    if options.only in {None, "tenants"}:
        figures += await tenants.measure(
            stack, tenants=options.tenants, seconds=options.seconds, logs=folder / "many", environment=environment
        )
    if options.only == "web":  # needs a browser, so it is measured when it is asked for
        figures += await web.measure(stack, keys[0], logs=folder / "web", environment=environment)
    return figures


async def _list(
    options: argparse.Namespace, stack: Stack, keys: list[str], logs: Path, environment: dict[str, str]
) -> list[Row]:
    """With nothing else running: a million alerts, then one query process."""
    query = Supervisor(("query",), logs=logs, environment=environment)
    print(f"measuring list, {options.alerts:,} alerts", flush=True)
    await listing.load(stack.postgres.url, options.alerts)
    await query.start()
    try:
        return await listing.measure(
            stack.postgres.url, query.services[0].port, keys[0], seconds=options.seconds, alerts=options.alerts
        )
    finally:
        await query.stop()


Table = dict[str, Callable[[], Awaitable[list[Row]]]]


def _alone(bench: Bench) -> Table:
    """Ingest beside the bare application, which has no consumer behind it either."""
    return {
        "ingest": partial(rows.ingest, bench, alerts=1, target="≥ 5,500 and ≥ 50 % of bare"),
        "ingest10": partial(rows.ingest, bench, alerts=10, target="≥ 3,500 (35,000 alerts/s)"),
    }


def _together(bench: Bench, query: Supervisor, spare: Supervisor) -> Table:
    """Everything that works on alerts."""
    return {
        "latency": partial(rows.latency, bench),
        "pipeline": partial(rows.pipeline, bench, tenants=1, target="≥ 8,000"),
        "pipeline20": partial(rows.pipeline, bench, tenants=TENANTS, target="≥ 6,000"),
        "timers": partial(rows.timers, bench),
        "kills": partial(rows.kills, bench, spare=spare),
        "knowledge": partial(knowledge.enrichment, bench),
        "search": partial(knowledge.search, bench, query=query),
    }


async def _rows(table: Table, only: str | None) -> list[Row]:
    figures = []
    for name, measure in table.items():
        if only is None or only == name:
            print(f"measuring {name}", flush=True)
            figures += await measure()
    return figures


async def _prepare(stack: Stack) -> list[str]:
    connection = await asyncpg.connect(stack.postgres.url)
    await migrate(connection)
    for number in range(TENANTS):
        await create_tenant(connection, slug=f"bench{number}", name="Bench")
        await connection.execute(_TEAM.format(schema=f"tenant_bench{number}"))
    await connection.close()
    client = await connect_plain(stack.nats.url)
    await apply_topology(client.jetstream())
    await client.close()
    database = await Database.connect(stack.postgres.url, size=2, service="bench")
    keys = [make_key() for _ in range(TENANTS)]
    async with database.global_tx() as tx:
        for number, key in enumerate(keys):
            await insert_key(tx, key, tenant=f"bench{number}", role="admin", description="bench")
    await database.close()
    return [key.raw for key in keys]


_TEAM = """
INSERT INTO "{schema}".users (id, email, display_name, slack_user_id, role)
VALUES ('00000000-0000-7000-8000-000000000001', 'a@bench.example', 'A', 'U1', 'admin');
INSERT INTO "{schema}".escalation_policies (id, name) VALUES ('00000000-0000-7000-8000-000000000002', 'P');
INSERT INTO "{schema}".escalation_policy_versions (policy_id, version, tiers) VALUES
    ('00000000-0000-7000-8000-000000000002', 1,
     '[{{"timeout_minutes": 60, "notify_via": ["slack_dm"], "targets": ["user:00000000-0000-7000-8000-000000000001"]}}]');
UPDATE "{schema}".tenant_config SET default_policy_id = '00000000-0000-7000-8000-000000000002';
"""


def _print(figures: list[Row]) -> None:
    print(
        f"\n{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}; load on the same cores\n"
    )
    print(f"{'what':62} {'value':>12} {'unit':9} {'target':28} {'ceiling':>10} {'share':>6}")
    for row in figures:
        ceiling = f"{row.ceiling:,.1f}" if row.ceiling else ""
        share = f"{row.share:.0%}" if row.share else ""
        print(f"{row.what:62} {row.value:12,.1f} {row.unit:9} {row.target:28} {ceiling:>10} {share:>6}  {row.note}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="./dev bench", description=__doc__)
    parser.add_argument("--seconds", type=float, default=5.0, help="length of each measurement (default 5)")
    parser.add_argument(
        "--only",
        help="one row: ingest, ingest10, latency, pipeline, pipeline20, timers, kills, list, knowledge, search, tenants,"
        " tracing or web",
    )
    parser.add_argument("--alerts", type=int, default=1_000_000, help="alerts of the list (default 1,000,000)")
    parser.add_argument("--tenants", type=int, default=2_000, help="tenants of `tenants` (default 2,000)")
    parser.add_argument("--json", type=Path, default=Path("bench.json"), help="where the JSON goes")
    asyncio.run(main(parser.parse_args()))

"""From the webhook to the provider's receipt: five services at a pace, and a fake Slack that notes when a page came."""

import asyncio
import itertools
import time
from collections.abc import Callable, Iterator

from bench import Bench
from figures import Row
from load import http_post, paced, percentile
from pipeline import WEBHOOK, fresh_numbers, payload

SLOWER, PER_SECOND = (50, 100), 200
"""Paces that tell how long the way of a page is while the machine is not full, and the pace of the target."""

PATIENCE_SECONDS = 60.0

_FINGERPRINTS = """
SELECT d.id, a.fingerprint FROM tenant_bench0.deliveries AS d JOIN tenant_bench0.alerts AS a ON a.id = d.alert_id
WHERE d.created_at > $1
"""


async def pages(bench: Bench) -> list[Row]:
    """Critical alerts at a pace, each paged to one person over Slack. Time runs from when the request is written.

    From slow to fast, and each pace begins when what came before it is done: events that nobody has read yet, too.
    """
    rows = [row for pace in SLOWER for row in await _at_pace(bench, pace)]
    return [*rows, *await _at_pace(bench, PER_SECOND, p50=50, p99=250)]


async def _at_pace(bench: Bench, pace: int, *, p50: float | None = None, p99: float | None = None) -> list[Row]:
    count = int(pace * bench.sizes.seconds * 2)
    fresh = fresh_numbers()
    sent_at: dict[str, float] = {}

    def requests() -> Iterator[bytes]:
        for number in itertools.islice(fresh, count):
            body = payload(1, fingerprints=iter([number]), severity="critical")
            sent_at[f"{number:016x}"] = time.time()
            yield http_post(WEBHOOK, body, key=bench.keys[0])

    await bench.until_rest()
    bench.slack.clear()
    async with bench.sql() as connection:
        since = await connection.fetchval("SELECT clock_timestamp()")
        before = bench.use()
        await paced(bench.port("ingest"), requests(), per_second=pace, seconds=60 + count / pace)
        await _until(lambda: len(bench.slack.received) >= count)
        await bench.until_rest()
        costs = before.each(bench.use(), count)
        rows = await connection.fetch(_FINGERPRINTS, since)
    alerts = {row["id"]: row["fingerprint"] for row in rows}
    told = [
        (alerts[each.delivery_id], each.at.timestamp())
        for each in bench.slack.received
        if each.delivery_id is not None and each.delivery_id in alerts
    ]
    late = sorted(at - sent_at[fingerprint] for fingerprint, at in told)
    doubles = len(told) - len({fingerprint for fingerprint, _at in told})
    wrong = f"{len(told)} pages of {count} alerts, {doubles} doubled" if len(told) != count or doubles else ""
    what = f"webhook to provider call, {pace} alerts/s"
    middle, slow = (1_000 * percentile(late, share) for share in (0.5, 0.99))
    note, worst = f"{len(told):,} pages", f"worst {1_000 * max(late, default=0):,.0f} ms"
    return [
        Row(what=f"{what}, p50", value=middle, unit="ms", most=p50, note=note, costs=costs, failed=wrong),
        Row(what=f"{what}, p99", value=slow, unit="ms", most=p99, note=worst),
    ]


async def _until(is_done: Callable[[], bool]) -> None:
    """So, or not within a minute, which the figures then tell."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not is_done() and time.monotonic() < deadline:
        await asyncio.sleep(0.05)

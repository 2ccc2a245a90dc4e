"""Alerts that flow while something breaks, sent as monitoring systems do: again until there is a 2xx."""

import asyncio
import shutil
from collections import Counter
from uuid import UUID

import aiohttp
import msgspec

from nightowl_common import clock
from nightowl_common.bus import Bus, BusUnavailableError
from nightowl_common.db import Database
from nightowl_contracts.topology import ENRICHMENT
from nightowl_testkit.builders import an_alertmanager_alert, an_alertmanager_payload
from nightowl_testkit.client import ApiClient
from nightowl_testkit.fakes import FakeSlack, FakeTwilio
from nightowl_testkit.servers import Servers

REST_SECONDS = 60.0
# Services that find out sooner what a fault has left behind.
FAST = {
    "NIGHTOWL_LEASE_SECONDS": "5",
    "NIGHTOWL_PROVIDER_TIMEOUT_SECONDS": "2",
    "NIGHTOWL_SWEEP_SECONDS": "1",
}


class Sent(msgspec.Struct, frozen=True, kw_only=True):
    """What a load came to: answers by HTTP status (0: no answer), before the final 2xx of each alert."""

    alerts: int
    answers: Counter[int]


async def send_alerts(
    client: ApiClient, *, prefix: str, count: int, per_second: float, severity: str = "critical"
) -> Sent:
    """`count` distinct alerts at a pace; each is sent again every 200 ms until it is accepted."""
    answers: Counter[int] = Counter()

    async def one(number: int) -> None:
        await clock.sleep(number / per_second)
        payload = an_alertmanager_payload(an_alertmanager_alert(f"{prefix}{number}", severity=severity))
        while True:
            status = await _post(client, payload)
            answers[status] += 1
            if status == 200:
                return
            await clock.sleep(0.2)

    await asyncio.gather(*(one(number) for number in range(count)))
    return Sent(alerts=count, answers=answers)


async def _post(client: ApiClient, payload: object) -> int:
    try:
        return (await client.call("POST", "/webhooks/alertmanager", body=payload)).status
    except (aiohttp.ClientError, TimeoutError, OSError):
        return 0


def lose_store(servers: Servers) -> None:
    """Kills the broker, empties its store and starts it again where it was: no stream, no consumer, no message."""
    nats = servers.stack.nats
    nats.kill()
    shutil.rmtree(nats.folder / "jetstream")
    nats.start()


_UNREST = """
SELECT
    (SELECT count(*) FROM public.timers WHERE due_at <= public.clock_now() + interval '1 minute') AS timers,
    (SELECT count(*) FROM public.outbox) AS bundles,
    (SELECT count(*) FROM public.ingest_spool) AS spooled,
    (SELECT count(*) FROM deliveries WHERE status IN ('queued', 'sending')) AS pages
"""


async def until_rest(database: Database, bus: Bus, tenant: str, *, seconds: float = REST_SECONDS) -> None:
    """Waits until everything accepted is committed and every page is settled.

    Raises:
        AssertionError: not within the time; says what is left.
    """
    deadline = clock.monotonic_seconds() + seconds
    while True:
        left = await _left(database, bus, tenant)
        if not left:
            return
        assert clock.monotonic_seconds() < deadline, f"no rest within {seconds} s: {left}"
        await clock.sleep(0.1)


async def _left(database: Database, bus: Bus, tenant: str) -> dict[str, int]:
    try:
        lag = await bus.lag(ENRICHMENT)
    except BusUnavailableError:
        return {"bus": 1}
    async with database.tenant_tx(tenant) as tx:
        row = await tx.fetchrow(_UNREST)
    counts = {"lag": lag or 0, **dict(row or {})}
    return {name: count for name, count in counts.items() if count}


async def pages_per_alert(
    database: Database, tenant: str, slack: FakeSlack, twilio: FakeTwilio, *, prefix: str
) -> Counter[str]:
    """How often people received each alert: by the delivery id that travelled with the message."""
    async with database.tenant_tx(tenant) as tx:
        rows = await tx.fetch(
            "SELECT d.id, a.title FROM deliveries AS d JOIN alerts AS a ON a.id = d.alert_id WHERE a.title LIKE $1 || '%'",
            prefix,
        )
    titles: dict[UUID, str] = {row["id"]: row["title"] for row in rows}
    return Counter(
        titles[each.delivery_id]
        for each in [*slack.received, *twilio.received]
        if each.delivery_id is not None and each.delivery_id in titles
    )

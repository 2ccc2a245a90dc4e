"""What became of pages, by channel and provider."""

from datetime import timedelta
from uuid import UUID

import pytest
from httpx import AsyncClient

from nightowl_common.db import Database
from nightowl_testkit.clock import DbClock

from .conftest import Fire

pytestmark = pytest.mark.integration

PATH = "/api/v1/deliveries/summary"


async def page(  # a column each
    database: Database, tenant: str, alert_id: UUID, *, status: str, outcomes: tuple[str, ...] = (),
    seconds: float | None = None, channel: str = "sms", step: int = 0, age: str = "10 minutes",
) -> None:  # fmt: skip
    """A page made so long ago, with what each attempt at twilio came to, a minute apart."""
    async with database.tenant_tx(tenant) as tx:
        delivery_id = await tx.fetchval(
            """INSERT INTO deliveries (id, alert_id, episode, cycle, step, recipient, channel, address,
                escalation_version, status, reason, attempts, provider, created_at, not_before, sent_at)
            VALUES (uuidv7(), $1, 1, 0, $2, 'user:1', $3, 'x', 0, $4, 'refused', $5, $6,
                public.clock_now() - $8::text::interval, public.clock_now() - $8::text::interval,
                public.clock_now() - $8::text::interval + make_interval(secs => $7))
            RETURNING id""",
            alert_id, step, channel, status, len(outcomes), "twilio" if outcomes else None, seconds, age,
        )  # fmt: skip
        for token, outcome in enumerate(outcomes):
            await tx.execute(
                """INSERT INTO delivery_attempts (delivery_id, token, outcome, provider, reason, finished_at)
                VALUES ($1, $2, $3, 'twilio', $4, public.clock_now() - $5::text::interval + make_interval(mins => $2))""",
                delivery_id, token, outcome, f"reason {token}", age,
            )  # fmt: skip


async def test_pages_are_summed_up(client: AsyncClient, fire: Fire, database: Database, tenant: str) -> None:
    """Each counts once; times are the middle and the slow end; what waits and should be out is late."""
    alert_id = await fire("disk")
    await page(database, tenant, alert_id, status="sent", outcomes=("sent",), seconds=1, step=0)
    await page(database, tenant, alert_id, status="delivered", outcomes=("failed", "sent"), seconds=3, step=1)
    await page(database, tenant, alert_id, status="superseded", step=2)
    await page(database, tenant, alert_id, status="queued", step=3)
    await page(database, tenant, alert_id, status="sent", outcomes=("sent",), seconds=1, step=4, age="2 days")

    told = (await client.get(PATH)).json()

    twilio, nobody = told["items"]
    assert (told["is_exact"], twilio["provider"], nobody["provider"]) == (True, "twilio", None)
    counts = {name: twilio[name] for name in ("waiting", "sent", "delivered", "failed", "retried", "tries", "taken")}
    assert counts == {"waiting": 0, "sent": 1, "delivered": 1, "failed": 0, "retried": 1, "tries": 3, "taken": 2}
    assert (twilio["p50_seconds"], twilio["p95_seconds"]) == (pytest.approx(2), pytest.approx(2.9))
    assert (twilio["refused_since"], twilio["refusal"]) == (None, None)
    assert (nobody["superseded"], nobody["waiting"], nobody["late"], nobody["p50_seconds"]) == (1, 1, 1, None)


async def test_a_provider_that_refuses_is_told_with_since_when_and_why(
    client: AsyncClient, fire: Fire, database: Database, tenant: str, db_clock: DbClock
) -> None:
    """From the first refusal after it took something last; the newest reason."""
    alert_id = await fire("disk")
    await page(database, tenant, alert_id, status="failed", outcomes=("sent", "failed", "failed"))

    [told] = (await client.get(PATH)).json()["items"]

    assert (told["failed"], told["tries"], told["taken"], told["refusal"]) == (1, 3, 1, "reason 2")
    ago = await db_clock.now() - timedelta(minutes=9)
    assert abs((ago.fromisoformat(told["refused_since"]) - ago).total_seconds()) < 60


async def test_a_span_has_an_end_and_a_longest(
    client: AsyncClient, fire: Fire, database: Database, tenant: str
) -> None:
    """Seven days; what was made outside is left out."""
    await page(database, tenant, await fire("disk"), status="sent", outcomes=("sent",), seconds=1, age="3 days")

    assert (await client.get(PATH)).json()["items"] == []
    long = await client.get(PATH, params={"from": "2026-01-01T00:00:00Z", "to": "2026-01-08T00:00:01Z"})
    assert (long.status_code, long.json()["errors"][0]["field"]) == (422, "to")

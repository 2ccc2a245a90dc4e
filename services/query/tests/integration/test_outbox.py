"""What would have been sent, what could not be read, and the page that shows it."""

from collections.abc import Awaitable, Callable
from uuid import UUID, uuid4

import pytest
from httpx import AsyncClient

from nightowl_common.db import Database

pytestmark = pytest.mark.integration

Fire = Callable[..., Awaitable[UUID]]


async def write_page(database: Database, tenant: str, alert_id: UUID, text: str) -> None:
    async with database.tenant_tx(tenant) as tx:
        await tx.execute(
            "INSERT INTO local_outbox (delivery_id, alert_id, channel, recipient, address, body) VALUES ($1, $2, 'sms', 'channel:x', '+491', $3)",
            uuid4(), alert_id, {"text": text},
        )  # fmt: skip


async def test_unsent_pages_are_listed(client: AsyncClient, fire: Fire, database: Database, tenant: str) -> None:
    """Newest first, with the alert they are about; also of one alert alone."""
    disk, memory = await fire("disk"), await fire("memory", severity="major")
    await write_page(database, tenant, disk, "[CRITICAL] disk")
    await write_page(database, tenant, memory, "[MAJOR] memory")

    everything = (await client.get("/api/v1/outbox")).json()
    one = (await client.get(f"/api/v1/outbox?alert_id={disk}")).json()

    assert [each["body"]["text"] for each in everything["items"]] == ["[MAJOR] memory", "[CRITICAL] disk"]
    assert (one["total"], one["items"]) == (1, everything["items"][1:])
    assert one["items"][0]["alert_title"] == "disk"


async def test_the_page_shows_alerts_and_pages(
    client: AsyncClient, fire: Fire, database: Database, tenant: str
) -> None:
    """One look says what is open and who would have been told; a sender's markup stays text."""
    alert_id = await fire("<b>disk</b>")
    await write_page(database, tenant, alert_id, "[CRITICAL] <b>disk</b>")

    answer = await client.get("/outbox")

    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    assert answer.text.count("&lt;b&gt;disk&lt;/b&gt;") == 2
    assert "<b>" not in answer.text


async def test_without_a_front_end_the_outbox_is_the_start_page(anonymous: AsyncClient) -> None:
    """As in the installation of these tests."""
    answer = await anonymous.get("/")

    assert (answer.status_code, answer.headers["location"]) == (302, "/outbox")


async def test_rejected_alerts_are_listed(client: AsyncClient, database: Database, tenant: str) -> None:
    """Each with the field and the reason."""
    async with database.tenant_tx(tenant) as tx:
        await tx.execute(
            "INSERT INTO rejected_payloads (receipt_id, item, source, field, reason, raw, received_at) VALUES ($1, 3, 'generic', '$.alerts[3].title', 'missing', '{}', now())",
            uuid4(),
        )  # fmt: skip

    [rejected] = (await client.get("/api/v1/rejected-payloads")).json()["items"]

    assert (rejected["item"], rejected["field"], rejected["reason"]) == (3, "$.alerts[3].title", "missing")

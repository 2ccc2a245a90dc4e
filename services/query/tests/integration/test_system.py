"""Status, version, health and the documents."""

from importlib.metadata import version
from uuid import UUID

import pytest
from httpx import AsyncClient

from nightowl_common.bus import Bus, Message
from nightowl_common.db import Database
from nightowl_common.ids import new_id
from nightowl_contracts import subjects
from nightowl_contracts.topology import INGEST

pytestmark = pytest.mark.integration


async def test_status_tells_what_is_known(client: AsyncClient, bus: Bus, tenant: str) -> None:
    """Connections, queues and the tenant's last receipt; nothing received reads as null."""
    before = (await client.get("/api/v1/status")).json()
    await bus.publish(Message(stream=INGEST.name, subject=subjects.ingest(tenant), id=f"{tenant}:status", body=b"{}"))
    after = (await client.get("/api/v1/status")).json()

    assert before["last_alert_received_at"] is None
    assert after["last_alert_received_at"] is not None
    assert (after["is_bus_connected"], after["is_cache_up"]) == (True, True)
    assert after["database_latency_ms"] > 0
    assert after["enrichment_lag"] >= 1
    assert after["uptime_seconds"] >= 0
    assert after["version"] == version("nightowl-query")


async def test_status_tells_of_the_canary(client: AsyncClient, database: Database) -> None:
    """Null without one; with one, how old it is, from its installation until it has come through."""
    without = (await client.get("/api/v1/status")).json()["canary"]
    async with database.global_tx() as tx:
        await tx.execute("INSERT INTO public.canary (started_at) VALUES (public.clock_now() - interval '10 minutes')")
    try:
        silent = (await client.get("/api/v1/status")).json()["canary"]
        async with database.global_tx() as tx:
            await tx.execute("UPDATE public.canary SET arrived_at = public.clock_now(), round_trip_seconds = 0.5")
        sung = (await client.get("/api/v1/status")).json()["canary"]
    finally:
        async with database.global_tx() as tx:
            await tx.execute("DELETE FROM public.canary")

    assert without is None
    assert silent["age_seconds"] >= 600
    assert (silent["last_arrived_at"], silent["round_trip_seconds"]) == (None, None)
    assert sung["age_seconds"] < 600
    assert sung["last_arrived_at"] is not None
    assert sung["round_trip_seconds"] == 0.5


async def test_who_was_never_tried_stands_first(
    manager: AsyncClient, client: AsyncClient, database: Database, tenant: str, people: dict[str, UUID]
) -> None:
    """Each active person once, with the newest test page; for managers."""
    async with database.tenant_tx(tenant) as tx:
        for minutes, status in ((50, "failed"), (5, "sent")):
            await tx.execute(
                "INSERT INTO test_pages (user_id, contact_method_id, channel, address, asked_by, status, created_at, "
                "settled_at) VALUES ($1, $2, 'sms', '+491', '{}', $3, public.clock_now() - make_interval(mins => $4), "
                "public.clock_now())",
                people["Bob"], new_id(), status, minutes,
            )  # fmt: skip

    told = (await manager.get("/api/v1/status/test-pages")).json()

    assert [(each["person"]["display_name"], each["status"]) for each in told["items"]] == [
        ("Ada", None), ("Cid", None), ("Dee", None), ("Bob", "sent"),
    ]  # fmt: skip
    assert told["total"] == 4
    assert (await client.get("/api/v1/status/test-pages")).status_code == 403


async def test_health_needs_no_key(anonymous: AsyncClient) -> None:
    """Probes and scrapers have none."""
    assert (await anonymous.get("/healthz")).json()["status"] == "ok"
    assert (await anonymous.get("/readyz")).json()["status"] == "ready"
    assert "nightowl_api_request_duration_seconds" in (await anonymous.get("/metrics")).text


async def test_the_documents_are_served_from_here(anonymous: AsyncClient) -> None:
    """Both forms, and a page whose every part comes from this origin under a policy that says so."""
    as_json = await anonymous.get("/api/docs/openapi.json")
    as_yaml = await anonymous.get("/api/docs/openapi.yaml")
    page = await anonymous.get("/api/docs")

    assert as_json.json()["openapi"].startswith("3.1")
    assert as_yaml.text.startswith("openapi: 3.1")
    assert "/api/v1/webhooks/generic" in as_json.json()["paths"]
    assert page.headers["content-security-policy"].startswith("default-src 'none'; script-src 'self'")
    assert "http://" not in page.text
    assert "https://" not in page.text


@pytest.mark.parametrize(
    ("asset", "kind"),
    [
        ("assets/swagger-ui.css", "text/css"),
        ("assets/swagger-ui-bundle.js", "text/javascript"),
        ("start.js", "text/javascript"),
    ],
)
async def test_swagger_ui_is_complete(anonymous: AsyncClient, asset: str, kind: str) -> None:
    """Each file that the page asks for is there, with its type."""
    answer = await anonymous.get(f"/api/docs/{asset}")

    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith(kind)


async def test_assets_end_at_their_folder(anonymous: AsyncClient) -> None:
    """No way out by dots."""
    answer = await anonymous.get("/api/docs/assets/%2e%2e/%2e%2e/__init__.py")

    assert answer.status_code == 404

"""A list remembers alerts, and shows what is there: whoever changed it, whatever belongs to a row, and to nobody else."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
import pytest_asyncio
from httpx import AsyncClient

from nightowl_common.db import Database, Tx
from nightowl_query.api import alerts as api
from nightowl_testkit.servers import Servers, make_tenant

pytestmark = pytest.mark.integration

Fire = Callable[..., Awaitable[UUID]]
ClientOf = Callable[..., Awaitable[AsyncClient]]

_WHOLE = """
WITH service AS (INSERT INTO services (name) VALUES ('payments') RETURNING id),
    grouped AS (INSERT INTO alert_groups (id, name, key, pages) VALUES (uuidv7(), 'by cluster', '{}', 'each') RETURNING id),
    person AS (INSERT INTO users (email, display_name) VALUES ('ada@x.test', 'Ada') RETURNING id),
    runbook AS (INSERT INTO runbooks (title) VALUES ('Clean up') RETURNING id),
    incident AS (
        INSERT INTO incidents (title, severity, runbook_id) SELECT 'Disk', 'major', id FROM runbook RETURNING id
    ),
    timer AS (
        INSERT INTO public.timers (kind, ref, tenant, due_at) VALUES ('escalation', $1, $2, now() + interval '1 hour')
    )
UPDATE alerts SET service_id = service.id, group_id = grouped.id, assignee_id = person.id, matched_incident_id = incident.id,
    match_kind = 'text', match_score = 0.5, escalation_state = 'pending', first_fired_at = first_fired_at
FROM service, grouped, person, incident WHERE alerts.id = $1
"""

CHANGES = {
    "the alert": "UPDATE alerts SET title = 'Other'",
    "its service": "UPDATE services SET name = 'billing'",
    "its group": "UPDATE alert_groups SET name = 'by pod'",
    "who has it": "UPDATE users SET display_name = 'Ada L.'",
    "what is known": "UPDATE incidents SET helped_count = helped_count + 1",
    "its runbook": "UPDATE runbooks SET title = 'Clean up well'",
    "no runbook": "DELETE FROM runbooks",
    "when it is due": "UPDATE public.timers SET due_at = due_at + interval '1 minute' WHERE tenant = $1",
    "nothing due": "DELETE FROM public.timers WHERE tenant = $1",
}


@pytest_asyncio.fixture(loop_scope="session")
async def alert_id(fire: Fire, database: Database, tenant: str) -> UUID:
    """An alert with everything that a row can have."""
    made = await fire()
    async with database.tenant_tx(tenant) as tx:
        await tx.execute(_WHOLE, made, tenant)
    return made


async def listed(client: AsyncClient, query: str = "") -> list[dict[str, Any]]:
    answer = await client.get(f"/api/v1/alerts{query}")
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def read_by_itself(client: AsyncClient, alert_id: UUID) -> dict[str, Any]:
    """As the alert's own page reads it, which nothing is remembered for."""
    detail: dict[str, Any] = (await client.get(f"/api/v1/alerts/{alert_id}")).json()
    return {name: value for name, value in detail.items() if name not in {"recent_episodes", "is_flapping"}}


async def _change(tx: Tx, statement: str, tenant: str) -> None:
    assert await tx.execute(statement, *([tenant] if "$1" in statement else [])) in {"UPDATE 1", "DELETE 1"}


@pytest.mark.parametrize("query", ["", "?sort=urgent", "?status=firing"])
@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
async def test_whatever_changes_shows_at_once(
    client: AsyncClient, database: Database, tenant: str, alert_id: UUID, change: str, query: str
) -> None:
    """Over another connection, past every code of the service; until it is committed the old is shown."""
    before = await listed(client, query)
    assert before == [await read_by_itself(client, alert_id)]
    async with database.tenant_tx(tenant) as tx:
        await _change(tx, change, tenant)
        assert await listed(client, query) == before
    after = await listed(client, query)

    assert after == [await read_by_itself(client, alert_id)]
    assert after != before


async def test_what_was_taken_back_is_not_shown(
    client: AsyncClient, database: Database, tenant: str, alert_id: UUID
) -> None:
    """A change that was rolled back, and one that is made after it."""

    async def give_up() -> None:
        async with database.tenant_tx(tenant) as tx:
            await _change(tx, CHANGES["the alert"], tenant)
            raise LookupError

    before = await listed(client)
    with pytest.raises(LookupError):
        await give_up()
    assert await listed(client) == before
    async with database.tenant_tx(tenant) as tx:
        await _change(tx, "UPDATE alerts SET title = 'Another'", tenant)

    assert [each["title"] for each in await listed(client)] == ["Another"]


async def test_rows_that_did_not_change_are_not_read_again(
    client: AsyncClient, database: Database, tenant: str, fire: Fire, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By no list of the tenant, and for no caller; tables get the same."""
    asked: list[list[UUID]] = []
    load = api.store.load_alerts

    async def loading(tx: Tx, alert_ids: list[UUID]) -> Any:
        asked.append(alert_ids)
        return await load(tx, alert_ids)

    monkeypatch.setattr("nightowl_query.store.shown.load_alerts", loading)
    first, second = await fire("first"), await fire("second")
    shown = await listed(client)
    assert await listed(client, "?sort=urgent") == await listed(client, "?status=firing") == shown
    table = await client.get("/api/v1/alerts", headers={"Accept": "text/csv"})
    assert [line.split(",")[0] for line in table.text.splitlines()[1:]] == [str(second), str(first)]
    async with database.tenant_tx(tenant) as tx:
        await tx.execute("UPDATE alerts SET title = 'changed' WHERE id = $1", first)
    assert [each["title"] for each in await listed(client)] == ["second", "changed"]

    assert asked == [[second, first], [first]]


async def test_the_same_id_in_the_same_commit_is_each_tenants_own(
    client: AsyncClient, client_of: ClientOf, servers: Servers, database: Database, tenant: str, fire: Fire
) -> None:
    """Which gives both rows one version."""
    other = await make_tenant(servers, f"t_{uuid4().hex[:12]}")
    theirs = await client_of(other, "readonly")
    alert_id = await fire("ours")
    async with database.global_tx() as tx:
        await tx.execute(
            f"INSERT INTO tenant_{other}.alerts (id, fingerprint, episode, status, severity, source, title,"
            " first_fired_at, last_fired_at, escalation_state, escalation_reason)"
            " SELECT id, fingerprint, episode, status, severity, source, 'theirs', first_fired_at, last_fired_at,"
            f" escalation_state, escalation_reason FROM tenant_{tenant}.alerts WHERE id = $1",
            alert_id,
        )
        await tx.execute(f"UPDATE tenant_{tenant}.alerts SET title = 'ours too' WHERE id = $1", alert_id)

    for _ in range(2):
        assert [each["title"] for each in await listed(client)] == ["ours too"]
        assert [each["title"] for each in await listed(theirs)] == ["theirs"]


async def test_what_is_remembered_opens_no_door(client: AsyncClient, anonymous: AsyncClient, alert_id: UUID) -> None:
    """Who may not ask is refused before anything is looked up."""
    assert [each["id"] for each in await listed(client)] == [str(alert_id)]

    assert (await anonymous.get("/api/v1/alerts")).status_code == 401

"""Groups over the API, and what the alert list tells of mutes and groups."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
import pytest_asyncio
from httpx import AsyncClient

from nightowl_alerting import groups, lifecycle, mutes, obligations
from nightowl_alerting import store as kernel
from nightowl_alerting.model import Route
from nightowl_alerting.noise import store as noise
from nightowl_alerting.transitions import Received
from nightowl_common import clock
from nightowl_common.db import Database
from nightowl_common.ids import new_id
from nightowl_common.outbox import Outbox
from nightowl_contracts import ReceivedAlert

pytestmark = pytest.mark.integration

ClientOf = Callable[..., Awaitable[AsyncClient]]
Json = dict[str, Any]
Open = Callable[..., Awaitable[UUID]]


@pytest_asyncio.fixture(loop_scope="session")
async def rule_id(client_of: ClientOf, tenant: str) -> str:
    """A rule that groups by cluster."""
    manager = await client_of(tenant, "manager")
    made = await manager.post("/api/v1/grouping-rules", json={"name": "by cluster", "group_by": ["cluster"]})
    return str(made.json()["id"])


@pytest.fixture
def open_alert(outbox: Outbox, tenant: str, rule_id: str, policy: Route) -> Open:
    """Receives an alert as enrichment does, with the tenant's grouping rules; returns its id."""

    async def receive(title: str, cluster: str = "c1", *, severity: str = "critical") -> UUID:
        alert = ReceivedAlert(
            index=0, fingerprint=title, status="firing", severity=severity, title=title, labels={"cluster": cluster},  # type: ignore[arg-type]
        )  # fmt: skip
        received = Received(alert=alert, source="generic", receipt_id=new_id(), new_id=new_id(), at=clock.utc_now())
        async with outbox.tenant_tx(tenant) as tx:
            rules = await noise.load_grouping_rules(tx)

            async def annotate(changes):
                return await groups.join(tx, changes, rules, now=await tx.now())

            [(_, alert_id)] = await lifecycle.receive(tx, tenant, [received], route=lambda _: policy, annotate=annotate)
        assert alert_id is not None
        return alert_id

    return receive


async def judge(outbox: Outbox, tenant: str, alert_id: UUID) -> mutes.Verdict:
    """As the timer worker does when the tier is due; what may page leads its group."""
    async with outbox.tenant_tx(tenant) as tx:
        alert = await kernel.lock_alert(tx, alert_id)
        assert alert is not None
        now = await tx.now()
        verdict = await mutes.judge(tx, alert, await noise.load_mute_rules(tx), now=now)
        if isinstance(verdict, mutes.Muted):
            await obligations.mute(tx, tenant, alert, verdict.by, due_at=verdict.due_at, now=now)
        return verdict


async def finished(client: AsyncClient, job: Json) -> Json:
    async with asyncio.timeout(20):
        while job["finished_at"] is None:
            await asyncio.sleep(0.05)
            job = (await client.get(f"/api/v1/alerts/bulk/{job['id']}")).json()
    return job


async def timers_of(database: Database, tenant: str) -> int:
    async with database.global_tx() as tx:
        count: int = await tx.fetchval(
            "SELECT count(*) FROM public.timers WHERE tenant = $1 AND kind = 'escalation'", tenant
        )
    return count


async def only_group(client: AsyncClient, query: str = "") -> Json:
    [group] = (await client.get(f"/api/v1/groups{query}")).json()["items"]
    return group


async def test_a_group_tells_how_its_alerts_stand(
    client: AsyncClient, open_alert: Open, outbox: Outbox, tenant: str, rule_id: str
) -> None:
    """Counts by status, the highest open severity, the key, and the one that pages."""
    lead = await open_alert("api down", severity="major")
    await open_alert("web down", severity="warning")
    over = await open_alert("db down", severity="critical")
    await client.patch(f"/api/v1/alerts/{over}/resolve")
    await judge(outbox, tenant, lead)

    group = await only_group(client)

    assert group["counts"] == {"firing": 2, "acknowledged": 0, "investigating": 0, "resolved": 1}
    assert (group["severity"], group["is_open"], group["key"]) == ("major", True, {"cluster": "c1"})
    assert (group["name"], group["rule_id"], group["pages"]) == ("by cluster", rule_id, "first")
    assert group["lead"] == {
        "id": str(lead), "title": "api down", "severity": "major", "status": "firing", "escalation_state": "pending"
    }  # fmt: skip
    assert (await client.get(f"/api/v1/groups/{group['id']}")).json() == group


async def test_groups_are_filtered_and_paged(client: AsyncClient, open_alert: Open, rule_id: str) -> None:
    """Open is what has an open alert, whether the group still takes some or not; newest first."""
    over = await open_alert("a", "c1")
    await open_alert("b", "c2")
    await open_alert("c", "c3")
    await client.patch(f"/api/v1/alerts/{over}/resolve")

    async def clusters(query: str) -> list[str]:
        answer = await client.get(f"/api/v1/groups{query}")
        assert answer.status_code == 200, answer.text
        return [each["key"]["cluster"] for each in answer.json()["items"]]

    assert await clusters("") == ["c3", "c2", "c1"]
    assert await clusters("?state=open") == ["c3", "c2"]
    assert await clusters("?state=closed") == ["c1"]
    assert await clusters(f"?rule={rule_id}&state=closed") == ["c1"]
    assert await clusters(f"?rule={uuid4()}") == []
    first = (await client.get("/api/v1/groups?limit=2")).json()
    assert (first["total"], await clusters(f"?limit=2&cursor={first['next_cursor']}")) == (3, ["c1"])
    assert (await only_group(client, "?state=closed"))["severity"] == "critical"
    assert (await client.get("/api/v1/groups?state=ajar")).status_code == 422
    table = await client.get("/api/v1/groups", headers={"Accept": "text/csv"})
    assert len(table.text.strip().splitlines()) == 4


async def test_the_alerts_of_a_group_are_listed_in_pages(client: AsyncClient, open_alert: Open) -> None:
    """Newest first, and no others; the alert list takes the same filter."""
    ids = [str(await open_alert(title)) for title in ("a", "b", "c")]
    await open_alert("elsewhere", "c2")
    group = (await client.get(f"/api/v1/alerts/{ids[0]}")).json()["group"]
    path = f"/api/v1/groups/{group['id']}/alerts"

    first = (await client.get(f"{path}?limit=2")).json()
    second = (await client.get(f"{path}?limit=2&cursor={first['next_cursor']}")).json()
    filtered = (await client.get(f"/api/v1/alerts?group={group['id']}&sort=urgent")).json()

    assert group["name"] == "by cluster"
    assert [each["id"] for each in [*first["items"], *second["items"]]] == ids[::-1]
    assert (first["total"], second["next_cursor"]) == (3, None)
    assert {each["id"] for each in filtered["items"]} == set(ids)
    assert (await client.get(f"/api/v1/alerts?group={group['id']}&group={uuid4()}")).json()["total"] == 3


async def test_acknowledging_a_group_stops_the_escalation_of_all(
    client: AsyncClient, open_alert: Open, outbox: Outbox, database: Database, tenant: str
) -> None:
    """The one that pages and those that it muted; what is over stays over, and other groups go on."""
    members = [await open_alert(title) for title in ("a", "b", "c")]
    over = await open_alert("d")
    other = await open_alert("e", "c2")
    await client.patch(f"/api/v1/alerts/{over}/resolve")
    for each in members:
        await judge(outbox, tenant, each)
    assert (await client.get("/api/v1/alerts?muted=true")).json()["total"] == 2
    group_id = (await client.get(f"/api/v1/alerts/{members[0]}")).json()["group"]["id"]

    answer = await client.patch(f"/api/v1/groups/{group_id}/acknowledge")
    job = await finished(client, answer.json())
    again = await finished(client, (await client.patch(f"/api/v1/groups/{group_id}/acknowledge")).json())

    assert (answer.status_code, job["total"], job["done"], job["failed"]) == (202, 3, 3, 0)
    assert (again["done"], again["failed"]) == (3, 0)
    assert await timers_of(database, tenant) == 1
    group = (await client.get(f"/api/v1/groups/{group_id}")).json()
    assert group["counts"] == {"firing": 0, "acknowledged": 3, "investigating": 0, "resolved": 1}
    assert (await client.get(f"/api/v1/alerts/{other}")).json()["status"] == "firing"
    assert (await client.get("/api/v1/alerts?muted=true")).json()["total"] == 0


async def test_resolving_a_group_ends_it_and_pages_nobody_meanwhile(
    client: AsyncClient, open_alert: Open, outbox: Outbox, database: Database, tenant: str
) -> None:
    """The lead is the last one: as long as it is open, it keeps the others quiet."""
    members = [await open_alert(title) for title in ("a", "b", "c")]
    for each in members:
        await judge(outbox, tenant, each)
    group_id = (await client.get(f"/api/v1/alerts/{members[0]}")).json()["group"]["id"]

    answer = await client.patch(f"/api/v1/groups/{group_id}/resolve", json={"resolution": "rebooted the cluster"})
    await finished(client, answer.json())

    alerts = (await client.get(f"/api/v1/groups/{group_id}/alerts")).json()["items"]
    assert [each["resolution"] for each in alerts] == ["rebooted the cluster"] * 3
    last = max(alerts, key=lambda each: each["resolved_at"])
    assert last["id"] == str(members[0])
    assert await timers_of(database, tenant) == 0
    group = (await client.get(f"/api/v1/groups/{group_id}")).json()
    assert (group["is_open"], group["severity"]) == (False, "critical")
    nothing_left = (await client.patch(f"/api/v1/groups/{group_id}/resolve")).json()
    assert (nothing_left["total"], nothing_left["finished_at"] is None) == (0, False)


async def test_who_may_act_on_groups(client: AsyncClient, client_of: ClientOf, open_alert: Open, tenant: str) -> None:
    """Everybody reads, engineers act, and what is not there is told."""
    await open_alert("a")
    reader = await client_of(tenant, "readonly")
    path = f"/api/v1/groups/{(await only_group(reader))['id']}"

    for action in ("acknowledge", "resolve"):
        assert (await reader.patch(f"{path}/{action}")).status_code == 403
        missing = await client.patch(f"/api/v1/groups/{uuid4()}/{action}")
        assert (missing.status_code, missing.json()["code"]) == (404, "group_not_found")
    for each in ("", "/alerts"):
        assert (await reader.get(f"{path}{each}")).status_code == 200
        assert (await reader.get(f"/api/v1/groups/{uuid4()}{each}")).status_code == 404


async def test_an_alert_tells_what_mutes_it_and_until_when(
    client: AsyncClient, open_alert: Open, outbox: Outbox, tenant: str
) -> None:
    """The lead by its id; `next_escalation_at` is when it is judged again. The list can ask for either kind."""
    lead, other = await open_alert("a"), await open_alert("b")
    await judge(outbox, tenant, lead)
    await judge(outbox, tenant, other)

    muted = (await client.get(f"/api/v1/alerts/{other}")).json()

    assert muted["escalation_state"] == "muted"
    assert muted["muted_by"] == {
        "kind": "group", "id": muted["group"]["id"], "name": "by cluster", "until": None, "alert_id": str(lead)
    }  # fmt: skip
    assert muted["next_escalation_at"] is not None
    assert muted["pages_from"] == "major"
    for query, wanted in (("muted=true", [other]), ("muted=false", [lead]), ("muted=true&status=firing", [other])):
        found = (await client.get(f"/api/v1/alerts?{query}")).json()
        assert ([each["id"] for each in found["items"]], found["total"]) == ([str(each) for each in wanted], 1)
    job = await client.post("/api/v1/alerts/bulk", json={"action": "acknowledge", "filter": {"muted": True}})
    assert (await finished(client, job.json()))["total"] == 1
    assert (await client.get(f"/api/v1/alerts/{other}")).json()["muted_by"] is None

"""Did this help? What those who had an alert say of what was known for it."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
import pytest_asyncio
from httpx import AsyncClient

from nightowl_common.db import Database

pytestmark = pytest.mark.integration

Fire = Callable[..., Awaitable[UUID]]
ClientOf = Callable[..., Awaitable[AsyncClient]]
PersonClientOf = Callable[[UUID, str], Awaitable[AsyncClient]]


@pytest_asyncio.fixture(loop_scope="session")
async def ada(person_client: PersonClientOf, people: dict[str, UUID]) -> AsyncClient:
    return await person_client(people["Ada"], "engineer")


@pytest_asyncio.fixture(loop_scope="session")
async def bob(person_client: PersonClientOf, people: dict[str, UUID]) -> AsyncClient:
    return await person_client(people["Bob"], "engineer")


@pytest.fixture
async def known(client: AsyncClient, fire: Fire) -> tuple[UUID, str]:
    """An alert, and the id of the incident that was written from it."""
    alert_id = await fire("Disk full", fingerprint="fp-1")
    return alert_id, (await client.post(f"/api/v1/alerts/{alert_id}/promote")).json()["id"]


async def say(who: AsyncClient, alert_id: UUID, word: str, reason: str | None = None) -> dict[str, Any]:
    answer = await who.put(f"/api/v1/alerts/{alert_id}/vote", json={"helped": word == "yes", "reason": reason})
    assert answer.status_code == 200, answer.text
    return answer.json()


async def take_back(who: AsyncClient, alert_id: UUID) -> None:
    assert (await who.delete(f"/api/v1/alerts/{alert_id}/vote")).status_code == 204


async def counts(client: AsyncClient, incident_id: str) -> tuple[int, int]:
    told = (await client.get(f"/api/v1/incidents/{incident_id}")).json()
    return told["helped_count"], told["unhelpful_count"]


async def timeline(client: AsyncClient, alert_id: UUID) -> list[dict[str, Any]]:
    entries = (await client.get(f"/api/v1/alerts/{alert_id}/timeline")).json()["items"]
    return [each for each in entries if each["kind"].startswith("vote")]


async def test_each_has_one_vote_which_can_be_changed_and_taken_back(
    client: AsyncClient, ada: AsyncClient, bob: AsyncClient, people: dict[str, UUID], known: tuple[UUID, str]
) -> None:
    """The counts follow on the incident and on the alert; the revision stays, for it is no content."""
    alert_id, incident_id = known
    first = await say(ada, alert_id, "yes")
    assert await say(ada, alert_id, "yes") == first
    await say(bob, alert_id, "no", "the slot was gone")
    assert await counts(client, incident_id) == (1, 1)

    await say(ada, alert_id, "no", "wrong cluster")
    seen = (await ada.get(f"/api/v1/alerts/{alert_id}/votes")).json()

    assert (seen["total"], [each["voter"]["id"] for each in seen["items"]]) == (
        2,
        [str(people["Ada"]), str(people["Bob"])],
    )
    assert (seen["mine"]["helped"], seen["mine"]["reason"]) == (False, "wrong cluster")
    matched = (await client.get(f"/api/v1/alerts/{alert_id}")).json()["matched_incident"]
    assert (matched["helped_count"], matched["unhelpful_count"]) == (0, 2)
    await take_back(ada, alert_id)
    await take_back(ada, alert_id)
    assert await counts(client, incident_id) == (0, 1)
    told = (await ada.get(f"/api/v1/alerts/{alert_id}/votes")).json()
    assert (told["mine"], told["total"]) == (None, 1)
    assert (await client.get(f"/api/v1/incidents/{incident_id}")).json()["revision"] == 1


async def test_votes_are_on_the_timeline_and_in_the_audit_log(
    client: AsyncClient,
    ada: AsyncClient,
    people: dict[str, UUID],
    known: tuple[UUID, str],
    database: Database,
    tenant: str,
) -> None:
    """Each change once, with the word why; what changes nothing is not told."""
    alert_id, incident_id = known

    await say(ada, alert_id, "yes")
    await say(ada, alert_id, "yes")
    await say(ada, alert_id, "no", "no such slot")
    await take_back(ada, alert_id)

    told = await timeline(client, alert_id)
    assert [each["kind"] for each in told] == ["voted", "voted", "vote_withdrawn"]
    assert told[1]["actor"]["id"] == str(people["Ada"])
    assert told[1]["evidence"] == {
        "incident_id": incident_id, "title": "Disk full", "helped": False, "reason": "no such slot"
    }  # fmt: skip
    async with database.tenant_tx(tenant) as tx:
        rows = await tx.fetch("SELECT changes FROM audit_log WHERE action = 'voted' AND entity_id = $1", alert_id)
    assert [row["changes"]["helped"] for row in rows] == [[None, True], [True, False], [False, None]]


async def test_only_what_was_known_can_have_helped(
    client: AsyncClient, client_of: ClientOf, tenant: str, fire: Fire, known: tuple[UUID, str]
) -> None:
    """409 for an alert about which nothing is known; a looker-on and a long word are refused."""
    alert_id, _ = known
    unknown = await fire("Never seen")
    reader = await client_of(tenant, "readonly")

    nothing = await client.put(f"/api/v1/alerts/{unknown}/vote", json={"helped": True})
    answers = [
        await reader.put(f"/api/v1/alerts/{alert_id}/vote", json={"helped": True}),
        await reader.delete(f"/api/v1/alerts/{alert_id}/vote"),
        await client.put(f"/api/v1/alerts/{alert_id}/vote", json={"helped": True, "reason": "x" * 201}),
        await client.put(f"/api/v1/alerts/{uuid4()}/vote", json={"helped": True}),
    ]

    assert (nothing.status_code, nothing.json()["code"]) == (409, "nothing_known")
    assert [each.status_code for each in answers] == [403, 403, 422, 404]
    assert (await reader.get(f"/api/v1/alerts/{alert_id}/votes")).json()["items"] == []


async def test_votes_at_once_are_all_counted(
    client: AsyncClient, ada: AsyncClient, bob: AsyncClient, known: tuple[UUID, str], database: Database, tenant: str
) -> None:
    """Whoever changes their mind while others vote: the counts are those of the rows."""
    alert_id, incident_id = known
    minds = [(who, word) for word in ("yes", "no", "yes", "no") for who in (ada, bob, client)]

    await asyncio.gather(*(say(who, alert_id, word) for who, word in minds))

    async with database.tenant_tx(tenant) as tx:
        row = await tx.fetchrow(
            "SELECT count(*) FILTER (WHERE helped) AS yes, count(*) FILTER (WHERE NOT helped) AS no FROM alert_votes"
        )
    assert row is not None
    assert row["yes"] + row["no"] == 3
    assert await counts(client, incident_id) == (row["yes"], row["no"])


async def test_votes_go_along_when_incidents_are_merged(
    client: AsyncClient, manager: AsyncClient, ada: AsyncClient, known: tuple[UUID, str]
) -> None:
    """They count for the one that is left, where they can still be changed; nothing refers to what is gone."""
    alert_id, source = known
    content = {"title": "No space", "severity": "major"}
    target = (await client.post("/api/v1/incidents", json=content)).json()["id"]
    await say(ada, alert_id, "yes")
    await say(client, alert_id, "no")

    merged = await manager.post(f"/api/v1/incidents/{target}/merge", json={"source_id": source})

    assert merged.status_code == 200, merged.text
    assert await counts(client, target) == (1, 1)
    await say(ada, alert_id, "no")
    assert await counts(client, target) == (0, 2)


async def test_a_vote_follows_the_answer_that_it_is_about(
    client: AsyncClient, ada: AsyncClient, known: tuple[UUID, str], database: Database, tenant: str
) -> None:
    """When the alert has got another answer since, a new vote leaves the old one's count and joins the new one's."""
    alert_id, old = known
    new = (await client.post("/api/v1/incidents", json={"title": "No space", "severity": "major"})).json()["id"]
    await say(ada, alert_id, "yes")
    async with database.tenant_tx(tenant) as tx:
        await tx.execute("UPDATE alerts SET matched_incident_id = $1 WHERE id = $2", UUID(new), alert_id)

    told = await say(ada, alert_id, "yes")

    assert told["incident_id"] == new
    assert (await counts(client, old), await counts(client, new)) == ((0, 0), (1, 0))


async def test_an_entry_that_did_not_help_sinks_in_searches(
    client: AsyncClient, ada: AsyncClient, known: tuple[UUID, str], fire: Fire
) -> None:
    """Two that fit the words equally well: the newer one comes first, until somebody says that it did not help."""
    older = (await client.post("/api/v1/incidents", json={"title": "Disk full", "severity": "major"})).json()["id"]
    alert_id = await fire("Disk full", fingerprint="fp-2")
    newer = (await client.post(f"/api/v1/alerts/{alert_id}/promote")).json()["id"]

    async def order() -> list[str]:
        hits = (await client.get("/api/v1/incidents/search?q=disk")).json()["items"]
        return [each["incident"]["id"] for each in hits if each["incident"]["id"] in {older, newer}]

    before = await order()
    await say(ada, alert_id, "no")

    assert (before, await order()) == ([newer, older], [older, newer])

"""The knowledge base over the API."""

from collections.abc import Awaitable, Callable
from uuid import UUID, uuid4

import pytest
from httpx import AsyncClient

from nightowl_common.db import Database

pytestmark = pytest.mark.integration

Fire = Callable[..., Awaitable[UUID]]
ClientOf = Callable[..., Awaitable[AsyncClient]]


async def write(client: AsyncClient, title: str = "Checkout latency", **content: object) -> dict:
    answer = await client.post("/api/v1/incidents", json={"title": title, "severity": "major", **content})
    assert answer.status_code == 201, answer.text
    return answer.json()


@pytest.fixture
async def manager(client_of: ClientOf, tenant: str) -> AsyncClient:
    return await client_of(tenant, "manager")


async def test_an_incident_is_written_read_and_changed(client: AsyncClient, database: Database, tenant: str) -> None:
    """Each change raises the revision, is in the history with before and after, and in the audit log."""
    made = await write(client, fingerprints=["fp-1"], solution="restart")
    content = {"title": "Checkout is slow", "severity": "critical", "fingerprints": ["fp-2"], "solution": "scale out"}

    stale = await client.put(f"/api/v1/incidents/{made['id']}", json=content, headers={"If-Match": '"7"'})
    done = await client.put(f"/api/v1/incidents/{made['id']}", json=content, headers={"If-Match": '"1"'})
    same = await client.put(f"/api/v1/incidents/{made['id']}", json=content)

    assert stale.status_code == 412
    assert (done.status_code, done.headers["etag"]) == (200, '"2"')
    assert same.json() == done.json()
    history = (await client.get(f"/api/v1/incidents/{made['id']}/history")).json()
    assert [each["action"] for each in history["items"]] == ["updated", "created"]
    assert history["items"][0]["diff"]["solution"] == ["restart", "scale out"]
    assert (await client.get("/api/v1/incidents/fingerprint/fp-1")).status_code == 404
    assert (await client.get("/api/v1/incidents/fingerprint/fp-2")).json()["id"] == made["id"]
    async with database.tenant_tx(tenant) as tx:
        rows = await tx.fetch("SELECT action FROM audit_log WHERE entity = 'incident' ORDER BY id")
    assert [row["action"] for row in rows] == ["created", "updated"]


async def test_a_fingerprint_belongs_to_one_incident(client: AsyncClient) -> None:
    """The second one is refused, and told who has it."""
    first = await write(client, fingerprints=["fp"])

    answer = await client.post(
        "/api/v1/incidents", json={"title": "Another", "severity": "info", "fingerprints": ["fp"]}
    )

    assert (answer.status_code, answer.json()["code"]) == (409, "fingerprint_taken")
    assert first["id"] in answer.json()["errors"][0]["reason"]
    assert (await client.get("/api/v1/incidents")).json()["total"] == 1


async def test_an_incident_may_be_as_large_as_its_limits(client: AsyncClient) -> None:
    """What every field allows is not cut off by the size of the body."""
    fingerprints = [f"{number:04}" + 496 * "ü" for number in range(500)]
    texts = dict.fromkeys(("symptoms", "root_cause", "solution"), 20000 * "ü")

    made = await write(client, fingerprints=fingerprints, **texts)

    assert (made["fingerprints"], made["solution"]) == (fingerprints, texts["solution"])


async def test_a_body_is_read_as_what_it_says(client: AsyncClient) -> None:
    """A runbook is no template because of a zero, and the path of the field is told."""
    answer = await client.post("/api/v1/runbooks", json={"title": "Steps", "is_template": 0})

    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "$.is_template")
    assert (await client.get("/api/v1/runbooks")).json()["total"] == 0


@pytest.mark.parametrize("query", ["runbooks?is_template=null", "outbox?alert_id=null", "outbox?alert_id=7"])
async def test_a_filter_that_cannot_be_read_is_never_left_out(client: AsyncClient, query: str) -> None:
    """422 instead of everything."""
    answer = await client.get(f"/api/v1/{query}")

    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")


async def test_lists_are_filtered_and_paged(client: AsyncClient) -> None:
    """Several values of one filter widen, several filters narrow; pages do not overlap."""
    await write(client, "one", tags=["db"], services=["payments"], category="storage")
    await write(client, "two", tags=["net"], severity="critical")
    await write(client, "three", tags=["db", "net"])

    async def titles(query: str) -> list[str]:
        answer = await client.get(f"/api/v1/incidents{query}")
        assert answer.status_code == 200, answer.text
        return [each["title"] for each in answer.json()["items"]]

    assert await titles("?tags=db&tags=net") == ["three", "two", "one"]
    assert await titles("?tags=db&service=payments") == ["one"]
    assert await titles("?severity=critical&severity=info") == ["two"]
    assert await titles("?category=storage") == ["one"]
    assert await titles("?status=archived") == []
    page = (await client.get("/api/v1/incidents?limit=2")).json()
    assert await titles(f"?limit=2&cursor={page['next_cursor']}") == ["one"]


async def test_search_ranks_titles_above_solutions(client: AsyncClient) -> None:
    """The same word weighs more in a title than in symptoms, and more there than in a solution."""
    await write(client, "Slow answers", solution="drop the cache")
    await write(client, "Strange errors", symptoms="the cache is cold")
    await write(client, "Cache stampede")

    found = (await client.get("/api/v1/incidents/search?q=cache")).json()

    assert [each["incident"]["title"] for each in found["items"]] == [
        "Cache stampede", "Strange errors", "Slow answers"
    ]  # fmt: skip
    ranks = [each["rank"] for each in found["items"]]
    assert ranks == sorted(ranks, reverse=True)
    assert len(set(ranks)) == 3


@pytest.mark.parametrize(
    ("asked", "wanted"),
    [
        ('"connection pool"', ["Connection pool exhausted"]),
        ('"pool connection"', []),
        ("connect exhau", ["Connection pool exhausted"]),
        ("pool -exhausted", ["Pool of connections leaks"]),
        ("exhausted or leaks", ["Connection pool exhausted", "Pool of connections leaks"]),
        ("the", []),
        ("<b>'&|!:*\\", []),
    ],
)
async def test_search_knows_phrases_prefixes_and_operators(client: AsyncClient, asked: str, wanted: list[str]) -> None:
    """What people type is read as a web search; nothing that they type is an error."""
    await write(client, "Connection pool exhausted")
    await write(client, "Pool of connections leaks")

    answer = await client.get("/api/v1/incidents/search", params={"q": asked})

    assert answer.status_code == 200, answer.text
    assert sorted(each["incident"]["title"] for each in answer.json()["items"]) == wanted


async def test_highlights_are_text_and_offsets(client: AsyncClient) -> None:
    """Markup in a text stays text, and the spans cut out the words that were found."""
    await write(client, "<script>alert(1)</script> \ue000cache\ue001 misses", solution="Flush the caches 🦉 and wait.")

    [hit] = (await client.get("/api/v1/incidents/search?q=cache")).json()["items"]

    found = {
        each["field"]: [each["text"][span["start"] : span["end"]] for span in each["spans"]]
        for each in hit["highlights"]
    }
    assert found == {"title": ["cache"], "solution": ["caches"]}
    assert hit["highlights"][0]["text"] == "<script>alert(1)</script> cache misses"


async def test_merging_moves_fingerprints_alerts_and_statistics(
    manager: AsyncClient, fire: Fire, database: Database, tenant: str
) -> None:
    """The target answers for everything of the source; the source is found by its old id, and both say so."""
    target = await write(manager, "Disk full", fingerprints=["a"], tags=["disk"], solution="delete logs")
    source = await write(manager, "No space", fingerprints=["b"], tags=["disk", "db"], solution="grow the volume")
    alert_id = await fire("b")
    async with database.tenant_tx(tenant) as tx:
        await tx.execute(
            "UPDATE alerts SET matched_incident_id = $1, match_kind = 'text', match_score = 0.5 WHERE id = $2",
            UUID(source["id"]),
            alert_id,
        )
        await tx.execute(
            "UPDATE incidents SET resolution_count = 1, avg_resolution_mins = 10 WHERE id = $1", UUID(target["id"])
        )
        await tx.execute(
            "UPDATE incidents SET resolution_count = 3, avg_resolution_mins = 30 WHERE id = $1", UUID(source["id"])
        )
    path = f"/api/v1/incidents/{target['id']}/merge"

    undecided = await manager.post(path, json={"source_id": source["id"]})
    merged = await manager.post(path, json={"source_id": source["id"], "choices": {"solution": "both"}})

    assert (undecided.status_code, undecided.json()["code"]) == (409, "merge_conflict")
    assert merged.status_code == 200, merged.text
    after = merged.json()
    assert (after["fingerprints"], after["tags"]) == (["a", "b"], ["disk", "db"])
    assert after["solution"] == "delete logs\n\ngrow the volume"
    assert (after["resolution_count"], after["avg_resolution_mins"]) == (4, 25)
    old = (await manager.get(f"/api/v1/incidents/{source['id']}")).json()
    assert (old["status"], old["merged_into_id"]) == ("merged", target["id"])
    assert (await manager.get("/api/v1/incidents/fingerprint/b")).json()["id"] == target["id"]
    assert (await manager.get(f"/api/v1/alerts/{alert_id}")).json()["matched_incident"]["id"] == target["id"]
    for each in (target, source):
        history = (await manager.get(f"/api/v1/incidents/{each['id']}/history")).json()["items"]
        assert history[0]["action"] == "merged"
    assert (
        await manager.put(f"/api/v1/incidents/{source['id']}", json={"title": "x", "severity": "info"})
    ).status_code == 409
    assert (await manager.post(path, json={"source_id": source["id"]})).status_code == 409
    assert (await manager.post(path, json={"source_id": target["id"]})).status_code == 422


async def test_what_is_referred_to_is_archived_and_the_rest_deleted(
    manager: AsyncClient, fire: Fire, database: Database, tenant: str
) -> None:
    """An alert keeps its incident; saving an archived one makes it answer again."""
    kept, loose = await write(manager, "kept", fingerprints=["k"]), await write(manager, "loose")
    alert_id = await fire("k")
    async with database.tenant_tx(tenant) as tx:
        await tx.execute(
            "UPDATE alerts SET matched_incident_id = $1, match_kind = 'text', match_score = 1 WHERE id = $2",
            UUID(kept["id"]),
            alert_id,
        )

    outcomes = [(await manager.delete(f"/api/v1/incidents/{each['id']}")).json()["outcome"] for each in (kept, loose)]

    assert outcomes == ["archived", "deleted"]
    assert (await manager.get(f"/api/v1/incidents/{loose['id']}")).status_code == 404
    assert (await manager.get(f"/api/v1/incidents/{kept['id']}")).json()["status"] == "archived"
    assert (await manager.get("/api/v1/incidents/fingerprint/k")).status_code == 404
    content = {"title": "kept", "severity": "major", "fingerprints": ["k"]}
    assert (await manager.put(f"/api/v1/incidents/{kept['id']}", json=content)).json()["status"] == "active"
    assert (await manager.get("/api/v1/incidents/fingerprint/k")).status_code == 200


async def test_similar_incidents_share_words_of_the_title(client: AsyncClient) -> None:
    """The most alike first, never the incident itself."""
    one = await write(client, "Redis connection timeout in checkout")
    await write(client, "Redis connection timeout in search")
    await write(client, "Redis is out of memory")
    await write(client, "Certificate expired")

    found = (await client.get(f"/api/v1/incidents/{one['id']}/similar")).json()["items"]

    assert [each["incident"]["title"] for each in found] == [
        "Redis connection timeout in search", "Redis is out of memory"
    ]  # fmt: skip


async def test_patterns_are_tried_against_a_pasted_payload(client: AsyncClient) -> None:
    """Matches come with offsets, bad expressions with their reason, and hostile ones cost no time."""
    made = await write(client, error_patterns=[r"OOM\w+"])
    trial = {"payload": {"log": "OOMKilled " + "a" * 5_000}, "patterns": ["Killed", "(", "(a+)+$", r"(?i)oomk"]}

    answer = await client.post("/api/v1/incidents/patterns/test", json=trial)

    assert answer.status_code == 200, answer.text
    report = answer.json()
    spans = report["results"][0]["spans"]
    assert [report["text"][each["start"] : each["end"]] for each in spans] == ["Killed"]
    assert report["results"][1]["error"]
    assert report["results"][2]["spans"] == []
    assert len(report["results"][3]["spans"]) == 1
    assert [each["incident_id"] for each in report["incidents"]] == [made["id"]]
    bad = await client.post("/api/v1/incidents", json={"title": "x", "severity": "info", "error_patterns": ["ok", "["]})
    assert (bad.status_code, bad.json()["errors"][0]["field"]) == (422, "$.error_patterns[1]")


async def test_runbooks_are_written_linked_and_deleted(client: AsyncClient, manager: AsyncClient) -> None:
    """An incident loses the link when its runbook goes."""
    runbook = (await client.post("/api/v1/runbooks", json={"title": "Restart", "markdown": "# Restart"})).json()
    incident = await write(client, runbook_id=runbook["id"])

    changed = await client.put(
        f"/api/v1/runbooks/{runbook['id']}",
        json={"title": "Restart it", "is_template": True},
        headers={"If-Match": '"1"'},
    )
    templates = (await client.get("/api/v1/runbooks/templates")).json()["items"]
    refused = await client.delete(f"/api/v1/runbooks/{runbook['id']}")
    deleted = await manager.delete(f"/api/v1/runbooks/{runbook['id']}")

    assert changed.headers["etag"] == '"2"'
    assert {"crash-loop", "oom-kill", "dns-failure"} <= {each["slug"] for each in templates}
    assert templates[-1]["runbook_id"] == runbook["id"]
    assert all(each["markdown"] is not None and each["title"] for each in templates)
    assert (refused.status_code, deleted.status_code) == (403, 200)
    assert (await client.get(f"/api/v1/incidents/{incident['id']}")).json()["runbook_id"] is None
    unknown = await client.post(
        "/api/v1/incidents", json={"title": "x", "severity": "info", "runbook_id": str(uuid4())}
    )
    assert unknown.status_code == 422


async def test_an_export_can_be_taken_in_again(client: AsyncClient, client_of: ClientOf, tenant: str) -> None:
    """The same import twice changes nothing the second time; a change is found by id and by fingerprint."""
    runbook = (await client.post("/api/v1/runbooks", json={"title": "Steps"})).json()
    for number in range(3):
        await write(client, f"incident {number}", fingerprints=[f"fp-{number}"], runbook_id=runbook["id"])
    exported = (await client.get("/api/v1/incidents/export")).json()

    again = (await client.post("/api/v1/incidents/import", json=exported)).json()
    exported["incidents"][0]["title"] = "renamed"
    del exported["incidents"][1]["id"]
    exported["incidents"][1]["title"] = "found by fingerprint"
    exported["incidents"].append({"title": "new", "severity": "info"})
    changed = (await client.post("/api/v1/incidents/import", json=exported)).json()

    assert (len(exported["runbooks"]), len(exported["incidents"])) == (1, 4)
    assert again == {"created": 0, "updated": 0, "unchanged": 4, "skipped": 0}
    assert changed == {"created": 1, "updated": 2, "unchanged": 2, "skipped": 0}
    titles = {each["title"] for each in (await client.get("/api/v1/incidents")).json()["items"]}
    assert titles == {"renamed", "found by fingerprint", "incident 2", "new"}


@pytest.mark.parametrize(
    ("method", "path", "lowest"),
    [
        ("GET", "incidents", "readonly"),
        ("GET", "incidents/search?q=x", "readonly"),
        ("GET", "incidents/export", "readonly"),
        ("POST", "incidents", "engineer"),
        ("PUT", "incidents/{id}", "engineer"),
        ("POST", "incidents/import", "engineer"),
        ("DELETE", "incidents/{id}", "manager"),
        ("POST", "incidents/{id}/merge", "manager"),
        ("POST", "runbooks", "engineer"),
        ("PUT", "runbooks/{id}", "engineer"),
        ("DELETE", "runbooks/{id}", "manager"),
    ],
)
async def test_roles_hold_on_every_route(client_of: ClientOf, tenant: str, method: str, path: str, lowest: str) -> None:
    """403 below the role that is needed, something else from there on."""
    roles = ["readonly", "engineer", "manager", "admin"]
    where = "/api/v1/" + path.format(id=uuid4())

    statuses = [(await (await client_of(tenant, role)).request(method, where)).status_code for role in roles]

    allowed = roles.index(lowest)
    assert statuses[:allowed] == [403] * allowed
    assert 403 not in statuses[allowed:]
    assert max(statuses) < 500

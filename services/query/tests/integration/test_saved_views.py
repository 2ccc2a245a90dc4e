"""Saved views: one's own and the team's."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import pytest
from httpx import AsyncClient

from nightowl_auth import Role
from nightowl_common.db import Database
from nightowl_query.api import saved_views as api

pytestmark = pytest.mark.integration

ClientOf = Callable[[str, Role], Awaitable[AsyncClient]]
PersonClientOf = Callable[[UUID, Role], Awaitable[AsyncClient]]
VIEWS = "/api/v1/saved-views"
CONTENT = {"name": "Databases", "query": {"status": ["firing", "acknowledged"], "q": "disk"}}


async def save(client: AsyncClient, **changes: object) -> dict[str, Any]:
    answer = await client.post(VIEWS, json={**CONTENT, **changes})
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def names(client: AsyncClient) -> list[str]:
    return [each["name"] for each in (await client.get(VIEWS)).json()["items"]]


async def test_a_view_is_kept_changed_and_deleted(
    person_client: PersonClientOf, people: dict[str, UUID], client_of: ClientOf, tenant: str
) -> None:
    """As it was written, with its owner; each change is in the audit log once."""
    ada = await person_client(people["Ada"], "readonly")

    made = await save(ada, has_sound=True)
    path = f"{VIEWS}/{made['id']}"
    read = await ada.get(path)
    stale = await ada.put(path, json=CONTENT, headers={"If-Match": '"7"'})
    changed = await ada.put(path, json={**CONTENT, "name": "Disks"}, headers={"If-Match": read.headers["etag"]})
    same = await ada.put(path, json={**CONTENT, "name": "Disks"})
    deleted = await ada.delete(path)

    assert read.json() == made
    assert (made["query"], made["has_sound"], made["is_shared"]) == (CONTENT["query"], True, False)
    assert made["owner"] == {"id": str(people["Ada"]), "name": "Ada"}
    assert (stale.status_code, changed.json()["name"], changed.json()["has_sound"]) == (412, "Disks", False)
    assert (changed.headers["etag"], same.headers["etag"], deleted.status_code) == ('"2"', '"2"', 204)
    assert (await ada.get(path)).json()["code"] == "saved_view_not_found"
    admin = await client_of(tenant, "admin")
    audit = (await admin.get("/api/v1/audit-log", params={"entity": "saved_view"})).json()["items"]
    assert [each["action"] for each in audit] == ["deleted", "updated", "created"]
    assert audit[1]["changes"] == {"name": ["Databases", "Disks"], "has_sound": [True, False]}


async def test_a_private_view_is_seen_by_its_owner_alone(
    person_client: PersonClientOf, people: dict[str, UUID]
) -> None:
    """Another person, an admin even, finds neither the view nor a way to change it."""
    ada, bob = await person_client(people["Ada"], "engineer"), await person_client(people["Bob"], "admin")
    made = await save(ada, name="mine")
    path = f"{VIEWS}/{made['id']}"

    answers = [await bob.get(path), await bob.put(path, json=CONTENT), await bob.delete(path)]

    assert [each.status_code for each in answers] == [404, 404, 404]
    assert (await names(ada), await names(bob)) == (["mine"], [])


async def test_a_shared_view_is_seen_by_all_and_changed_by_its_owner_or_an_admin(
    person_client: PersonClientOf, people: dict[str, UUID], client_of: ClientOf, second_tenant: str
) -> None:
    """Within the tenant. An admin may not take it for themself."""
    ada, bob = await person_client(people["Ada"], "engineer"), await person_client(people["Bob"], "manager")
    cid = await person_client(people["Cid"], "admin")
    stranger = await client_of(second_tenant, "admin")
    made = await save(ada, name="ours", is_shared=True)
    path = f"{VIEWS}/{made['id']}"

    assert (await names(bob), await names(stranger)) == (["ours"], [])
    assert (await bob.put(path, json=CONTENT)).json()["code"] == "not_your_view"
    assert (await bob.delete(path)).json()["code"] == "not_your_view"
    assert (await stranger.get(path)).status_code == 404
    assert (await cid.put(path, json={**CONTENT, "is_shared": False})).json()["code"] == "not_your_view"
    renamed = await cid.put(path, json={**CONTENT, "name": "all", "is_shared": True})
    assert (renamed.json()["name"], renamed.json()["owner"]["name"]) == ("all", "Ada")
    assert (await ada.put(path, json=CONTENT)).json()["is_shared"] is False
    assert await names(bob) == []


async def test_an_owner_who_left_is_nobody(
    person_client: PersonClientOf, people: dict[str, UUID], database: Database, tenant: str, client: AsyncClient
) -> None:
    """The shared view stays."""
    ada = await person_client(people["Ada"], "engineer")
    await save(ada, is_shared=True)

    async with database.tenant_tx(tenant) as tx:
        await tx.execute("UPDATE users SET is_active = false WHERE id = $1", people["Ada"])

    assert [each["owner"] for each in (await client.get(VIEWS)).json()["items"]] == [None]


async def test_keys_of_nobody_share_and_readers_do_not(
    client: AsyncClient, person_client: PersonClientOf, people: dict[str, UUID], client_of: ClientOf, tenant: str
) -> None:
    """403, with a code that says what is missing."""
    reader = await person_client(people["Ada"], "readonly")

    assert (await client.post(VIEWS, json=CONTENT)).json()["code"] == "person_needed"
    assert (await reader.post(VIEWS, json={**CONTENT, "is_shared": True})).json()["code"] == "sharing_not_allowed"
    made = await save(client, is_shared=True)
    assert made["owner"] is None
    assert (await client.delete(f"{VIEWS}/{made['id']}")).status_code == 403
    assert (await (await client_of(tenant, "admin")).delete(f"{VIEWS}/{made['id']}")).status_code == 204


async def test_nobody_keeps_more_than_a_hundred(
    person_client: PersonClientOf, people: dict[str, UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many are asked for at once; another person still may."""
    monkeypatch.setattr(api, "MAX_VIEWS", 2)
    ada, bob = await person_client(people["Ada"], "engineer"), await person_client(people["Bob"], "engineer")

    answers = await asyncio.gather(*(ada.post(VIEWS, json=CONTENT) for _ in range(4)))

    assert sorted(each.status_code for each in answers) == [201, 201, 409, 409]
    assert {each.json()["code"] for each in answers if not each.is_success} == {"too_many_views"}
    await save(bob)


@pytest.mark.parametrize(
    "changes",
    [
        {"name": ""},
        {"name": 81 * "x"},
        {"query": {"q": 5}},
        {"query": {"Q=": "x"}},
        {"query": {"q": "\x00"}},
        {"query": {f"p{number}": 200 * "x" for number in range(30)}},
        {"colour": "red"},
    ],
)
async def test_what_cannot_be_a_view_is_refused(
    person_client: PersonClientOf, people: dict[str, UUID], changes: dict[str, object]
) -> None:
    """422, and nothing is kept."""
    ada = await person_client(people["Ada"], "engineer")

    assert (await ada.post(VIEWS, json={**CONTENT, **changes})).status_code == 422
    assert await names(ada) == []

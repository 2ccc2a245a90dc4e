"""What the caller prefers, kept for people and for local admins."""

from collections.abc import Awaitable, Callable
from uuid import UUID

import pytest
from httpx import AsyncClient

from nightowl_auth import Role, SessionRules, begin_session, csrf_token, hash_password, insert_admin
from nightowl_common.db import Database
from nightowl_testkit.apps import RunningApp

pytestmark = pytest.mark.integration

ClientOf = Callable[[str, Role], Awaitable[AsyncClient]]
PersonClientOf = Callable[[UUID, Role], Awaitable[AsyncClient]]
PREFERENCES, ME = "/api/v1/me/preferences", "/api/v1/auth/me"
USUAL = {
    "theme": "system", "density": "comfortable", "has_keys": True, "has_sound": False, "time_zone": None,
    "landing": "now", "keys": {},
}  # fmt: skip
CHOSEN = {**USUAL, "theme": "night", "time_zone": "Asia/Kathmandu", "keys": {"acknowledge": "k"}}


async def test_a_persons_choice_is_kept_and_told(
    person_client: PersonClientOf, people: dict[str, UUID], client_of: ClientOf, tenant: str, database: Database
) -> None:
    """As usual at first; then theirs alone. What another client keeps beside it stays; each change is audited once."""
    ada, bob = await person_client(people["Ada"], "readonly"), await person_client(people["Bob"], "engineer")
    async with database.tenant_tx(tenant) as tx:
        await tx.execute("UPDATE users SET preferences = $2 WHERE id = $1", people["Ada"], {"dashboard": 7})
    assert (await ada.get(PREFERENCES)).json() == USUAL

    put = await ada.put(PREFERENCES, json={name: CHOSEN[name] for name in ("theme", "time_zone", "keys")})
    again = await ada.put(PREFERENCES, json=CHOSEN)

    assert (put.json(), again.json(), (await ada.get(PREFERENCES)).json()) == (CHOSEN, CHOSEN, CHOSEN)
    assert (await bob.get(PREFERENCES)).json() == USUAL
    me = (await ada.get(ME)).json()
    assert (me["preferences"], me["timezone"], me["name"]) == (CHOSEN, "Europe/Berlin", me["name"])
    user = (await ada.get(f"/api/v1/users/{people['Ada']}")).json()
    assert (user["preferences"]["dashboard"], user["revision"]) == (7, 2)
    admin = await client_of(tenant, "admin")
    [entry] = (await admin.get("/api/v1/audit-log", params={"entity": "user"})).json()["items"]
    assert (entry["action"], entry["changes"]) == ("updated", {"preferences": "replaced"})


async def test_a_local_admin_has_some_too(service: RunningApp, database: Database, tenant: str) -> None:
    """Beside the people, who they are not one of."""
    async with database.global_tx() as tx:
        await insert_admin(tx, tenant=tenant, username="admin", password_hash=hash_password("correct horse"))
        await tx.execute("UPDATE public.local_admins SET must_change = false WHERE tenant = $1", tenant)
        admin_id = await tx.fetchval("SELECT id FROM public.local_admins WHERE tenant = $1", tenant)
    rules = SessionRules()
    async with database.tenant_tx(tenant) as tx:
        begun = await begin_session(tx, rules, tenant=tenant, local_admin_id=admin_id)
    browser = service.client_with(
        Cookie=f"{rules.cookie}={begun.token}", X_CSRF_Token=csrf_token(begun.token)
    )  # fmt: skip

    assert (await browser.get(PREFERENCES)).json() == USUAL
    assert (await browser.put(PREFERENCES, json=CHOSEN)).json() == CHOSEN
    assert (await browser.put(PREFERENCES, json={**CHOSEN, "has_keys": False})).status_code == 200

    me = (await browser.get(ME)).json()
    assert me["preferences"] == {**CHOSEN, "has_keys": False}
    assert (me["timezone"], me["user_id"]) == (None, None)


async def test_a_key_of_nobody_has_none(client: AsyncClient) -> None:
    """It reads what is usual and cannot choose."""
    assert (await client.get(PREFERENCES)).json() == USUAL
    assert (await client.put(PREFERENCES, json=CHOSEN)).json()["code"] == "person_needed"
    me = (await client.get(ME)).json()
    assert (me["preferences"], me["timezone"]) == (USUAL, None)


@pytest.mark.parametrize(
    "body",
    [{"theme": "plaid"}, {"time_zone": "Mars/Olympus"}, {"colour": "red"}, {"keys": {"": "k"}}, {"has_keys": "no"}],
)
async def test_what_cannot_be_meant_is_refused(
    person_client: PersonClientOf, people: dict[str, UUID], body: dict[str, object]
) -> None:
    """422, and nothing is kept."""
    ada = await person_client(people["Ada"], "engineer")

    assert (await ada.put(PREFERENCES, json=body)).status_code == 422
    assert (await ada.get(PREFERENCES)).json() == USUAL

"""The tenant's own identity provider: written by admins, its secret never told, nobody else's audience taken."""

from collections.abc import Awaitable, Callable

import msgspec
import pytest
import pytest_asyncio
from httpx import AsyncClient, Response
from structlog.testing import capture_logs

from nightowl_alerting.credentials import OidcCredentials, load_credentials
from nightowl_common.db import Database
from nightowl_testkit.apps import RunningApp

pytestmark = pytest.mark.integration

ClientOf = Callable[..., Awaitable[AsyncClient]]
URL = "/api/v1/admin/sign-in"
SECRET = "canary-2f41ce07-client-secret"
BODY = {
    "issuer": "https://sso.example.com/realms/acme", "client_id": "nightowl", "client_secret": SECRET,
    "audience": "nightowl-api", "role_claim": "realm_access.roles", "roles": {"boss": "admin"},
    "default_role": "readonly", "email_domains": ["example.com"],
}  # fmt: skip
OPEN = {name: value for name, value in BODY.items() if name != "client_secret"}


@pytest.fixture(autouse=True)
def public_url(service: RunningApp, monkeypatch: pytest.MonkeyPatch) -> None:
    """The installation has an address."""
    setup = msgspec.structs.replace(service.app.state.oidc, public_url="https://owl.test/")
    monkeypatch.setitem(service.app.state._state, "oidc", setup)


@pytest_asyncio.fixture(loop_scope="session")
async def admin(client_of: ClientOf, tenant: str) -> AsyncClient:
    return await client_of(tenant, "admin")


@pytest.fixture
def body(tenant: str) -> dict[str, object]:
    """With an audience of the tenant's own."""
    return {**BODY, "audience": f"api-{tenant}"}


async def test_it_is_written_read_and_taken_away(
    admin: AsyncClient, manager: AsyncClient, body: dict[str, object]
) -> None:
    """All but the secret, of which the end is shown; with the address that the provider has to know."""
    unset = (await manager.get(URL)).json()
    put = await admin.put(URL, json=body)
    read = await manager.get(URL)
    gone = await admin.delete(URL, headers={"If-Match": put.headers["etag"]})

    assert (unset["is_set"], unset["revision"]) == (False, 0)
    assert unset["redirect_uri"] == "https://owl.test/api/v1/auth/oidc/callback"
    state = read.json()
    assert state == put.json()
    assert {name: state[name] for name in OPEN} == {**OPEN, "audience": body["audience"]}
    assert (state["secret"], state["changed_by"]["name"], read.headers["etag"]) == ("cret", "admin key", '"1"')
    assert (gone.status_code, gone.json()["is_set"], gone.json()["secret"]) == (200, False, None)


async def test_a_stale_revision_is_refused(admin: AsyncClient, body: dict[str, object]) -> None:
    """For a change as for taking it away."""
    first = await admin.put(URL, json=body, headers={"If-Match": '"0"'})
    await admin.put(URL, json={**body, "creates_users": True}, headers={"If-Match": first.headers["etag"]})

    answers = [
        await admin.put(URL, json=body, headers={"If-Match": first.headers["etag"]}),
        await admin.delete(URL, headers={"If-Match": first.headers["etag"]}),
    ]

    assert [each.status_code for each in answers] == [412, 412]
    assert (await admin.get(URL)).json()["creates_users"] is True


async def test_a_secret_stays_until_another_or_none_is_sent(admin: AsyncClient, body: dict[str, object]) -> None:
    """Left out it stays; null takes it away."""
    without = {name: value for name, value in body.items() if name != "client_secret"}
    await admin.put(URL, json=body)

    kept = await admin.put(URL, json={**without, "client_id": "other"})
    removed = await admin.put(URL, json={**body, "client_secret": None})
    still = await admin.put(URL, json=without)

    assert [each.json()["secret"] for each in (kept, removed, still)] == ["cret", None, None]


async def test_a_secret_does_not_follow_to_another_issuer(
    admin: AsyncClient, body: dict[str, object], service: RunningApp, database: Database, tenant: str
) -> None:
    """Who cannot read it cannot have it sent to a host of their own either."""
    without = {name: value for name, value in body.items() if name != "client_secret"}
    await admin.put(URL, json=body)

    answer = await admin.put(URL, json={**without, "issuer": "https://evil.test"})

    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "$.client_secret")
    assert (await admin.get(URL)).json()["issuer"] == body["issuer"]
    async with database.tenant_tx(tenant) as tx:
        found = await load_credentials(tx, tenant, "oidc", service.app.state.master_keys)
    assert found == OidcCredentials(client_secret=SECRET)
    assert SECRET not in repr(found)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"issuer": "http://sso.example.com"}, "$.issuer"),
        ({"issuer": "http://169.254.169.254"}, "$.issuer"),
        ({"issuer": "https://sso.example.com?x=1"}, "$.issuer"),
        ({"issuer": "https://user@sso.example.com"}, "$.issuer"),
        ({"issuer": "sso.example.com"}, "$.issuer"),
        ({"client_id": ""}, "$.client_id"),
        ({"client_secret": "with space"}, "$.client_secret"),
        ({"role_claim": None}, "$.role_claim"),
        ({"role_claim": None, "roles": {}, "default_role": None, "creates_users": True}, "$.default_role"),
        ({"roles": {"a": "boss"}}, "$.roles[...]"),
        ({"default_role": "boss"}, "$.default_role"),
        ({"email_domains": ["@example.com"]}, "$.email_domains[0]"),
        ({"algorithms": ["HS256"]}, "$.algorithms"),
    ],
)  # fmt: skip
async def test_what_makes_no_sense_is_refused(
    admin: AsyncClient, body: dict[str, object], changes: dict[str, object], field: str
) -> None:
    """With the field; nothing is stored."""
    answer = await admin.put(URL, json={**body, **changes})

    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field)
    assert SECRET not in answer.text
    assert (await admin.get(URL)).json()["is_set"] is False


async def test_an_audience_is_one_tenants(
    admin: AsyncClient, client_of: ClientOf, second_tenant: str, body: dict[str, object]
) -> None:
    """With the same issuer; other issuers may use the same word, and nobody needs one."""
    other = await client_of(second_tenant, "admin")
    await admin.put(URL, json=body)

    async def put(**changes: object) -> Response:
        return await other.put(URL, json={**body, **changes})

    taken = await put()
    free = [await put(audience=None), await put(issuer="https://other.example.com", client_secret=SECRET)]

    assert (taken.status_code, taken.json()["code"]) == (409, "audience_taken")
    assert [each.status_code for each in free] == [200, 200]


async def test_without_a_public_address_there_is_no_way_back(
    admin: AsyncClient, service: RunningApp, monkeypatch: pytest.MonkeyPatch, body: dict[str, object]
) -> None:
    """The operator's to set."""
    setup = msgspec.structs.replace(service.app.state.oidc, public_url="")
    monkeypatch.setitem(service.app.state._state, "oidc", setup)

    answer = await admin.put(URL, json=body)

    assert (answer.status_code, answer.json()["code"]) == (409, "no_public_url")
    assert (await admin.get(URL)).json()["redirect_uri"] is None


async def test_the_audit_log_tells_of_it_without_the_secret(
    admin: AsyncClient, database: Database, tenant: str, body: dict[str, object]
) -> None:
    """Fields before and after; of the secret that it was written. It is nowhere in clear."""
    with capture_logs() as lines:
        await admin.put(URL, json=body)
        await admin.put(URL, json={**body, "roles": {}, "client_secret": None})
        await admin.put(URL, json={**body, "issuer": "nonsense"})
        await admin.delete(URL)

    async with database.tenant_tx(tenant) as tx:
        told = await tx.fetch("SELECT action, changes FROM audit_log WHERE entity = 'sign_in' ORDER BY id")
        sealed = await tx.fetchval("SELECT string_agg(t::text, ' ') FROM tenant_credentials AS t")
    async with database.global_tx() as tx:
        stored = await tx.fetchval("SELECT string_agg(i::text, ' ') FROM public.oidc_issuers AS i")
    assert [row["action"] for row in told] == ["updated", "updated", "deleted"]
    assert told[0]["changes"]["issuer"] == [None, body["issuer"]]
    assert told[0]["changes"]["client_secret"] == "written"
    assert told[1]["changes"] == {"roles": [{"boss": "admin"}, {}], "client_secret": "removed"}
    for place in (repr(lines), repr(told), sealed, stored or ""):
        assert SECRET not in place
        assert SECRET.encode().hex() not in place

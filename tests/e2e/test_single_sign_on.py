"""Signing in with an identity provider as a browser does it: a real service, a real provider, redirects and cookies."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from httpx import AsyncClient

from nightowl_testkit.clock import DbClock
from nightowl_testkit.fakes import FakeOidc
from nightowl_testkit.servers import Servers
from nightowl_testkit.services import ServiceProcesses

pytestmark = pytest.mark.e2e

LOGIN, LOGOUT, ME = (f"/api/v1/auth/{name}" for name in ("oidc/login", "logout", "me"))


@pytest_asyncio.fixture(loop_scope="session")
async def provider(db_clock: DbClock) -> AsyncIterator[FakeOidc]:
    async with FakeOidc(db_clock.now) as fake:
        fake.person = {
            "sub": "ada-1", "email": "ada@example.com", "email_verified": True, "name": "Ada", "groups": ["on-call"],
        }  # fmt: skip
        yield fake


@pytest_asyncio.fixture(loop_scope="session")
async def query(servers: Servers, provider: FakeOidc, tenant: str) -> AsyncIterator[ServiceProcesses]:
    """One service with an issuer of the installation, all of it by the environment."""
    environment = {
        "OIDC_ISSUER_URL": provider.issuer, "OIDC_CLIENT_ID": provider.client_id, "OIDC_TENANT": tenant,
        "OIDC_CLIENT_SECRET": provider.client_secret, "OIDC_AUDIENCE": provider.audience, "OIDC_CREATE_USERS": "true",
        "OIDC_ROLE_CLAIM": "groups", "OIDC_ROLES": "on-call=engineer, owls=admin",
    }  # fmt: skip
    async with ServiceProcesses(servers, names=("query",), environment=environment) as running:
        provider.redirect_uris = {f"{running.url('query')}/api/v1/auth/oidc/callback"}
        yield running


async def test_a_browser_signs_in_works_and_signs_out(query: ServiceProcesses, provider: FakeOidc, tenant: str) -> None:
    """By nothing but an address to open; then an access token opens the same, and the log holds no secret."""
    async with AsyncClient(base_url=query.url("query"), follow_redirects=True) as browser, AsyncClient() as program:
        landed = await browser.get(LOGIN, params={"return_to": ME})
        me = landed.json()
        csrf = {"X-CSRF-Token": me["csrf_token"]}
        made = await browser.post("/api/v1/runbooks", json={"title": "Make room"}, headers=csrf)
        forged = await browser.post("/api/v1/runbooks", json={"title": "Make room"})
        session = browser.cookies["nightowl"]
        out = await browser.post(LOGOUT, headers=csrf)
        after = await browser.get(ME)
        token = await provider.access_token("ada-1", groups=["on-call"])
        bearer = await program.get(query.url("query") + ME, headers={"Authorization": f"Bearer {token}"})

    assert [each.status_code for each in landed.history] == [303, 302, 303]
    assert (me["tenant"], me["name"], me["role"], me["via"]) == (tenant, "Ada", "engineer", "session")
    assert [each.status_code for each in (made, forged, out, after)] == [201, 403, 204, 401]
    assert (bearer.json()["via"], bearer.json()["user_id"]) == ("jwt", me["user_id"])
    told = query.logs("query").read_text()
    assert "/api/v1/auth/oidc/callback" in told
    for secret in (provider.client_secret, session, me["csrf_token"], *provider.issued):
        assert secret not in told

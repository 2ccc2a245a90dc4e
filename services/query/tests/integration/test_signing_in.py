"""Sessions: signing in with a password, and everything that ends it."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from http.cookies import SimpleCookie
from typing import Any
from uuid import UUID

import msgspec
import pytest
import pytest_asyncio
from httpx import AsyncClient, Response
from structlog.testing import capture_logs

from nightowl_auth import begin_session, hash_password, insert_admin, load_admin
from nightowl_auth.admins import MAX_FAILURES
from nightowl_common import clock
from nightowl_common.db import Database
from nightowl_common.settings import SettingsError
from nightowl_query.api import signing_in
from nightowl_query.app import build
from nightowl_query.settings import Settings
from nightowl_testkit.apps import RunningApp, running_app
from nightowl_testkit.builders import seed_team
from nightowl_testkit.clock import DbClock
from nightowl_testkit.servers import Servers

pytestmark = pytest.mark.integration

FIRST, SECOND = "printed-once-by-cli", "correct horse battery"
HASHED = hash_password(FIRST)
COOKIE = "__Host-nightowl"
LOGIN, PASSWORD, LOGOUT, ME = (f"/api/v1/auth/{name}" for name in ("login", "password", "logout", "me"))


class Browser:
    """A client that keeps its cookie, as the test service is not reached over TLS."""

    def __init__(self, client: AsyncClient, tenant: str) -> None:
        self.client = client
        self.tenant = tenant
        self.token = ""
        self.csrf = ""

    async def sign_in(self, password: str = FIRST, *, username: str = "admin", tenant: str | None = None) -> Response:
        """Sends name and password."""
        body = {"tenant": tenant or self.tenant, "username": username, "password": password}
        return self._keep(await self.client.post(LOGIN, json=body, headers=self._headers()))

    async def change_password(self, current: str, new: str) -> Response:
        """Sends both."""
        body = {"current": current, "new": new}
        return self._keep(await self.client.post(PASSWORD, json=body, headers=self._headers()))

    async def call(self, method: str, path: str, **options: Any) -> Response:
        """Any call, with cookie and CSRF token."""
        return await self.client.request(method, path, headers=self._headers(), **options)

    def _headers(self) -> dict[str, str]:
        return {"Cookie": f"{COOKIE}={self.token}", "X-CSRF-Token": self.csrf}

    def _keep(self, answer: Response) -> Response:
        if answer.is_success:
            self.token = SimpleCookie(answer.headers["set-cookie"])[COOKIE].value
            self.csrf = answer.json()["csrf_token"]
        return answer


@pytest.fixture(autouse=True)
def fast_refusals(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing here is about their time, but for one test."""
    monkeypatch.setattr(signing_in, "REFUSAL_SECONDS", 0.0)


@pytest_asyncio.fixture(autouse=True, loop_scope="session")
async def local_admin(database: Database, tenant: str) -> None:
    """With the password that the command line has printed."""
    async with database.global_tx() as tx:
        await insert_admin(tx, tenant=tenant, username="admin", password_hash=HASHED)


@pytest.fixture
def browser_of(service: RunningApp, tenant: str) -> Callable[[], Browser]:
    """Makes browsers."""
    return lambda: Browser(service.client_with(), tenant)


@pytest.fixture
def browser(browser_of: Callable[[], Browser]) -> Browser:
    """One."""
    return browser_of()


@pytest_asyncio.fixture(loop_scope="session")
async def signed_in(browser: Browser) -> Browser:
    """With a password of their own."""
    assert (await browser.sign_in()).status_code == 200
    assert (await browser.change_password(FIRST, SECOND)).status_code == 200
    return browser


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """What the service remembers for 5 s is asked for again."""
    passed = 0.0
    real = clock.monotonic_seconds

    def go() -> None:
        nonlocal passed
        passed += 5.1

    monkeypatch.setattr(clock, "monotonic_seconds", lambda: real() + passed)
    return go


async def test_the_cookie_is_out_of_reach(browser: Browser) -> None:
    """Of scripts, of other hosts and sites, and of connections without TLS."""
    answer = await browser.sign_in()

    [cookie] = SimpleCookie(answer.headers["set-cookie"]).values()
    assert cookie.key == COOKIE
    assert (cookie["path"], cookie["domain"], cookie["samesite"]) == ("/", "", "lax")
    assert cookie["secure"] is True
    assert cookie["httponly"] is True
    assert browser.token not in answer.text
    assert answer.headers["cache-control"] == "no-store"


async def test_the_first_password_opens_nothing_but_its_own_change(browser: Browser, tenant: str) -> None:
    """Then everything that an admin may."""
    await browser.sign_in()

    refused = await browser.call("GET", "/api/v1/alerts")
    me = await browser.call("GET", ME)
    changed = await browser.change_password(FIRST, SECOND)
    allowed = await browser.call("GET", "/api/v1/alerts")

    assert (refused.status_code, refused.json()["code"]) == (403, "password_change_needed")
    assert me.json()["must_change_password"]
    assert (changed.status_code, allowed.status_code) == (200, 200)
    assert (await browser.call("GET", "/api/v1/ping")).json() == {"tenant": tenant, "role": "admin", "name": "admin"}


@pytest.mark.parametrize("new", ["short", "x" * 201, FIRST, "the-admin-password"])
async def test_a_bad_new_password_is_refused(browser: Browser, new: str) -> None:
    """422 names the field, and the old one goes on."""
    await browser.sign_in()

    answer = await browser.change_password(FIRST, new)

    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "$.new")
    assert (await browser.sign_in()).status_code == 200


async def test_a_change_needs_the_password_that_holds(browser: Browser) -> None:
    """Who finds a browser open cannot take it over."""
    await browser.sign_in()

    answer = await browser.change_password("not the password", SECOND)

    assert (answer.status_code, answer.json()["code"]) == (403, "sign_in_refused")


@pytest.mark.parametrize(
    "wrong", [{"password": "wrong"}, {"username": "nobody"}, {"tenant": "no_such_tenant"}]
)  # fmt: skip
async def test_a_refusal_does_not_say_why(
    browser: Browser, wrong: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same words, and never sooner than a fixed time."""
    monkeypatch.setattr(signing_in, "REFUSAL_SECONDS", 60.0)
    slept = []
    monkeypatch.setattr(signing_in.clock, "sleep", lambda seconds: remember(slept, seconds))

    answer = await browser.sign_in(**wrong)

    assert (answer.status_code, answer.json()["code"]) == (403, "sign_in_refused")
    assert answer.json()["detail"].startswith("Tenant, name or password is wrong, or there were too many attempts")
    assert "set-cookie" not in answer.headers
    assert len(slept) == 1
    assert 0 < slept[0] <= 60


async def remember(slept: list[float], seconds: float) -> None:
    slept.append(seconds)


async def test_five_wrong_passwords_lock_out_for_a_quarter_of_an_hour(
    browser: Browser, database: Database, tenant: str, db_clock: DbClock
) -> None:
    """Even the right one is refused, then it is not; the audit log tells of each."""
    for _ in range(MAX_FAILURES):
        await browser.sign_in("wrong")

    locked = await browser.sign_in()
    await db_clock.advance(minutes=15, seconds=1)
    opened = await browser.sign_in()

    assert (locked.status_code, opened.status_code) == (403, 200)
    async with database.tenant_tx(tenant) as tx:
        told = [row["action"] for row in await tx.fetch("SELECT action FROM audit_log ORDER BY id")]
    assert told == ["sign_in_refused"] * (MAX_FAILURES - 1) + ["locked_out", "signed_in"]


async def test_guesses_at_the_same_time_are_all_counted(browser_of: Callable[[], Browser]) -> None:
    """A right one among many that come at once does not slip through the lock."""
    await asyncio.gather(*(browser_of().sign_in("wrong") for _ in range(MAX_FAILURES + 2)))

    assert (await browser_of().sign_in()).status_code == 403


async def test_a_success_counts_failures_anew(browser: Browser) -> None:
    """Four, a success, four: nobody is locked out."""
    for _ in range(2):
        for _ in range(MAX_FAILURES - 1):
            await browser.sign_in("wrong")
        assert (await browser.sign_in()).status_code == 200


async def test_changing_something_by_cookie_needs_the_csrf_token(signed_in: Browser, later: Callable[[], None]) -> None:
    """`/auth/me` tells it; another session's does not do; reading needs none."""
    good, token = signed_in.csrf, signed_in.token
    body = {"title": "Make room"}

    assert (await signed_in.call("GET", ME)).json()["csrf_token"] == good
    for wrong in ("", good[:-1] + "~", "ünlaut"):
        answer = await signed_in.client.post(
            "/api/v1/runbooks", json=body, headers={"Cookie": f"{COOKIE}={token}", "X-CSRF-Token": wrong.encode()}
        )
        assert (answer.status_code, answer.json()["code"]) == (403, "csrf")
    assert (await signed_in.call("POST", "/api/v1/runbooks", json=body)).status_code == 201


async def test_another_site_cannot_sign_a_browser_in(browser: Browser) -> None:
    """As somebody else, to read what is typed there."""
    body = {"tenant": browser.tenant, "username": "admin", "password": FIRST}

    answer = await browser.client.post(LOGIN, json=body, headers={"Sec-Fetch-Site": "cross-site"})

    assert (answer.status_code, answer.json()["code"]) == (403, "csrf")


async def test_signing_in_begins_another_session(signed_in: Browser, later: Callable[[], None]) -> None:
    """The one that the browser had is over."""
    before = signed_in.token

    await signed_in.sign_in(SECOND)
    later()

    assert signed_in.token != before
    assert (await signed_in.call("GET", ME)).status_code == 200
    assert (await signed_in.client.get(ME, headers={"Cookie": f"{COOKIE}={before}"})).status_code == 401


async def test_signing_out_ends_this_session_at_once(signed_in: Browser, browser_of: Callable[[], Browser]) -> None:
    """The cookie is taken back; another browser stays signed in."""
    other = browser_of()
    await other.sign_in(SECOND)

    answer = await signed_in.call("POST", LOGOUT)

    assert answer.status_code == 204
    assert SimpleCookie(answer.headers["set-cookie"])[COOKIE]["max-age"] == "0"
    assert (await signed_in.call("GET", ME)).status_code == 401
    assert (await other.call("GET", ME)).status_code == 200


@pytest.mark.parametrize("how", ["everywhere", "password"])
async def test_all_sessions_end_together(
    signed_in: Browser, browser_of: Callable[[], Browser], later: Callable[[], None], how: str
) -> None:
    """By signing out everywhere, or by another password; within 5 s."""
    other = browser_of()
    await other.sign_in(SECOND)
    assert (await other.call("GET", ME)).status_code == 200

    if how == "password":
        await signed_in.change_password(SECOND, "another good password")
    else:
        await signed_in.call("POST", LOGOUT, params={"everywhere": "true"})
    later()

    assert (await other.call("GET", ME)).status_code == 401
    assert (await signed_in.call("GET", ME)).status_code == (200 if how == "password" else 401)


async def test_a_session_ends_by_itself(
    signed_in: Browser, service: RunningApp, database: Database, tenant: str, later: Callable[[], None]
) -> None:
    """When nobody has used it for 12 hours, and after a week however busy it is; using it counts the hours anew."""

    async def change(assignment: str) -> int:
        async with database.global_tx() as tx:
            await tx.execute(f"UPDATE public.sessions SET {assignment} WHERE tenant = $1 AND ended_at IS NULL", tenant)
        later()
        return (await signed_in.call("GET", ME)).status_code

    async with database.global_tx() as tx:
        lasts = await tx.fetchval(
            "SELECT expires_at - created_at FROM public.sessions WHERE tenant = $1 AND ended_at IS NULL", tenant
        )  # fmt: skip
    assert lasts == timedelta(days=7)
    assert await change("seen_at = public.clock_now() - interval '11 hours 59 minutes'") == 200
    await service.app.state.sessions.sweep()
    assert await change("seen_at = seen_at - interval '11 hours 59 minutes'") == 200
    assert await change("seen_at = public.clock_now() - interval '12 hours'") == 401
    assert await change("seen_at = public.clock_now()") == 200
    assert await change("expires_at = public.clock_now()") == 401


async def test_a_persons_session_follows_the_person(
    service: RunningApp, database: Database, tenant: str, later: Callable[[], None]
) -> None:
    """Another role within 5 s; nothing at all once they have left."""
    team = await seed_team(database, tenant)
    async with database.global_tx() as tx:
        begun = await begin_session(tx, service.app.state.sessions.rules, tenant=tenant, user_id=team.alice_id)
    cookie = {"Cookie": f"{COOKIE}={begun.token}"}
    admin = service.client_with(X_API_Key=team.key)

    first = await service.client.get(ME, headers=cookie)
    await admin.patch(f"/api/v1/users/{team.alice_id}", json={"role": "readonly"})
    later()
    second = await service.client.get(ME, headers=cookie)
    left = await admin.post(f"/api/v1/users/{team.alice_id}/deactivate")
    later()

    assert (first.json()["user_id"], first.json()["role"]) == (str(team.alice_id), team.alice.role)
    assert second.json()["role"] == "readonly"
    assert left.json()["ended_sessions"] == 1
    assert (await service.client.get(ME, headers=cookie)).status_code == 401


async def test_a_cookie_comes_before_a_key_and_a_dead_one_does_not_count(
    signed_in: Browser, service: RunningApp, database: Database, tenant: str
) -> None:
    """Browsers send cookies long after; a key beside it still works."""
    team = await seed_team(database, tenant, role="readonly")
    key = {"X-API-Key": team.key}

    both = await service.client.get(ME, headers={**key, "Cookie": f"{COOKIE}={signed_in.token}"})
    dead = await service.client.get(ME, headers={**key, "Cookie": f"{COOKIE}={'x' * 43}"})

    assert (both.json()["via"], both.json()["role"]) == ("session", "admin")
    assert (dead.json()["via"], dead.json()["role"]) == ("key", "readonly")


async def test_sessions_of_a_suspended_tenant_are_over(
    signed_in: Browser, database: Database, tenant: str, later: Callable[[], None]
) -> None:
    """And nobody signs in there."""
    async with database.global_tx() as tx:
        await tx.execute("UPDATE public.tenants SET status = 'suspended' WHERE slug = $1", tenant)
    later()

    assert (await signed_in.call("GET", ME)).status_code == 401
    assert (await signed_in.sign_in(SECOND)).status_code == 403


async def test_no_secret_is_in_the_logs(signed_in: Browser, service: RunningApp) -> None:
    """Neither passwords, cookies, CSRF tokens nor keys, whether taken or refused, nor what was sent in a wrong place."""
    made = (await signed_in.call("POST", "/api/v1/api-keys", json={"description": "canary"})).json()["key"]
    with capture_logs() as lines:
        await service.client_with(X_API_Key=made).get("/api/v1/ping")
        await service.client_with(X_API_Key=f"{made}x").get("/api/v1/ping")
        await service.client.get("/api/v1/ping", headers={"Authorization": f"Bearer {made}"})
        await signed_in.sign_in("canary-wrong-password")
        await signed_in.call("POST", LOGIN, content=b'{"password": "canary-broken-body')
        await signed_in.call("POST", PASSWORD, json={"current": SECOND, "new": "canary", "x": "canary"})
        await signed_in.call("GET", ME)

    told = repr(lines)
    assert len(lines) >= 7
    for secret in (made, SECOND, "canary", signed_in.token, signed_in.csrf):
        assert secret not in told


async def test_what_is_stored_opens_nothing(signed_in: Browser, database: Database, tenant: str) -> None:
    """Neither cookie nor password is in the tables, and neither is printed by what holds it."""
    async with database.global_tx() as tx:
        admin = await load_admin(tx, tenant, "admin")
        stored = await tx.fetchval(
            "SELECT string_agg(s::text, ' ') FROM public.sessions AS s WHERE tenant = $1", tenant
        )
    assert admin is not None

    assert admin.password_hash.startswith("$argon2id$")
    assert signed_in.token not in stored
    assert SECOND not in admin.password_hash
    assert admin.password_hash not in repr(admin)


async def test_a_local_admin_changes_things_in_their_own_name(
    signed_in: Browser, database: Database, tenant: str
) -> None:
    """The audit log holds their id and name, not the session's."""
    await signed_in.call("POST", "/api/v1/runbooks", json={"title": "Make room"})

    async with database.tenant_tx(tenant) as tx:
        actor = await tx.fetchval("SELECT actor FROM audit_log WHERE entity = 'runbook'")
    async with database.global_tx() as tx:
        admin = await load_admin(tx, tenant, "admin")
    assert admin is not None
    assert (actor["kind"], UUID(actor["id"]), actor["name"]) == ("user", admin.id, "admin")


@pytest.mark.parametrize(
    ("mode", "url", "secure"),
    [
        ("production", "", True),
        ("dev", "", False),
        ("dev", "https://owl.example.com", True),
        ("dev", "http://x", False),
    ],
)
def test_only_development_does_without_tls(mode: Any, url: str, *, secure: bool) -> None:
    """A production service whose address nobody has set still gives out secure cookies."""
    settings = msgspec.structs.replace(NOWHERE, mode=mode, public_url=url, session_hours=1)

    assert (settings.sessions.is_secure, settings.sessions.lifetime) == (secure, timedelta(hours=1))
    assert settings.sessions.cookie.startswith("__Host-") == secure


NOWHERE = Settings(database_url="postgresql://nowhere", nats_url="nats://nowhere", redis_url="redis://nowhere")


def test_the_development_door_needs_development_mode() -> None:
    """Else the service refuses to start."""
    with pytest.raises(SettingsError, match="NIGHTOWL_MODE=dev"):
        build(msgspec.structs.replace(NOWHERE, dev_login=True))


async def test_the_development_door(service: RunningApp, servers: Servers, tenant: str) -> None:
    """Closed unless it is asked for; open, it lets in by the tenant's name, and a bad key is still refused."""
    header = {"X-Tenant-Slug": tenant}
    assert (await service.client.get(ME, headers=header)).status_code == 401

    settings = Settings(
        database_url=servers.database_url, nats_url=servers.nats_url, redis_url=servers.redis_url, database_pool_size=2,
        mode="dev", dev_login=True,
    )  # fmt: skip
    async with running_app(build, settings) as opened:
        me = await opened.client.get(ME, headers=header)
        answers = [
            await opened.client.get(ME, headers={"X-Tenant-Slug": "no_such_tenant"}),
            await opened.client.get(ME, headers={**header, "X-API-Key": "ow_nobody_has_this_key_at_all"}),
            await opened.client.get(ME),
        ]

    assert (me.json()["tenant"], me.json()["role"], me.json()["via"]) == (tenant, "admin", "dev")
    assert [each.status_code for each in answers] == [401] * 3

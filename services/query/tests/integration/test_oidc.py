"""Signing in with an identity provider: the whole round over HTTP, and everything that must not get in."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import msgspec
import pytest
import pytest_asyncio
from httpx import AsyncClient
from structlog.testing import capture_logs

from nightowl_alerting.sealing import make_master_key
from nightowl_auth import Role, insert_key, make_key
from nightowl_common.db import Database
from nightowl_common.settings import Secret
from nightowl_query.app import build
from nightowl_query.model.oidc import REFUSALS
from nightowl_query.settings import Settings
from nightowl_query.store.oidc import sweep_departures
from nightowl_testkit.apps import RunningApp, running_app
from nightowl_testkit.browsing import Browser, query_of
from nightowl_testkit.clock import DbClock
from nightowl_testkit.fakes import FakeOidc
from nightowl_testkit.servers import Servers

pytestmark = pytest.mark.integration

PUBLIC = "https://owl.test"
SESSION, AWAY = "__Host-nightowl", "__Host-nightowl-oidc"
Rows = Callable[..., Awaitable[list[dict[str, Any]]]]
Setting = Callable[..., Awaitable[AsyncClient]]
ADA = {"sub": "ada-1", "email": "ada@example.com", "email_verified": True, "name": "Ada"}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def service(servers: Servers) -> AsyncIterator[RunningApp]:
    """With a public address, and providers allowed on this machine; no issuer of the installation."""
    settings = Settings(
        database_url=servers.database_url, nats_url=servers.nats_url, redis_url=servers.redis_url, database_pool_size=4,
        master_keys=Secret(make_master_key("test")), public_url=PUBLIC, oidc_hosts="127.0.0.1",
    )  # fmt: skip
    async with running_app(build, settings) as running:
        yield running


@pytest.fixture(autouse=True)
def provider(fake_oidc: FakeOidc, service: RunningApp) -> FakeOidc:
    """Knows where we are, and we know nothing of it."""
    forget(service)
    fake_oidc.redirect_uris = {f"{PUBLIC}/api/v1/auth/oidc/callback"}
    fake_oidc.person = dict(ADA)
    return fake_oidc


def forget(service: RunningApp) -> None:
    """What the service remembers of providers."""
    service.app.state.oidc.providers._known.clear()


@pytest.fixture
def set_issuer(service: RunningApp, database: Database, tenant: str, provider: FakeOidc) -> Setting:
    """Sets the tenant's issuer over the API; returns the admin who did."""

    async def put(of: str = tenant, **changes: object) -> AsyncClient:
        key = make_key()
        async with database.global_tx() as tx:
            await insert_key(tx, key, tenant=of, role="admin", description="admin")
        admin = service.client_with(X_API_Key=key.raw)
        body = {
            "issuer": provider.issuer, "client_id": provider.client_id, "client_secret": provider.client_secret,
            "creates_users": True, "default_role": "engineer", **changes,
        }  # fmt: skip
        answer = await admin.put("/api/v1/admin/sign-in", json=body)
        assert answer.status_code == 200, answer.text
        return admin

    return put


@pytest.fixture
def browser(service: RunningApp) -> Browser:
    return Browser(service.client_with())


@pytest.fixture
def rows(database: Database, tenant: str) -> Rows:
    """Rows of the tenant."""

    async def fetch(statement: str, *arguments: object) -> list[dict[str, Any]]:
        async with database.tenant_tx(tenant) as tx:
            return [dict(row) for row in await tx.fetch(statement, *arguments)]

    return fetch


@pytest.fixture
def person(database: Database, tenant: str) -> Callable[..., Awaitable[str]]:
    """Makes a person who is here already."""

    async def make(email: str = "ada@example.com", role: Role = "engineer", **more: object) -> str:
        fields = {"email": email, "display_name": "Ada of ours", "role": role, **more}
        names, places = ", ".join(fields), ", ".join(f"${place}" for place in range(1, len(fields) + 1))
        async with database.tenant_tx(tenant) as tx:
            made = await tx.fetchval(f"INSERT INTO users ({names}) VALUES ({places}) RETURNING id", *fields.values())
            return str(made)

    return make


AUDIT = "SELECT action, actor, changes FROM audit_log WHERE entity = 'user' ORDER BY id"


async def test_a_person_signs_in_and_out(
    browser: Browser, set_issuer: Setting, tenant: str, provider: FakeOidc, rows: Rows
) -> None:
    """To the provider and back, a session like any other, and its end; CSRF counts in it."""
    await set_issuer()

    begun = await browser.begin(tenant=tenant, return_to="/alerts?status=firing")
    asked = query_of(begun.headers["location"])
    ended = await browser.come_back(await browser.visit(begun))
    me = await browser.me()
    forged = await browser.call("POST", "/api/v1/runbooks", json={"title": "Make room"})
    browser.csrf = me["csrf_token"]
    made = await browser.call("POST", "/api/v1/runbooks", json={"title": "Make room"})
    out = await browser.call("POST", "/api/v1/auth/logout")
    after = await browser.call("GET", "/api/v1/auth/me")

    assert asked["code_challenge_method"] == "S256"
    assert asked["redirect_uri"] == f"{PUBLIC}/api/v1/auth/oidc/callback"
    assert (ended.status_code, ended.headers["location"]) == (303, "/alerts?status=firing")
    assert ended.headers["cache-control"] == "no-store"
    assert (me["tenant"], me["name"], me["role"], me["via"]) == (tenant, "Ada", "engineer", "session")
    assert (forged.status_code, forged.json()["code"], made.status_code) == (403, "csrf", 201)
    assert (out.status_code, after.status_code) == (204, 401)
    assert AWAY not in browser.cookies
    [user] = await rows("SELECT email, external_id, role FROM users")
    assert user == {"email": "ada@example.com", "external_id": f"{provider.issuer}#ada-1", "role": "engineer"}
    assert [(row["action"], row["actor"]["kind"]) for row in await rows(AUDIT)] == [
        ("created", "provider"), ("signed_in", "user"),
    ]  # fmt: skip


async def test_the_cookie_of_an_departure_is_out_of_reach(browser: Browser, set_issuer: Setting, tenant: str) -> None:
    """Of scripts and other hosts, and it opens nothing by itself; nothing secret of the departure is in its address."""
    await set_issuer()

    begun = await browser.begin(tenant=tenant)

    [cookie] = begun.headers.get_list("set-cookie")
    assert cookie.startswith(f"{AWAY}=")
    for word in ("Secure", "HttpOnly", "SameSite=lax", "Path=/", "Max-Age=600"):
        assert word in cookie
    assert browser.cookies[AWAY] not in begun.headers["location"]
    assert (await browser.call("GET", "/api/v1/auth/me")).status_code == 401


async def test_signing_in_begins_another_session(
    browser: Browser, set_issuer: Setting, tenant: str, service: RunningApp, passing: Callable[[float], None]
) -> None:
    """The one that the browser had is over: nobody can plant one."""
    await set_issuer()
    await browser.sign_in(tenant=tenant)
    before = browser.cookies[SESSION]

    await browser.sign_in(tenant=tenant)
    passing(5.1)

    assert browser.cookies[SESSION] != before
    old = await service.client.get("/api/v1/auth/me", headers={"Cookie": f"{SESSION}={before}"})
    assert old.status_code == 401


@pytest.mark.parametrize(
    "path", ["//evil.test", "https://evil.test/", "/\\evil.test", "evil", "", "/a\nb", "/" + "x" * 500]
)
async def test_nobody_is_led_to_another_site(browser: Browser, set_issuer: Setting, tenant: str, path: str) -> None:
    """`return_to` is a path of this site, or 422."""
    await set_issuer()

    answer = await browser.begin(tenant=tenant, return_to=path)

    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "return_to")


@pytest.mark.parametrize("asked", [{"tenant": "no_such_tenant"}, {"tenant": "x' OR 1"}, {}])
async def test_without_an_issuer_there_is_no_such_page(browser: Browser, asked: dict[str, str]) -> None:
    """Whether the tenant is there is not told."""
    answer = await browser.begin(**asked)

    assert (answer.status_code, answer.json()["code"]) == (404, "no_issuer")


async def test_an_answer_counts_once(browser: Browser, set_issuer: Setting, tenant: str) -> None:
    """Neither state nor code can be used again."""
    await set_issuer()
    url = await browser.visit(await browser.begin(tenant=tenant))
    cookies = dict(browser.cookies)

    first = await browser.come_back(url)
    browser.cookies = cookies
    again = await browser.come_back(url)
    begun = query_of((await browser.begin(tenant=tenant)).headers["location"])
    old_code = await browser.come_back(url.replace(query_of(url)["state"], begun["state"]))

    assert first.status_code == 303
    assert (again.status_code, again.json()["code"]) == (403, "bad_state")
    assert (old_code.status_code, old_code.json()["code"]) == (403, "bad_token")


async def test_two_who_bring_the_same_answer_do_not_both_get_in(
    browser: Browser, set_issuer: Setting, tenant: str, service: RunningApp
) -> None:
    """The departure is taken under the database's lock."""
    await set_issuer()
    url = await browser.visit(await browser.begin(tenant=tenant))
    twin = Browser(service.client_with())
    twin.cookies = dict(browser.cookies)

    answers = await asyncio.gather(browser.come_back(url), twin.come_back(url))

    assert sorted(each.status_code for each in answers) == [303, 403]


async def test_who_comes_in_for_the_first_time_twice_at_once_gets_in(
    browser: Browser, set_issuer: Setting, tenant: str, provider: FakeOidc, database: Database, rows: Rows
) -> None:
    """Somebody else is making the person just then: this one waits for them, and is that person."""
    await set_issuer()
    url = await browser.visit(await browser.begin(tenant=tenant))
    async with database.tenant_tx(tenant) as tx:
        made = await tx.fetchval(
            "INSERT INTO users (email, display_name, role, external_id) VALUES ($1, 'Ada', 'engineer', $2) RETURNING id",
            ADA["email"], f"{provider.issuer}#{ADA['sub']}",
        )  # fmt: skip
        coming = asyncio.create_task(browser.come_back(url))
        while not await tx.fetchval("SELECT count(*) FROM pg_locks WHERE locktype = 'transactionid' AND NOT granted"):
            assert not coming.done(), (await coming).text
            await asyncio.sleep(0.01)

    answer = await coming

    assert answer.status_code == 303, answer.text
    assert [str(row["id"]) for row in await rows("SELECT id FROM users")] == [str(made)]
    assert (await browser.me())["name"] == "Ada"


async def test_an_answer_counts_in_its_browser_only(
    browser: Browser, set_issuer: Setting, tenant: str, service: RunningApp
) -> None:
    """A link that somebody else has begun signs nobody in, and their departure is still good."""
    await set_issuer()
    url = await browser.visit(await browser.begin(tenant=tenant))
    victim = Browser(service.client_with())

    nothing = await victim.come_back(url)
    await victim.begin(tenant=tenant)
    another = await victim.come_back(url)

    assert [(each.status_code, each.json()["code"]) for each in (nothing, another)] == [(403, "bad_state")] * 2
    assert (await browser.come_back(url)).status_code == 303


async def test_several_tabs_of_a_browser_come_back_in_any_order(
    browser: Browser, set_issuer: Setting, tenant: str
) -> None:
    """Each has a state of its own, under one cookie."""
    await set_issuer()
    first = await browser.visit(await browser.begin(tenant=tenant, return_to="/first"))
    second = await browser.visit(await browser.begin(tenant=tenant, return_to="/second"))
    cookies = dict(browser.cookies)

    answers = []
    for url in (second, first):
        browser.cookies = dict(cookies)
        answers.append(await browser.come_back(url))

    assert [each.headers.get("location") for each in answers] == ["/second", "/first"]


@pytest.mark.parametrize("state", ["", "x" * 43, "x" * 42, "é" * 43])
async def test_a_made_up_state_is_refused(browser: Browser, set_issuer: Setting, tenant: str, state: str) -> None:
    """Before the provider is asked anything."""
    await set_issuer()
    await browser.begin(tenant=tenant)

    answer = await browser.call("GET", "/api/v1/auth/oidc/callback", params={"state": state, "code": "x"})

    assert (answer.status_code, answer.json()["code"]) == (403, "bad_state")


async def test_an_departure_lasts_ten_minutes_by_the_databases_clock(
    browser: Browser, set_issuer: Setting, tenant: str, db_clock: DbClock, database: Database, service: RunningApp
) -> None:
    """Then it is over, and is swept away."""
    await set_issuer()
    in_time = await browser.visit(await browser.begin(tenant=tenant))
    await db_clock.advance(minutes=4, seconds=50)
    cookies = dict(browser.cookies)
    assert (await browser.come_back(in_time)).status_code == 303
    browser.cookies = cookies
    late = await browser.visit(await browser.begin(tenant=tenant))
    await db_clock.advance(minutes=10, seconds=1)

    answer = await browser.come_back(late)

    assert (answer.status_code, answer.json()["code"]) == (403, "bad_state")
    await sweep_departures(database)
    async with database.global_tx() as tx:
        left = await tx.fetchval("SELECT count(*) FROM public.sign_in_departures WHERE tenant = $1", tenant)
    assert left == 0


LIES: dict[str, tuple[dict[str, Any], str]] = {
    "audience": ({"claims": {"aud": "somebody-else"}}, "audience"),
    "no audience": ({"claims": {"aud": None}}, "audience"),
    "party": ({"claims": {"aud": ["nightowl", "other"], "azp": "other"}}, "party"),
    "several audiences without a party": ({"claims": {"aud": ["nightowl", "other"]}}, "party"),
    "nonce": ({"claims": {"nonce": "another-sign-in"}}, "nonce"),
    "no nonce": ({"claims": {"nonce": None}}, "nonce"),
    "expired": ({"claims": {"exp": 1_000_000_000}}, "expired"),
    "no end": ({"claims": {"exp": None}}, "times"),
    "no beginning": ({"claims": {"iat": None}}, "times"),
    "from the future": ({"claims": {"iat": 6_000_000_000}}, "not_yet"),
    "not yet": ({"claims": {"nbf": 6_000_000_000}}, "not_yet"),
    "time that is none": ({"claims": {"exp": True}}, "times"),
    "issuer": ({"claims": {"iss": "https://evil.test"}}, "issuer"),
    "no subject": ({"claims": {"sub": None}}, "subject"),
    "subject that is none": ({"claims": {"sub": ["ada-1"]}}, "subject"),
    "not signed": ({"forged": "none"}, "algorithm"),
    "signed with the public key": ({"forged": "HS256"}, "algorithm"),
    "signed by a stranger": ({"forged": "stranger"}, "signature"),
    "a key that is unknown": ({"header": {"kid": "unknown"}}, "key_unknown"),
    "critical extension": ({"header": {"crit": ["exp"]}}, "shape"),
    "another provider answers": ({"answer_issuer": "https://evil.test"}, "issuer"),
}  # fmt: skip


@pytest.mark.parametrize("name", LIES)
async def test_a_token_that_does_not_hold_is_refused(
    browser: Browser, set_issuer: Setting, tenant: str, provider: FakeOidc, rows: Rows, name: str
) -> None:
    """One code for all of them; the audit log says which, and nobody is made or let in."""
    await set_issuer()
    lies, reason = LIES[name]
    provider.lies = msgspec.structs.replace(provider.lies, **lies)

    answer = await browser.sign_in(tenant=tenant)

    assert (answer.status_code, answer.json()["code"]) == (403, "bad_token")
    assert reason not in answer.json()["detail"]
    assert SESSION not in browser.cookies
    assert await rows("SELECT FROM users") == []
    [told] = await rows(AUDIT)
    assert (told["action"], told["changes"]) == ("sign_in_refused", {"reason": reason})


async def test_the_providers_refusal_is_told_as_such(
    browser: Browser, set_issuer: Setting, tenant: str, provider: FakeOidc
) -> None:
    """Its word is not shown: anybody can write one into the address."""
    await set_issuer()
    provider.lies.denied = "access_denied"

    answer = await browser.sign_in(tenant=tenant)

    assert (answer.status_code, answer.json()["code"]) == (403, "provider_refused")
    assert "access_denied" not in answer.text


async def test_a_wrong_client_secret_lets_nobody_in(browser: Browser, set_issuer: Setting, tenant: str) -> None:
    """The provider refuses to give anything for the code."""
    await set_issuer(client_secret="wrong")

    answer = await browser.sign_in(tenant=tenant)

    assert (answer.status_code, answer.json()["code"]) == (403, "bad_token")


@pytest.mark.parametrize("way", ["client_secret_basic", "client_secret_post", "none"])
async def test_the_client_proves_itself_as_the_provider_wants(
    browser: Browser, set_issuer: Setting, tenant: str, provider: FakeOidc, way: str
) -> None:
    """By Basic, in the form, or as a public client by PKCE alone."""
    provider.lies.discovery = {"token_endpoint_auth_methods_supported": [way]}
    if way == "none":
        provider.client_secret = None
    await set_issuer()

    assert (await browser.sign_in(tenant=tenant)).status_code == 303


@pytest.mark.parametrize("code", ["", "x" * 4_001, "a\x00b"])
async def test_a_code_that_is_none_is_not_handed_on(
    browser: Browser, set_issuer: Setting, tenant: str, provider: FakeOidc, code: str
) -> None:
    """The provider is not asked."""
    await set_issuer()
    state = query_of((await browser.begin(tenant=tenant)).headers["location"])["state"]

    answer = await browser.call(
        "GET", "/api/v1/auth/oidc/callback", params={"state": state, "code": code, "iss": provider.issuer}
    )

    assert (answer.status_code, answer.json()["code"]) == (403, "provider_refused")
    assert provider.fetches["token"] == 0


@pytest.mark.parametrize("path", ["openid-configuration", "token", "jwks"])
async def test_a_provider_that_is_down_is_told_as_such(
    browser: Browser, set_issuer: Setting, tenant: str, provider: FakeOidc, path: str, service: RunningApp
) -> None:
    """503, to be tried again; nothing of its address is told."""
    await set_issuer()
    provider.lies.is_down = {path}

    begun = await browser.begin(tenant=tenant)
    answer = begun if begun.status_code != 303 else await browser.come_back(await browser.visit(begun))

    assert (answer.status_code, answer.json()["code"]) == (503, "provider_unavailable")
    assert str(provider.port) not in answer.text


async def test_a_discovery_document_of_another_issuer_is_not_taken(
    browser: Browser, set_issuer: Setting, tenant: str, provider: FakeOidc
) -> None:
    """To the letter: not even a slash more."""
    await set_issuer()
    provider.lies.discovery = {"issuer": f"{provider.issuer}/"}

    answer = await browser.begin(tenant=tenant)

    assert (answer.status_code, answer.json()["code"]) == (503, "provider_unavailable")


async def test_new_keys_are_found_and_old_ones_forgotten(
    browser: Browser, set_issuer: Setting, tenant: str, provider: FakeOidc, passing: Callable[[float], None]
) -> None:
    """A rotation needs nobody: every kind of key that counts, one after the other."""
    await set_issuer()
    answers = []
    for algorithm in ("RS256", "ES256", "EdDSA", "PS256"):
        provider.rotate(algorithm)
        passing(30.1)
        answers.append(await browser.sign_in(tenant=tenant))

    assert [each.status_code for each in answers] == [303] * 4


async def test_keys_are_kept_while_the_provider_is_down(
    browser: Browser, set_issuer: Setting, tenant: str, provider: FakeOidc, passing: Callable[[float], None]
) -> None:
    """Also when they are old: only new keys are missing then."""
    await set_issuer()
    await browser.sign_in(tenant=tenant)
    provider.lies.is_down = {"jwks", "openid-configuration"}
    passing(4_000.0)

    kept = await browser.sign_in(tenant=tenant)
    provider.rotate()
    passing(30.1)
    new = await browser.sign_in(tenant=tenant)

    assert (kept.status_code, new.status_code) == (303, 403)


async def test_a_known_person_is_linked_by_a_verified_address(
    browser: Browser,
    set_issuer: Setting,
    tenant: str,
    person: Callable[..., Awaitable[str]],
    provider: FakeOidc,
    rows: Rows,
) -> None:
    """Once; from then on issuer and subject count, whatever the address becomes."""
    await set_issuer(creates_users=False)
    user_id = await person("Ada@Example.com", role="manager")

    first = await browser.sign_in(tenant=tenant)
    provider.person |= {"email": "lovelace@example.com"}
    second = await browser.sign_in(tenant=tenant)
    me = await browser.me()

    assert (first.status_code, second.status_code) == (303, 303)
    assert (me["user_id"], me["role"], me["name"]) == (user_id, "manager", "Ada of ours")
    told = [row["changes"] for row in await rows(AUDIT)]
    assert told[0]["external_id"] == [None, f"{provider.issuer}#ada-1"]
    assert told[1] == {"issuer": provider.issuer}


REFUSED: dict[str, tuple[dict[str, Any], dict[str, Any], dict[str, Any], str]] = {
    "unknown": ({"creates_users": False}, {}, {"email": "other@example.com"}, "person_unknown"),
    "unverified": ({}, {"email_verified": False}, {}, "email_unverified"),
    "unverified by a word": ({}, {"email_verified": "yes"}, {}, "email_unverified"),
    "without address": ({}, {"email": None}, {}, "email_unverified"),
    "odd address": ({}, {"email": "ada@ example.com"}, {}, "email_unverified"),
    "of another domain": ({"email_domains": ["example.org"]}, {}, {}, "email_domain"),
    "of a longer domain": ({"email_domains": ["ample.com"]}, {}, {}, "email_domain"),
    "linked elsewhere": ({}, {}, {"external_id": "https://other.test#1"}, "linked_elsewhere"),
    "gone": ({}, {}, {"is_active": False}, "person_inactive"),
    "without role": ({"role_claim": "groups", "roles": {"a": "admin"}, "default_role": None}, {}, {}, "no_role"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
async def test_who_may_not_come_in_is_told_why(
    browser: Browser, set_issuer: Setting, tenant: str, person: Callable[..., Awaitable[str]], provider: FakeOidc,
    rows: Rows, name: str,
) -> None:  # fmt: skip
    """By a code; the audit log has who it was, so that an admin can help."""
    settings, claims, user, code = REFUSED[name]
    await set_issuer(**settings)
    await person(**user)
    provider.person |= claims

    answer = await browser.sign_in(tenant=tenant)

    assert (answer.status_code, answer.json()["code"]) == (403, code)
    assert SESSION not in browser.cookies
    [told] = await rows(AUDIT)
    assert told["changes"] == {"reason": code, "external_id": f"{provider.issuer}#ada-1"}


TRIAL = "/api/v1/admin/sign-in/trial"


async def tried(browser: Browser, admin: AsyncClient) -> dict[str, Any]:
    """All of a trial, in a browser of an admin's; what the page is told in the end."""
    key = {"X-API-Key": admin.headers["X-API-Key"]}
    begun = await browser.call("POST", TRIAL, headers=key)
    assert begun.status_code == 200, begun.text
    async with AsyncClient() as outside:
        left = await outside.get(begun.json()["location"])
    back = await browser.come_back(left.headers["location"])
    page, _, given = back.headers["location"].partition("#")
    assert (back.status_code, page, browser.cookies.keys() & {SESSION}) == (303, "/admin/sign-in", set())
    body = query_of(f"?{given}")
    answer = await browser.call("POST", f"{TRIAL}/result", json=body, headers=key)
    again = await browser.call("POST", f"{TRIAL}/result", json=body, headers=key)
    assert (answer.status_code, again.status_code, again.json()["code"]) == (200, 403, "bad_state"), answer.text
    return answer.json()


async def test_a_trial_tells_every_step_and_lets_nobody_in(
    browser: Browser, set_issuer: Setting, provider: FakeOidc, rows: Rows
) -> None:
    """Whom the claims would make, and nobody is made; the browser has no session, and the answer counts once."""
    admin = await set_issuer(role_claim="groups", roles={"ops": "manager"})
    provider.person |= {"groups": ["ops", "all"]}

    trial = await tried(browser, admin)

    steps = {each["step"]: each for each in trial["steps"]}
    assert [step for step, each in steps.items() if each["is_good"]] == [
        "discovery", "answer", "code", "keys", "token", "tenant", "person",
    ]  # fmt: skip
    assert steps["discovery"]["evidence"]["issuer"] == provider.issuer
    assert steps["person"]["evidence"] == {
        "role_claim": "groups", "values": ["ops", "all"], "role_by_claims": "manager",
    }  # fmt: skip
    assert (trial["claims"]["sub"], trial["person"], trial["role"], trial["is_new"]) == (
        "ada-1", "Ada", "manager", True,
    )  # fmt: skip
    assert SESSION not in browser.cookies
    assert await rows("SELECT id FROM users") == []
    [audit] = await rows("SELECT changes FROM audit_log WHERE action = 'tried'")
    assert audit["changes"] == {"failed": None}


@pytest.mark.parametrize("name", REFUSED)
async def test_a_trial_tells_why_somebody_is_refused_and_changes_nothing(
    browser: Browser, set_issuer: Setting, person: Callable[..., Awaitable[str]], provider: FakeOidc, rows: Rows,
    name: str,
) -> None:  # fmt: skip
    """The last step, in words; nobody is linked."""
    settings, claims, user, code = REFUSED[name]
    admin = await set_issuer(**settings)
    await person(**user)
    provider.person |= claims
    before = await rows("SELECT email, external_id, role FROM users")

    last = (await tried(browser, admin))["steps"][-1]

    assert (last["step"], last["is_good"], last["why"]) == ("person", False, REFUSALS[code]().detail)
    assert await rows("SELECT email, external_id, role FROM users") == before


async def test_a_trial_tells_what_is_wrong_with_the_provider(
    browser: Browser, set_issuer: Setting, provider: FakeOidc
) -> None:
    """A wrong secret at the code, a forged token at the keys, a provider that is away at once."""
    admin = await set_issuer(client_secret="wrong-" + provider.client_secret)
    wrong = (await tried(browser, admin))["steps"][-1]
    admin = await set_issuer()
    provider.lies.forged = "stranger"
    forged = (await tried(browser, admin))["steps"][-1]

    assert (wrong["step"], wrong["is_good"], wrong["why"]) == ("code", False, "it does not hold: code")
    assert (forged["step"], forged["is_good"]) == ("keys", False)


async def test_a_trial_is_for_the_admin_of_its_tenant(
    browser: Browser, set_issuer: Setting, client_of: Callable[..., Awaitable[AsyncClient]], tenant: str
) -> None:
    """Managers may not; and a departure to sign in is no trial, nor the other way round."""
    admin = await set_issuer()
    manager = await client_of(tenant, "manager")
    key = {"X-API-Key": admin.headers["X-API-Key"]}

    refused = await browser.call("POST", TRIAL, headers={"X-API-Key": manager.headers["X-API-Key"]})
    url = await browser.visit(await browser.begin(tenant=tenant))
    taken = await browser.call("POST", f"{TRIAL}/result", json=query_of(url), headers=key)
    ended = await browser.come_back(url)

    assert (refused.status_code, taken.status_code, taken.json()["code"]) == (403, 403, "bad_state")
    assert (ended.status_code, SESSION in browser.cookies) == (303, True)


async def test_a_person_who_is_deactivated_is_out_and_stays_out(
    browser: Browser, set_issuer: Setting, tenant: str, passing: Callable[[float], None]
) -> None:
    """Within 5 s, and the provider's word does not change that."""
    admin = await set_issuer()
    await browser.sign_in(tenant=tenant)
    user_id = (await browser.me())["user_id"]

    await admin.post(f"/api/v1/users/{user_id}/deactivate")
    passing(5.1)

    assert (await browser.call("GET", "/api/v1/auth/me")).status_code == 401
    again = await browser.sign_in(tenant=tenant)
    assert (again.status_code, again.json()["code"]) == (403, "person_inactive")


async def test_roles_follow_the_claim_at_each_sign_in(
    browser: Browser, set_issuer: Setting, tenant: str, provider: FakeOidc, rows: Rows
) -> None:
    """The highest that is mapped, by a path into the claims; without one the default; keys are lowered with it."""
    admin = await set_issuer(
        role_claim="realm_access.roles", roles={"owl-admin": "admin", "on-call": "engineer"}, default_role="readonly"
    )
    seen = []
    for roles in (["x", "on-call", "owl-admin"], ["on-call"], ["x"]):
        provider.person |= {"realm_access": {"roles": roles}}
        if roles == ["on-call"]:
            await admin.post("/api/v1/users", json={"email": "b@example.com", "display_name": "Bob", "role": "admin"})
        await browser.sign_in(tenant=tenant)
        seen.append((await browser.me())["role"])

    assert seen == ["admin", "engineer", "readonly"]
    told = [row["changes"].get("role") for row in await rows(AUDIT) if row["action"] == "signed_in"]
    assert told == [None, ["admin", "engineer"], ["engineer", "readonly"]]


async def test_the_last_admin_stays_whatever_the_claim_says(
    browser: Browser, set_issuer: Setting, tenant: str, person: Callable[..., Awaitable[str]], rows: Rows
) -> None:
    """A tenant is never without one; the audit log tells of it."""
    await set_issuer(role_claim="groups", roles={"owl-admin": "admin"}, default_role="readonly")
    await person(role="admin")

    await browser.sign_in(tenant=tenant)

    assert (await browser.me())["role"] == "admin"
    assert (await rows(AUDIT))[-1]["changes"]["role"].startswith("kept")


async def test_an_answer_of_another_tenants_issuer_opens_nothing(
    browser: Browser, set_issuer: Setting, tenant: str, second_tenant: str, provider: FakeOidc, rows: Rows
) -> None:
    """Who has changed the issuer meanwhile, or brings a code of another one, stays outside."""
    await set_issuer()
    url = await browser.visit(await browser.begin(tenant=tenant))

    await set_issuer(issuer="http://127.0.0.1:9/other")
    moved = await browser.come_back(url)

    assert (moved.status_code, moved.json()["code"]) == (403, "bad_token")
    assert await rows("SELECT FROM users") == []
    assert (await browser.begin(tenant=second_tenant)).status_code == 404


async def test_a_suspended_tenant_lets_nobody_in(
    browser: Browser, set_issuer: Setting, tenant: str, database: Database
) -> None:
    """As with a password."""
    await set_issuer()
    async with database.global_tx() as tx:
        await tx.execute("UPDATE public.tenants SET status = 'suspended' WHERE slug = $1", tenant)

    assert (await browser.begin(tenant=tenant)).status_code == 404


async def test_no_secret_is_in_the_logs_or_in_the_tables(
    browser: Browser, set_issuer: Setting, tenant: str, provider: FakeOidc, database: Database
) -> None:
    """Neither the client's secret, codes, cookies, tokens, nor states; whether it goes well or not."""
    with capture_logs() as lines:
        await set_issuer()
        url = await browser.visit(await browser.begin(tenant=tenant))
        away = browser.cookies[AWAY]
        async with database.global_tx() as tx:
            stored = await tx.fetchval("SELECT string_agg(a::text, ' ') FROM public.sign_in_departures AS a")
        await browser.come_back(url)
        await browser.come_back(url)
        provider.lies.forged = "stranger"
        await browser.sign_in(tenant=tenant)
        provider.lies.is_down = {"token"}
        await browser.sign_in(tenant=tenant)
        await set_issuer(client_secret="wrong-" + provider.client_secret)
        await browser.sign_in(tenant=tenant)

    told = repr(lines)
    assert len(lines) >= 9
    secrets = [provider.client_secret, away, query_of(url)["state"], query_of(url)["code"], browser.cookies[SESSION]]
    for secret in [*secrets, *provider.issued]:
        assert secret not in told
        assert secret not in stored

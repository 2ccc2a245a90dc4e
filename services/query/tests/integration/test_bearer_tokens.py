"""Bearer JWTs of identity providers, and the installation's own issuer with tenants by a claim."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest
import pytest_asyncio
from httpx import AsyncClient, Response
from structlog.testing import capture_logs

from nightowl_alerting.sealing import make_master_key
from nightowl_auth import insert_key, make_key
from nightowl_auth.oidc import delete_tenant_claim, insert_tenant_claim
from nightowl_common.db import Database
from nightowl_common.settings import Secret, SettingsError
from nightowl_query.app import build
from nightowl_query.settings import Settings, require_safe
from nightowl_testkit.apps import RunningApp, running_app
from nightowl_testkit.browsing import Browser
from nightowl_testkit.clock import DbClock
from nightowl_testkit.fakes import FakeOidc
from nightowl_testkit.servers import Servers

pytestmark = pytest.mark.integration

ME = "/api/v1/auth/me"
Ask = Callable[..., Awaitable[Response]]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def settings(servers: Servers, oidc_server: FakeOidc) -> Settings:
    """An issuer of the installation, whose claim `owl_tenants` names tenants."""
    return Settings(
        database_url=servers.database_url, nats_url=servers.nats_url, redis_url=servers.redis_url, database_pool_size=4,
        master_keys=Secret(make_master_key("test")), public_url="https://owl.test", oidc_hosts="127.0.0.1",
        oidc_issuer_url=oidc_server.issuer, oidc_client_id=oidc_server.client_id, oidc_audience=oidc_server.audience,
        oidc_client_secret=Secret(oidc_server.client_secret), oidc_tenant_claim="owl_tenants", oidc_create_users=True,
        oidc_default_role="engineer",
    )  # fmt: skip


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def service(settings: Settings) -> AsyncIterator[RunningApp]:
    async with running_app(build, settings) as running:
        yield running


@pytest.fixture(autouse=True)
def provider(fake_oidc: FakeOidc, service: RunningApp) -> FakeOidc:
    """Knows where we are, and we know nothing of it."""
    service.app.state.oidc.providers._known.clear()
    fake_oidc.redirect_uris = {"https://owl.test/api/v1/auth/oidc/callback"}
    return fake_oidc


@pytest_asyncio.fixture(autouse=True, loop_scope="session")
async def claim(database: Database, tenant: str) -> str:
    """The value that stands for the tenant."""
    async with database.global_tx() as tx:
        await insert_tenant_claim(tx, f"company/{tenant}", tenant=tenant)
    return f"company/{tenant}"


@pytest_asyncio.fixture(loop_scope="session")
async def ada(database: Database, tenant: str, provider: FakeOidc) -> UUID:
    """A manager whom the provider knows as ada-1."""
    async with database.tenant_tx(tenant) as tx:
        user_id: UUID = await tx.fetchval(
            "INSERT INTO users (email, display_name, role, external_id) VALUES ('ada@x.test', 'Ada', 'manager', $1)"
            " RETURNING id",
            f"{provider.issuer}#ada-1",
        )
    return user_id


@pytest.fixture
def ask(service: RunningApp, provider: FakeOidc, claim: str) -> Ask:
    """Calls with an access token of the provider."""

    async def call(
        subject: str = "ada-1", *, forged: str | None = None, header: dict[str, Any] | None = None, **claims: Any
    ) -> Response:
        told = {"owl_tenants": [claim], **claims}
        token = await provider.access_token(subject, forged=forged, header=header, **told)
        return await service.client.get(ME, headers={"Authorization": f"Bearer {token}"})

    return call


async def test_a_token_opens_what_its_person_may(ask: Ask, ada: UUID, tenant: str, service: RunningApp) -> None:
    """In the tenant that the verified claim leads to, whatever the headers say; without cookie and CSRF token."""
    answer = await ask()
    token = answer.request.headers["Authorization"]
    made = await service.client.post(
        "/api/v1/runbooks", json={"title": "Make room"}, headers={"Authorization": token, "X-Tenant-Slug": "acme"}
    )

    me = answer.json()
    assert (me["tenant"], me["user_id"], me["role"], me["via"]) == (tenant, str(ada), "manager", "jwt")
    assert me["csrf_token"] is None
    assert made.status_code == 201


@pytest.mark.parametrize(
    ("kind", "claims"),
    [("JWT", {}), (None, {}), ("application/at+jwt", {"nonce": "n"}), ("JWT", {"nonce": "n", "typ": "Bearer"})],
)
async def test_an_access_token_is_told_in_several_ways(
    ask: Ask, ada: UUID, kind: str | None, claims: dict[str, Any]
) -> None:
    """By its header or, of Keycloak, by a claim; a nonce does not make an ID token of it then."""
    answer = await ask(header={"typ": kind}, **claims)

    assert answer.status_code == 200


async def test_keys_and_personal_tokens_are_still_bearers(ask: Ask, service: RunningApp, client: AsyncClient) -> None:
    """And a JWT is one in this header only."""
    key = client.headers["X-API-Key"]
    jwt = (await ask()).request.headers["Authorization"].removeprefix("Bearer ")

    by_key = await service.client.get(ME, headers={"Authorization": f"Bearer {key}"})
    elsewhere = await service.client.get(ME, headers={"X-API-Key": jwt})

    assert (by_key.status_code, by_key.json()["via"], elsewhere.status_code) == (200, "key", 401)


REFUSED: dict[str, dict[str, Any]] = {
    "another audience": {"aud": "another-api"},
    "the client's audience, as ID tokens have it": {"aud": "nightowl"},
    "another issuer": {"iss": "https://evil.test"},
    "an issuer that cannot be stored": {"iss": "https://evil\x00.test"},
    "expired": {"exp": 1_000_000_000},
    "no end": {"exp": None},
    "an end that is none": {"exp": "tomorrow"},
    "not yet": {"nbf": 6_000_000_000},
    "from the future": {"iat": 6_000_000_000},
    "an ID token": {"nonce": "n", "header": {"typ": "JWT"}},
    "an ID token by its hash": {"at_hash": "h", "header": {"typ": None}},
    "an ID token of Keycloak": {"typ": "ID"},
    "a refresh token of Keycloak": {"typ": "Refresh"},
    "no tenant": {"owl_tenants": None},
    "an unknown tenant": {"owl_tenants": ["company/other"]},
    "a tenant's slug in place of its value": {"owl_tenants": "acme"},
    "no subject": {"sub": ""},
    "a subject that cannot be stored": {"sub": "a\x00"},
    "somebody unknown": {"sub": "nobody"},
    "not signed": {"forged": "none"},
    "signed with the public key": {"forged": "HS256"},
    "signed by a stranger": {"forged": "stranger"},
    "a type of another purpose": {"header": {"typ": "logout+jwt"}},
    "critical extension": {"header": {"crit": ["b64"], "b64": True}},
    "too large": {"filler": "x" * 8_200},
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
async def test_a_token_that_does_not_hold_is_refused(ask: Ask, ada: UUID, name: str) -> None:
    """401, with the same words for each of them."""
    answer = await ask(**REFUSED[name])

    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")
    assert answer.json()["detail"] == (await ask(sub="other")).json()["detail"]


@pytest.mark.parametrize("token", ["a.b.c", "..", "eyJ.eyJ.x", "e30.e30.", "é.é.é", "x" * 9_000 + ".a.b"])
async def test_what_is_no_token_is_refused(service: RunningApp, token: str) -> None:
    """And is nothing unexpected."""
    answer = await service.client.get(ME, headers={"Authorization": f"Bearer {token}".encode()})

    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")


async def test_a_minute_of_difference_between_clocks_is_forgiven(ask: Ask, ada: UUID, db_clock: DbClock) -> None:
    """By the database's clock; more is not."""
    now = int((await db_clock.now()).timestamp())

    fine = [await ask(exp=now - 40), await ask(nbf=now + 40), await ask(iat=now + 40)]
    bad = [await ask(exp=now - 61), await ask(nbf=now + 90), await ask(iat=now + 90)]

    assert [each.status_code for each in fine] == [200] * 3
    assert [each.status_code for each in bad] == [401] * 3


async def test_a_token_ends_while_it_is_remembered(
    ask: Ask, ada: UUID, db_clock: DbClock, service: RunningApp, passing: Callable[[float], None]
) -> None:
    """What was good within the last 5 s is asked again when its end comes first."""
    now = await db_clock.now()
    answer = await ask(exp=int((now - timedelta(seconds=57)).timestamp()))

    await db_clock.advance(seconds=4)
    passing(4.0)
    again = await service.client.get(ME, headers={"Authorization": answer.request.headers["Authorization"]})

    assert (answer.status_code, again.status_code) == (200, 401)


async def test_a_person_who_has_left_is_refused(
    ask: Ask, ada: UUID, database: Database, tenant: str, service: RunningApp, passing: Callable[[float], None]
) -> None:
    """Within 5 s, however long the token still holds."""
    answer = await ask()
    async with database.tenant_tx(tenant) as tx:
        await tx.execute("UPDATE users SET is_active = false WHERE id = $1", ada)
    passing(5.1)

    again = await service.client.get(ME, headers={"Authorization": answer.request.headers["Authorization"]})

    assert (answer.status_code, again.status_code) == (200, 401)


async def test_a_flood_of_unknown_keys_is_one_fetch_in_half_a_minute(
    ask: Ask, ada: UUID, provider: FakeOidc, passing: Callable[[float], None]
) -> None:
    """However many come at once, and good tokens go on meanwhile."""
    await ask()
    passing(30.1)
    before = provider.fetches["jwks"]

    flood = await asyncio.gather(*(ask(header={"kid": f"made-up-{number}"}) for number in range(40)))
    good = await ask()
    first = provider.fetches["jwks"] - before
    passing(20.0)
    await ask(header={"kid": "made-up"})
    still = provider.fetches["jwks"] - before
    passing(10.2)
    await asyncio.gather(*(ask(header={"kid": f"made-up-{number}"}) for number in range(10)))

    assert {each.status_code for each in flood} == {401}
    assert good.status_code == 200
    assert (first, still, provider.fetches["jwks"] - before) == (1, 1, 2)


async def test_a_new_key_is_found_and_an_old_one_no_longer_counts(
    ask: Ask, ada: UUID, provider: FakeOidc, passing: Callable[[float], None], service: RunningApp
) -> None:
    """After a rotation nobody has to restart anything."""
    old = (await ask()).request.headers["Authorization"]
    provider.rotate("ES256")
    passing(30.1)

    new = await ask()
    again = await service.client.get(ME, headers={"Authorization": old})

    assert (new.status_code, again.status_code) == (200, 401)


async def test_without_a_key_id_only_one_key_can_be_meant(ask: Ask, ada: UUID, provider: FakeOidc) -> None:
    """With two of a kind the token must say which; with one of each it need not."""
    provider.publish("ES256", "RS256")
    one_of_each = await ask(header={"kid": None})
    provider.rotate("RS256", keep=True)

    assert one_of_each.status_code == 200
    assert (await ask(header={"kid": None})).status_code == 401


async def test_while_the_provider_was_never_reached_it_is_said_so(ask: Ask, ada: UUID, provider: FakeOidc) -> None:
    """503, not 401: the token may be good."""
    provider.lies.is_down = {"jwks"}

    answer = await ask()

    assert (answer.status_code, answer.json()["code"]) == (503, "provider_unavailable")


async def test_a_personal_token_made_with_a_jwt_does_not_outlive_it(
    ask: Ask, ada: UUID, service: RunningApp, db_clock: DbClock
) -> None:
    """A stolen one cannot be made to last."""
    token = {"Authorization": (await ask()).request.headers["Authorization"]}
    late = (await db_clock.now() + timedelta(days=30)).isoformat()

    made = [
        await service.client.post("/api/v1/tokens", json={"description": "a", **more}, headers=token)
        for more in ({}, {"expires_at": late})
    ]

    assert [each.status_code for each in made] == [201, 201]
    limit = (await db_clock.now() + timedelta(seconds=301)).isoformat()
    assert all(each.json()["expires_at"] < limit for each in made)


async def test_the_claim_decides_which_tenant_somebody_signs_in_to(
    service: RunningApp, tenant: str, second_tenant: str, provider: FakeOidc, claim: str, database: Database
) -> None:
    """Asking for another one leads nowhere; who is in several has to say which."""
    async with database.global_tx() as tx:
        await insert_tenant_claim(tx, f"company/{second_tenant}", tenant=second_tenant)
    provider.person = {
        "sub": "bo", "email": "bo@x.test", "email_verified": True, "owl_tenants": [claim, "company/unknown"],
    }  # fmt: skip
    browser, both = Browser(service.client_with()), Browser(service.client_with())

    own = await browser.sign_in()
    me = await browser.me()
    foreign = await browser.sign_in(tenant=second_tenant)
    provider.person["owl_tenants"] = [claim, f"company/{second_tenant}"]
    unsaid = await both.sign_in()
    said = await both.sign_in(tenant=second_tenant)

    assert (own.status_code, me["tenant"]) == (303, tenant)
    assert [(each.status_code, each.json()["code"]) for each in (foreign, unsaid)] == [(403, "tenant_unclear")] * 2
    assert (said.status_code, (await both.me())["tenant"]) == (303, second_tenant)


async def test_it_cannot_be_told_which_tenants_there_are(
    service: RunningApp, tenant: str, second_tenant: str, provider: FakeOidc, claim: str
) -> None:
    """Asking for one that is not there leads to the provider like any other, and ends like one that is somebody else's."""
    provider.person = {"sub": "bo", "email": "bo@x.test", "email_verified": True, "owl_tenants": [claim]}
    browser = Browser(service.client_with())

    answers = [await browser.sign_in(tenant=asked) for asked in (second_tenant, "no_such_tenant")]

    assert [(each.status_code, each.json()["code"]) for each in answers] == [(403, "tenant_unclear")] * 2


async def test_an_issuer_of_the_installation_can_be_one_tenants(
    settings: Settings, tenant: str, second_tenant: str, provider: FakeOidc
) -> None:
    """Then no claim is needed, and nobody comes into another one by it."""
    provider.person = {"sub": "bo", "email": "bo@x.test", "email_verified": True}
    bound = msgspec.structs.replace(settings, oidc_tenant=tenant, oidc_tenant_claim="", database_pool_size=2)

    async with running_app(build, bound) as running:
        browser = Browser(running.client_with())
        answers = [await browser.sign_in(), await browser.sign_in(tenant=tenant)]
        me = await browser.me()
        foreign = await browser.begin(tenant=second_tenant)

    assert [each.status_code for each in answers] == [303, 303]
    assert me["tenant"] == tenant
    assert (foreign.status_code, foreign.json()["code"]) == (404, "no_issuer")


async def test_a_value_that_is_taken_away_opens_nothing(
    ask: Ask, ada: UUID, database: Database, tenant: str, claim: str
) -> None:
    """From the next token on."""
    before = await ask()
    async with database.global_tx() as tx:
        assert await delete_tenant_claim(tx, claim, tenant=tenant)

    assert (before.status_code, (await ask()).status_code) == (200, 401)


async def test_a_tenants_own_issuer_opens_that_tenant_only(
    ask: Ask, ada: UUID, service: RunningApp, database: Database, tenant: str, second_tenant: str, provider: FakeOidc
) -> None:
    """Its audience leads there; nobody can take the installation's, nor that of another tenant."""
    admins = {
        slug: service.client_with(X_API_Key=await make_admin(database, slug)) for slug in (tenant, second_tenant)
    }  # fmt: skip
    body = {"issuer": provider.issuer, "client_id": "own", "audience": f"api-{tenant}"}

    async def put(slug: str, **changes: object) -> Response:
        return await admins[slug].put("/api/v1/admin/sign-in", json={**body, **changes})

    taken = await put(tenant, audience=provider.audience)
    first = await put(tenant)
    second = await put(second_tenant)
    token = await ask(aud=body["audience"], owl_tenants=[f"company/{second_tenant}"])

    assert [(each.status_code, each.json()["code"]) for each in (taken, second)] == [(409, "audience_taken")] * 2
    assert first.status_code == 200
    assert (token.status_code, token.json()["tenant"], token.json()["user_id"]) == (200, tenant, str(ada))


async def test_a_role_in_the_token_makes_less_of_it_and_never_more(
    ask: Ask, ada: UUID, service: RunningApp, database: Database, tenant: str, provider: FakeOidc
) -> None:
    """A claim of `admin` makes no admin of a manager; no role at all is refused."""
    admin = service.client_with(X_API_Key=await make_admin(database, tenant))
    body = {"issuer": provider.issuer, "client_id": "own", "audience": f"api-{tenant}", "role_claim": "roles"}
    await admin.put("/api/v1/admin/sign-in", json={**body, "roles": {"boss": "admin", "look": "readonly"}})

    answers = [await ask(aud=body["audience"], roles=roles) for roles in (["boss", "look"], ["look"], [])]

    assert [each.json().get("role") for each in answers] == ["manager", "readonly", None]
    assert answers[-1].status_code == 401


async def make_admin(database: Database, slug: str) -> str:
    """An admin's key."""
    key = make_key()
    async with database.global_tx() as tx:
        await insert_key(tx, key, tenant=slug, role="admin", description="admin")
    return key.raw


async def test_no_token_is_in_the_logs(ask: Ask, ada: UUID, provider: FakeOidc) -> None:
    """Taken or refused."""
    with capture_logs() as lines:
        await ask()
        await ask(aud="other")
        await ask(forged="stranger")
        await ask(sub="nobody")

    told = repr(lines)
    assert [line["reason"] for line in lines if line["event"] == "bearer_refused"] == ["issuer", "signature", "person"]
    for token in provider.issued:
        assert token not in told
        assert token.split(".")[2] not in told


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"oidc_client_id": ""}, "OIDC_CLIENT_ID"),
        ({"oidc_tenant_claim": ""}, "OIDC_TENANT"),
        ({"oidc_tenant": "acme"}, "OIDC_TENANT"),
        ({"oidc_hosts": ""}, "not https"),
        ({"oidc_issuer_url": "ftp://sso.test"}, "not https"),
        ({"oidc_issuer_url": "https://sso.test/?a=b"}, "no plain address"),
        ({"oidc_default_role": "boss"}, "OIDC_DEFAULT_ROLE"),
        ({"oidc_roles": "a=boss"}, "OIDC_ROLES"),
        ({"oidc_roles": '{"a": 7}'}, "OIDC_ROLES"),
        ({"public_url": ""}, "NIGHTOWL_PUBLIC_URL"),
    ],
)  # fmt: skip
def test_an_issuer_that_is_not_all_there_stops_the_start(
    settings: Settings, changes: dict[str, str], word: str
) -> None:
    """With the name of the setting that is wrong."""
    with pytest.raises(SettingsError, match=word):
        require_safe(msgspec.structs.replace(settings, **changes))


def test_plain_http_is_for_development(settings: Settings) -> None:
    """Or for hosts that the operator lists; roles are read as pairs."""
    changed = msgspec.structs.replace(settings, mode="dev", oidc_hosts="", oidc_roles="a=admin, b = readonly")

    issuer = changed.installation_issuer

    assert issuer is not None
    assert issuer.roles == {"a": "admin", "b": "readonly"}
    by_json = msgspec.structs.replace(changed, oidc_roles='{"cn=owl,ou=groups": "admin"}').installation_issuer
    assert by_json is not None
    assert by_json.roles == {"cn=owl,ou=groups": "admin"}

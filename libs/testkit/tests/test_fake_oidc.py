"""The fake OpenID provider is strict where a real one is: client, redirect address, PKCE, one use of a code."""

import base64
import hashlib
import json
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from httpx import AsyncClient

from nightowl_testkit.fakes import FakeOidc

pytestmark = pytest.mark.integration

HOME = "https://owl.test/callback"
VERIFIER = "v" * 43
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode().rstrip("=")
ASKED = {
    "response_type": "code", "client_id": "nightowl", "redirect_uri": HOME, "scope": "openid email", "state": "s",
    "nonce": "n", "code_challenge": CHALLENGE, "code_challenge_method": "S256",
}  # fmt: skip


@pytest.fixture
def provider(fake_oidc: FakeOidc) -> FakeOidc:
    fake_oidc.redirect_uris = {HOME}
    fake_oidc.person = {"sub": "ada", "email": "ada@x.test"}
    return fake_oidc


@pytest.fixture
async def outside():
    async with AsyncClient() as client:
        yield client


async def code_of(outside, provider):
    answer = await outside.get(f"{provider.issuer}/authorize", params=ASKED)
    return parse_qs(urlsplit(answer.headers["location"]).query)["code"][0]


async def redeem(outside, provider, code, **changes):
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": HOME,
        "code_verifier": VERIFIER,
        **changes,
    }
    return await outside.post(f"{provider.issuer}/token", data=form, auth=(provider.client_id, provider.client_secret))


async def test_a_code_gives_tokens_that_its_keys_have_signed(outside, provider):
    """Once, with the nonce that was asked for."""
    code = await code_of(outside, provider)
    first = await redeem(outside, provider, code)
    second = await redeem(outside, provider, code)
    [key] = (await outside.get(f"{provider.issuer}/jwks")).json()["keys"]

    public = jwt.PyJWK.from_json(json.dumps(key)).key
    claims = jwt.decode(
        first.json()["id_token"], public, algorithms=["RS256"], audience="nightowl",
        options={"verify_exp": False, "verify_iat": False},
    )  # fmt: skip
    assert (claims["sub"], claims["nonce"], claims["iss"]) == ("ada", "n", provider.issuer)
    assert (second.status_code, second.json()) == (400, {"error": "invalid_grant"})


@pytest.mark.parametrize("changes", [{"code_verifier": "x" * 43}, {"redirect_uri": "https://evil.test"}])
async def test_a_code_needs_its_verifier_and_its_address(outside, provider, changes):
    """Whoever has stolen it has neither."""
    answer = await redeem(outside, provider, await code_of(outside, provider), **changes)

    assert (answer.status_code, answer.json()) == (400, {"error": "invalid_grant"})


async def test_a_code_needs_the_clients_secret(outside, provider):
    """By Basic or in the form."""
    code = await code_of(outside, provider)
    form = {"code": code, "redirect_uri": HOME, "code_verifier": VERIFIER, "client_id": "nightowl"}

    wrong = await outside.post(f"{provider.issuer}/token", data={**form, "client_secret": "wrong"})
    right = await outside.post(f"{provider.issuer}/token", data={**form, "client_secret": provider.client_secret})

    assert (wrong.status_code, right.status_code) == (401, 200)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"client_id": "other"}, 400),
        ({"redirect_uri": "https://evil.test"}, 400),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"scope": "email"}, "invalid_scope"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"state": ""}, "invalid_request"),
    ],
)  # fmt: skip
async def test_a_wrong_question_is_refused(outside, provider, changes, expected):
    """Without a redirect, where the address cannot be trusted."""
    answer = await outside.get(f"{provider.issuer}/authorize", params={**ASKED, **changes})

    if expected == 400:
        assert answer.status_code == 400
    else:
        assert parse_qs(urlsplit(answer.headers["location"]).query)["error"] == [expected]

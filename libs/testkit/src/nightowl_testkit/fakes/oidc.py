"""An OpenID provider: discovery, the code flow with PKCE, keys that rotate, and every lie that a token can tell."""

import base64
import hashlib
import hmac
import secrets
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import unquote, urlencode

import jwt
import msgspec
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from nightowl_embedded import free_port
from nightowl_testkit.fakes.served import Served

Clock = Callable[[], Awaitable[datetime]]
"""Whose time the tokens tell: the database's, which tests move."""

LIFETIME_SECONDS = 300
SECRET = "canary-provider-secret-9b1f"
_MAKERS: Mapping[str, Callable[[], Any]] = {
    "RS256": lambda: rsa.generate_private_key(public_exponent=65537, key_size=2048),
    "PS256": lambda: rsa.generate_private_key(public_exponent=65537, key_size=2048),
    "ES256": lambda: ec.generate_private_key(ec.SECP256R1()),
    "EdDSA": ed25519.Ed25519PrivateKey.generate,
}


class SigningKey(msgspec.Struct, frozen=True, kw_only=True):
    """A key pair; `algorithm` is what it signs with."""

    key_id: str
    algorithm: str
    private: Any

    @property
    def public(self) -> dict[str, Any]:
        """As the JWK set shows it."""
        shown: dict[str, Any] = jwt.get_algorithm_by_name(self.algorithm).to_jwk(
            self.private.public_key(), as_dict=True
        )
        return {**shown, "kid": self.key_id, "use": "sig", "alg": self.algorithm}

    @property
    def pem(self) -> bytes:
        """The public half, which everybody has."""
        encoded: bytes = self.private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        return encoded


class Lies(msgspec.Struct, kw_only=True):
    """How the provider misbehaves; as made, it does not.

    `claims` replace those of ID tokens (None takes one away), `header` those of its header. `forged` signs otherwise:
    `none` not at all, `HS256` with the public key as the secret, `stranger` with a key that nobody knows.
    `is_down` names paths that answer 503. `denied` is the error that the person's refusal gives.
    """

    claims: dict[str, Any] = msgspec.field(default_factory=dict)
    header: dict[str, Any] = msgspec.field(default_factory=dict)
    forged: str | None = None
    is_down: set[str] = msgspec.field(default_factory=set)
    denied: str | None = None
    discovery: dict[str, Any] = msgspec.field(default_factory=dict)
    answer_issuer: str | None = None


class _Grant(msgspec.Struct, frozen=True, kw_only=True):
    redirect_uri: str
    challenge: str
    nonce: str | None
    claims: dict[str, Any]


class FakeOidc(Served):
    """`async with` starts it. Whoever comes is `person` without being asked; `fetches` counts calls by path.

    `client_secret` None: our client is a public one.
    """

    client_id = "nightowl"
    audience = "nightowl-api"

    def __init__(self, now: Clock) -> None:
        self.port = free_port()
        self.redirect_uris: set[str] = set()
        self._now = now
        self._first_key = self._make_key("RS256")
        self.clear()

    def clear(self) -> None:
        """As made: the first key, an honest provider, nobody known."""
        self.keys = [self._first_key]
        self.client_secret: str | None = SECRET
        self.person: dict[str, Any] = {}
        self.lies = Lies()
        self.fetches: Counter[str] = Counter()
        self.issued: list[str] = []
        self._grants: dict[str, _Grant] = {}

    @property
    def issuer(self) -> str:
        """The issuer URL."""
        return f"http://127.0.0.1:{self.port}"

    def rotate(self, algorithm: str = "RS256", *, keep: bool = False) -> SigningKey:
        """Signs with a new key from now on; the old one is gone unless it is to be kept."""
        made = self._make_key(algorithm)
        self.keys = [made, *(self.keys if keep else [])]
        return made

    def publish(self, *algorithms: str) -> None:
        """One key for each of these, the first signs."""
        self.keys = [self._make_key(each) for each in algorithms]

    async def access_token(
        self, subject: str, *, header: Mapping[str, Any] | None = None, forged: str | None = None, **claims: Any
    ) -> str:
        """An access token for the API; claims that are None are left out."""
        now = int((await self._now()).timestamp())
        told = {
            "iss": self.issuer, "aud": self.audience, "sub": subject, "iat": now, "exp": now + LIFETIME_SECONDS,
            "client_id": self.client_id, "jti": secrets.token_hex(8),
        }  # fmt: skip
        return self._sign(_without_none({**told, **claims}), {"typ": "at+jwt", **(header or {})}, forged)

    async def id_token(self, nonce: str | None, person: Mapping[str, Any]) -> str:
        """An ID token for the client, with the lies that are told now."""
        now = int((await self._now()).timestamp())
        told = {
            "iss": self.issuer, "aud": self.client_id, "iat": now, "exp": now + LIFETIME_SECONDS, "nonce": nonce,
            **person, **self.lies.claims,
        }  # fmt: skip
        return self._sign(_without_none(told), {"typ": "JWT", **self.lies.header}, self.lies.forged)

    def _routes(self) -> web.Application:
        application = web.Application()
        application.router.add_get("/.well-known/openid-configuration", self._discovery)
        application.router.add_get("/authorize", self._authorize)
        application.router.add_post("/token", self._token)
        application.router.add_get("/jwks", self._jwks)
        return application

    def _make_key(self, algorithm: str) -> SigningKey:
        return SigningKey(key_id=secrets.token_hex(8), algorithm=algorithm, private=_MAKERS[algorithm]())

    def _sign(self, claims: dict[str, Any], header: Mapping[str, Any], forged: str | None) -> str:
        key = self.keys[0]
        told = {"kid": key.key_id, **header}
        match forged:
            case "none":
                token = _join({"alg": "none", **told}, claims, lambda _: b"")
            case "HS256":
                token = _join(
                    {"alg": "HS256", **told}, claims, lambda text: hmac.new(key.pem, text, hashlib.sha256).digest()
                )
            case "stranger":
                stranger = _MAKERS[key.algorithm]()
                token = jwt.encode(claims, stranger, algorithm=key.algorithm, headers=told)
            case _:
                token = jwt.encode(
                    claims, key.private, algorithm=key.algorithm, headers={"typ": None, **_without_none(told)}
                )
        self.issued.append(token)
        return token

    async def _discovery(self, request: web.Request) -> web.Response:
        told = {
            "issuer": self.issuer, "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token", "jwks_uri": f"{self.issuer}/jwks",
            "response_types_supported": ["code"], "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": sorted(_MAKERS), "code_challenge_methods_supported": ["S256"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
            "authorization_response_iss_parameter_supported": True,
        }  # fmt: skip
        return self._count(request) or web.json_response({**told, **self.lies.discovery})

    async def _jwks(self, request: web.Request) -> web.Response:
        return self._count(request) or web.json_response({"keys": [each.public for each in self.keys]})

    async def _authorize(self, request: web.Request) -> web.Response:
        asked = request.query
        if asked.get("client_id") != self.client_id or asked.get("redirect_uri") not in self.redirect_uris:
            return web.Response(status=400, text="unknown client or redirect_uri")
        back = {"state": asked.get("state", ""), "iss": self.lies.answer_issuer or self.issuer}
        fault = self.lies.denied or _fault_of(asked)
        if fault is not None:
            back["error"] = fault
        else:
            back["code"] = secrets.token_urlsafe(24)
            self._grants[back["code"]] = _Grant(
                redirect_uri=asked["redirect_uri"],
                challenge=asked["code_challenge"],
                nonce=asked.get("nonce"),
                claims=dict(self.person),
            )
        return web.Response(status=302, headers={"Location": f"{asked['redirect_uri']}?{urlencode(back)}"})

    async def _token(self, request: web.Request) -> web.Response:
        form = await request.post()
        refused = self._count(request)
        if refused is not None:
            return refused
        if not self._is_client(request, form):
            return web.json_response({"error": "invalid_client"}, status=401)
        grant = self._grants.pop(str(form.get("code")), None)
        verifier = str(form.get("code_verifier", "")).encode()
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier).digest()).decode().rstrip("=")
        if grant is None or (grant.redirect_uri, grant.challenge) != (form.get("redirect_uri"), challenge):
            return web.json_response({"error": "invalid_grant"}, status=400)
        answer = {"id_token": await self.id_token(grant.nonce, grant.claims), "token_type": "Bearer"}
        answer["access_token"] = await self.access_token(grant.claims.get("sub", ""))
        return web.json_response(answer)

    def _is_client(self, request: web.Request, form: Mapping[str, Any]) -> bool:
        """By Basic or in the form, as RFC 6749 has them."""
        header = request.headers.get("Authorization", "")
        if header.startswith("Basic "):
            name, _, secret = base64.b64decode(header.removeprefix("Basic ")).decode().partition(":")
            return (unquote(name), unquote(secret)) == (self.client_id, self.client_secret)
        return (form.get("client_id"), form.get("client_secret")) == (self.client_id, self.client_secret)

    def _count(self, request: web.Request) -> web.Response | None:
        """Counts the call; an answer, when this path is down."""
        path = request.path.rpartition("/")[2]
        self.fetches[path] += 1
        return web.Response(status=503) if path in self.lies.is_down else None


def _fault_of(asked: Mapping[str, str]) -> str | None:
    """What is wrong with a call of the authorization endpoint."""
    if asked.get("response_type") != "code":
        return "unsupported_response_type"
    if "openid" not in asked.get("scope", "").split():
        return "invalid_scope"
    is_pkce = asked.get("code_challenge_method") == "S256" and len(asked.get("code_challenge", "")) == 43
    return None if is_pkce and asked.get("state") else "invalid_request"


def _without_none(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def _join(header: dict[str, Any], claims: dict[str, Any], sign: Callable[[bytes], bytes]) -> str:
    """A token that no honest library makes."""
    parts = [base64.urlsafe_b64encode(msgspec.json.encode(each)).rstrip(b"=") for each in (header, claims)]
    text = b".".join(parts)
    return (text + b"." + base64.urlsafe_b64encode(sign(text)).rstrip(b"=")).decode()

"""A provider over HTTP: its discovery document, its keys, and the exchange of a code. Remembered per process.

Keys and document are asked for anew after an hour. A key that is not known makes the keys be asked for at most once in
30 s, whoever sends how many of them. What was good is kept while the provider cannot be asked.
"""

import asyncio
import base64
import re
from urllib.parse import quote, urlencode, urlsplit

import aiohttp
import msgspec

from nightowl_auth.oidc.model import Issuer, ProviderUnavailableError, RefusedTokenError
from nightowl_auth.oidc.signatures import VerificationKey, pick, read_keys
from nightowl_auth.telemetry import FETCHES
from nightowl_common import clock
from nightowl_common.guarded import GuardedClient, HttpAnswer, RefusedTargetError, UnresolvedError
from nightowl_common.logs import get_logger

log = get_logger(__name__)

KEPT_SECONDS = 3_600.0
REFRESH_SECONDS = 30.0
RETRY_SECONDS = 5.0
"""After a failure, with nothing to go on with."""

MAX_PROVIDERS = 1_000
_OK = 200
_WEB_ADDRESS = re.compile(r"https?://[\x21-\x7e]+")
_SERVER_ERRORS = range(500, 600)

_FAILURES = (RefusedTargetError, UnresolvedError, aiohttp.ClientError, TimeoutError, ValueError, msgspec.MsgspecError)


class Metadata(msgspec.Struct, frozen=True, kw_only=True):
    """What a provider says of itself, as far as it is used here."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    token_endpoint_auth_methods_supported: list[str] = []
    authorization_response_iss_parameter_supported: bool = False


class Exchange(msgspec.Struct, frozen=True, kw_only=True):
    """A code, and what proves that it was given to us."""

    client_id: str
    client_secret: str | None
    code: str
    verifier: str
    redirect_uri: str

    def __repr__(self) -> str:
        return f"Exchange({self.client_id})"


class _TokenAnswer(msgspec.Struct, frozen=True, kw_only=True):
    id_token: str


class Provider:
    """One issuer's provider."""

    def __init__(self, issuer: str, client: GuardedClient) -> None:
        self.issuer = issuer
        self._client = client
        self._lock = asyncio.Lock()
        self._metadata: Metadata | None = None
        self._metadata_at = self._metadata_asked = -KEPT_SECONDS
        self._keys: list[VerificationKey] = []
        self._keys_at = self._keys_asked = -KEPT_SECONDS

    async def metadata(self) -> Metadata:
        """The discovery document; the last good one, while there is no new one.

        Raises:
            ProviderUnavailableError: there is none, or it is another issuer's.
        """
        if clock.monotonic_seconds() - self._metadata_at >= KEPT_SECONDS:
            async with self._lock:
                await self._renew_metadata()
        if self._metadata is None:
            raise ProviderUnavailableError(f"no discovery document of {self.issuer}")
        return self._metadata

    async def key(self, key_id: str | None, *, algorithm: str) -> VerificationKey:
        """The key that a token must be signed with.

        Raises:
            RefusedTokenError: the provider has no such key, or it cannot be told which.
            ProviderUnavailableError: no keys were ever had.
        """
        is_old = clock.monotonic_seconds() - self._keys_at >= KEPT_SECONDS
        found = pick(self._keys, key_id=key_id, algorithm=algorithm)
        if found is None or (is_old and not self._lock.locked()):  # one asks; who has a key goes on meanwhile
            async with self._lock:
                await self._renew_keys()
            found = pick(self._keys, key_id=key_id, algorithm=algorithm)
        if not self._keys:
            raise ProviderUnavailableError(f"no keys of {self.issuer}")
        if found is None:
            raise RefusedTokenError("key_unknown")
        return found

    async def redeem(self, exchange: Exchange) -> str:
        """The ID token that a code stands for.

        Raises:
            RefusedTokenError: the provider does not take the code, or gives no ID token for it.
            ProviderUnavailableError: it cannot be asked.
        """
        metadata = await self.metadata()
        form = {
            "grant_type": "authorization_code", "code": exchange.code, "redirect_uri": exchange.redirect_uri,
            "code_verifier": exchange.verifier,
        }  # fmt: skip
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
        methods = metadata.token_endpoint_auth_methods_supported
        if exchange.client_secret is None:
            form["client_id"] = exchange.client_id
        elif "client_secret_basic" in methods or "client_secret_post" not in methods:
            headers["Authorization"] = _basic(exchange.client_id, exchange.client_secret)
        else:
            form |= {"client_id": exchange.client_id, "client_secret": exchange.client_secret}
        answer = await self._post(metadata.token_endpoint, urlencode(form).encode(), headers)
        if answer.status != _OK:
            log.warning("oidc_code_refused", issuer=self.issuer, status=answer.status)
            raise RefusedTokenError("code")
        try:
            return msgspec.json.decode(answer.body, type=_TokenAnswer).id_token
        except msgspec.MsgspecError as error:
            raise RefusedTokenError("no_id_token") from error

    async def _post(self, url: str, body: bytes, headers: dict[str, str]) -> HttpAnswer:
        try:
            answer = await self._client.post(url, body=body, headers=headers)
        except _FAILURES as error:
            self._note_failure("token", error)
            raise ProviderUnavailableError(f"{self.issuer}: {type(error).__name__}") from error
        FETCHES.labels("token", "ok" if answer.status == _OK else "refused").inc()
        if answer.status in _SERVER_ERRORS:
            raise ProviderUnavailableError(f"{self.issuer}: {answer.status}")
        return answer

    async def _renew_metadata(self) -> None:
        """Under the lock. Whoever waited for it finds the work done."""
        now = clock.monotonic_seconds()
        pause = RETRY_SECONDS if self._metadata is None else REFRESH_SECONDS
        if now - self._metadata_at < KEPT_SECONDS or now - self._metadata_asked < pause:
            return
        self._metadata_asked = now
        try:
            url = f"{self.issuer.rstrip('/')}/.well-known/openid-configuration"
            found = msgspec.json.decode(await self._get(url), type=Metadata)
            _require_same(found, self.issuer)
        except _FAILURES as error:
            self._note_failure("discovery", error)
        else:
            self._metadata, self._metadata_at = found, now
            FETCHES.labels("discovery", "ok").inc()

    async def _renew_keys(self) -> None:
        """Under the lock, at most once in 30 s, whether it succeeds or not."""
        await self._renew_metadata()
        now = clock.monotonic_seconds()
        pause = REFRESH_SECONDS if self._keys else RETRY_SECONDS
        if self._metadata is None or now - self._keys_asked < pause:
            return
        self._keys_asked = now
        try:
            found = read_keys(await self._get(self._metadata.jwks_uri))
        except _FAILURES as error:
            self._note_failure("keys", error)
        else:
            self._keys, self._keys_at = found, now
            FETCHES.labels("keys", "ok").inc()

    async def _get(self, url: str) -> bytes:
        answer = await self._client.get(url, headers={"Accept": "application/json"})
        if answer.status != _OK:
            message = f"status {answer.status}"
            raise ValueError(message)
        return answer.body

    def _note_failure(self, what: str, error: Exception) -> None:
        FETCHES.labels(what, "failed").inc()
        log.warning("oidc_fetch_failed", issuer=self.issuer, what=what, error=f"{type(error).__name__}: {error}"[:200])


class Providers:
    """Issuer → provider. `hosts` may be private and without TLS; the installation's own issuer may be private."""

    def __init__(self, *, hosts: frozenset[str]) -> None:
        self._hosts = hosts
        self._known: dict[tuple[bool, str], Provider] = {}

    def of(self, issuer: Issuer) -> Provider:
        """What is remembered of the issuer's provider, and how it is asked.

        An address that a tenant's admin has chosen shares nothing with one that the operator has chosen.
        """
        key = (issuer.is_own, issuer.issuer)
        if key not in self._known:
            if len(self._known) >= MAX_PROVIDERS:
                self._known.clear()
            own = frozenset() if issuer.is_own else frozenset({urlsplit(issuer.issuer).hostname or ""})
            self._known[key] = Provider(issuer.issuer, GuardedClient(hosts=self._hosts | own))
        return self._known[key]


def _require_same(found: Metadata, issuer: str) -> None:
    """Raises:
    ValueError: the document is another issuer's, or leads from TLS to plain text.
    """
    if found.issuer != issuer:
        message = "the document names another issuer"
        raise ValueError(message)
    allowed = {"https", urlsplit(issuer).scheme}
    for place in (found.authorization_endpoint, found.token_endpoint, found.jwks_uri):
        if not _WEB_ADDRESS.fullmatch(place) or urlsplit(place).scheme not in allowed:
            message = "an endpoint is no address, or not https"
            raise ValueError(message)


def _basic(client_id: str, client_secret: str) -> str:
    pair = f"{quote(client_id, safe='')}:{quote(client_secret, safe='')}"
    return "Basic " + base64.b64encode(pair.encode()).decode()

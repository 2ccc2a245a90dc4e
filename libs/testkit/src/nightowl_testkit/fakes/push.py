"""A push service with browsers behind it: it decrypts what it takes as a browser does, and records what a person reads.

It is as strict as real ones: no TTL, no signature for this service, or a body that is too long, and nothing is taken.
"""

import json
import secrets
from typing import Any
from uuid import UUID

import jwt
import msgspec
from aiohttp import web
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from nightowl_alerting.push.keys import VapidKey, decode, encode, make_vapid_key, point_of, read_point
from nightowl_alerting.push.model import Subscription
from nightowl_common import clock
from nightowl_testkit.fakes.provider import FakeProvider
from nightowl_testkit.fakes.script import Received, is_marked_repeat

LONGEST_BODY = 4_096


class PushedBrowser(msgspec.Struct, frozen=True, kw_only=True):
    """A browser that has subscribed; `name` is the last part of its endpoint."""

    name: str
    private: ec.EllipticCurvePrivateKey
    subscription: Subscription

    def read(self, body: bytes) -> bytes:
        """What was encrypted for it (RFC 8291, one record).

        Raises:
            ValueError: it was not encrypted for this browser.
        """
        salt, size, their_point, sealed = body[:16], int.from_bytes(body[16:20], "big"), body[21:86], body[86:]
        if body[20] != len(their_point) or len(body) > size:
            raise ValueError("not one record with a key")
        shared = self.private.exchange(ec.ECDH(), read_point(encode(their_point)))
        info = b"WebPush: info\0" + point_of(self.private.public_key()) + their_point
        secret = _derive(shared, decode(self.subscription.auth), info, 32)
        key = _derive(secret, salt, b"Content-Encoding: aes128gcm\0", 16)
        nonce = _derive(secret, salt, b"Content-Encoding: nonce\0", 12)
        try:
            padded = AESGCM(key).decrypt(nonce, sealed, None)
        except InvalidTag as error:
            raise ValueError("not for this browser") from error
        plain, mark, _ = padded.rpartition(b"\x02")
        if not mark:
            raise ValueError("not the last record")
        return plain


class FakePush(FakeProvider):
    """`POST /<name>` of a browser that has subscribed; of any other, 410."""

    name = "push"

    def __init__(self) -> None:
        super().__init__()
        self.vapid_key = make_vapid_key()
        self._browsers: dict[str, PushedBrowser] = {}

    @property
    def url(self) -> str:
        """Without a path."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        """The settings that let the services push here."""
        return {"NIGHTOWL_WEBHOOK_HOSTS": "127.0.0.1", "NIGHTOWL_VAPID_KEY": self.vapid_key}

    def subscribe(self) -> PushedBrowser:
        """A new browser."""
        private, name = ec.generate_private_key(ec.SECP256R1()), secrets.token_urlsafe(12)
        subscription = Subscription(
            endpoint=f"{self.url}/{name}",
            p256dh=encode(point_of(private.public_key())),
            auth=encode(secrets.token_bytes(16)),
        )
        browser = self._browsers[name] = PushedBrowser(name=name, private=private, subscription=subscription)
        return browser

    def unsubscribe(self, browser: PushedBrowser) -> None:
        """It is gone: whoever pushes to it hears 410."""
        del self._browsers[browser.name]

    def _routes(self) -> web.Application:
        application = web.Application()
        application.router.add_post("/{name}", self._take)
        return application

    async def _take(self, request: web.Request) -> web.Response:
        body, browser = await request.read(), self._browsers.get(request.match_info["name"])
        if browser is None:
            return self._refusal("410")
        refusal = self._wrong(request, body)
        if refusal is not None:
            return refusal
        try:
            message = json.loads(browser.read(body))
        except ValueError:
            return self._refusal("400")

        async def accept() -> web.Response:
            return web.Response(status=201, headers={"Location": f"{self.url}/messages/{secrets.token_hex(8)}"})

        return await self._send(request, _seen(request, browser, message), accept)

    def _wrong(self, request: web.Request, body: bytes) -> web.Response | None:
        if not request.headers.get("TTL", "").isdigit() or request.headers.get("Content-Encoding") != "aes128gcm":
            return self._refusal("400")
        if len(body) > LONGEST_BODY:
            return self._refusal("413")
        return None if self._is_signed(request.headers.get("Authorization", "")) else self._refusal("403")

    def _is_signed(self, header: str) -> bool:
        scheme, _, rest = header.partition(" ")
        parts = dict(each.strip().split("=", 1) for each in rest.split(",") if "=" in each)
        if scheme != "vapid" or parts.get("k") != VapidKey.parse(self.vapid_key).public:
            return False
        try:
            claims = jwt.decode(parts["t"], read_point(parts["k"]), algorithms=["ES256"], audience=self.url)
        except jwt.InvalidTokenError:
            return False
        return str(claims.get("sub", "")).startswith(("mailto:", "https:"))

    def _error(self, status: int, *, code: str, headers: dict[str, str] | None = None) -> web.Response:
        return web.Response(status=status, text=code, headers=headers)

    def _refusal(self, code: str) -> web.Response:
        return web.Response(status=int(code), text="refused")

    async def _tell(self, sent: Received, status: str) -> None:
        raise NotImplementedError(f"a push service reports nothing: {sent} is {status}")


def _seen(request: web.Request, browser: PushedBrowser, message: dict[str, Any]) -> Received:
    text = "\n".join(filter(None, (message["title"], message["body"])))
    return Received(
        at=clock.utc_now(),
        channel="push",
        to=browser.name,
        text=text,
        provider_id=secrets.token_hex(8),
        delivery_id=UUID(message["delivery_id"]),
        is_repeat=is_marked_repeat(text),
        raw={"headers": dict(request.headers), "message": message},
    )


def _derive(secret: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    return HKDF(algorithm=SHA256(), length=length, salt=salt, info=info).derive(secret)

"""API keys: how they are made, hashed, and found in a request. Pure.

A key is `ow_` + 9 characters (the public prefix, for look-up and display) + 43 characters of secret, 256 random
bits in all. Only its SHA-256 is stored: a slow hash protects guessable passwords, and these cannot be guessed.
"""

import base64
import hashlib
import secrets
from collections.abc import Callable

import msgspec

PREFIX_LENGTH = 12
MAX_LENGTH = 200
JWT_DOTS = 2


class NewKey(msgspec.Struct, frozen=True, kw_only=True):
    """A fresh key: `raw` is shown once and never stored."""

    raw: str
    prefix: str
    key_hash: bytes

    def __repr__(self) -> str:
        return f"NewKey({self.prefix}…)"


def make_key(raw: str | None = None) -> NewKey:
    """A new random key, or the stored form of a given one (for development seeds)."""
    value = raw or f"ow_{secrets.token_hex(5)[:9]}{secrets.token_urlsafe(32)}"
    return NewKey(raw=value, prefix=prefix_of(value), key_hash=hash_of(value))


def prefix_of(raw: str) -> str:
    """The public part."""
    return raw[:PREFIX_LENGTH]


def hash_of(raw: str) -> bytes:
    """SHA-256 of the whole key."""
    return hashlib.sha256(raw.encode()).digest()


def key_from_headers(header: Callable[[str], str | None]) -> str | None:
    """The API key in a request: `Authorization: Bearer <key>`, else `X-API-Key`, else the password of Basic.

    Not one header only, because Alertmanager before 0.28 and Grafana contact points cannot send one of their own.
    `header` looks a header up by its lower-case name.
    """
    scheme, _, credentials = (header("authorization") or "").partition(" ")
    key = credentials.strip() if scheme.lower() == "bearer" else header("x-api-key")
    if key is None and scheme.lower() == "basic":
        key = _password(credentials)
    return key if key is not None and _is_possible(key) else None


def jwt_from_headers(header: Callable[[str], str | None]) -> str | None:
    """The JWT of `Authorization: Bearer`. It has dots, which no key has."""
    scheme, _, credentials = (header("authorization") or "").partition(" ")
    token = credentials.strip()
    return token if scheme.lower() == "bearer" and token.count(".") == JWT_DOTS else None


def _is_possible(key: str) -> bool:
    """Anything else is not looked up: Postgres refuses some characters, which would pass for a fault of ours."""
    return PREFIX_LENGTH < len(key) <= MAX_LENGTH and key.isascii() and key.isprintable()


def _password(credentials: str) -> str | None:
    try:
        decoded = base64.b64decode(credentials.strip(), validate=True).decode()
    except ValueError:  # no base64, no ASCII, or no UTF-8 inside
        return None
    return decoded.partition(":")[2]

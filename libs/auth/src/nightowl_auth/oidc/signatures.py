"""Signatures of tokens, by PyJWT: which algorithms count, with which keys, what is read before. Pure."""

from collections.abc import Sequence
from typing import Any

import jwt
import msgspec
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from nightowl_auth.oidc.model import Claims, RefusedTokenError

ALGORITHMS = frozenset({"RS256", "PS256", "ES256", "EdDSA"})
"""All of them with a key pair: who can verify cannot sign."""

MAX_TOKEN = 8 * 1024
"""Characters; a longer one is not even decoded."""

MAX_KEYS = 100
RSA_BITS = range(2048, 8193)
"""Smaller ones can be broken; larger ones cost too much to verify with."""

_PARTS = 3
_BROKEN = (jwt.PyJWTError, msgspec.DecodeError, ValueError, TypeError, RecursionError)
_PUBLIC = frozenset({"kty", "n", "e", "crv", "x", "y"})


class Unverified(msgspec.Struct, frozen=True, kw_only=True):
    """What a token says of itself. Only good for finding the key that it must be signed with."""

    algorithm: str
    key_id: str | None
    type: str | None
    claims: Claims


class VerificationKey(msgspec.Struct, frozen=True, kw_only=True):
    """A provider's public key, and the algorithms that it is for."""

    key_id: str | None
    algorithms: frozenset[str]
    key: Any


class _Header(msgspec.Struct, frozen=True, kw_only=True):
    alg: str
    kid: str | None = None
    typ: str | None = None


def read_unverified(token: str, *, longest: int = MAX_TOKEN) -> Unverified:
    """The header and claims of a token, with nothing verified but that it is one that may be looked at.

    Raises:
        RefusedTokenError: too long, no token, an algorithm that does not count, another type, or critical extensions.
    """
    if len(token) > longest:
        raise RefusedTokenError("too_large")
    if not token.isascii() or token.count(".") != _PARTS - 1:
        raise RefusedTokenError("shape")
    try:
        parts = jwt.PyJWS().decode_complete(token, options={"verify_signature": False})
        header = msgspec.convert(parts["header"], _Header)
        claims = msgspec.json.decode(parts["payload"], type=dict[str, Any])
    except _BROKEN as error:
        raise RefusedTokenError("shape") from error
    if header.alg not in ALGORITHMS:
        raise RefusedTokenError("algorithm")
    if "crit" in parts["header"] or "b64" in parts["header"]:
        raise RefusedTokenError("critical")
    return Unverified(algorithm=header.alg, key_id=header.kid, type=header.typ, claims=claims)


def is_marked_access_token(token: Unverified) -> bool:
    """Whether the header names an access token; else it names a plain JWT, or nothing.

    Raises:
        RefusedTokenError: it names something else.
    """
    kind = (token.type or "jwt").lower().removeprefix("application/")
    if kind not in {"jwt", "at+jwt"}:
        raise RefusedTokenError("type")
    return kind == "at+jwt"


def verify(token: str, key: VerificationKey, *, algorithm: str) -> Claims:
    """The claims of a token that is signed with this key by this algorithm.

    Raises:
        RefusedTokenError: it is not.
    """
    if algorithm not in key.algorithms or algorithm not in ALGORITHMS:
        raise RefusedTokenError("algorithm")
    try:
        parts = jwt.PyJWS(algorithms=[algorithm]).decode_complete(token, key.key, algorithms=[algorithm])
        return msgspec.json.decode(parts["payload"], type=dict[str, Any])
    except _BROKEN as error:
        raise RefusedTokenError("signature") from error


def read_keys(body: bytes) -> list[VerificationKey]:
    """The keys of a JWK set that count here; those that do not are passed over, as RFC 7517 says.

    Raises:
        ValueError: it is no JWK set, or none of its keys counts.
    """
    found = msgspec.json.decode(body, type=dict[str, Any]).get("keys")
    entries = found[:MAX_KEYS] if isinstance(found, list) else []
    keys = [key for each in entries if isinstance(each, dict) and (key := _read_key(each)) is not None]
    if not keys:
        message = "no key that counts"
        raise ValueError(message)
    return keys


def pick(keys: Sequence[VerificationKey], *, key_id: str | None, algorithm: str) -> VerificationKey | None:
    """The key that a token must be signed with; None: it is not among them.

    Raises:
        RefusedTokenError: the token names no key and several could be meant, or its key is for another algorithm.
    """
    named = [each for each in keys if key_id is None or each.key_id == key_id]
    fitting = [each for each in named if algorithm in each.algorithms]
    if key_id is None and len(fitting) > 1:
        raise RefusedTokenError("key_id_missing")
    if named and not fitting:
        raise RefusedTokenError("algorithm")
    return fitting[0] if fitting else None


def _read_key(entry: dict[str, Any]) -> VerificationKey | None:
    """Only its public members are read, also of whom publishes a private key by mistake."""
    key_id, usable = entry.get("kid"), _algorithms_of(entry)
    if not usable or entry.get("use", "sig") != "sig" or not isinstance(key_id, str | None):
        return None
    operations = entry.get("key_ops", ["verify"])
    if not isinstance(operations, list) or "verify" not in operations:
        return None
    public = {name: value for name, value in entry.items() if name in _PUBLIC}
    try:
        key = jwt.PyJWK.from_dict(public, algorithm=min(usable)).key
    except _BROKEN:
        return None
    if isinstance(key, RSAPublicKey) and key.key_size not in RSA_BITS:
        return None
    return VerificationKey(key_id=key_id, algorithms=usable, key=key)


def _algorithms_of(entry: dict[str, Any]) -> frozenset[str]:
    """By the kind of key; kept to what the key says to be for."""
    match entry:
        case {"kty": "RSA"}:
            possible = {"RS256", "PS256"}
        case {"kty": "EC", "crv": "P-256"}:
            possible = {"ES256"}
        case {"kty": "OKP", "crv": "Ed25519"}:
            possible = {"EdDSA"}
        case _:
            possible = set()
    named = entry.get("alg")
    return frozenset(possible) if named is None else frozenset(each for each in possible if each == named)

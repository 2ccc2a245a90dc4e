"""What the claims of a token say, once its signature is known to be good. Pure; times are compared with `now`."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from nightowl_auth.oidc.model import Claims, Issuer, RefusedTokenError
from nightowl_auth.principal import ROLES, Role

LEEWAY = timedelta(seconds=60)
"""The clocks of provider and database may differ by so much."""

MAX_SUBJECT = 255
MAX_EMAIL = 254
MAX_VALUES = 1_000
"""Of one claim; who is in more groups than that is looked at no further."""

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")
_LAST_SECOND = datetime(2199, 1, 1, tzinfo=UTC).timestamp()
_OF_ID_TOKENS = ("nonce", "at_hash", "c_hash", "s_hash")
_OTHER_TOKENS = frozenset({"id", "refresh", "offline", "logout"})
"""Words that Keycloak writes into the claim `typ` of tokens that are not for APIs."""


def check_id_token(claims: Claims, issuer: Issuer, *, nonce: str, now: datetime) -> None:
    """Does nothing when an ID token is for this client, for this very sign-in, and in force.

    Raises:
        RefusedTokenError: says which of these it is not.
    """
    _check_common(claims, issuer, issuer.client_id, now=now)
    audiences = audiences_of(claims)
    party = claims.get("azp")
    if party != issuer.client_id and (party is not None or len(audiences) > 1):
        raise RefusedTokenError("party")
    if "iat" not in claims:
        raise RefusedTokenError("times")
    if claims.get("nonce") != nonce:
        raise RefusedTokenError("nonce")


def check_access_token(claims: Claims, issuer: Issuer, *, is_marked: bool, now: datetime) -> None:
    """Does nothing when an access token is for this API and in force, and is no ID token as far as that can be told.

    `is_marked`: its header says that it is one (RFC 9068); Keycloak says so in the claims, as `typ` `Bearer`.

    Raises:
        RefusedTokenError: says which of these it is not.
    """
    if issuer.audience is None:
        raise RefusedTokenError("audience")
    _check_common(claims, issuer, issuer.audience, now=now)
    kind = str(claims.get("typ", "")).lower()
    is_like_id_token = any(name in claims for name in _OF_ID_TOKENS) and kind != "bearer" and not is_marked
    if is_like_id_token or kind in _OTHER_TOKENS:
        raise RefusedTokenError("type")


def audiences_of(claims: Claims) -> list[str]:
    """For whom a token is."""
    return texts(claims.get("aud"))


def external_id(claims: Claims) -> str:
    """Who somebody is at their provider: issuer and subject of claims that were checked."""
    return f"{claims['iss']}#{claims['sub']}"


def expiry_of(claims: Claims) -> datetime:
    """When a token that was checked ends."""
    return datetime.fromtimestamp(_seconds(claims, "exp") or 0.0, UTC)


def role_of(claims: Claims, issuer: Issuer) -> Role | None:
    """The highest role that the claim is mapped to, else the default; None: none. Without a mapping, the default."""
    found = [issuer.roles[each] for each in values_at(claims, issuer.role_claim) if each in issuer.roles]
    if not found:
        return issuer.default_role
    highest: Role = max(found, key=ROLES.__getitem__)
    return highest


def email_of(claims: Claims, issuer: Issuer) -> str | None:
    """An address that the provider says to have verified; None: there is none."""
    email = claims.get("email")
    is_verified = issuer.trusts_email or claims.get("email_verified") in (True, "true")
    if not isinstance(email, str) or not is_verified or not is_sound(email, longest=MAX_EMAIL):
        return None
    return email if _EMAIL.fullmatch(email) else None


def is_in_domains(email: str, issuer: Issuer) -> bool:
    """Whether an address is of a domain that may sign in."""
    domain = email.rpartition("@")[2].lower()
    return not issuer.email_domains or domain in {each.lower() for each in issuer.email_domains}


def name_of(claims: Claims, *, email: str) -> str:
    """How somebody is called; the address, where no name is told."""
    for claim in ("name", "preferred_username"):
        name = claims.get(claim)
        if isinstance(name, str) and name.strip() and is_sound(name, longest=200):
            return name.strip()
    return email


def values_at(claims: Claims, path: str | None) -> list[str]:
    """The texts of a claim: by its whole name, else by its path with dots (`realm_access.roles`)."""
    if path is None:
        return []
    if path in claims:
        return texts(claims[path])
    found: Any = claims
    for step in path.split("."):
        found = found.get(step) if isinstance(found, Mapping) else None
    return texts(found)


def texts(value: object) -> list[str]:
    """A text, or those of a list, that can be compared and stored."""
    found = value[:MAX_VALUES] if isinstance(value, list) else [value]
    return [each for each in found if isinstance(each, str) and is_sound(each)]


def is_sound(value: str, *, longest: int = 500) -> bool:
    """Whether a text from outside is one line of bounded length, which Postgres can store."""
    return 0 < len(value) <= longest and value.isprintable()


def _check_common(claims: Claims, issuer: Issuer, audience: str, *, now: datetime) -> None:
    if claims.get("iss") != issuer.issuer:
        raise RefusedTokenError("issuer")
    if audience not in audiences_of(claims):
        raise RefusedTokenError("audience")
    subject = claims.get("sub")
    if not isinstance(subject, str) or not is_sound(subject, longest=MAX_SUBJECT):
        raise RefusedTokenError("subject")
    _check_times(claims, now=now)


def _check_times(claims: Claims, *, now: datetime) -> None:
    at, leeway = now.timestamp(), LEEWAY.total_seconds()
    expires, begins, issued = (_seconds(claims, name) for name in ("exp", "nbf", "iat"))
    if expires is None:
        raise RefusedTokenError("times")
    if at >= expires + leeway:
        raise RefusedTokenError("expired")
    if any(each is not None and each > at + leeway for each in (begins, issued)):
        raise RefusedTokenError("not_yet")


def _seconds(claims: Claims, name: str) -> float | None:
    """A time in seconds since 1970; None: it is not told.

    Raises:
        RefusedTokenError: it is no time.
    """
    value = claims.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= _LAST_SECOND:
        raise RefusedTokenError("times")
    return float(value)

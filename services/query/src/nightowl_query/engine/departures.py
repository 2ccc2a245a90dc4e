"""What belongs to one departure to sign in at a provider, made from what only this browser holds. Pure.

Nothing of it is stored but hashes: state is random, nonce and PKCE verifier are HMACs of it keyed by the cookie.
"""

import base64
import hashlib
import hmac
import re

from nightowl_common.errors import FieldProblem, InvalidError

MAX_PATH = 500
SECRET_LENGTH = 43
"""256 bits in base64url."""

_LOCAL = re.compile(r"/(?![/\\])[\x21-\x5b\x5d-\x7e]*")
_SECRET = re.compile(r"[A-Za-z0-9_-]{43}")


def require_local(path: str) -> str:
    """The path, when it cannot lead to another site.

    Raises:
        InvalidError: it can, or it is too long.
    """
    if len(path) > MAX_PATH or _LOCAL.fullmatch(path) is None:
        reason = f"a path of this site, such as /alerts, of at most {MAX_PATH} printable ASCII characters"
        raise InvalidError(fields=[FieldProblem(field="return_to", reason=reason)])
    return path


def is_secret(text: str) -> bool:
    """Whether a cookie or state has the form of those that are given out."""
    return _SECRET.fullmatch(text) is not None


def hash_of(secret: str) -> bytes:
    """What is stored of a state or a cookie."""
    return hashlib.sha256(secret.encode()).digest()


def nonce_of(browser: str, state: str) -> str:
    """What the ID token must repeat."""
    return _derive(browser, state, b"nonce")


def verifier_of(browser: str, state: str) -> str:
    """PKCE's secret: 43 characters."""
    return _derive(browser, state, b"verifier")


def challenge_of(verifier: str) -> str:
    """PKCE's S256."""
    return _text(hashlib.sha256(verifier.encode()).digest())


def _derive(browser: str, state: str, purpose: bytes) -> str:
    return _text(hmac.new(browser.encode(), purpose + b":" + state.encode(), hashlib.sha256).digest())


def _text(digest: bytes) -> str:
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")

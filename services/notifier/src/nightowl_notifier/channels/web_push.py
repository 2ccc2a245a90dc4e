"""A message to a browser as push services take it: encrypted for the browser alone, signed by us.

RFC 8291 (with RFC 8188's `aes128gcm`) and RFC 8292. The push service sees neither text nor token. Pure but for fresh
keys and the salt, which a test may give.
"""

import secrets
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from nightowl_alerting.push.keys import VapidKey, decode, point_of, read_point
from nightowl_alerting.push.model import Subscription

RECORD_BYTES = 4_096
"""What push services must take: one record, header and tag included."""

_SALT_BYTES = 16
_OVERHEAD = _SALT_BYTES + 4 + 1 + 65 + 1 + 16
MAX_PLAIN_BYTES = RECORD_BYTES - _OVERHEAD

_LAST_RECORD = b"\x02"
_SIGNED_FOR = timedelta(hours=12)
"""Half of what push services allow, for clocks that differ."""


def encrypt(
    plain: bytes,
    subscription: Subscription,
    *,
    ours: ec.EllipticCurvePrivateKey | None = None,
    salt: bytes | None = None,
) -> bytes:
    """The body, which nobody but the browser can read. Key and salt are fresh for each message.

    Raises:
        ValueError: it is too long, or the subscription's keys are none.
    """
    if len(plain) > MAX_PLAIN_BYTES:
        raise ValueError(f"{len(plain)} bytes, of at most {MAX_PLAIN_BYTES}")
    ours = ours or ec.generate_private_key(ec.SECP256R1())
    salt = salt or secrets.token_bytes(_SALT_BYTES)
    theirs, our_point = read_point(subscription.p256dh), point_of(ours.public_key())
    info = b"WebPush: info\x00" + point_of(theirs) + our_point
    secret = _derive(ours.exchange(ec.ECDH(), theirs), salt=decode(subscription.auth), info=info, length=32)
    key = _derive(secret, salt=salt, info=b"Content-Encoding: aes128gcm\x00", length=16)
    nonce = _derive(secret, salt=salt, info=b"Content-Encoding: nonce\x00", length=12)
    header = salt + RECORD_BYTES.to_bytes(4, "big") + len(our_point).to_bytes(1, "big") + our_point
    return header + AESGCM(key).encrypt(nonce, plain + _LAST_RECORD, None)


def authorization(key: VapidKey, *, endpoint: str, contact: str, now: datetime) -> str:
    """The header that tells a push service who we are; good for this service alone, and for hours."""
    parts = urlsplit(endpoint)
    claims = {"aud": f"{parts.scheme}://{parts.netloc}", "exp": int((now + _SIGNED_FOR).timestamp()), "sub": contact}
    token = jwt.encode(claims, key.private, algorithm="ES256")
    return f"vapid t={token}, k={key.public}"


def _derive(secret: bytes, *, salt: bytes, info: bytes, length: int) -> bytes:
    return HKDF(algorithm=SHA256(), length=length, salt=salt, info=info).derive(secret)

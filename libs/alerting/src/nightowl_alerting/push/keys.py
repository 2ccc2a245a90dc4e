"""The key that an installation signs its requests to push services with (VAPID, RFC 8292), and browsers' own keys.

Both are points on P-256, in base64url without padding, as browsers want them. A browser that has subscribed under one
key takes pushes signed with no other: losing the key loses all browsers.
"""

import base64
import binascii

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from nightowl_common.settings import SettingsError

_CURVE = ec.SECP256R1()
_PRIVATE = 32


class VapidKey:
    """The private key, from which the public one follows."""

    def __init__(self, private: ec.EllipticCurvePrivateKey) -> None:
        self.private = private
        self.public = encode(point_of(private.public_key()))

    def __repr__(self) -> str:
        return f"VapidKey({self.public})"

    @classmethod
    def parse(cls, text: str) -> "VapidKey":
        """From 32 bytes in base64url, as tools for web push print them.

        Raises:
            SettingsError: it is no such key; says nothing of its value.
        """
        try:
            return cls(_private(decode(text.strip())))
        except ValueError:
            raise SettingsError("NIGHTOWL_VAPID_KEY is not a P-256 private key: 32 bytes in base64url") from None


def _private(plain: bytes) -> ec.EllipticCurvePrivateKey:
    if len(plain) != _PRIVATE:
        raise ValueError(f"{len(plain)} bytes")
    return ec.derive_private_key(int.from_bytes(plain, "big"), _CURVE)


def make_vapid_key() -> str:
    """A fresh key, as the setting wants it."""
    private = ec.generate_private_key(_CURVE)
    return encode(private.private_numbers().private_value.to_bytes(_PRIVATE, "big"))


def read_point(text: str) -> ec.EllipticCurvePublicKey:
    """The public key that a browser has told.

    Raises:
        ValueError: it is not a point on the curve.
    """
    return ec.EllipticCurvePublicKey.from_encoded_point(_CURVE, decode(text))


def point_of(public: ec.EllipticCurvePublicKey) -> bytes:
    """The 65 bytes of an uncompressed point."""
    return public.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def encode(plain: bytes) -> str:
    """Base64url without padding."""
    return base64.urlsafe_b64encode(plain).rstrip(b"=").decode()


def decode(text: str) -> bytes:
    """The bytes behind base64url, with or without padding.

    Raises:
        ValueError: it is something else.
    """
    try:
        return base64.b64decode(text.rstrip("=") + "=" * (-len(text.rstrip("=")) % 4), altchars=b"-_", validate=True)
    except binascii.Error as error:
        raise ValueError("not base64url") from error

"""Envelope encryption: each secret under a data key of its own, the data key under a master key.

AES-256-GCM twice. Whose secret it is goes in as associated data, so a sealed text that is moved to another tenant or
kind does not open. Changing the master key wraps the data keys anew and leaves the secrets' own ciphertext as it is.
"""

import base64
import binascii
import secrets
from collections.abc import Mapping

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from nightowl_common.errors import PermanentError
from nightowl_common.settings import SettingsError

_FORM = b"\x01"
_NONCE = 12
_KEY = 32
_WRAPPED = _NONCE + _KEY + 16
_ID_CHARACTERS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-_")


class MasterKeyMissingError(PermanentError):
    """A secret is sealed under a master key that this process does not have."""

    code = "master_key_missing"


class UnsealableError(PermanentError):
    """A sealed secret was changed, or belongs to somebody else."""

    code = "unsealable"


class Sealed(msgspec.Struct, frozen=True, kw_only=True):
    """What is stored: the bytes, and which master key opens them."""

    key_id: str
    body: bytes


class MasterKeys:
    """The installation's master keys: the first one seals, all of them open."""

    def __init__(self, keys: Mapping[str, bytes]) -> None:
        self._keys = dict(keys)
        self.current = next(iter(self._keys), None)

    def __repr__(self) -> str:
        return f"MasterKeys({', '.join(self._keys)})"

    @classmethod
    def parse(cls, text: str) -> "MasterKeys":
        """From `id:key,id:key`, each key 32 bytes in base64.

        Raises:
            SettingsError: says which is wrong, and nothing of its value.
        """
        keys: dict[str, bytes] = {}
        for part in filter(None, (each.strip() for each in text.split(","))):
            key_id, _, encoded = part.partition(":")
            key = _decode(encoded)
            if not key_id or not _ID_CHARACTERS.issuperset(key_id) or len(key) != _KEY or key_id in keys:
                raise SettingsError(f"master key {len(keys) + 1} is not id:key with a new id and 32 bytes in base64")
            keys[key_id] = key
        return cls(keys)

    def seal(self, plain: bytes, *, owner: str) -> Sealed:
        """Under the current master key. `owner` must be the same to open it.

        Raises:
            MasterKeyMissingError: there is no master key.
        """
        if self.current is None:
            raise MasterKeyMissingError
        data_key = secrets.token_bytes(_KEY)
        wrapped = _encrypt(self._keys[self.current], data_key, owner)
        return Sealed(key_id=self.current, body=_FORM + wrapped + _encrypt(data_key, plain, owner))

    def open(self, sealed: Sealed, *, owner: str) -> bytes:
        """The secret.

        Raises:
            MasterKeyMissingError: its master key is not here.
            UnsealableError: it is not what was sealed, or not for this owner.
        """
        data_key, rest = self._unwrap(sealed, owner)
        return _decrypt(data_key, rest, owner)

    def wrap_anew(self, sealed: Sealed, *, owner: str) -> Sealed:
        """The same secret under the current master key.

        Raises:
            MasterKeyMissingError: one of the two master keys is not here.
            UnsealableError: it is not what was sealed, or not for this owner.
        """
        if self.current is None:
            raise MasterKeyMissingError
        data_key, rest = self._unwrap(sealed, owner)
        _decrypt(data_key, rest, owner)
        wrapped = _encrypt(self._keys[self.current], data_key, owner)
        return Sealed(key_id=self.current, body=_FORM + wrapped + rest)

    def _unwrap(self, sealed: Sealed, owner: str) -> tuple[bytes, bytes]:
        master = self._keys.get(sealed.key_id)
        if master is None:
            raise MasterKeyMissingError
        form, wrapped, rest = sealed.body[:1], sealed.body[1 : 1 + _WRAPPED], sealed.body[1 + _WRAPPED :]
        if form != _FORM:
            raise UnsealableError
        return _decrypt(master, wrapped, owner), rest


def make_master_key(key_id: str) -> str:
    """A fresh master key, as the setting wants it."""
    return f"{key_id}:{base64.b64encode(secrets.token_bytes(_KEY)).decode()}"


def _decode(encoded: str) -> bytes:
    try:
        return base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        return b""


def _encrypt(key: bytes, plain: bytes, owner: str) -> bytes:
    nonce = secrets.token_bytes(_NONCE)
    return nonce + AESGCM(key).encrypt(nonce, plain, owner.encode())


def _decrypt(key: bytes, sealed: bytes, owner: str) -> bytes:
    try:
        return AESGCM(key).decrypt(sealed[:_NONCE], sealed[_NONCE:], owner.encode())
    except (InvalidTag, ValueError) as error:
        raise UnsealableError from error

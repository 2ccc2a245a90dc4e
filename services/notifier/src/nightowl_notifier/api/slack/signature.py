"""Whose a request is: Slack's signature over the raw body decides, and nothing that the body says. Fails closed.

A signature is good for five minutes, and once: what came before is refused by every replica, because the database
remembers it.
"""

import hashlib
import re
from collections.abc import Sequence

import msgspec
from slack_sdk.signature import Clock, SignatureVerifier

from nightowl_common import clock
from nightowl_notifier.channels.accounts import SlackAccount

REMEMBERED_MINUTES = 60
"""Longer than a signature is good for, and than Slack tries an event again."""

_TIMESTAMP = re.compile(r"[0-9]{1,12}")
_SIGNATURE = re.compile(r"v0=[0-9a-f]{64}")


class Stamp(msgspec.Struct, frozen=True, kw_only=True):
    """The two headers of a signature, in their form."""

    timestamp: str
    signature: str

    @property
    def digest(self) -> bytes:
        """What it is remembered by."""
        return digest_of("signature", self.timestamp, self.signature)


class _HostClock(Clock):
    """Slack's time is compared with the host's: the database's clock has nothing to do with it."""

    def now(self) -> float:
        return clock.utc_now().timestamp()


def read_stamp(*, timestamp: str | None, signature: str | None) -> Stamp | None:
    """The headers; None when one is missing or in no form of Slack's."""
    if timestamp is None or signature is None:
        return None
    if not _TIMESTAMP.fullmatch(timestamp) or not _SIGNATURE.fullmatch(signature):
        return None
    return Stamp(timestamp=timestamp, signature=signature)


def signed_by(candidates: Sequence[SlackAccount], stamp: Stamp, body: bytes) -> list[SlackAccount]:
    """The accounts under whose secret a body was signed within the last five minutes."""
    return [each for each in candidates if _is_signed(each, stamp, body)]


def digest_of(*words: str) -> bytes:
    """What something that Slack has sent is remembered by."""
    return hashlib.sha256("\n".join(words).encode()).digest()


def _is_signed(account: SlackAccount, stamp: Stamp, body: bytes) -> bool:
    if account.signing_secret is None:
        return False
    try:
        verifier = SignatureVerifier(account.signing_secret.reveal(), clock=_HostClock())
        return bool(verifier.is_valid(body, stamp.timestamp, stamp.signature))
    except ValueError:  # an empty secret, or a body that is no text
        return False

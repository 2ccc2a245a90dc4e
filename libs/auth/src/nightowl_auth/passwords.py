"""Passwords of local admins: argon2id, in a thread, a few at a time. Pure but for randomness."""

import asyncio
import secrets

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from nightowl_common.errors import FieldProblem, InvalidError

SHORTEST, LONGEST = 12, 200

_hasher = PasswordHasher()
_NOBODYS = "$argon2id$v=19$m=65536,t=3,p=4$XmF+m0rtdwOk6y1o8PhVgg$vgqOY6x1LY+8rJdzqYQa5K/8u2ShJvXQrk0Wnfimj9k"
"""Compared with when there is no such admin, so that the answer takes as long. Of 256 random bits that nobody kept;
written down, because to hash some at every start would cost each process and each command a fifth of a second."""

_AT_ONCE = asyncio.Semaphore(2)
"""Each takes 64 MiB and a core: a flood of attempts waits here instead of taking the service down."""


def make_password() -> str:
    """A first password, to be changed at once: 120 random bits."""
    return secrets.token_urlsafe(15)


def hash_password(password: str) -> str:
    """As it is stored. Takes about 50 ms and blocks."""
    return _hasher.hash(password)


async def hash_in_thread(password: str) -> str:
    """As `hash_password`, without blocking."""
    async with _AT_ONCE:
        return await asyncio.to_thread(hash_password, password)


async def verify_password(stored: str | None, password: str) -> bool:
    """Whether it is that password. None, for an admin that is not there, takes as long and is never true."""
    async with _AT_ONCE:
        is_right = await asyncio.to_thread(_verify, stored or _NOBODYS, password)
    return is_right and stored is not None


def require_good_password(new: str, *, username: str, current: str) -> None:
    """Raises:
    InvalidError: too short, too long, the old one, or the name.
    """
    reason = None
    if not SHORTEST <= len(new) <= LONGEST:
        reason = f"from {SHORTEST} to {LONGEST} characters"
    elif new == current:
        reason = "is the old one"
    elif username in new.lower():
        reason = "holds the user name"
    if reason is not None:
        raise InvalidError(fields=[FieldProblem(field="$.new", reason=reason)])


def _verify(stored: str, password: str) -> bool:
    try:
        return _hasher.verify(stored, password)
    except (VerificationError, InvalidHashError):
        return False

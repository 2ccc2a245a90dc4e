"""Sessions of browsers: a cookie of 256 random bits, of which only the SHA-256 is stored.

A session that is ended, or whose person leaves or gets another role, says so within `FRESH_SECONDS`. Unlike a key it
does not outlive an outage of the database: nobody loses an alert by it.
"""

import base64
import hashlib
import hmac
import secrets
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from nightowl_auth.principal import Principal, Role
from nightowl_auth.ring import FRESH_SECONDS, MAX_REMEMBERED
from nightowl_common import clock
from nightowl_common.db import Database, DatabaseUnavailableError, Record, Tx, load_queries
from nightowl_common.errors import TransientError

SQL = load_queries(__package__, "sessions.sql")

TOKEN_LENGTH = 43
"""256 bits in base64url."""


class SessionRules(msgspec.Struct, frozen=True, kw_only=True):
    """How long a session lasts at most, and without being used; and whether its cookie needs TLS."""

    lifetime: timedelta = timedelta(days=7)
    idle: timedelta = timedelta(hours=12)
    is_secure: bool = True

    @property
    def cookie(self) -> str:
        """The cookie's name; `__Host-` binds it to this very host, over TLS."""
        return "__Host-nightowl" if self.is_secure else "nightowl"


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """A session that is good, and who is behind it."""

    principal: Principal
    expires_at: datetime


class NewSession(msgspec.Struct, frozen=True, kw_only=True):
    """A session that begins. `token` is the cookie."""

    token: str
    expires_at: datetime

    def __repr__(self) -> str:
        return f"NewSession({self.expires_at})"


class _Remembered(msgspec.Struct, frozen=True):
    session: Session | None
    asked_at: float


class Sessions:
    """Cookie → session, with a memory of 5 s."""

    def __init__(self, database: Database, rules: SessionRules) -> None:
        self.rules = rules
        self._database = database
        self._remembered: dict[bytes, _Remembered] = {}
        self._seen: set[UUID] = set()

    async def find(self, token: str) -> Session | None:
        """The session of a cookie; None when it is unknown or over.

        Raises:
            TransientError: the database is away.
        """
        if len(token) != TOKEN_LENGTH or not token.isascii():
            return None
        hashed, now = _hash(token), clock.monotonic_seconds()
        found = self._remembered.get(hashed)
        if found is None or now - found.asked_at > FRESH_SECONDS:
            found = _Remembered(await self._ask(hashed), now)
            if len(self._remembered) >= MAX_REMEMBERED:
                self._remembered.clear()
            self._remembered[hashed] = found
        if found.session is not None:
            self._seen.add(found.session.principal.key_id)
        return found.session

    def forget(self, token: str) -> None:
        """The next `find` asks the database."""
        self._remembered.pop(_hash(token), None)

    async def sweep(self) -> None:
        """Writes which sessions were used, and deletes those that are long over.

        Raises:
            DatabaseUnavailableError: nothing is written; the next sweep does it.
        """
        seen = sorted(self._seen)
        async with self._database.global_tx() as tx:
            if seen:
                await tx.execute(SQL["mark_seen"], seen)
            await tx.execute(SQL["delete_old_sessions"])
        self._seen.difference_update(seen)

    async def _ask(self, hashed: bytes) -> Session | None:
        try:
            async with self._database.global_tx() as tx:
                row = await tx.fetchrow(SQL["load_session"], hashed, self.rules.idle)
                return None if row is None else await _session(tx, row)
        except DatabaseUnavailableError as error:
            raise TransientError("The session cannot be checked at this moment.") from error


def csrf_token(token: str) -> str:
    """What unsafe calls with a cookie must send along: only who can read our answers can know it."""
    digest = hmac.new(token.encode(), b"csrf", hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


async def begin_session(
    tx: Tx, rules: SessionRules, *, tenant: str, local_admin_id: UUID | None = None, user_id: UUID | None = None
) -> NewSession:
    """A new session of a local admin or of a person."""
    token = secrets.token_urlsafe(32)
    expires_at: datetime = await tx.fetchval(
        SQL["insert_session"], _hash(token), tenant, local_admin_id, user_id, rules.lifetime
    )
    return NewSession(token=token, expires_at=expires_at)


async def end_session(tx: Tx, token: str) -> None:
    """It is over within 5 s; nothing happens when it is."""
    await tx.execute(SQL["end_session"], _hash(token))


async def end_sessions_of(tx: Tx, user_id: UUID, *, tenant: str) -> int:
    """All sessions of a person are over within 5 s; how many there were."""
    return int((await tx.execute(SQL["end_sessions_of"], tenant, user_id)).rpartition(" ")[2])


async def end_sessions_of_admin(tx: Tx, local_admin_id: UUID) -> None:
    """All sessions of a local admin are over within 5 s."""
    await tx.execute(SQL["end_sessions_of_admin"], local_admin_id)


async def _session(tx: Tx, row: Record) -> Session | None:
    name: str = row["username"]
    role: Role = "admin"
    if row["user_id"] is not None:
        await tx.enter_tenant(row["tenant"])
        person = await tx.fetchrow(SQL["load_person"], row["user_id"])
        if person is None:
            return None
        name, role = person["display_name"], person["role"]
    principal = Principal(
        tenant=row["tenant"],
        key_id=row["id"],
        role=role,
        name=name,
        user_id=row["user_id"],
        via="session",
        local_admin_id=row["local_admin_id"],
        must_change_password=bool(row["must_change"]),
    )
    return Session(principal=principal, expires_at=row["expires_at"])


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()

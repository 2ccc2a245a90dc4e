"""Verifies API keys, with a memory of 5 s.

A revoked key stops working within `FRESH_SECONDS`. While the database is away, keys that were valid when it was last
asked go on working for `STALE_SECONDS`: an outage of Postgres must not turn alerts away.
"""

import hmac
from uuid import UUID

import msgspec

from nightowl_auth import keys, store
from nightowl_auth.principal import Principal, WebhookRules
from nightowl_common import clock
from nightowl_common.db import Database, DatabaseUnavailableError, Record
from nightowl_common.errors import TransientError, UnauthenticatedError

FRESH_SECONDS = 5.0
STALE_SECONDS = 900.0
MAX_REMEMBERED = 10_000


class _Remembered(msgspec.Struct, frozen=True):
    principal: Principal | None
    asked_at: float


class KeyRing:
    """Key → principal."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._remembered: dict[bytes, _Remembered] = {}
        self._used: set[UUID] = set()

    def recall(self, raw: str) -> Principal | None:
        """The principal of a key that was verified within the last 5 s, without waiting for anything."""
        found = self._remembered.get(keys.hash_of(raw))
        if found is None or found.principal is None or clock.monotonic_seconds() - found.asked_at > FRESH_SECONDS:
            return None
        return found.principal

    async def verify(self, raw: str) -> Principal:
        """The principal of a key.

        Raises:
            UnauthenticatedError: unknown, revoked or expired.
            TransientError: the database is away and the key was not seen lately.
        """
        key_hash = keys.hash_of(raw)
        now = clock.monotonic_seconds()
        found = self._remembered.get(key_hash)
        if found is None or now - found.asked_at > FRESH_SECONDS:
            found = await self._ask(raw, key_hash, now=now, last=found)
        if found.principal is None:
            raise UnauthenticatedError
        self._used.add(found.principal.key_id)
        return found.principal

    async def sweep(self) -> None:
        """Writes the times of last use, in one statement now and then instead of one per request.

        Raises:
            DatabaseUnavailableError: nothing is written; the next sweep does it.
        """
        used = sorted(self._used)
        if used:
            async with self._database.global_tx() as tx:
                await store.mark_used(tx, used)
            self._used.difference_update(used)

    async def _ask(self, raw: str, key_hash: bytes, *, now: float, last: _Remembered | None) -> _Remembered:
        try:
            async with self._database.global_tx() as tx:
                rows = await store.load_keys(tx, keys.prefix_of(raw))
        except DatabaseUnavailableError as error:
            if last is not None and last.principal is not None and now - last.asked_at < STALE_SECONDS:
                return last
            raise TransientError("The key cannot be checked at this moment.") from error
        matching = [row for row in rows if hmac.compare_digest(row["key_hash"], key_hash)]
        principal = _principal(matching[0]) if matching else None
        if len(self._remembered) >= MAX_REMEMBERED:
            # refusals go first: a flood of made-up keys must not push out the real ones, which an outage needs
            self._remembered = {key: each for key, each in self._remembered.items() if each.principal is not None}
        self._remembered[key_hash] = _Remembered(principal, now)
        return self._remembered[key_hash]


def _principal(row: Record) -> Principal:
    return Principal(
        tenant=row["tenant"],
        key_id=row["id"],
        role=row["role"],
        name=row["description"] or row["prefix"],
        user_id=row["user_id"],
        scope="ingest" if "ingest" in row["scopes"] else "full",
        webhook=WebhookRules(
            secret=row["webhook_secret"], mapping=row["mapping"], severity_words=row["severity_words"]
        ),
    )

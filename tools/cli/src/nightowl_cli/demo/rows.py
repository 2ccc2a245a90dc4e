"""The rows of a demo tenant before they are written, and ids for them."""

import hashlib
import random
from datetime import datetime
from uuid import UUID

import msgspec

from nightowl_alerting.model import Entry
from nightowl_common.ids import id_at
from nightowl_contracts import Actor

OPERATOR = Actor(kind="service", id="nightowl", name="operator")
"""Who made what nobody else has made."""

Row = dict[str, object]


class Rows:
    """Rows by table, in the order in which they came. Ids sort by time, then by when they were made."""

    def __init__(self, chance: random.Random) -> None:
        self.tables: dict[str, list[Row]] = {}
        self._chance = chance
        self._made = 0

    def add(self, table: str, **row: object) -> None:
        """One more row."""
        self.tables.setdefault(table, []).append(row)

    def id(self, at: datetime) -> UUID:
        """A UUIDv7 of an instant."""
        self._made += 1
        return id_at(at, self._made << 38 | self._chance.getrandbits(38))

    def entry(self, alert_id: UUID, at: datetime, entry: Entry) -> None:
        """A line of an alert's timeline."""
        self.add(
            "alert_timeline", alert_id=alert_id, id=self.id(at), at=at, kind=entry.kind, actor=entry.actor,
            evidence=entry.evidence,
        )  # fmt: skip

    def audit(
        self, at: datetime, actor: Actor, action: str, entity: str, entity_id: UUID | None, **changes: object
    ) -> None:
        """A line of the audit log; the database chains it."""
        self.add(
            "audit_log", id=self.id(at), at=at, actor=actor, action=action, entity=entity, entity_id=entity_id,
            changes=changes,
        )  # fmt: skip

    def timer(self, kind: str, ref: UUID, *, version: int, due_at: datetime) -> None:
        """Something that is owed later."""
        self.add("timers", kind=kind, ref=ref, version=version, due_at=due_at)

    def digest(self) -> str:
        """Of all rows: the same rows, the same digest."""
        return hashlib.sha256(msgspec.json.encode(self.tables)).hexdigest()

"""What a replay reads, and what it finds."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from nightowl_contracts import Actor


class Span(msgspec.Struct, frozen=True, kw_only=True):
    """A tenant's time from `since` until before `until`."""

    tenant: str
    since: datetime
    until: datetime


class Deed(msgspec.Struct, frozen=True, kw_only=True):
    """Something that was done to the open alert of a fingerprint, as its timeline tells it."""

    at: datetime
    fingerprint: str
    kind: str
    actor: Actor
    evidence: dict[str, Any]


class Sorted(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one received alert in the shadow."""

    event_id: UUID
    receipt_id: UUID
    index: int
    fingerprint: str
    disposition: str


class Played(msgspec.Struct, kw_only=True):
    """What a run came to. `failures` are messages on which this version's code broke, with the reason."""

    messages: int = 0
    sorted: list[Sorted] = []
    deeds: int = 0
    left_out: int = 0
    failures: dict[str, str] = {}


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """One alert as it opened, and whom it paged. It is known by the received alert that opened it."""

    fingerprint: str
    title: str
    receipt_id: str | None
    index: int | None
    severity: str | None
    service: str | None
    routes: list[str]
    policy: str | None
    incident: str | None
    grouped_by: str | None
    muted_by: list[str]
    pages: list[str]


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """What came out otherwise: of an alert (`field` is one of `Outcome`'s, or `opened`) or of a received one."""

    title: str
    fingerprint: str
    field: str
    was: Any
    would_be: Any


class Pair(msgspec.Struct, frozen=True, kw_only=True):
    """A count in production and in the shadow."""

    was: int
    would_be: int


class Findings(msgspec.Struct, frozen=True, kw_only=True):
    """The whole comparison. `carried` fingerprints were open when the span began, and `forgotten` received alerts are
    older than production's memory of dispositions (72 h): neither is compared.
    """

    span: Span
    messages: int
    deeds: int
    deeds_left_out: int
    carried: int
    forgotten: int
    dispositions: dict[str, Pair]
    opened: Pair
    pages: Pair
    failures: dict[str, str]
    differences: list[Difference]

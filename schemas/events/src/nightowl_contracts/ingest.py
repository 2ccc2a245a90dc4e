"""What ingest hands to enrichment: one `AlertsReceived` per webhook call (or part of one)."""

from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from nightowl_contracts.envelope import Envelope

Severity = Literal["info", "warning", "major", "critical"]
AlertStatus = Literal["firing", "resolved"]

SEVERITY_WORDS: dict[Severity, tuple[str, ...]] = {
    "critical": ("critical", "crit", "fatal", "emergency", "emerg", "page", "disaster", "p1"),
    "major": ("major", "high", "error", "err", "p2"),
    "warning": ("warning", "warn", "minor", "medium", "average", "p3"),
    "info": ("info", "information", "informational", "low", "none", "notice", "debug", "p4", "p5"),
}
"""What senders call each severity, in lower case. A tenant's own words go before these."""

MAX_ALERTS_PER_MESSAGE = 50
"""A webhook call with more alerts becomes several messages, so that one retry stays small."""


class AgentReport(msgspec.Struct, frozen=True, kw_only=True):
    """What a program that handles alerts reports about its own work (`agent_metadata`).

    `confidence` is between 0 and 1.
    """

    agent_id: str
    action_taken: str | None = None
    action_result: str | None = None
    auto_resolved: bool = False
    confidence: float | None = None


class ReceivedAlert(msgspec.Struct, frozen=True, kw_only=True):
    """One alert of a payload, in NightOwl's words whatever the source was.

    `fingerprint` identifies the series: two alerts with the same fingerprint are the same problem.
    `index` is the alert's place in the sender's payload, counted from 0 over the whole call. `raw` is the alert's own
    text as the sender wrote it, cut to 64 KiB, which `raw_is_cut` says. `fingerprint_rule` says in words where the
    fingerprint comes from.
    """

    index: int
    fingerprint: str
    status: AlertStatus
    severity: Severity
    title: str
    description: str | None = None
    labels: dict[str, str] = {}
    annotations: dict[str, str] = {}
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    generator_url: str | None = None
    agent: AgentReport | None = None
    raw: str | None = None
    raw_is_cut: bool = False
    fingerprint_rule: str | None = None


class RejectedAlert(msgspec.Struct, frozen=True, kw_only=True):
    """One alert of a payload that could not be read, kept so that it is listed and not lost.

    `field` is a JSON path such as `$.alerts[3].labels`. `raw` is the alert's own text, cut to 4 KiB.
    """

    index: int
    reason: str
    field: str
    raw: str


class ReceivedBatch(msgspec.Struct, frozen=True, kw_only=True):
    """The alerts of one webhook call, at most `MAX_ALERTS_PER_MESSAGE` of them.

    `receipt_id` is what the sender was told; the alert at `index` has the event id `receipt_id:index`.
    `key_id` is the API key that was used.
    """

    receipt_id: UUID
    source: str
    alerts: list[ReceivedAlert]
    rejected: list[RejectedAlert] = []
    key_id: UUID | None = None


class AlertsReceived(Envelope, frozen=True, kw_only=True, tag="alerts.received.v1"):
    """Durable on INGEST before the sender gets its 2xx."""

    data: ReceivedBatch

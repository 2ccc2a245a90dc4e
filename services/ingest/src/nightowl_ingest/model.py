"""Words of ingest: what a payload was read as, what the sender is told, and the errors."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec

from nightowl_common.errors import (
    FieldProblem,
    InvalidError,
    NightOwlError,
    NotFoundError,
    TooLargeError,
    TransientError,
)
from nightowl_contracts import ReceivedAlert, RejectedAlert, Severity

SOURCES = ("alertmanager", "generic", "grafana", "keep")


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What a payload may hold, lengths in characters, and which words its tenant has for severities (lower case)."""

    max_alerts: int = 2_000
    max_labels: int = 200
    max_value_length: int = 64 * 1024
    max_title_length: int = 10_000
    severity_words: Mapping[str, Severity] = {}


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """A payload as it was understood: every item is either in `alerts` or in `rejected`.

    `truncated` is how many alerts the sender says it left out of the payload. `source` is there when the payload shows
    a sender more exactly than the path does.
    """

    alerts: list[ReceivedAlert]
    rejected: list[RejectedAlert] = []
    truncated: int = 0
    source: str | None = None


class AcceptedAlert(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An alert that is durable. `disposition` and `alert_id` are there when the caller waited and they came in time."""

    index: int
    event_id: str
    disposition: str | None = None
    alert_id: UUID | None = None


class RefusedAlert(msgspec.Struct, frozen=True, kw_only=True):
    """An alert of the payload that could not be read. It is stored and listed; nobody is paged for it."""

    index: int
    field: str
    reason: str


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to an accepted call: all of `alerts` are durable."""

    receipt_id: UUID
    alerts: list[AcceptedAlert]
    rejected: list[RefusedAlert] = []
    truncated: int = 0


class TrialRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A payload to try. `mapping` is tried instead of the key's own; `{}` tries none."""

    payload: msgspec.Raw
    mapping: dict[str, str] | None = None


class TriedAlert(msgspec.Struct, frozen=True, kw_only=True):
    """How one alert would be read. `mapped` is what the mapping's expressions gave, before it was fitted.

    `alert` is what would travel on: the fields of `ReceivedAlert`.
    """

    index: int
    mapped: dict[str, Any]
    alert: dict[str, Any]
    fingerprint: str
    fingerprint_rule: str


class Trial(msgspec.Struct, frozen=True, kw_only=True):
    """How a payload would be read, with the mapping that was used. Nothing of it was stored."""

    alerts: list[TriedAlert]
    rejected: list[RefusedAlert]
    mapping: dict[str, str]


class UnknownSourceError(NotFoundError):
    """There is no such webhook; the sources are alertmanager, generic, grafana and keep."""

    code = "unknown_source"


class MethodNotAllowedError(NightOwlError):
    """Webhooks and beats take POST; Grafana's webhook takes PUT as well."""

    code = "method_not_allowed"
    status = 405

    def __init__(self, allowed: Sequence[str] = ("POST",)) -> None:
        super().__init__()
        self.allowed = allowed


class TooManyAlertsError(TooLargeError):
    """The payload holds too many alerts."""

    code = "too_many_alerts"


class NotAcceptedError(TransientError):
    """Neither the stream nor the spool can take alerts at this moment; nothing of this call counts as accepted."""

    code = "not_accepted"


class OverLimitError(TransientError):
    """The key or its tenant sends more than it may; nothing of this call counts as accepted. Send it again later.

    503 and never 429, which Alertmanager takes as final.
    """

    code = "over_limit"

    def __init__(self, *, retry_after_seconds: int) -> None:
        super().__init__("The key or its tenant sends more than it may; send it again later.")
        self.retry_after_seconds = retry_after_seconds


class NothingReadableError(InvalidError):
    """No alert of the payload can be read."""

    def __init__(self, rejected: Sequence[RejectedAlert]) -> None:
        super().__init__(fields=[FieldProblem(field=each.field, reason=each.reason) for each in rejected])

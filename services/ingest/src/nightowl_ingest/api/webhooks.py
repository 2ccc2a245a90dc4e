"""The webhooks and beats: who sends, what it says, make it durable, and answer. In this order, and only then a 2xx."""

from collections.abc import Sequence
from typing import Protocol
from uuid import UUID

import msgspec
from litestar.types import HTTPScope, Receive, Send

from nightowl_auth import KeyRing, Principal, Seat, compile_mapping, key_from_headers
from nightowl_common import clock
from nightowl_common.errors import (
    ForbiddenError,
    InvalidError,
    MalformedError,
    NightOwlError,
    UnauthenticatedError,
)
from nightowl_common.ids import new_id
from nightowl_common.logs import get_logger
from nightowl_common.spool import IngestMessage
from nightowl_common.telemetry import Span, TenantLabel, given_trace, span
from nightowl_common.telemetry.metrics import UNEXPECTED_ERRORS
from nightowl_common.web import request_id_of
from nightowl_contracts import Outcome
from nightowl_ingest.api.http import Answer, Headers, Preference, preference_of, read_body, refusal, send_answer
from nightowl_ingest.api.intake import Intake
from nightowl_ingest.api.overload import Overload
from nightowl_ingest.api.rejections import Rejections
from nightowl_ingest.api.replies import Replies, gather_outcomes
from nightowl_ingest.api.signatures import check_signature
from nightowl_ingest.api.telling import About, Told, count, tell
from nightowl_ingest.engine import READERS, Call, cut_messages, read_beat, read_payload, rejected_body, try_payload
from nightowl_ingest.engine.decoding import decode_envelope
from nightowl_ingest.model import (
    AcceptedAlert,
    Limits,
    MethodNotAllowedError,
    NothingReadableError,
    Reading,
    Receipt,
    RefusedAlert,
    TooManyAlertsError,
    TrialRequest,
    UnknownSourceError,
)
from nightowl_ingest.settings import Settings
from nightowl_ingest.telemetry import ALERTS_REJECTED

log = get_logger(__name__)

WEBHOOKS_PREFIX = "/api/v1/webhooks/"

HEARTBEATS_PREFIX = "/api/v1/heartbeats/"
"""What follows is the name of a heartbeat, and a call to it is its beat."""

TRIAL = "generic/test"
"""Below the webhooks, but no source: shows how a payload would be read."""

_PATHS = frozenset({*READERS, TRIAL})

_trials = msgspec.json.Decoder(TrialRequest)

_METHODS = {"grafana": ("POST", "PUT")}
"""What else than POST a webhook takes; the sender chooses."""

_receipts = msgspec.json.Encoder()


class TenantGate(Protocol):
    """Knows which tenants are suspended."""

    def require_active(self, slug: str) -> None:
        """Raises `TenantSuspendedError` for one that is."""


class Incoming(msgspec.Struct, frozen=True, kw_only=True):
    """A request whose body is not read yet. `source` is the last part of a webhook's path, known or not.

    `heartbeat` is the name in the path of a beat, possible or not; it is None for a webhook. `receipt` is `receipt_id`
    as text.
    """

    receipt_id: UUID
    receipt: str
    source: str
    heartbeat: str | None
    method: str
    headers: Headers
    span: Span
    about: About


class WebhookEndpoint:
    """An ASGI application for everything below `WEBHOOKS_PREFIX` and `HEARTBEATS_PREFIX`."""

    def __init__(
        self,
        settings: Settings,
        *,
        key_ring: KeyRing,
        tenants: TenantGate,
        intake: Intake,
        replies: Replies,
        rejections: Rejections,
        overload: Overload,
    ) -> None:
        self._settings = settings
        self._limits = settings.limits
        self._key_ring = key_ring
        self._tenants = tenants
        self._intake = intake
        self._replies = replies
        self._rejections = rejections
        self._overload = overload
        self._tenant_label = TenantLabel(settings.tenant_series)
        self._waits = {"generic": settings.generic_wait_seconds}

    async def __call__(self, scope: HTTPScope, receive: Receive, send: Send) -> None:
        """Answers one request. Its id is the receipt's unless the caller brought one."""
        started = clock.monotonic_seconds()
        headers = Headers(scope)
        receipt_id = new_id()
        receipt = str(receipt_id)
        given_id = headers.get("x-request-id")
        request_id = receipt if given_id is None else request_id_of(given_id)
        source, heartbeat = _read_path(scope["path"])
        with span("receive", given_trace(headers.get("traceparent")), kind="server", trace_id=receipt_id) as received:
            incoming = Incoming(
                receipt_id=receipt_id, receipt=receipt, source=source, heartbeat=heartbeat, method=scope["method"],
                headers=headers, span=received, about=About(),
            )  # fmt: skip
            answer = await self._answer_or_refuse(incoming, receive, request_id)
            await send_answer(send, answer, request_id)
            received.note(source=source, status=answer.status, request_id=request_id)
            told = Told(
                path=_path_template(incoming), status=answer.status, seconds=clock.monotonic_seconds() - started,
                request_id=request_id, receipt=receipt, about=incoming.about,
            )  # fmt: skip
            tell(scope, told)

    async def _answer_or_refuse(self, incoming: Incoming, receive: Receive, request_id: str) -> Answer:
        try:
            return await self._answer(incoming, receive)
        except NightOwlError as error:
            return refusal(error, request_id)
        except Exception:
            UNEXPECTED_ERRORS.inc()
            log.exception("webhook_failed", source=incoming.source, request_id=request_id)
            wrong = NightOwlError("Something went wrong inside; the request id finds it in the logs.")
            return refusal(wrong, request_id)

    async def _answer(self, incoming: Incoming, receive: Receive) -> Answer:
        source, headers = incoming.source, incoming.headers
        _check_path(incoming)
        principal, seat = await self._authorize(headers, is_beat=incoming.heartbeat is not None)
        body = await read_body(receive, headers, max_bytes=self._settings.max_body_bytes)
        if source == TRIAL:
            return _trial(body, self._limits_of(principal), principal)
        if principal.webhook.secret is not None:
            check_signature(principal.webhook.secret, body, headers, now_seconds=clock.utc_now().timestamp())
        call = _call_of(incoming, principal)
        beat = incoming.heartbeat
        reading = self._read(call, body, principal) if beat is None else read_beat(beat)
        incoming.about.alerts, incoming.about.rejected = len(reading.alerts), len(reading.rejected)
        seat.charge(len(reading.alerts) + len(reading.rejected) - 1)
        call = msgspec.structs.replace(call, source=reading.source or source)
        preference = preference_of(headers.get("prefer"), default_seconds=self._waits.get(source, 0.0))
        outcomes = await self._accept(cut_messages(call, reading, new_id=new_id), preference)
        label = self._tenant_label
        count(call.source, reading, tenant=label.of(call.tenant) if label.is_on else None)
        return _receipt(incoming, reading, outcomes, preference)

    async def _authorize(self, headers: Headers, *, is_beat: bool) -> tuple[Principal, Seat]:
        """The sender, and what its alerts are counted on.

        Engineers and above may post, and keys that may do nothing else.

        Raises:
            UnauthenticatedError: no key, or not a valid one.
            ForbiddenError: a key that may only read, or its tenant is suspended.
            TransientError: the key cannot be checked now.
            OverLimitError: the key or its tenant is over its rate.
        """
        raw = key_from_headers(headers.get)
        if raw is None:
            raise UnauthenticatedError
        principal = self._key_ring.recall(raw) or await self._key_ring.verify(raw)
        if not principal.may_send:
            raise ForbiddenError(f"Sending alerts needs the role engineer; the key has {principal.role}.")
        self._tenants.require_active(principal.tenant)
        return principal, self._overload.admit(principal, is_beat=is_beat)

    def _limits_of(self, principal: Principal) -> Limits:
        """With the tenant's own words."""
        words = principal.webhook.severity_words
        return msgspec.structs.replace(self._limits, severity_words=words) if words else self._limits

    def _read(self, call: Call, body: bytes, principal: Principal) -> Reading:
        """The payload; a refused one is recorded before its error goes to the sender."""
        try:
            reading = read_payload(call.source, body, self._limits_of(principal), principal.webhook.mapping)
        except (MalformedError, InvalidError, TooManyAlertsError) as error:
            ALERTS_REJECTED.labels(call.source).inc()
            self._rejections.record(call, [rejected_body(body, error)])
            raise
        if reading.rejected and not reading.alerts:
            ALERTS_REJECTED.labels(call.source).inc(len(reading.rejected))
            self._rejections.record(call, reading.rejected)
            raise NothingReadableError(reading.rejected)
        return reading

    async def _accept(self, messages: Sequence[IngestMessage], preference: Preference) -> dict[int, Outcome]:
        """Makes the messages durable; the outcomes that are known in time."""
        if not messages or not preference.wait_seconds:
            await self._intake.accept(messages)
            return {}
        with self._replies.expect([each.event_id for each in messages]) as awaited:
            if not await self._intake.accept(messages, reply_to=self._replies.subject):
                return {}
            return await gather_outcomes(awaited, seconds=preference.wait_seconds)


def _call_of(incoming: Incoming, principal: Principal) -> Call:
    incoming.span.note(tenant=principal.tenant)
    incoming.about.tenant = principal.tenant
    return Call(
        receipt_id=incoming.receipt_id,
        tenant=principal.tenant,
        key_id=principal.key_id,
        actor=principal.actor,
        source=incoming.source,
        at=clock.utc_now(),
        trace=incoming.span.trace or "",
    )


def _read_path(path: str) -> tuple[str, str | None]:
    """The source, and the name of the heartbeat if the path is a beat's."""
    if path.startswith(HEARTBEATS_PREFIX):
        return "heartbeat", path.removeprefix(HEARTBEATS_PREFIX)
    return path.removeprefix(WEBHOOKS_PREFIX).rstrip("/"), None


def _path_template(incoming: Incoming) -> str:
    """The path as metrics name it."""
    if incoming.heartbeat is not None:
        return HEARTBEATS_PREFIX + "{name}"
    return WEBHOOKS_PREFIX + incoming.source if incoming.source in _PATHS else "unmatched"


def _check_path(incoming: Incoming) -> None:
    """Raises:
    UnknownSourceError: there is no such webhook.
    MethodNotAllowedError: there is, and it takes other methods.
    """
    if incoming.heartbeat is None and incoming.source not in _PATHS:
        raise UnknownSourceError
    allowed = _METHODS.get(incoming.source, ("POST",))
    if incoming.method not in allowed:
        raise MethodNotAllowedError(allowed)


def _receipt(incoming: Incoming, reading: Reading, outcomes: dict[int, Outcome], preference: Preference) -> Answer:
    receipt = Receipt(
        receipt_id=incoming.receipt_id,
        alerts=[_accepted(incoming.receipt, each.index, outcomes.get(each.index)) for each in reading.alerts],
        rejected=[RefusedAlert(index=each.index, field=each.field, reason=each.reason) for each in reading.rejected],
        truncated=reading.truncated,
    )
    headers = {"Preference-Applied": preference.applied} if preference.applied else {}
    return Answer(status=200, body=_receipts.encode(receipt), headers=headers)


def _trial(body: bytes, limits: Limits, principal: Principal) -> Answer:
    request = decode_envelope(body, _trials)
    mapping = principal.webhook.mapping if request.mapping is None else request.mapping
    trial = try_payload(bytes(request.payload), limits, compile_mapping(mapping))
    return Answer(status=200, body=_receipts.encode(trial))


def _accepted(receipt: str, index: int, outcome: Outcome | None) -> AcceptedAlert:
    event_id = f"{receipt}:{index}"
    if outcome is None:
        return AcceptedAlert(index=index, event_id=event_id)
    return AcceptedAlert(index=index, event_id=event_id, disposition=outcome.disposition, alert_id=outcome.alert_id)

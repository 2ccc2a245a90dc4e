"""A small client of NightOwl's own HTTP interface, for tests and smoke runs.

Calls raise `ApiError` for anything but success; `call` gives the bare answer, for tests of refusals.
"""

from collections.abc import Mapping
from datetime import datetime
from io import BytesIO
from typing import Any, Self, TypeVar
from uuid import UUID

import aiohttp
import msgspec

Fields = dict[str, Any]
T = TypeVar("T")

TIMEOUT_SECONDS = 30.0


class ApiError(AssertionError):
    """An answer that is not a success."""

    def __init__(self, answer: "Answer", request: str) -> None:
        self.answer = answer
        super().__init__(f"{request} → {answer.status}: {answer.body.decode(errors='replace')[:2_000]}")


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """An HTTP answer. Header names are in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Fields:
        """The body, which must be a JSON object."""
        return msgspec.json.decode(self.body, type=dict)


class AcceptedAlert(msgspec.Struct, frozen=True, kw_only=True):
    """One alert of an accepted call; the last two are there when the answer waited for them."""

    index: int
    event_id: str
    disposition: str | None = None
    alert_id: UUID | None = None


class RefusedAlert(msgspec.Struct, frozen=True, kw_only=True):
    """One alert of an accepted call that could not be read."""

    index: int
    field: str
    reason: str


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to an accepted webhook call."""

    receipt_id: UUID
    alerts: list[AcceptedAlert]
    rejected: list[RefusedAlert] = []
    truncated: int = 0


class AlertView(msgspec.Struct, frozen=True, kw_only=True):
    """What tests read of an alert."""

    id: UUID
    fingerprint: str
    episode: int
    status: str
    severity: str
    source: str
    title: str
    occurrence_count: int
    labels: dict[str, str]
    escalation_state: str
    escalation_reason: str
    cycle: int
    tier: int
    version: int
    first_fired_at: datetime
    last_fired_at: datetime
    previous_id: UUID | None = None
    acknowledged_at: datetime | None = None
    resolved_at: datetime | None = None


class TimelineView(msgspec.Struct, frozen=True, kw_only=True):
    """One line of an alert's timeline."""

    id: UUID
    at: datetime
    kind: str
    actor: Fields
    evidence: Fields


class DeliveryView(msgspec.Struct, frozen=True, kw_only=True):
    """What tests read of a page."""

    id: UUID
    cycle: int
    step: int
    recipient: str
    channel: str
    address: str
    status: str
    is_repeat: bool
    provider_id: str | None = None
    reason: str | None = None


class FindingView(msgspec.Struct, frozen=True, kw_only=True):
    """A broken rule of the ledger."""

    rule: int
    subject: str
    detail: str


class _Page(msgspec.Struct, frozen=True, kw_only=True):
    items: msgspec.Raw
    total: int
    next_cursor: str | None = None


class _Ledger(msgspec.Struct, frozen=True, kw_only=True):
    findings: list[FindingView]


class ApiClient:
    """`async with ApiClient(ingest_url=…, query_url=…, key=…) as client:`. Both addresses may be the same."""

    def __init__(self, *, ingest_url: str, query_url: str, key: str) -> None:
        self._ingest_url = ingest_url.rstrip("/")
        self._query_url = query_url.rstrip("/")
        self._key = key
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=TIMEOUT_SECONDS))
        return self

    async def __aexit__(self, *_error: object) -> None:
        if self._session is not None:
            await self._session.close()

    async def call(
        self,
        method: str,
        path: str,
        *,
        body: object = None,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        key: str | None = None,
    ) -> Answer:
        """Any call below `/api/v1`. `body` is sent as it is when it is bytes, else as JSON; `key` "" sends none."""
        assert self._session is not None, "use `async with`"
        is_beat = method == "POST" and path.startswith("/heartbeats/")
        base = self._ingest_url if is_beat or path.startswith("/webhooks") else self._query_url
        chosen = self._key if key is None else key
        sent = {**({"X-API-Key": chosen} if chosen else {}), **(headers or {})}
        content = body if isinstance(body, bytes | None) else msgspec.json.encode(body)
        if content is not None:
            sent = {"Content-Type": "application/json", **sent}
        async with self._session.request(
            method,
            f"{base}/api/v1{path}",
            data=None if content is None else BytesIO(content),
            params=query,
            headers=sent,
        ) as answer:
            names = {name.lower(): value for name, value in answer.headers.items()}
            return Answer(status=answer.status, headers=names, body=await answer.read())

    async def fire(self, source: str, payload: object, *, wait_seconds: float | None = None) -> Receipt:
        """Posts a payload to a webhook; with `wait_seconds` the receipt says what became of each alert."""
        headers = {} if wait_seconds is None else {"Prefer": f"wait={wait_seconds:g}"}
        return await self._success(Receipt, "POST", f"/webhooks/{source}", body=payload, headers=headers)

    async def fire_alertmanager(self, payload: object, *, wait_seconds: float | None = None) -> Receipt:
        """Posts an Alertmanager notification."""
        return await self.fire("alertmanager", payload, wait_seconds=wait_seconds)

    async def fire_generic(self, payload: object, *, wait_seconds: float | None = None) -> Receipt:
        """Posts a generic alert."""
        return await self.fire("generic", payload, wait_seconds=wait_seconds)

    async def define_heartbeat(self, name: str, **content: object) -> None:
        """Watches for a heartbeat from its first beat on."""
        await self._success(Fields, "POST", "/heartbeats", body={"name": name, **content})

    async def beat(self, name: str, *, wait_seconds: float = 10) -> Receipt:
        """Is heard of; the receipt says what became of it."""
        return await self._success(Receipt, "POST", f"/heartbeats/{name}", headers={"Prefer": f"wait={wait_seconds:g}"})

    async def alerts(self, **filters: str) -> list[AlertView]:
        """Alerts, newest first, all pages."""
        return await self._list(list[AlertView], "/alerts", filters)

    async def alert(self, alert_id: UUID) -> AlertView:
        """One alert."""
        return await self._success(AlertView, "GET", f"/alerts/{alert_id}")

    async def timeline(self, alert_id: UUID) -> list[TimelineView]:
        """Everything that was decided, oldest first."""
        return await self._list(list[TimelineView], f"/alerts/{alert_id}/timeline", {})

    async def deliveries(self, alert_id: UUID) -> list[DeliveryView]:
        """The alert's pages, oldest first."""
        return await self._list(list[DeliveryView], f"/alerts/{alert_id}/deliveries", {})

    async def acknowledge(self, alert_id: UUID) -> AlertView:
        """Takes it."""
        return await self._success(AlertView, "PATCH", f"/alerts/{alert_id}/acknowledge")

    async def resolve(self, alert_id: UUID, *, resolution: str | None = None) -> AlertView:
        """Ends it."""
        body = None if resolution is None else {"resolution": resolution}
        return await self._success(AlertView, "PATCH", f"/alerts/{alert_id}/resolve", body=body)

    async def unaccounted(self) -> list[FindingView]:
        """What the ledger finds; must be empty."""
        return (await self._success(_Ledger, "GET", "/ledger/unaccounted")).findings

    async def _success(
        self,
        kind: type[T],
        method: str,
        path: str,
        *,
        body: object = None,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> T:
        answer = await self.call(method, path, body=body, query=query, headers=headers)
        if not 200 <= answer.status < 300:
            raise ApiError(answer, f"{method} {path}")
        return msgspec.json.decode(answer.body, type=kind)

    async def _list(self, kind: type[list[T]], path: str, filters: Mapping[str, str]) -> list[T]:
        found: list[T] = []
        query = dict(filters)
        while True:
            page = await self._success(_Page, "GET", path, query=query)
            found += msgspec.json.decode(page.items, type=kind)
            if page.next_cursor is None:
                return found
            query["cursor"] = page.next_cursor

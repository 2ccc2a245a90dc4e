"""What is told of a call: its line in the log, and the metrics of what was in it."""

from functools import cache

import msgspec
from litestar.types import HTTPScope

from nightowl_common.logs import get_logger
from nightowl_common.telemetry import Counter, Histogram
from nightowl_common.telemetry.metrics import REQUEST_SECONDS
from nightowl_ingest.model import Reading
from nightowl_ingest.telemetry import ALERTS_RECEIVED, ALERTS_REJECTED, BEATS_RECEIVED, TENANT_ALERTS_RECEIVED

log = get_logger(__name__)


class About(msgspec.Struct, kw_only=True):
    """What is found out about a request while it is answered, for its line in the log."""

    tenant: str | None = None
    alerts: int = 0
    rejected: int = 0


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """An answered call. `path` is the route's, never the caller's."""

    path: str
    status: int
    seconds: float
    request_id: str
    receipt: str
    about: About


def tell(scope: HTTPScope, told: Told) -> None:
    """The call's line, like that of any other service, and how long it took."""
    client, about = scope["client"], told.about
    _seconds(scope["method"], told.path, told.status).observe(told.seconds)
    log.info(
        "request", method=scope["method"], path=told.path, status=told.status, ms=round(told.seconds * 1000, 1),
        address=None if client is None else client[0], request_id=told.request_id, tenant=about.tenant,
        receipt_id=told.receipt, alerts=about.alerts, rejected=about.rejected,
    )  # fmt: skip


def count(source: str, reading: Reading, *, tenant: str | None) -> None:
    """What was accepted; `tenant` is the tenant's label, None where tenants have none."""
    if tenant is not None:
        _of_tenant(tenant).inc(len(reading.alerts))
    if source == "heartbeat":
        BEATS_RECEIVED.inc(len(reading.alerts))
        return
    severities: dict[str, int] = {}
    for alert in reading.alerts:
        severities[alert.severity] = severities.get(alert.severity, 0) + 1
    for severity, alerts in severities.items():
        _received(source, severity).inc(alerts)
    if reading.rejected:
        ALERTS_REJECTED.labels(source).inc(len(reading.rejected))


@cache
def _received(source: str, severity: str) -> Counter:
    """Looking a counter up by its labels costs more than counting."""
    return ALERTS_RECEIVED.labels(source, severity)


@cache
def _of_tenant(label: str) -> Counter:
    return TENANT_ALERTS_RECEIVED.labels(label)


@cache
def _seconds(method: str, path: str, status: int) -> Histogram:
    return REQUEST_SECONDS.labels(method, path, str(status))

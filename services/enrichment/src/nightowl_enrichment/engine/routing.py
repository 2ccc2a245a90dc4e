"""Where an alert belongs, and which of its payloads are kept. Pure."""

from collections.abc import Sequence
from typing import Literal
from uuid import UUID

from nightowl_alerting.model import Disposition, Route
from nightowl_alerting.transitions import Received
from nightowl_contracts import ReceivedAlert
from nightowl_enrichment.model import Payload, Routing

SERVICE_LABEL = "service"

_OCCASIONS: dict[Disposition, Literal["opening", "latest"]] = {
    "opened": "opening",
    "repeated": "latest",
    "resolved": "latest",
}


def route_alert(alert: ReceivedAlert, routing: Routing) -> Route:
    """The service that the alert's `service` label names, with its policy; else the tenant's default policy.

    A service without a policy of its own uses the tenant's.
    """
    route = routing.services.get(alert.labels.get(SERVICE_LABEL, ""))
    if route is None:
        return routing.default
    if route.policy_id is None:
        return Route(
            service_id=route.service_id,
            policy_id=routing.default.policy_id,
            policy_version=routing.default.policy_version,
        )
    return route


def payloads_to_keep(
    received: Sequence[Received], outcomes: Sequence[tuple[Disposition, UUID | None]]
) -> list[Payload]:
    """At most two per alert: the one that opened it, and the newest that repeated or resolved it.

    `received` and `outcomes` go together, oldest first. What is stale changed no alert and is not kept.
    """
    kept: dict[tuple[UUID, str], Payload] = {}
    for each, (disposition, alert_id) in zip(received, outcomes, strict=True):
        if alert_id is None or each.alert.raw is None or disposition not in _OCCASIONS:
            continue
        occasion = _OCCASIONS[disposition]
        kept[alert_id, occasion] = Payload(
            alert_id=alert_id,
            occasion=occasion,
            receipt_id=each.receipt_id,
            item=each.alert.index,
            source=each.source,
            received_at=each.at,
            is_cut=each.alert.raw_is_cut,
            raw=each.alert.raw,
        )
    return [kept[key] for key in sorted(kept)]

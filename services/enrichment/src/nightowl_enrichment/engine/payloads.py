"""Which payloads of an alert are kept. Pure."""

from collections.abc import Sequence
from typing import Literal
from uuid import UUID

from nightowl_alerting.model import Disposition
from nightowl_alerting.transitions import Received
from nightowl_enrichment.model import Payload

_OCCASIONS: dict[Disposition, Literal["opening", "latest"]] = {
    "opened": "opening",
    "repeated": "latest",
    "resolved": "latest",
}


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
    return list(kept.values())

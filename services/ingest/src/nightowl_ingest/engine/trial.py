"""How a pasted generic payload would be read: nothing is stored, every step is shown."""

import msgspec

from nightowl_auth import CompiledMapping
from nightowl_contracts import ReceivedAlert
from nightowl_ingest.engine import generic, mapped
from nightowl_ingest.model import Limits, RefusedAlert, Trial, TriedAlert


def try_payload(payload: bytes, limits: Limits, mapping: CompiledMapping) -> Trial:
    """What would become of each alert of a payload.

    Raises:
        MalformedError, InvalidError, TooManyAlertsError: as the webhook itself would answer.
    """
    reading = mapped.read(payload, limits, mapping) if mapping.expressions else generic.read(payload, limits)
    return Trial(
        alerts=[_tried(each, mapping) for each in reading.alerts],
        rejected=[RefusedAlert(index=each.index, field=each.field, reason=each.reason) for each in reading.rejected],
        mapping=mapping.expressions,
    )


def _tried(alert: ReceivedAlert, mapping: CompiledMapping) -> TriedAlert:
    is_whole = alert.raw is not None and not alert.raw_is_cut
    found = mapping.fields_of(msgspec.json.decode(alert.raw or "null")) if is_whole else {}
    return TriedAlert(
        index=alert.index,
        mapped={**found},
        alert=msgspec.to_builtins(alert),
        fingerprint=alert.fingerprint,
        fingerprint_rule=alert.fingerprint_rule or "",
    )

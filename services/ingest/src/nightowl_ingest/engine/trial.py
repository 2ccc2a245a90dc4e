"""How a pasted generic payload would be read: nothing is stored, every step is shown."""

import msgspec

from nightowl_auth import CompiledMapping
from nightowl_contracts import ReceivedAlert
from nightowl_ingest.engine import generic, mapped
from nightowl_ingest.engine.normalize import MAX_FINGERPRINT_LENGTH, resolve_fingerprint
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
        fingerprint_rule=_rule(alert, found.get("fingerprint")),
    )


def _rule(alert: ReceivedAlert, given: object) -> str:
    if alert.fingerprint == resolve_fingerprint(None, alert.labels, title=alert.title):
        return "hash of title and labels"
    whose = "the sender's" if given is None else "mapped"
    is_hashed = given is not None and len(str(given)) > MAX_FINGERPRINT_LENGTH
    return f"hash of the {whose} fingerprint, which is too long" if is_hashed else f"{whose} fingerprint"

"""The first links of the chain: received, read, fingerprinted, compared with what is open. Pure."""

from collections.abc import Sequence

import msgspec

from nightowl_query.engine.provenance import find_provenance
from nightowl_query.engine.trying import stamp
from nightowl_query.model.explanation import Facts, FieldProvenance, Said
from nightowl_query.model.intake import RawPayload

_DISPOSITIONS = {
    "opened": "no open alert has this fingerprint: it would open one",
    "repeated": "an open alert has this fingerprint: it would be one more occurrence of it",
    "resolved": "an open alert has this fingerprint: it would be resolved",
    "stale": "it tells of something that is over already: nothing would change",
}


def tell_received(facts: Facts) -> Said:
    """Who sent it, with which key, and how long it was."""
    if facts.pasted is not None:
        return Said(
            verdict="pasted", why=f"it was not sent: read as from {facts.pasted.source}, at {stamp(facts.at)}",
            evidence={"source": facts.pasted.source, "raw": facts.pasted.raw},
        )  # fmt: skip
    opened, kept = evidence_of(facts, "opened"), facts.payloads.opening
    evidence = {
        "receipt_id": opened.get("receipt_id"),
        "item": opened.get("index"),
        "received_at": opened.get("received_at"),
        "source": facts.alert.source,
        "key": None if facts.key is None else facts.key.name,
        "bytes": None if kept is None else len(kept.raw.encode()),
        "opening": kept,
        "latest": facts.payloads.latest,
    }
    key = "" if facts.key is None else f" with the key “{facts.key.name}”"
    why = f"{facts.alert.source} sent it{key}{_size(kept)}"
    if opened.get("receipt_id") is not None:
        why = f"{why}, in the call {opened['receipt_id']}"
    return Said(verdict="received", why=why, evidence=evidence)


def _size(kept: RawPayload | None) -> str:
    """How long the alert's own text is, which is kept up to a limit."""
    if kept is None:
        return "; its text is not kept"
    size = f"{len(kept.raw.encode()):,} bytes".replace(",", "\u202f")
    return f", more than {size} of its own" if kept.is_cut else f", {size} of its own"


def tell_fields(facts: Facts, found: Sequence[FieldProvenance]) -> Said:
    """What it was read as, and how its severity was."""
    names = (
        "title", "severity", "description", "labels", "annotations", "starts_at", "ended_at", "generator_url", "agent"
    )  # fmt: skip
    alert, opened_as = facts.alert, evidence_of(facts, "opened").get("severity")
    why = f"a {alert.severity} alert, “{alert.title}”, with {len(alert.labels)} labels"
    evidence: dict[str, object] = {name: getattr(alert, name) for name in names}
    severity = next((each for each in found if each.field == "severity"), None)
    if severity is not None:
        where = f" from {' and '.join(severity.places)}" if severity.places else ""
        why = f"{why}; its severity{where}: {severity.rule}"
    if opened_as not in {None, alert.severity}:
        why = f"{why}; it opened as {opened_as}"
    return Said(verdict="read", why=why, evidence=evidence)


def _fingerprint_rule(facts: Facts) -> str | None:
    if facts.pasted is not None:
        return facts.pasted.fingerprint_rule
    return msgspec.convert(evidence_of(facts, "opened").get("fingerprint_rule"), str | None)


def tell_fingerprint(facts: Facts, found: Sequence[FieldProvenance]) -> Said:
    """By which rule it is known again, and what of its text that rule used."""
    evidence: dict[str, object] = {"fingerprint": facts.alert.fingerprint}
    rule = _fingerprint_rule(facts)
    if rule is None:
        return Said(verdict="unknown", why="where it comes from was not recorded", evidence=evidence)
    used = [place for each in found if each.field == "fingerprint" for place in each.places]
    why = f"{rule} ({', '.join(used)})" if used else rule
    return Said(verdict="known", why=why, evidence={**evidence, "places": used})


def tell_deduplication(facts: Facts) -> Said:
    """Whether it joined an open alert, and how often that has fired."""
    alert = facts.alert
    before = "there was none before" if alert.previous_id is None else f"the one before was {alert.previous_id}"
    why = f"episode {alert.episode} of its fingerprint ({before}), with {alert.occurrence_count} occurrences"
    evidence: dict[str, object] = {
        "episode": alert.episode,
        "previous_id": alert.previous_id,
        "occurrence_count": alert.occurrence_count,
        "open_alert_id": None,
    }
    if facts.disposition is None:
        return Said(verdict="opened", why=f"no open alert had its fingerprint: {why}", evidence=evidence)
    if facts.disposition in {"repeated", "resolved"}:
        evidence["open_alert_id"] = alert.id
    return Said(verdict=facts.disposition, why=_DISPOSITIONS[facts.disposition], evidence=evidence)


def provenance_of(facts: Facts) -> list[FieldProvenance]:
    """Where each field of a stored alert came from."""
    if facts.pasted is not None:
        return []
    return find_provenance(
        facts.alert,
        facts.payloads,
        fingerprint_rule=_fingerprint_rule(facts),
        key=facts.key,
        words=facts.severity_words,
    )


def evidence_of(facts: Facts, kind: str) -> dict[str, object]:
    """What the newest entry of a kind says; nothing where there is none."""
    entry = facts.entries.get(kind)
    return {} if entry is None else entry.evidence

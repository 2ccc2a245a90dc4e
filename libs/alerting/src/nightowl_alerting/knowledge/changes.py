"""A change of the knowledge base is one commit: row, fingerprints, history, audit, event, version."""

from uuid import UUID

from nightowl_alerting.knowledge import merging, store, votes
from nightowl_alerting.knowledge.drafting import draft_incident
from nightowl_alerting.knowledge.model import (
    Author,
    FingerprintTakenError,
    Incident,
    IncidentContent,
    IncidentMergedError,
    MergeOrder,
    Removal,
)
from nightowl_alerting.knowledge.patterns import require_patterns
from nightowl_alerting.model import AlertNotFoundError, Entry
from nightowl_alerting.store import insert_audit, insert_entries, lock_alert, move_matches, set_match
from nightowl_common.db import Tx
from nightowl_common.errors import FieldProblem, InvalidError
from nightowl_common.ids import new_id
from nightowl_contracts import (
    IncidentArchived,
    IncidentCreated,
    IncidentMerged,
    IncidentSummary,
    IncidentUpdated,
)

Diff = dict[str, object]
Event = type[IncidentCreated | IncidentUpdated | IncidentMerged | IncidentArchived]


async def draft_from_alert(tx: Tx, alert_id: UUID) -> IncidentContent:
    """The incident that an alert would become. Nothing is saved.

    Raises:
        AlertNotFoundError: there is none.
        FingerprintTakenError: an incident answers for its fingerprint already; the problem names it.
    """
    subject = await store.load_subject(tx, alert_id)
    if subject is None:
        raise AlertNotFoundError
    owner = (await store.find_owners(tx, [subject.fingerprint])).get(subject.fingerprint)
    if owner is not None:
        raise FingerprintTakenError(fields=[FieldProblem(field="$.fingerprints[0]", reason=f"incident {owner} has it")])
    return draft_incident(subject)


async def create_incident(
    tx: Tx, who: Author, content: IncidentContent, *, incident_id: UUID | None = None, origin: str = "person"
) -> Incident:
    """A new entry.

    Raises:
        InvalidError: a pattern is none, or the runbook is not there.
        FingerprintTakenError: another incident answers for one of its fingerprints.
    """
    made = await _write(tx, content, incident_id=incident_id, origin=origin)
    return await _tell(tx, who, made, kind=IncidentCreated, action="created", diff=merging.diff(None, content))


async def promote_alert(
    tx: Tx, who: Author, alert_id: UUID, content: IncidentContent, *, origin: str = "person"
) -> Incident:
    """A new entry that is written from an alert; the alert shows it, and its timeline and the history say so.

    The alert is locked after the entry is written, as a merge locks them.

    Raises:
        InvalidError: a pattern is none, or the runbook is not there.
        FingerprintTakenError: another incident answers for one of its fingerprints.
        AlertNotFoundError: there is none.
    """
    made = await _write(tx, content, origin=origin)
    if await lock_alert(tx, alert_id) is None:
        raise AlertNotFoundError
    await set_match(tx, alert_id, incident_id=made, kind="learned", score=1.0)
    entry = Entry(kind="knowledge_written", actor=who.actor, evidence={"incident_id": str(made)})
    await insert_entries(tx, [(alert_id, entry)])
    diff: Diff = {**merging.diff(None, content), "promoted_from": [None, alert_id]}
    return await _tell(tx, who, made, kind=IncidentCreated, action="created", diff=diff)


async def update_incident(tx: Tx, who: Author, before: Incident, content: IncidentContent) -> Incident:
    """New content for a locked incident; nothing happens when it says the same. An archived one is active again.

    Raises:
        IncidentMergedError: it is part of another one.
        InvalidError: a pattern is none, or the runbook is not there.
        FingerprintTakenError: another incident answers for one of its fingerprints.
    """
    if before.status == "merged":
        raise IncidentMergedError
    diff = merging.diff(merging.content_of(before), content)
    if not diff and before.status == "active":
        return before
    require_patterns(content.error_patterns, field="$.error_patterns")
    await store.update_incident(tx, before.id, content)
    await _claim(tx, before.id, content)
    action = "updated" if before.status == "active" else "restored"
    return await _tell(tx, who, before.id, kind=IncidentUpdated, action=action, diff=diff)


async def remove_incident(tx: Tx, who: Author, before: Incident) -> Removal:
    """Deletes a locked incident, or archives it when anything refers to it.

    Raises:
        IncidentMergedError: it is part of another one.
    """
    if before.status == "merged":
        raise IncidentMergedError
    is_kept = await store.is_referred_to(tx, before.id)
    if is_kept and before.status == "archived":
        return Removal(outcome="archived")
    await store.claim_fingerprints(tx, before.id, [])
    await store.mark_archived(tx, before.id)
    diff: Diff = {"status": [before.status, "archived" if is_kept else "deleted"]}
    await _tell(tx, who, before.id, kind=IncidentArchived, action="archived", diff=diff)
    if not is_kept:
        await store.delete_incident(tx, before.id)
    return Removal(outcome="archived" if is_kept else "deleted")


async def merge_incidents(tx: Tx, who: Author, target_id: UUID, order: MergeOrder, *, target: Incident,
                          source: Incident) -> Incident:  # fmt: skip
    """The source becomes part of the target: content, statistics, alerts. Both are locked.

    Raises:
        InvalidError: an incident cannot be merged with itself.
        IncidentMergedError: one of them is part of another one already.
        MergeConflictError: both have a text of their own and nothing was chosen.
    """
    if target_id == order.source_id:
        raise InvalidError(fields=[FieldProblem(field="$.source_id", reason="is this very incident")])
    if "merged" in {target.status, source.status}:
        raise IncidentMergedError
    content = merging.merge(target, source, order.choices)
    await _merge_rows(tx, target, source, content)
    diff: Diff = {"status": [source.status, "merged"], "merged_into_id": [None, target.id]}
    await _tell(tx, who, source.id, kind=IncidentMerged, action="merged", diff=diff)
    changed = {**merging.diff(merging.content_of(target), content), "merged_from": [None, source.id]}
    return await _tell(tx, who, target.id, kind=IncidentUpdated, action="merged", diff=changed)


async def _merge_rows(tx: Tx, target: Incident, source: Incident, content: IncidentContent) -> None:
    await store.claim_fingerprints(tx, source.id, [])
    await store.mark_merged(tx, source=source.id, target=target.id)
    await store.update_incident(tx, target.id, content)
    await _claim(tx, target.id, content)
    last = max(target, source, key=lambda each: (each.last_resolved_at is not None, each.last_resolved_at))
    both = store.Statistics(
        resolutions=target.resolution_count + source.resolution_count,
        average_minutes=merging.merged_average(target, source),
        last_resolved_at=last.last_resolved_at,
        last_resolved_by=last.last_resolved_by,
        helped=target.helped_count + source.helped_count,
        unhelpful=target.unhelpful_count + source.unhelpful_count,
    )
    await store.set_statistics(tx, target.id, both)
    await move_matches(tx, source=source.id, target=target.id)
    await votes.move_votes(tx, source=source.id, target=target.id)


async def _write(tx: Tx, content: IncidentContent, *, incident_id: UUID | None = None, origin: str = "person") -> UUID:
    require_patterns(content.error_patterns, field="$.error_patterns")
    made = incident_id or new_id()
    await store.insert_incident(tx, made, content, origin=origin)
    await _claim(tx, made, content)
    return made


async def _claim(tx: Tx, incident_id: UUID, content: IncidentContent) -> None:
    taken = await store.claim_fingerprints(tx, incident_id, content.fingerprints)
    if taken:
        fields = [
            FieldProblem(field=f"$.fingerprints[{content.fingerprints.index(each)}]", reason=f"incident {owner} has it")
            for each, owner in taken.items()
        ]
        raise FingerprintTakenError(fields=fields)


async def _tell(tx: Tx, who: Author, incident_id: UUID, *, kind: Event, action: str, diff: Diff) -> Incident:
    """History, audit, event and version of the revision that stands now."""
    after = await store.load_incident(tx, incident_id)
    await store.insert_history(tx, after.id, who.actor, action=action, diff=diff)
    await insert_audit(tx, who.actor, action=action, entity="incident", entity_id=after.id, changes=diff)
    tx.emit(kind(id=new_id(), tenant=who.tenant, at=await tx.now(), actor=who.actor, data=_summary(after)))
    await store.bump_knowledge(tx)
    return after


def _summary(incident: Incident) -> IncidentSummary:
    return IncidentSummary(
        incident_id=incident.id,
        revision=incident.revision,
        status=incident.status,
        severity=incident.severity,
        title=incident.title,
        fingerprints=incident.fingerprints,
        merged_into_id=incident.merged_into_id,
    )

"""A vote is one commit: row, counts of the incident, timeline, audit. It is no content: revision and version stay."""

from uuid import UUID

from nightowl_alerting.knowledge import store, votes
from nightowl_alerting.knowledge.model import AnswerChangedError, Author, NothingKnownError, Vote, VoteContent
from nightowl_alerting.knowledge.votes import Ballot
from nightowl_alerting.model import AlertNotFoundError, Entry
from nightowl_alerting.store import insert_audit, insert_entries, lock_alert
from nightowl_common.db import Tx


async def vote(tx: Tx, who: Author, alert_id: UUID, content: VoteContent) -> Vote:
    """Whether what is known for an alert helped. Takes the place of what the same voter has said; idempotent.

    Raises:
        AlertNotFoundError: there is none.
        NothingKnownError: nothing is known for it.
        AnswerChangedError: another incident became its answer at this very moment.
    """
    ballot = await _locked(tx, who, alert_id)
    earlier, incident_id = ballot.earlier, ballot.incident_id
    if incident_id is None:
        raise NothingKnownError
    if earlier is not None and earlier.incident_id == incident_id and _content(earlier) == content:
        return earlier
    if earlier is not None:
        await votes.count_vote(tx, earlier, by=-1)
    given = await votes.put_vote(tx, alert_id, incident_id, who.actor, content)
    await votes.count_vote(tx, given, by=1)
    evidence = {"incident_id": str(incident_id), "title": ballot.title, "helped": content.helped}
    await _tell(tx, who, alert_id, kind="voted", evidence={**evidence, "reason": content.reason})
    await _audit(tx, who, alert_id, earlier, given)
    return given


async def withdraw(tx: Tx, who: Author, alert_id: UUID) -> None:
    """The voter has said nothing of the answer. Idempotent.

    Raises:
        AlertNotFoundError: there is none.
        AnswerChangedError: another incident became its answer at this very moment.
    """
    earlier = (await _locked(tx, who, alert_id)).earlier
    if earlier is None:
        return
    await votes.delete_vote(tx, alert_id, who.actor)
    await votes.count_vote(tx, earlier, by=-1)
    await _tell(tx, who, alert_id, kind="vote_withdrawn", evidence={"incident_id": str(earlier.incident_id)})
    await _audit(tx, who, alert_id, earlier, None)


async def _locked(tx: Tx, who: Author, alert_id: UUID) -> Ballot:
    """Incidents first, then the alert, as a merge locks them; so what was seen before the locks is looked at again."""
    seen = await votes.load_ballot(tx, alert_id, who.actor)
    if seen is None:
        raise AlertNotFoundError
    await store.lock_incidents(tx, seen.incidents)
    await lock_alert(tx, alert_id)
    ballot = await votes.load_ballot(tx, alert_id, who.actor)
    if ballot is None:
        raise AlertNotFoundError
    if not ballot.incidents <= seen.incidents:
        raise AnswerChangedError
    return ballot


def _content(vote: Vote) -> VoteContent:
    return VoteContent(helped=vote.helped, reason=vote.reason)


async def _tell(tx: Tx, who: Author, alert_id: UUID, *, kind: str, evidence: dict[str, object]) -> None:
    await insert_entries(tx, [(alert_id, Entry(kind=kind, actor=who.actor, evidence=evidence))])


async def _audit(tx: Tx, who: Author, alert_id: UUID, before: Vote | None, after: Vote | None) -> None:
    pairs = {
        name: [None if each is None else getattr(each, name) for each in (before, after)]
        for name in ("helped", "reason", "incident_id")
    }
    changed: dict[str, object] = {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}
    await insert_audit(tx, who.actor, action="voted", entity="alert", entity_id=alert_id, changes=changed)

"""Votes: reading, and the writes of which one is made."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import msgspec

from nightowl_alerting.knowledge.model import Vote, VoteContent
from nightowl_common.db import Tx, load_queries
from nightowl_contracts import Actor

SQL = load_queries(__package__, "votes.sql")

_FIELDS = tuple(field.name for field in msgspec.structs.fields(Vote))


class Ballot(msgspec.Struct, frozen=True, kw_only=True):
    """What is known for an alert (None: nothing), and what one voter has said of it so far."""

    incident_id: UUID | None
    title: str | None
    earlier: Vote | None

    @property
    def incidents(self) -> set[UUID]:
        """Whose counts a change of the vote may touch."""
        asked = {self.incident_id, None if self.earlier is None else self.earlier.incident_id}
        return {each for each in asked if each is not None}


async def load_ballot(tx: Tx, alert_id: UUID, voter: Actor) -> Ballot | None:
    """None when there is no such alert."""
    row = await tx.fetchrow(SQL["load_ballot"], alert_id, _id_of(voter))
    if row is None:
        return None
    earlier = None if row["voted_for"] is None else _vote({**row, "incident_id": row["voted_for"]})
    return Ballot(incident_id=row["incident_id"], title=row["title"], earlier=earlier)


async def put_vote(tx: Tx, alert_id: UUID, incident_id: UUID, voter: Actor, content: VoteContent) -> Vote:
    """The voter's one vote on the alert, from now on this."""
    arguments = (alert_id, _id_of(voter), incident_id, voter, content.helped, content.reason)
    row = await tx.fetchrow(SQL["put_vote"], *arguments)
    assert row is not None
    return _vote(dict(row))


async def delete_vote(tx: Tx, alert_id: UUID, voter: Actor) -> None:
    """The voter has none on the alert."""
    await tx.execute(SQL["delete_vote"], alert_id, _id_of(voter))


async def count_vote(tx: Tx, vote: Vote, *, by: int) -> None:
    """Adds a vote to its incident's counts, or takes it away again (`by` is 1 or -1)."""
    await tx.execute(SQL["count_votes"], vote.incident_id, by * vote.helped, by * (not vote.helped))


async def move_votes(tx: Tx, *, source: UUID, target: UUID) -> None:
    """Votes about one incident are about another one from now on."""
    await tx.execute(SQL["move_votes"], source, target)


async def list_votes(tx: Tx, alert_id: UUID, *, limit: int) -> tuple[list[Vote], int]:
    """The newest votes on an alert, newest first, and how many there are."""
    rows = await tx.fetch(SQL["list_votes"], alert_id, limit)
    return [_vote(dict(row)) for row in rows], rows[0]["total"] if rows else 0


def _id_of(voter: Actor) -> str:
    return f"{voter.kind}:{voter.id}"


def _vote(row: Mapping[str, Any]) -> Vote:
    return msgspec.convert({name: row[name] for name in _FIELDS}, Vote)

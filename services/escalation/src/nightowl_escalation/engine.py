"""What is told about shifts: where they change hands, and which gap is to be warned of. Pure."""

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise
from uuid import UUID

import msgspec

from nightowl_alerting.targets.reach import Hole
from nightowl_contracts import ReceivedAlert
from nightowl_escalation.model import Handover, LastWarning
from nightowl_oncall import OnCall

SOURCE = "nightowl"
GAP_STARTS = "gap_starts_at"
"""The annotation by which a gap is known again."""

ONGOING = "ongoing"


def handovers(spans: Sequence[OnCall], *, now: datetime) -> list[Handover]:
    """Where the person on call changes up to now, in order. A change of the backup alone is none."""
    changes = [(before, after) for before, after in pairwise(spans) if before.primary != after.primary]
    ends = [*(after.starts_at for _before, after in changes[1:]), None]
    return [
        Handover(boundary_at=after.starts_at, outgoing_id=before.primary, incoming_id=after.primary, ends_at=ends_at)
        for (before, after), ends_at in zip(changes, ends, strict=False)
        if after.starts_at is not None and after.starts_at <= now
    ]


def gap_to_warn_of(holes: Sequence[Hole], *, now: datetime) -> Hole | None:
    """The first span ahead, or running, in which somebody should be there and nobody can be paged.

    What no roster was meant to cover is no gap to warn of, but for a roster that is going to end.
    """
    return next((each for each in holes if each.ends_at > now and _is_a_lack(each, now)), None)


def _is_a_lack(hole: Hole, now: datetime) -> bool:
    return hole.kind != "gap" or (hole.reason == "ended" and hole.starts_at > now)


def gap_name(hole: Hole, *, window_starts_at: datetime) -> str:
    """By what a gap is known again: when it starts, or that it has been there all the time."""
    return ONGOING if hole.starts_at <= window_starts_at else hole.starts_at.isoformat()


def warn(
    hole: Hole | None, last: LastWarning | None, *, roster_id: UUID, roster_name: str, window_starts_at: datetime
) -> list[ReceivedAlert]:  # fmt: skip
    """What is to be received: the end of a warning whose gap is mended or another one, and one new warning per gap."""
    gap = None if hole is None else gap_name(hole, window_starts_at=window_starts_at)
    stands = last is not None and last.is_open
    is_known = last is not None and last.gap == gap and gap is not None
    found = []
    if last is not None and stands and not is_known:
        found.append(_alert("resolved", roster_id, roster_name, gap=last.gap or ONGOING, description=None))
    if hole is not None and gap is not None and not is_known:
        words = f"From {hole.starts_at:%Y-%m-%d %H:%M} to {hole.ends_at:%Y-%m-%d %H:%M} UTC: {hole.reason}."
        found.append(_alert("firing", roster_id, roster_name, gap=gap, description=words))
    return [msgspec.structs.replace(each, index=place) for place, each in enumerate(found)]


def _alert(status: str, roster_id: UUID, name: str, *, gap: str, description: str | None) -> ReceivedAlert:
    fields = {
        "index": 0,
        "fingerprint": fingerprint_of(roster_id),
        "status": status,
        "severity": "warning",
        "title": f"Nobody can be paged on roster {name}",
        "description": description,
        "labels": {"roster_id": str(roster_id), "roster": name},
        "annotations": {GAP_STARTS: gap},
        "fingerprint_rule": "one per roster",
    }
    return msgspec.convert(fields, ReceivedAlert)


def fingerprint_of(roster_id: UUID) -> str:
    """One per roster."""
    return f"nightowl:roster-gap:{roster_id}"

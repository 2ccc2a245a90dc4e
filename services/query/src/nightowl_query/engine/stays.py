"""Who takes turns after a change of a member: what is saved and what a preview shows, by the same rules. Pure."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from nightowl_oncall import Roster as Rota
from nightowl_query.engine.rosters import next_handoff_day
from nightowl_query.model.rosters import (
    AddedMember,
    ChangedMember,
    MemberNotFoundError,
    MemberStep,
    RemovedMember,
    Stay,
)

_NEW = UUID(int=0)
"""Of a stay that is not saved."""


def find_stay(stays: Sequence[Stay], member_id: UUID) -> Stay:
    """One of them.

    Raises:
        MemberNotFoundError: it is none of them.
    """
    found = next((each for each in stays if each.id == member_id), None)
    if found is None:
        raise MemberNotFoundError
    return found


def placed(stays: Sequence[Stay], stay: Stay, position: int | None) -> list[Stay]:
    """In turn order, with this one at a place among the others; None: last."""
    others = [each for each in stays if each.id != stay.id]
    at = len(others) if position is None else position
    return [*others[:at], stay, *others[at:]]


def left(stay: Stay, rota: Rota, now: datetime, *, is_whole: bool = False) -> Stay | None:
    """The stay of somebody who leaves at the next handoff. None: it had not begun, or is taken out as a whole."""
    day = next_handoff_day(rota, now)
    if is_whole or day <= max(rota.start_date, stay.joined_on or rota.start_date):
        return None
    is_longer = stay.left_on is None or stay.left_on > day
    return msgspec.structs.replace(stay, left_on=day) if is_longer else stay


def after_step(stays: Sequence[Stay], step: MemberStep, rota: Rota, now: datetime) -> list[Stay]:
    """All stays as they would be.

    Raises:
        MemberNotFoundError: the step names a stay that is none of them.
    """
    match step:
        case AddedMember(content=content):
            made = Stay(
                id=_NEW, user_id=content.user_id, position=0, joined_on=content.joined_on, left_on=content.left_on
            )  # fmt: skip
            return placed(stays, made, content.position)
        case ChangedMember(member_id=member_id, content=content):
            stay = find_stay(stays, member_id)
            changed = msgspec.structs.replace(stay, joined_on=content.joined_on, left_on=content.left_on)
            return placed(stays, changed, content.position)
        case RemovedMember(member_id=member_id):
            after = left(find_stay(stays, member_id), rota, now)
            kept = [each if after is None or each.id != member_id else after for each in stays]
            return [each for each in kept if after is not None or each.id != member_id]

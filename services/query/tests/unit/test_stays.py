"""A change of one member: what its call saves is what its preview shows."""

from datetime import UTC, date, datetime, time
from uuid import UUID

import pytest

from nightowl_oncall import Roster as Rota
from nightowl_query.engine.stays import after_step, left
from nightowl_query.model.rosters import (
    AddedMember,
    ChangedMember,
    MemberChange,
    MemberNew,
    MemberNotFoundError,
    RemovedMember,
    Stay,
)

ADA, BOB, CID = (UUID(int=each) for each in (1, 2, 3))
ROTA = Rota(
    roster_id=UUID(int=9), timezone="Europe/Berlin", start_date=date(2026, 1, 5), handoff_time=time(9), members=[]
)
BEFORE_HANDOFF = datetime(2026, 3, 4, 7, 59, tzinfo=UTC)  # 08:59 in Berlin
AFTER_HANDOFF = datetime(2026, 3, 4, 8, 1, tzinfo=UTC)


def stay(who: UUID, position: int, *, joined_on: date | None = None, left_on: date | None = None) -> Stay:
    return Stay(id=UUID(int=who.int + 100), user_id=who, position=position, joined_on=joined_on, left_on=left_on)


STAYS = [stay(ADA, 0), stay(BOB, 1), stay(CID, 2)]


@pytest.mark.parametrize(("position", "order"), [(None, [1, 2, 3, 7]), (0, [7, 1, 2, 3]), (9, [1, 2, 3, 7])])
def test_somebody_joins_last_or_at_a_place(position: int | None, order: list[int]) -> None:
    """The days go with them."""
    content = MemberNew(user_id=UUID(int=7), position=position, joined_on=date(2026, 4, 1))
    after = after_step(STAYS, AddedMember(content=content), ROTA, AFTER_HANDOFF)

    assert [each.user_id.int for each in after] == order
    assert {each.joined_on for each in after if each.user_id.int == 7} == {date(2026, 4, 1)}


def test_a_member_moves_and_keeps_nothing_of_their_old_days() -> None:
    """The call takes the whole content, so the preview does."""
    change = MemberChange(position=0, joined_on=None, left_on=date(2026, 5, 1))
    after = after_step(STAYS, ChangedMember(member_id=STAYS[2].id, content=change), ROTA, AFTER_HANDOFF)

    assert [each.user_id for each in after] == [CID, ADA, BOB]
    assert after[0].left_on == date(2026, 5, 1)


@pytest.mark.parametrize(
    ("now", "day"), [(BEFORE_HANDOFF, date(2026, 3, 4)), (AFTER_HANDOFF, date(2026, 3, 5))], ids=["before", "after"]
)
def test_who_is_removed_leaves_at_the_next_handoff(now: datetime, day: date) -> None:
    """Of the roster's own clock; the order stays."""
    after = after_step(STAYS, RemovedMember(member_id=STAYS[1].id), ROTA, now)

    assert [(each.user_id, each.left_on) for each in after] == [(ADA, None), (BOB, day), (CID, None)]


def test_who_has_not_begun_or_is_taken_out_whole_is_gone() -> None:
    """And who leaves sooner anyway stays as they are."""
    later = stay(BOB, 1, joined_on=date(2026, 3, 5))
    sooner = stay(CID, 2, left_on=date(2026, 2, 1))

    assert after_step([STAYS[0], later], RemovedMember(member_id=later.id), ROTA, AFTER_HANDOFF) == [STAYS[0]]
    assert left(STAYS[0], ROTA, AFTER_HANDOFF, is_whole=True) is None
    assert left(sooner, ROTA, AFTER_HANDOFF) == sooner
    with pytest.raises(MemberNotFoundError):
        after_step([STAYS[0]], RemovedMember(member_id=sooner.id), ROTA, AFTER_HANDOFF)

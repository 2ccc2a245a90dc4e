"""What rules come to, without a server: times of silences, counts, occurrences, places in an order."""

import base64
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import msgspec
import pytest

from nightowl_alerting.noise.model import Matcher, OpenAlert
from nightowl_common.errors import InvalidError
from nightowl_contracts import Actor
from nightowl_query.api.paging import decode_cursor, decode_position, encode_cursor, encode_position
from nightowl_query.engine.rules import (
    count_matching,
    diff,
    differs,
    settle_times,
    with_occurrences,
)
from nightowl_query.model import BadCursorError
from nightowl_query.model.rules import (
    MaintenanceWindow,
    Route,
    RouteContent,
    Silence,
    SilenceContent,
    SilenceExpiredError,
)

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
SOMEBODY = Actor(kind="user", id="1", name="Dana")
DISK = [Matcher(name="disk", value="full")]
HOWTO = Path(__file__).parents[4] / "docs" / "howto"


def silence(state: str = "active", *, starts_at: datetime = NOW - HOUR, ends_at: datetime = NOW + HOUR) -> Silence:
    return Silence(
        id=uuid4(), revision=1, state=state, matchers=DISK, starts_at=starts_at, ends_at=ends_at, comment="swap",  # type: ignore[arg-type]
        created_by=SOMEBODY, created_at=NOW, updated_at=NOW,
    )  # fmt: skip


def content(*, starts_at: datetime | None, ends_at: datetime = NOW + 3 * HOUR) -> SilenceContent:
    return SilenceContent(matchers=DISK, starts_at=starts_at, ends_at=ends_at, comment="swap")


def route(position: int = 3) -> Route:
    return Route(
        id=uuid4(), revision=1, name="r", position=position, matchers=DISK, service_id=None, policy_id=None,
        slack_channel=None, pages_from=None, continues=False, is_enabled=True, created_at=NOW, updated_at=NOW,
    )  # fmt: skip


ACTIVE, PENDING = silence(), silence("pending", starts_at=NOW + HOUR, ends_at=NOW + 2 * HOUR)


@pytest.mark.parametrize(
    ("before", "asked", "wanted"),
    [
        (None, None, NOW),
        (None, NOW - HOUR, NOW),
        (None, NOW + HOUR, NOW + HOUR),
        (ACTIVE, None, ACTIVE.starts_at),
        (ACTIVE, NOW - 9 * HOUR, ACTIVE.starts_at),
        (ACTIVE, NOW + HOUR, NOW + HOUR),
        (PENDING, None, PENDING.starts_at),
        (PENDING, NOW - HOUR, NOW),
    ],
)
def test_a_silence_never_begins_in_a_past_in_which_it_was_not(
    before: Silence | None, asked: datetime | None, wanted: datetime
) -> None:
    """One that stands keeps its beginning; any other start in the past is now."""
    assert settle_times(content(starts_at=asked), before, NOW).starts_at == wanted


@pytest.mark.parametrize(
    ("starts_at", "ends_at"),
    [
        (None, NOW),
        (None, NOW - HOUR),
        (NOW + HOUR, NOW + HOUR),
        (None, NOW + timedelta(days=366, seconds=1)),
        (NOW + HOUR, NOW + HOUR + timedelta(days=366, seconds=1)),
    ],
)
def test_a_silence_ends_after_it_began_and_within_a_year(starts_at: datetime | None, ends_at: datetime) -> None:
    """The field is named."""
    with pytest.raises(InvalidError) as refused:
        settle_times(content(starts_at=starts_at, ends_at=ends_at), None, NOW)

    assert [each.field for each in refused.value.fields] == ["$.ends_at"]


def test_a_silence_may_last_a_leap_year() -> None:
    """366 days are taken, to the second."""
    settle_times(content(starts_at=None, ends_at=NOW + timedelta(days=366)), None, NOW)


def test_what_is_over_is_not_changed() -> None:
    """Whatever is asked."""
    with pytest.raises(SilenceExpiredError):
        settle_times(content(starts_at=None), silence("expired"), NOW)


def test_matching_alerts_are_counted_up_to_what_was_read() -> None:
    """Where there are more open alerts than were tried, the count is no more than a lower bound, and says so."""
    alerts = [
        OpenAlert(id=uuid4(), labels={"disk": each}, severity="major", source="generic", title="t")
        for each in ("full", "full", "slow")
    ]

    exact, over = count_matching([ACTIVE, silence("expired")], alerts, is_all=True)
    [bound] = count_matching([ACTIVE], alerts, is_all=False)

    assert (exact.matching, exact.matching_is_exact) == (2, True)
    assert over.matching is None
    assert (bound.matching, bound.matching_is_exact) == (2, False)


def test_a_position_that_is_left_open_is_no_difference() -> None:
    """A rule that says the same has no new revision."""
    before = route(position=3)

    assert not differs(before, RouteContent(name="r", matchers=DISK))
    assert not differs(before, RouteContent(name="r", matchers=DISK, position=3))
    assert differs(before, RouteContent(name="r", matchers=DISK, position=4))


def test_a_difference_names_what_people_wrote_and_no_more() -> None:
    """Revisions and times are not in it; what comes or goes is told in full."""
    before = route(position=3)
    after = msgspec.structs.replace(before, position=4, revision=2, updated_at=NOW + HOUR)

    assert diff(before, after) == {"position": [3, 4]}
    assert diff(None, before)["name"] == [None, "r"]
    assert diff(before, None)["matchers"] == [DISK, None]


@pytest.mark.parametrize(
    ("rrule", "starts"),
    [
        ("FREQ=WEEKLY;BYDAY=SU", 5),
        ("FREQ=YEARLY", 5),
        ("FREQ=YEARLY;INTERVAL=3", 4),
        ("FREQ=DAILY;COUNT=3", 0),
        (None, 0),
    ],
)
def test_next_occurrences_lie_ahead(rrule: str | None, starts: int) -> None:
    """Five at most, within ten years; none of what is over."""
    window = MaintenanceWindow(
        id=uuid4(), revision=1, name="w", matchers=DISK, timezone="UTC", starts_at=datetime(2024, 1, 7, 2),
        duration_minutes=60, rrule=rrule, is_enabled=True, created_by=SOMEBODY, created_at=NOW, updated_at=NOW,
    )  # fmt: skip

    found = with_occurrences(window, NOW).next_occurrences

    assert len(found) == starts
    assert all(each.starts_at > NOW and each.ends_at - each.starts_at == HOUR for each in found)


def test_a_place_in_an_order_comes_back_as_it_was() -> None:
    """A cursor of another kind of list, or of nobody, is refused."""
    last = route(position=1_000_000)

    place = decode_position(encode_position(last))

    assert (place.position, place.id) == (1_000_000, last.id)
    assert decode_cursor(encode_cursor(last.id)) == last.id
    for cursor in (encode_cursor(last.id), "", "%", "A", base64.urlsafe_b64encode(b"\x04" + bytes(20)).decode(), "ü"):
        with pytest.raises(BadCursorError):
            decode_position(cursor)
    with pytest.raises(BadCursorError):
        decode_cursor(encode_position(last))

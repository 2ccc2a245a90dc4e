"""From where an event stream goes on, and who is shown what."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from nightowl_query.engine.live import CLOCK_SLACK, LONGEST_GAP, begin_from, needed_role, resume_from

NOON = datetime(2026, 3, 14, 12, tzinfo=UTC)


def an_id(at: datetime) -> UUID:
    """A UUIDv7 of that moment."""
    return UUID(int=int(at.timestamp() * 1000) << 80 | 7 << 76 | 2 << 62 | 5)


@pytest.mark.parametrize("ago", [timedelta(), timedelta(minutes=59), LONGEST_GAP])
def test_a_stream_goes_on_a_little_before_its_last_event(ago):
    """Since another host's clock made it."""
    assert resume_from(an_id(NOON - ago), NOON) == NOON - ago - CLOCK_SLACK


@pytest.mark.parametrize(
    "event_id", [None, uuid4(), UUID(int=0), an_id(NOON - LONGEST_GAP - timedelta(seconds=1)), an_id(NOON + timedelta(hours=1))]
)  # fmt: skip
def test_what_is_no_recent_event_of_ours_is_nowhere(event_id):
    """No id, no UUIDv7, too old, or from a time to come."""
    assert resume_from(event_id, NOON) is None


def test_a_page_is_told_from_a_little_before_it_looked():
    """Unless that was too long ago, or is to come."""
    assert begin_from(NOON, NOON) == NOON - CLOCK_SLACK
    assert begin_from(NOON - LONGEST_GAP - timedelta(seconds=1), NOON) is None
    assert begin_from(NOON + timedelta(hours=1), NOON) is None


def test_changes_of_the_configuration_are_for_managers():
    """As in the API; all else is everybody's."""
    assert (needed_role("config"), needed_role("alert"), needed_role("roster")) == ("manager", "readonly", "readonly")

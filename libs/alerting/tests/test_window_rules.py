"""Recurrence rules that would hang or crash a worker are refused when they are written."""

from datetime import datetime
from uuid import UUID

import pytest

from nightowl_alerting.model import BadWindowError
from nightowl_alerting.noise.model import MaintenanceWindow
from nightowl_alerting.noise.windows import require_window


def window(rrule: str | None, *, starts_at: datetime = datetime(2026, 3, 1, 2)) -> MaintenanceWindow:
    return MaintenanceWindow(
        id=UUID(int=1), name="backup", matchers=[], timezone="Europe/Berlin", starts_at=starts_at, duration_minutes=60,
        rrule=rrule,
    )  # fmt: skip


@pytest.mark.parametrize(
    "rrule",
    [
        "FREQ=DAILY;INTERVAL=0", "FREQ=DAILY;INTERVAL=+0", "FREQ=DAILY;INTERVAL=1;INTERVAL=00", "FREQ=DAILY;INTERVAL=-1",
        "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", "FREQ=DAILY;BYMONTH=13", "FREQ=WEEKLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=MONTHLY;BYDAY=99MO", "FREQ=DAILY;UNTIL=20261301T000000Z", "FREQ=DAILY;UNTIL=99991231T235959Z",
        "FREQ=DAILY;BYHOUR=3", "FREQ=HOURLY", "daily",
    ],
)  # fmt: skip
def test_rules_that_never_come_or_cannot_be_computed_are_refused(rrule: str) -> None:
    """Whoever writes one is told at once; nobody searches the calendar to its end."""
    with pytest.raises(BadWindowError) as refused:
        require_window(window(rrule))

    assert [each.field for each in refused.value.fields] == ["$.rrule"]


@pytest.mark.parametrize(
    "rrule",
    [
        None, "FREQ=DAILY", "FREQ=WEEKLY;BYDAY=SU;COUNT=3", "FREQ=MONTHLY;BYDAY=-1FR", "FREQ=MONTHLY;BYDAY=5MO",
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29", "FREQ=WEEKLY;INTERVAL=2;UNTIL=20270101T000000Z", "FREQ=YEARLY;INTERVAL=10",
    ],
)  # fmt: skip
def test_rules_that_come_are_taken(rrule: str | None) -> None:
    """Often or seldom, for ever or up to an end."""
    require_window(window(rrule))


@pytest.mark.parametrize("year", [1969, 2200, 9999])
def test_a_start_that_cannot_be_meant_is_refused(year: int) -> None:
    """A year outside is a slip of the hand."""
    with pytest.raises(BadWindowError) as refused:
        require_window(window(None, starts_at=datetime(year, 1, 1)))

    assert [each.field for each in refused.value.fields] == ["$.starts_at"]

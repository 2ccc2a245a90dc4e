"""The words of a bundle."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from nightowl_alerting.model import Folded
from nightowl_notifier.channels.bundle import ANSWERS, as_bundle
from nightowl_notifier.channels.segments import segments
from nightowl_notifier.channels.sms import SEGMENTS, sms_text
from nightowl_notifier.channels.text import short_code
from nightowl_notifier.model import OutgoingPage


def a_page(**changes) -> OutgoingPage:
    given = {
        "tenant": "acme", "delivery_id": UUID(int=1), "alert_id": UUID(int=2), "channel": "sms", "recipient": "user:x",
        "address": "+1555", "is_repeat": False, "age_seconds": 0.0, "severity": "warning", "title": "Disk full",
        "description": "/var at 99 %", "source": "generic", "labels": {"node": "a"},
        "first_fired_at": datetime(2026, 3, 2, tzinfo=UTC), "occurrence_count": 7,
    }  # fmt: skip
    return OutgoingPage(**{**given, **changes})


def others(count, *, severity="warning", title="Node {}") -> list[Folded]:
    return [
        Folded(delivery_id=UUID(int=10 + n), alert_id=UUID(int=100 + n), title=title.format(n), severity=severity)
        for n in range(count)
    ]


def test_a_page_without_others_stays_as_it_is():
    """Its own words, field by field."""
    page = a_page()

    assert as_bundle(page, [], severity="warning") is page


def test_a_bundle_says_how_many_and_names_the_first_with_their_codes():
    """The worst of those that follow come first, and its severity is that of the worst."""
    told = as_bundle(a_page(), [*others(11), *others(1, severity="major", title="Link down")], severity="warning")

    assert told.severity == "major"
    assert told.title.startswith(f"13 alerts: Disk full; Link down ({short_code(UUID(int=10))}); Node 0")
    assert told.title.endswith("and 10 more")
    lines = told.description.splitlines()
    assert (len(lines), lines[-2], lines[-1]) == (12, "and 3 more in NightOwl", ANSWERS)
    assert lines[1].startswith("[MAJOR] Link down (ref ")
    assert told.labels == {"alerts": "13"}


def test_a_call_reads_no_codes():
    """It says which alert a key means."""
    told = as_bundle(a_page(channel="phone"), others(2), severity="warning")

    assert told.title == "3 alerts wait for you. Your answer means the first: Disk full"


@pytest.mark.parametrize("count", [1, 5, 500])
def test_a_bundle_fits_into_a_text_message(count):
    """Also with long titles: the reference of its leader is never cut."""
    told = as_bundle(a_page(title="x" * 500), others(count, title="y" * 500), severity="warning")

    text = sms_text(told)
    assert segments(text) <= SEGMENTS
    assert text.endswith(f"(ref {short_code(UUID(int=1))})")


def test_a_bundle_with_a_repeat_in_it_is_marked():
    """Somebody may have read of that one before."""
    [other] = others(1)
    again = Folded(
        delivery_id=other.delivery_id, alert_id=other.alert_id, title="Node", severity="warning", is_repeat=True
    )

    assert as_bundle(a_page(), [again], severity="warning").is_repeat

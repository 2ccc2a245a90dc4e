"""Who is called next: from the rungs that the escalation will climb, in names and times."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from nightowl_alerting.calm.model import QuietHours
from nightowl_alerting.linked import LinkedPage
from nightowl_alerting.model import Alert, Recipient
from nightowl_alerting.targets.ahead import Ahead
from nightowl_alerting.targets.model import Person, Resolved, Staff
from nightowl_alerting.targets.simulate import Rung
from nightowl_notifier.api.pages.coming import LastWord, NextTier, NobodyNext, first_call

NOW = datetime(2026, 1, 15, 1, 26, tzinfo=UTC)
ALICE, BOB = (UUID(int=each) for each in (1, 2))
QUIET = QuietHours(start_time="22:00", end_time="06:00", days=[])


def staff(**changes) -> Staff:
    bob = Person(user_id=BOB, name="Bob", is_admin=True, contact_methods={}, **changes)
    return Staff(people={BOB: bob, ALICE: Person(user_id=ALICE, name="Alice", is_admin=False, contact_methods={})})


def to(who: str, *, channel: str = "sms", delay: int = 0) -> Recipient:
    return Recipient(recipient=who, channel=channel, address="x", delay_minutes=delay)


def rung(*recipients: Recipient, tier: int = 1, is_end: bool = False) -> Rung:
    resolved = Resolved(recipients=list(recipients), behind=[])
    return Rung(cycle=0, tier=tier, at=NOW, resolved=resolved, is_end=is_end)


def a_page(severity: str = "critical") -> LinkedPage:
    alert = Alert(
        id=UUID(int=8), fingerprint="f", episode=1, status="firing", severity=severity, source="generic", title="Disk",
        first_fired_at=NOW, last_fired_at=NOW, escalation_state="pending", escalation_reason="policy version 1",
    )  # fmt: skip
    return LinkedPage(
        alert=alert, recipient=f"user:{ALICE}", channel="sms", is_repeat=False, created_at=NOW, followers=0,
        person="Alice", timezone="UTC", service=None, cluster=None, namespace=None, due_at=NOW, fix=None,
    )  # fmt: skip


def first(*rungs: Rung, people: Staff | None = None, severity: str = "critical"):
    return first_call(Ahead(rungs=iter(rungs), staff=people or staff()), a_page(severity))


def test_a_person_is_named_once_however_many_channels_ring():
    """At the time of the first."""
    told = first(rung(to(f"user:{BOB}", delay=5), to(f"user:{BOB}", channel="phone", delay=2)))

    assert told == NextTier(tier=2, names=["Bob"], at=NOW + timedelta(minutes=2), is_same=False)


def test_who_is_called_first_is_named_first():
    """Rooms and endpoints have no names here."""
    told = first(rung(to(f"user:{BOB}", delay=5), to("channel:C1"), to("endpoint:x", delay=9)))

    assert told == NextTier(tier=2, names=["the channel", "Bob", "an endpoint"], at=NOW, is_same=False)


def test_the_same_person_again_is_known_as_such():
    """Also under another channel, in the next cycle."""
    assert first(rung(to(f"user:{ALICE}", channel="phone"), tier=0)) == NextTier(
        tier=1, names=["Alice"], at=NOW, is_same=True
    )


def test_a_tier_with_nobody_is_passed_over():
    """As the escalation does, at once."""
    assert first(rung(), rung(to(f"user:{BOB}"), tier=2)).tier == 3


def test_the_end_is_the_admins():
    """No tier is left."""
    assert first(rung(to(f"user:{BOB}"), is_end=True)) == LastWord(names=["Bob"], at=NOW)


def test_nobody_at_all_is_said():
    """An end with no admin."""
    assert first(rung(is_end=True)) == NobodyNext(reason="nobody is left who could be called")


def test_quiet_hours_hold_what_is_not_urgent():
    """Until they end; a critical page is not held."""
    quiet = staff(quiet_hours=QUIET)

    assert first(rung(to(f"user:{BOB}")), people=quiet, severity="warning").at == datetime(2026, 1, 15, 6, tzinfo=UTC)
    assert first(rung(to(f"user:{BOB}")), people=quiet).at == NOW

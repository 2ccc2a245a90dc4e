"""Holds and slots: plain bookkeeping, without a clock of its own."""

from datetime import UTC, datetime, timedelta

from nightowl_notifier.channels.dispatch import Holds
from nightowl_notifier.channels.slots import Slots
from nightowl_notifier.channels.transport import retry_after_seconds

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def test_a_hold_ends_at_its_time_and_is_forgotten():
    """The end itself is free."""
    holds = Holds()
    holds.hold("acme", "sms", until=NOON + timedelta(seconds=5))

    assert holds.seconds_left("acme", "sms", now=NOON) == 5
    assert holds.is_held("acme", "sms")
    assert holds.seconds_left("acme", "sms", now=NOON + timedelta(seconds=5)) == 0
    assert not holds.is_held("acme", "sms")


def test_a_hold_concerns_one_channel_of_one_tenant():
    """Neither its other channels nor its neighbours."""
    holds = Holds()
    holds.hold("acme", "sms", until=NOON + timedelta(seconds=5))

    assert not holds.is_held("acme", "slack_dm")
    assert not holds.is_held("other", "sms")


def test_the_longer_of_two_holds_wins():
    """A short one that comes later does not open the channel."""
    holds = Holds()
    holds.hold("acme", "sms", until=NOON + timedelta(seconds=50))
    holds.hold("acme", "sms", until=NOON + timedelta(seconds=5))

    assert holds.seconds_left("acme", "sms", now=NOON) == 50


def take(slots, channel="sms", tenant="acme", *, is_critical=False):
    """Takes a slot as a due page would."""
    return slots.take(channel, tenant=tenant, is_critical=is_critical)


def test_slots_are_counted_per_channel():
    """A full channel leaves the others free."""
    slots = Slots(1)

    assert [take(slots), take(slots)] == [True, False]
    assert take(slots, "slack_dm")
    slots.give_back("sms", tenant="acme", is_critical=False)
    assert take(slots)


def test_a_tenant_takes_at_most_half_of_a_channel():
    """The other half is for its neighbours, whatever it has waiting."""
    slots = Slots(4)

    assert [take(slots) for _ in range(3)] == [True, True, False]
    assert [take(slots, tenant="other") for _ in range(3)] == [True, True, False]
    assert not take(slots, tenant="third")
    slots.give_back("sms", tenant="acme", is_critical=False)
    assert take(slots, tenant="third")


def test_critical_pages_have_slots_of_their_own():
    """A storm of others takes none of them."""
    slots = Slots(2)
    assert [take(slots), take(slots, tenant="other"), take(slots, tenant="third")] == [True, True, False]

    assert take(slots, is_critical=True)


def test_retry_after_is_read_in_seconds_within_bounds():
    """A date, nonsense or nothing is the default."""
    assert retry_after_seconds({"retry-after": "7"}) == 7
    assert retry_after_seconds({"Retry-After": "0"}) == 0.5
    assert retry_after_seconds({"Retry-After": "999999"}) == 3_600
    assert retry_after_seconds({"Retry-After": "Wed, 21 Oct 2026 07:28:00 GMT"}) == 30
    assert retry_after_seconds(None) == 30

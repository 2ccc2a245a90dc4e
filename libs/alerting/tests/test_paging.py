"""What is owed to whom, and what an attempt's result means: pure tests."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nightowl_alerting import paging
from nightowl_alerting.model import Alert, Policy, Tier
from nightowl_alerting.paging import (
    Drop,
    Exhaust,
    Failed,
    FailureReason,
    GiveUp,
    Page,
    Sent,
    TryAgain,
    Unclear,
    WaitForProof,
    decide_after_attempt,
    decide_escalation,
    status_after_callback,
)

NOW = datetime(2026, 3, 1, 3, tzinfo=UTC)


def a_policy(tiers: int = 2, *, repeat_count: int = 0) -> Policy:
    return Policy(
        policy_id=UUID(int=1),
        version=1,
        tiers=[Tier(timeout_minutes=5 * (n + 1), notify_via=["sms"], targets=["oncall_primary"]) for n in range(tiers)],
        repeat_count=repeat_count,
    )


def an_alert(**changes) -> Alert:
    given = {
        "id": UUID(int=2), "fingerprint": "fp", "episode": 1, "status": "firing", "severity": "critical",
        "source": "generic", "title": "Disk full", "first_fired_at": NOW, "last_fired_at": NOW,
        "escalation_state": "pending", "escalation_reason": "policy version 1",
    }  # fmt: skip
    return Alert(**{**given, **changes})


def decide(alert: Alert, policy: Policy, *, timer_version: int = 0):
    return decide_escalation(alert, policy, timer_version=timer_version, now=NOW)


def test_the_first_tier_pages_and_its_timeout_counts_from_the_page():
    """Tier 1 now, tier 2 five minutes from now, however late now is."""
    assert decide(an_alert(), a_policy()) == Page(cycle=0, tier=0, next_due_at=NOW + timedelta(minutes=5))


def test_after_the_last_tier_the_next_cycle_begins():
    """A policy that repeats starts again at its first tier."""
    assert decide(an_alert(tier=2), a_policy(repeat_count=1)) == Page(
        cycle=1, tier=0, next_due_at=NOW + timedelta(minutes=5)
    )


def test_after_the_last_cycle_it_is_exhausted():
    """Repeat never runs for ever."""
    assert decide(an_alert(tier=2), a_policy()) == Exhaust()
    assert decide(an_alert(tier=2, cycle=1), a_policy(repeat_count=1)) == Exhaust()


@pytest.mark.parametrize(
    "alert",
    [
        an_alert(escalation_version=1),
        an_alert(status="acknowledged", escalation_state="stopped"),
        an_alert(escalation_state="exhausted"),
    ],
    ids=["older timer", "stopped", "exhausted"],
)
def test_a_void_timer_pages_nobody(alert):
    """What was stopped or changed since the timer was written is dropped."""
    assert decide(alert, a_policy()) == Drop()


@given(st.integers(1, 5), st.integers(0, 4))
def test_every_tier_of_every_cycle_is_paged_exactly_once(tiers, repeat_count):
    """Following the decisions to the end pages each (cycle, tier) once, in order, and ends."""
    policy, alert, paged = a_policy(tiers, repeat_count=repeat_count), an_alert(), []
    while isinstance(decision := decide(alert, policy), Page):
        paged.append((decision.cycle, decision.tier))
        alert = paging.page_tier(alert, decision, [object_recipient()], evidence={}, due_at=NOW, now=NOW).after

    assert decision == Exhaust()
    assert paged == [(cycle, tier) for cycle in range(repeat_count + 1) for tier in range(tiers)]


def object_recipient():
    return paging.Recipient(recipient="user:1", channel="sms", address="+4911")


def test_with_nobody_to_page_the_next_tier_is_due_at_once():
    """An empty tier costs no time."""
    decision = Page(cycle=0, tier=0, next_due_at=NOW + timedelta(minutes=5))

    change = paging.page_tier(an_alert(), decision, [], evidence={}, due_at=NOW, now=NOW)

    assert change.due_at == NOW
    assert change.entries[0].kind == "nobody_to_page"


TEMPORARY = Failed(provider="x", reason=FailureReason.UNAVAILABLE, is_permanent=False)
PERMANENT = Failed(provider="x", reason=FailureReason.BAD_ADDRESS, is_permanent=True)
LIMITED = Failed(provider="x", reason=FailureReason.RATE_LIMITED, is_permanent=False, retry_after_seconds=30.0)


@pytest.mark.parametrize(
    ("result", "attempts", "unclear", "move"),
    [
        (Sent(provider="x"), 1, 0, paging.Done()),
        (TEMPORARY, 1, 0, TryAgain(seconds=2)),
        (TEMPORARY, 4, 0, TryAgain(seconds=15)),
        (TEMPORARY, 9, 0, GiveUp(reason=FailureReason.UNAVAILABLE)),
        (PERMANENT, 1, 0, GiveUp(reason=FailureReason.BAD_ADDRESS)),
        (LIMITED, 2, 0, TryAgain(seconds=30.0)),
        (Unclear(provider="x"), 1, 1, WaitForProof(seconds=15)),
        (Unclear(provider="x"), 3, 3, GiveUp(reason=FailureReason.UNCLEAR)),
    ],
)
def test_what_an_attempt_means(result, attempts, unclear, move):
    """Temporary retries, permanent fails over, unclear waits for proof, and every path ends."""
    assert decide_after_attempt(result, attempts=attempts, unclear_attempts=unclear) == move


def limited(seconds):
    """A rate limit of so many seconds."""
    return Failed(provider="x", reason=FailureReason.RATE_LIMITED, is_permanent=False, retry_after_seconds=seconds)


@pytest.mark.parametrize(
    ("result", "attempts", "left", "move"),
    [
        (TEMPORARY, 1, 60.0, TryAgain(seconds=2)),
        (TEMPORARY, 5, 31.0, TryAgain(seconds=15)),
        (TEMPORARY, 6, 16.0, GiveUp(reason=FailureReason.UNAVAILABLE)),
        (limited(49.0), 1, 60.0, TryAgain(seconds=49)),
        (limited(50.0), 1, 60.0, GiveUp(reason=FailureReason.RATE_LIMITED)),
        (limited(20.0), 1, 30.0, GiveUp(reason=FailureReason.RATE_LIMITED)),
        (limited(300.0), 1, None, TryAgain(seconds=300)),
        (Unclear(provider="x"), 1, 30.0, WaitForProof(seconds=15)),
        (Unclear(provider="x"), 1, 19.0, WaitForProof(seconds=8)),
        (Unclear(provider="x"), 2, 4.0, WaitForProof(seconds=1)),
        (Unclear(provider="x"), 1, None, WaitForProof(seconds=15)),
    ],
)
def test_what_an_attempt_means_when_there_is_another_contact_method(result, attempts, left, move):
    """No attempt begins that may end too late; without another way it goes on as long as it takes."""
    assert decide_after_attempt(result, attempts=attempts, unclear_attempts=1, seconds_left=left) == move


@pytest.mark.parametrize("is_critical", [True, False])
@pytest.mark.parametrize("result", [TEMPORARY, limited(7.0), limited(31.0), limited(600.0)])
@pytest.mark.parametrize("hang", [0, paging.LONGEST_ATTEMPT_SECONDS])
def test_a_provider_that_goes_on_failing_is_left_in_time(result, is_critical, hang):
    """However slow its answers: the next contact method's turn is at most 30 s, or 60 s, after the page was due."""
    limit = paging.CRITICAL_PATIENCE_SECONDS if is_critical else paging.PATIENCE_SECONDS
    now, attempts = NOW, 0
    while True:
        now, attempts = now + timedelta(seconds=hang), attempts + 1
        left = paging.patience_left(is_critical=is_critical, due_at=NOW, now=now)
        move = decide_after_attempt(result, attempts=attempts, unclear_attempts=0, seconds_left=left)
        if isinstance(move, GiveUp):
            break
        now += timedelta(seconds=move.seconds)

    assert (now - NOW).total_seconds() <= limit


@pytest.mark.parametrize("is_critical", [True, False])
@pytest.mark.parametrize("hang", [0, paging.LONGEST_ATTEMPT_SECONDS])
def test_a_provider_that_leaves_everything_unclear_is_left_in_time(is_critical, hang):
    """Sending, waiting for proof, looking up and repeating included."""
    limit = paging.CRITICAL_PATIENCE_SECONDS if is_critical else paging.PATIENCE_SECONDS
    now, unclear = NOW, 0
    while True:
        now, unclear = now + timedelta(seconds=hang), unclear + 1
        left = paging.patience_left(is_critical=is_critical, due_at=NOW, now=now)
        move = decide_after_attempt(
            Unclear(provider="x"), attempts=unclear, unclear_attempts=unclear, seconds_left=left
        )
        if isinstance(move, GiveUp):
            break
        now += timedelta(seconds=move.seconds + hang)
        left = paging.patience_left(is_critical=is_critical, due_at=NOW, now=now)
        if paging.is_too_late(0, seconds_left=left):
            break

    assert (now - NOW).total_seconds() <= limit


@pytest.mark.parametrize(
    ("current", "word", "status"),
    [
        ("sending", "sent", "sent"),
        ("sent", "queued", None),
        ("sent", "delivered", "delivered"),
        ("delivered", "sent", None),
        ("delivered", "undelivered", None),
        ("sent", "undelivered", "failed"),
        ("failed", "delivered", "delivered"),
        ("superseded", "delivered", None),
        ("sending", "nonsense", None),
    ],
)
def test_callbacks_only_move_a_delivery_up(current, word, status):
    """Late, doubled and reordered callbacks never move it back."""
    assert status_after_callback(current, word) == status

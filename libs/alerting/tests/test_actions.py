"""The whole life of an alert: pure tests, and a machine that walks through it in any order."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import msgspec
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from nightowl_alerting import actions, paging, transitions
from nightowl_alerting.actions import (
    Acknowledge,
    Assign,
    Comment,
    EscalateNow,
    Investigate,
    Reopen,
    Resolve,
    Snooze,
    Unacknowledge,
)
from nightowl_alerting.model import (
    TIMED,
    Alert,
    AlertResolvedError,
    Mute,
    NothingPendingError,
    Policy,
    Recipient,
    Route,
    Tier,
)
from nightowl_alerting.transitions import Received, fold_received
from nightowl_common.errors import ConflictError, InvalidError, NightOwlError
from nightowl_contracts import Actor, ReceivedAlert

NOW = datetime(2026, 3, 1, 3, tzinfo=UTC)
NIGHTOWL = Actor(kind="service", id="escalation", name="escalation")
ALICE = Actor(kind="user", id="alice", name="Alice")
PAGING = Route(policy_id=UUID(int=5), policy_version=3)
TIER = Tier(timeout_minutes=5, notify_via=["sms"], targets=["oncall_primary"])
POLICY = Policy(policy_id=UUID(int=5), version=3, tiers=[TIER, TIER], repeat_count=1)
SOMEBODY = Recipient(recipient="user:1", channel="sms", address="+491701234567")
LATER = NOW + timedelta(hours=1)


def received(status="firing", severity="critical", *, n=1, at=NOW) -> Received:
    alert = ReceivedAlert(index=0, fingerprint="fp", status=status, severity=severity, title="Disk full")
    return Received(alert=alert, source="generic", receipt_id=UUID(int=n), new_id=UUID(int=100 + n), at=at)


def fold(event: Received, open_alert=None, now=NOW):
    return fold_received([event], open_alert=open_alert, last_episode=None, route=lambda _alert: PAGING, now=now)


def opened(severity="critical") -> Alert:
    return fold(received(severity=severity)).changes[0].after


def after(alert: Alert, *commands, now=NOW) -> Alert:
    for command in commands:
        change = actions.decide(alert, command, ALICE, now)
        alert = alert if change is None else change.after
    return alert


def test_investigating_takes_the_alert_too():
    """From firing: it is acknowledged by the same person in the same change, and both are told."""
    change = actions.decide(opened(), Investigate(), ALICE, NOW)

    assert (change.after.status, change.after.acknowledged_by, change.after.escalation_state) == (
        "investigating", ALICE, "stopped",
    )  # fmt: skip
    assert change.verbs == ["acknowledged", "investigating"]
    assert [entry.kind for entry in change.entries] == ["acknowledged", "investigating"]


@pytest.mark.parametrize("commands", [(), (Acknowledge(),), (Investigate(),)], ids=["firing", "taken", "investigated"])
def test_silence_ends_an_open_alert_whoever_has_it(commands):
    """At the minute, not before; with the reason, and nothing is owed any more."""
    alert = after(opened(), *commands)

    assert actions.close_silent(alert, NIGHTOWL, NOW + timedelta(minutes=29, seconds=59), minutes=30) is None
    change = actions.close_silent(alert, NIGHTOWL, NOW + timedelta(minutes=30), minutes=30)

    assert (change.after.status, change.after.resolved_by) == ("resolved", NIGHTOWL)
    assert change.after.resolution == "nothing heard for 30 minutes"
    assert change.after.escalation_state != "pending"
    assert [(entry.kind, entry.evidence) for entry in change.entries] == [
        ("resolved", {"resolution": "nothing heard for 30 minutes"})
    ]


def test_silence_does_not_end_what_is_snoozed_or_over():
    """A snooze is asked for; what is resolved stays as it was."""
    much_later = NOW + timedelta(days=30)

    for alert in (after(opened(), Snooze(until=LATER)), after(opened(), Resolve())):
        assert actions.close_silent(alert, NIGHTOWL, much_later, minutes=5) is None


def test_giving_back_starts_the_escalation_anew_at_once():
    """Tier 1 is due now, under a new version and a cycle whose pages are new."""
    paged = msgspec.structs.replace(opened(), tier=2)
    taken = after(paged, Acknowledge())

    change = actions.decide(taken, Unacknowledge(), ALICE, LATER)

    assert (change.after.status, change.after.escalation_state, change.due_at) == ("firing", "pending", LATER)
    assert (change.after.cycle, change.after.first_cycle, change.after.tier) == (1, 1, 0)
    assert change.after.escalation_version > taken.escalation_version
    assert change.after.acknowledged_at is None


def test_a_second_start_has_all_its_cycles_again():
    """The policy's repeats are counted from where the escalation began."""
    again = after(msgspec.structs.replace(opened(), cycle=1, tier=2), Acknowledge(), Unacknowledge())
    spent = msgspec.structs.replace(again, cycle=again.first_cycle + 1, tier=2)

    first = paging.decide_escalation(again, POLICY, timer_version=again.escalation_version, now=NOW)

    assert isinstance(first, paging.Page)
    assert (first.cycle, first.tier) == (2, 0)
    assert isinstance(
        paging.decide_escalation(spent, POLICY, timer_version=spent.escalation_version, now=NOW), paging.Exhaust
    )


def test_reopening_goes_on_with_the_same_episode():
    """Same id, same number; the resolution is kept as evidence."""
    closed = after(opened(), Resolve(resolution="restarted"))

    change = actions.decide(closed, Reopen(reason="it was not that"), ALICE, LATER)

    assert (change.after.id, change.after.episode, change.after.status) == (closed.id, closed.episode, "firing")
    assert (change.after.resolved_at, change.after.resolution, change.due_at) == (None, None, LATER)
    assert change.entries[-1].evidence["was_resolved_with"] == "restarted"
    assert change.entries[-1].evidence["reason"] == "it was not that"


def test_a_snooze_pauses_and_its_end_judges_again():
    """Nothing is pending until T; then tier 1 is due at once."""
    change = actions.decide(opened(), Snooze(until=LATER), ALICE, NOW)
    woken = actions.wake(change.after, ALICE, LATER)

    assert (change.after.escalation_state, change.after.snoozed_until) == ("snoozed", LATER)
    assert [(timer.kind, timer.due_at) for timer in actions.owed_timers(change, "acme")] == [("snooze", LATER)]
    assert (woken.after.escalation_state, woken.after.snoozed_until, woken.due_at) == ("pending", None, LATER)


def test_the_end_of_a_snooze_pages_nobody_for_what_does_not_page():
    """A warning is judged as before, and says why it is quiet."""
    woken = actions.wake(after(opened("warning"), Snooze(until=LATER)), ALICE, LATER)

    assert (woken.after.escalation_state, woken.after.escalation_reason, woken.due_at) == (
        "none", "severity warning does not page", None,
    )  # fmt: skip


@pytest.mark.parametrize("command", [Acknowledge(), Investigate(), Resolve()])
def test_whoever_takes_or_ends_a_snoozed_alert_ends_the_snooze(command):
    """There is nothing left to wake for."""
    assert after(opened(), Snooze(until=LATER), command).snoozed_until is None


def test_a_taken_alert_that_was_snoozed_comes_back_when_the_snooze_ends():
    """Snoozing what one has is a reminder: at T it fires and pages."""
    taken = after(opened(), Acknowledge(), Snooze(until=LATER))
    woken = actions.wake(taken, ALICE, LATER).after

    assert taken.status == "acknowledged"
    assert (woken.status, woken.escalation_state, woken.acknowledged_at) == ("firing", "pending", None)


def test_a_rise_in_severity_ends_a_snooze():
    """It was snoozed as something smaller."""
    snoozed = after(opened("warning"), Snooze(until=LATER))

    change = fold(received(severity="critical", n=2), snoozed).changes[0]

    assert (change.after.escalation_state, change.after.snoozed_until, change.due_at) == ("pending", None, NOW)
    assert "unsnoozed" in [entry.kind for entry in change.entries]
    assert actions.leaving([change], "snoozed") == [snoozed.id]


def test_a_rise_in_severity_of_a_taken_alert_is_remembered():
    """Nobody is paged now; given back, it pages under the policy of the day it rose."""
    taken = after(opened("warning"), Acknowledge())

    risen = fold(received(severity="critical", n=2), taken).changes[0]
    back = actions.decide(risen.after, Unacknowledge(), ALICE, LATER)

    assert risen.due_at is None
    assert (back.after.policy_id, back.due_at) == (PAGING.policy_id, LATER)


@pytest.mark.parametrize(
    "until", [NOW, NOW - timedelta(seconds=1), NOW + timedelta(days=367), datetime(2026, 3, 2)]
)  # naive is the point
def test_a_snooze_ends_within_the_year_ahead(until):
    """Anything else is a mistake."""
    with pytest.raises(InvalidError):
        actions.decide(opened(), Snooze(until=until), ALICE, NOW)


@pytest.mark.parametrize(
    "command",
    [Acknowledge(), Investigate(), Unacknowledge(), Snooze(until=LATER), Assign(assignee_id=None), EscalateNow()],
)
def test_a_resolved_alert_can_only_be_opened_again(command):
    """A typed conflict."""
    with pytest.raises(AlertResolvedError):
        after(opened(), Resolve(), command)


@pytest.mark.parametrize("before", [Acknowledge(), Snooze(until=LATER)])
def test_only_a_pending_tier_can_be_paged_earlier(before):
    """A typed conflict."""
    with pytest.raises(NothingPendingError):
        after(opened(), before, EscalateNow())


COMMANDS = st.one_of(
    st.sampled_from(
        [Acknowledge(), Investigate(), Unacknowledge(), Resolve(), Reopen(), Comment(text="x"), EscalateNow()]
    ),
    st.integers(-5, 400).map(lambda minutes: ("snooze", minutes)),
    st.sampled_from([None, UUID(int=9)]).map(lambda who: Assign(assignee_id=who)),
)


class Life(RuleBasedStateMachine):
    """One alert and its timers, as the database would hold them."""

    def __init__(self) -> None:
        super().__init__()
        self.now = NOW
        self._refused: NightOwlError | None = None
        self.timers: dict[str, tuple[int, datetime]] = {}
        self.pages: set[tuple[int, int]] = set()
        self.silenced_until = NOW
        self.alert = opened()
        self._write(fold(received()).changes[0])

    def _write(self, change) -> None:
        before = change.before
        self.alert = change.after
        for kind, states in (("escalation", TIMED), ("snooze", {"snoozed"})):
            if actions.leaving([change], states):
                self.timers.pop(kind, None)
        for timer in actions.owed_timers(change, "acme"):
            self.timers[timer.kind] = (timer.version, timer.due_at)
        if before is not None:
            assert change.after.version >= before.version
            assert change.after.escalation_version >= before.escalation_version
            assert change.after.cycle >= before.cycle
            if change.after != before:
                assert change.after.version > before.version
                assert change.entries or change.verbs

    @rule(command=COMMANDS)
    def somebody_asks(self, command) -> None:
        """A command: a change that is stable under repetition, or a typed refusal."""
        if isinstance(command, tuple):
            command = Snooze(until=self.now + timedelta(minutes=command[1]))
        before = self.alert
        try:
            change = actions.decide(before, command, ALICE, self.now)
        except NightOwlError as error:
            self._refused = error
            return
        if change is None:
            return
        self._write(change)
        again = None
        if not isinstance(command, Comment | EscalateNow):
            again = actions.decide(self.alert, command, ALICE, self.now)
        assert again is None

    @precondition(lambda self: self.alert.status != "resolved")
    @rule(
        status=st.sampled_from(["firing", "resolved"]),
        severity=st.sampled_from(["info", "warning", "major", "critical"]),
    )
    def the_source_speaks(self, status, severity) -> None:
        """It fires again, at any severity, or ends."""
        for change in fold(received(status, severity, n=2), self.alert, self.now).changes:
            self._write(change)

    @rule(minutes=st.integers(0, 300))
    def somebody_silences(self, minutes) -> None:
        """A silence from now on, or the end of one; either way what is muted is judged again."""
        self.silenced_until = self.now + timedelta(minutes=minutes)
        if self.alert.escalation_state == "muted":
            self.timers["escalation"] = (self.alert.escalation_version, self.now)

    @rule(minutes=st.integers(0, 600))
    def time_passes(self, minutes) -> None:
        """Due timers are paid, the snooze first."""
        self.now += timedelta(minutes=minutes)
        version, due_at = self.timers.get("snooze", (None, None))
        if due_at is not None and due_at <= self.now:
            assert version == self.alert.escalation_version
            self._write(actions.wake(self.alert, ALICE, self.now))
        version, due_at = self.timers.get("escalation", (None, None))
        if due_at is not None and due_at <= self.now:
            self._pay(version, due_at)

    def _pay(self, version, due_at) -> None:
        decision = paging.decide_escalation(self.alert, POLICY, timer_version=version, now=self.now)
        if self.now < self.silenced_until and not self.alert.ignores_mutes:
            silence = Mute(kind="silence", id=UUID(int=7), name="quiet", until=self.silenced_until)
            change = paging.mute(self.alert, silence, due_at=self.silenced_until)
            self.timers["escalation"] = (version, self.silenced_until)
            if change is not None:
                self._write(change)
            return
        match decision:
            case paging.Page() as page:
                assert self.alert.status == "firing"
                assert self.alert.snoozed_until is None
                assert (page.cycle, page.tier) not in self.pages, "a page of a step that was paged before"
                self.pages.add((page.cycle, page.tier))
                self._write(paging.page_tier(self.alert, page, [SOMEBODY], evidence={}, due_at=due_at, now=self.now))
            case paging.Exhaust():
                self._write(paging.exhaust(self.alert, told=[SOMEBODY]))
            case paging.Drop():
                raise AssertionError("a pending timer that is void")

    @invariant()
    def refusals_are_typed(self) -> None:
        """Each has a class and a code of its own."""
        if self._refused is not None:
            assert isinstance(self._refused, ConflictError | InvalidError)
            assert type(self._refused).code not in {"conflict", "invalid"}

    @invariant()
    def timers_fit_the_state(self) -> None:
        """One timer of the right version, or none."""
        kinds = {"pending": {"escalation"}, "muted": {"escalation"}, "snoozed": {"snooze"}}
        wanted = kinds.get(self.alert.escalation_state, set())
        assert set(self.timers) == wanted
        assert all(version == self.alert.escalation_version for version, _due_at in self.timers.values())

    @invariant()
    def silence_has_a_reason(self) -> None:
        """A firing alert pages, is muted, is snoozed, is exhausted, or is not for paging."""
        assert self.alert.escalation_reason
        assert (self.alert.muted_by is not None) == (self.alert.escalation_state == "muted")
        assert (self.alert.snoozed_until is not None) == (self.alert.escalation_state == "snoozed")
        if self.alert.status == "firing":
            assert self.alert.escalation_state != "stopped"
            pages = self.alert.severity in {"major", "critical"} and self.alert.policy_id is not None
            assert not (pages and self.alert.escalation_state == "none")
        else:
            assert self.alert.escalation_state not in TIMED


Life.TestCase.settings = settings(max_examples=150, stateful_step_count=30, deadline=None)
TestLife = Life.TestCase


def test_acknowledge_still_has_its_own_door():
    """What receives over the phone and what is asked over the API is one transition."""
    assert actions.decide(opened(), Acknowledge(), ALICE, NOW) == transitions.acknowledge(opened(), ALICE, NOW)

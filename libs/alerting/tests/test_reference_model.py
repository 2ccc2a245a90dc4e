"""The engine against a small reference model: fire, repeat, acknowledge, end, fire again, silence, override, crash,
duplicates and messages out of order, in any sequence that hypothesis thinks of.

The model is written from the promises, not from the engine: it knows nothing of versions, cycles' numbers or timers'
rows. Both must agree on what is open, on how often it was seen, and on every page: to whom, and when.
"""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import msgspec
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from nightowl_alerting import actions, paging, transitions
from nightowl_alerting.actions import Acknowledge
from nightowl_alerting.model import TIMED, Alert, Episode, Mute, Policy, Recipient, Route, Tier
from nightowl_alerting.transitions import Received, fold_received
from nightowl_contracts import Actor, ReceivedAlert

NOW = datetime(2026, 3, 1, 3, tzinfo=UTC)
ALICE = Actor(kind="user", id="alice", name="Alice")
TIERS, REPEATS, TIMEOUT = 2, 1, timedelta(minutes=5)
TIER = Tier(timeout_minutes=5, notify_via=["sms"], targets=["oncall_primary"])
POLICY = Policy(policy_id=UUID(int=5), version=3, tiers=[TIER] * TIERS, repeat_count=REPEATS)
PAGING = Route(policy_id=POLICY.policy_id, policy_version=3)


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """What the source said, and when: one episode of its own, begun or ended."""

    status: str
    at: datetime
    starts_at: datetime
    ends_at: datetime | None = None


class Model:
    """What people are promised."""

    def __init__(self) -> None:
        self.now = NOW
        self.is_open = False
        self.is_taken = False
        self.count = 0
        self.episodes = 0
        self.starts_at = self.fired_at = NOW
        self.ended_by_source: tuple[datetime, datetime] | None = None
        self.due_at: datetime | None = None
        self.paged = 0
        self.pages: list[tuple[int, str, datetime]] = []

    def hear(self, message: Message) -> None:
        """A firing opens or counts; an end closes; what the source itself has left behind is old news."""
        if message.status == "firing":
            if self.is_open:
                self.count += 1
                self.starts_at = max(self.starts_at, message.starts_at)
                self.fired_at = max(self.fired_at, message.at)
            elif not self._is_old_fire(message):
                self.is_open, self.is_taken, self.count, self.paged = True, False, 1, 0
                self.episodes += 1
                self.starts_at, self.fired_at, self.due_at = message.starts_at, message.at, self.now
        elif self.is_open and not self._is_old_end(message):
            assert message.ends_at is not None
            self.is_open, self.due_at = False, None
            self.ended_by_source = (self.starts_at, message.ends_at)

    def _is_old_fire(self, message: Message) -> bool:
        return (
            self.ended_by_source is not None and message.starts_at <= self.ended_by_source[0] < self.ended_by_source[1]
        )

    def _is_old_end(self, message: Message) -> bool:
        assert message.ends_at is not None
        if self.starts_at <= message.starts_at:
            return False
        return message.ends_at <= self.starts_at or message.at < self.fired_at

    def take(self) -> None:
        """Nobody is paged from here on."""
        if self.is_open:
            self.is_taken, self.due_at = True, None

    def pay(self, person: str, *, silenced_until: datetime) -> None:
        """What is due is held back by a silence, else paged, until all tiers had all their turns."""
        if self.due_at is None or self.due_at > self.now:
            return
        if self.now < silenced_until:
            self.due_at = silenced_until
        elif self.paged == TIERS * (REPEATS + 1):
            self.due_at = None
        else:
            self.pages.append((self.episodes, person, self.now))
            self.paged += 1
            self.due_at = self.now + TIMEOUT


class Engine(RuleBasedStateMachine):
    """The pure engine with one timer, driven like the services drive it."""

    def __init__(self) -> None:
        super().__init__()
        self.model = Model()
        self.alert: Alert | None = None
        self.last: Episode | None = None
        self.timer: tuple[int, datetime] | None = None
        self.pages: list[tuple[int, str, datetime]] = []
        self.said: list[Message] = []
        self.person = "alice"
        self.silenced_until = NOW
        self.number = 0

    def _deliver(self, message: Message) -> None:
        self.number += 1
        alert = ReceivedAlert(
            index=0, fingerprint="fp", status=message.status, severity="critical", title="x",
            starts_at=message.starts_at, ends_at=message.ends_at,
        )  # fmt: skip
        received = Received(
            alert=alert, source="generic", receipt_id=UUID(int=1), new_id=UUID(int=100 + self.number), at=message.at
        )
        folded = fold_received(
            [received], open_alert=self.alert, last_episode=self.last, route=lambda _: PAGING, now=self.model.now
        )
        for change in folded.changes:
            self._write(change)
        self.model.hear(message)

    def _write(self, change) -> None:
        if actions.leaving([change], TIMED):
            self.timer = None
        for timer in actions.owed_timers(change, "acme"):
            self.timer = (timer.version, timer.due_at)
        self.alert = change.after
        if change.after.status == "resolved":
            assert change.after.resolved_at is not None
            self.last = Episode(
                id=change.after.id, fingerprint="fp", episode=change.after.episode, starts_at=change.after.last_started_at,
                resolved_at=change.after.resolved_at, resolved_by_source=True, ended_at=change.after.ended_at,
            )  # fmt: skip
            self.alert = None

    @rule()
    def the_source_fires(self) -> None:
        """Again with the same start while it lasts, with a new one after its end."""
        began = next((each for each in reversed(self.said)), None)
        starts_at = began.starts_at if began is not None and began.status == "firing" else self.model.now
        message = Message(status="firing", at=self.model.now, starts_at=starts_at)
        self.said.append(message)
        self._deliver(message)

    @precondition(lambda self: self.said and self.said[-1].status == "firing")
    @rule()
    def the_source_ends_it(self) -> None:
        """With its own times; never in the instant of its start."""
        message = self._end_of_what_fires()
        self.said.append(message)
        self._deliver(message)
        self._pass(timedelta(seconds=1))

    @precondition(lambda self: self.said)
    @rule(place=st.integers(1, 4), is_said_again=st.booleans())
    def something_comes_again_or_late(self, *, place: int, is_said_again: bool) -> None:
        """The other half of a pair, a retry, or a message that was long on its way."""
        message = self.said[-min(place, len(self.said))]
        self._deliver(msgspec.structs.replace(message, at=self.model.now) if is_said_again else message)

    @precondition(lambda self: self.said and self.said[-1].status == "firing")
    @rule()
    def its_end_is_overtaken_by_the_next_firing(self) -> None:
        """The source ends it and begins anew, and the second is heard first."""
        ending = self._end_of_what_fires()
        self._pass(timedelta(seconds=1))
        firing = Message(status="firing", at=self.model.now, starts_at=self.model.now)
        self.said += [ending, firing]
        self._deliver(firing)
        self._pass(timedelta(seconds=1))
        self._deliver(ending)
        assert self.alert is not None, "what fires at last is open"

    @precondition(lambda self: self.alert is not None)
    @rule()
    def somebody_takes_it(self) -> None:
        """Once or twice."""
        assert self.alert is not None
        change = actions.decide(self.alert, Acknowledge(), ALICE, self.model.now)
        if change is not None:
            self._write(change)
        self.model.take()

    @rule(minutes=st.integers(0, 20))
    def somebody_silences_or_ends_a_silence(self, minutes: int) -> None:
        """What is muted is judged again at once."""
        self.silenced_until = self.model.now + timedelta(minutes=minutes)
        if self.alert is not None and self.alert.escalation_state == "muted":
            self.timer = (self.alert.escalation_version, self.model.now)
            self.model.due_at = self.model.now

    @rule(person=st.sampled_from(["alice", "bob"]))
    def an_override_begins_or_ends(self, person: str) -> None:
        """Whoever is on call when a tier is due is paged."""
        self.person = person

    @rule()
    def a_worker_dies_before_its_commit(self) -> None:
        """What it decided is gone with it."""
        if self.alert is not None and self.timer is not None:
            self._decide()

    @rule(minutes=st.integers(0, 30))
    def time_passes(self, minutes: int) -> None:
        """Workers pay at every instant at which something is due."""
        self._pass(timedelta(minutes=minutes))

    def _end_of_what_fires(self) -> Message:
        """As the source says it, a second later."""
        starts_at = self.said[-1].starts_at
        self._pass(timedelta(seconds=1))
        return Message(status="resolved", at=self.model.now, starts_at=starts_at, ends_at=self.model.now)

    def _pass(self, span: timedelta) -> None:
        until = self.model.now + span
        while True:
            self._pay()
            self.model.pay(self.person, silenced_until=self.silenced_until)
            ahead = [each for each in (self.timer and self.timer[1], self.model.due_at) if each is not None]
            upcoming = [each for each in ahead if self.model.now < each <= until]
            if any(each <= self.model.now for each in ahead):
                continue
            if not upcoming:
                break
            self.model.now = min(upcoming)
        self.model.now = until

    def _pay(self) -> None:
        if self.alert is None or self.timer is None or self.timer[1] > self.model.now:
            return
        change = self._decide()
        if change is None:
            self.timer = None
            return
        paged = change.after.tier != change.before.tier or change.after.cycle != change.before.cycle
        if paged and change.after.escalation_state == "pending":
            self.pages.append((change.after.episode, self.person, self.model.now))
        self._write(change)

    def _decide(self):
        assert self.alert is not None
        assert self.timer is not None
        now = self.model.now
        decision = paging.decide_escalation(self.alert, POLICY, timer_version=self.timer[0], now=now)
        if isinstance(decision, paging.Drop):
            return None
        if now < self.silenced_until:
            by = Mute(kind="silence", id=UUID(int=7), name="quiet", until=self.silenced_until)
            due_at = self.silenced_until
            muted = paging.mute(self.alert, by, due_at=due_at)
            return muted or msgspec.structs.replace(transitions._unchanged(self.alert), due_at=due_at)
        if isinstance(decision, paging.Exhaust):
            return paging.exhaust(self.alert, told=[])
        somebody = [Recipient(recipient=f"user:{self.person}", channel="sms", address="+491701234567")]
        return paging.page_tier(self.alert, decision, somebody, evidence={}, due_at=now, now=now)

    @invariant()
    def both_agree(self) -> None:
        """On what is open, how often it was seen, whether somebody has it, and on every page."""
        model = self.model
        assert (self.alert is not None) == model.is_open
        if self.alert is not None:
            assert (self.alert.occurrence_count, self.alert.episode) == (model.count, model.episodes)
            assert (self.alert.status == "acknowledged") == model.is_taken
        assert self.pages == model.pages

    @invariant()
    def nothing_is_owed_to_nobody(self) -> None:
        """A timer stands exactly while something is due or will be."""
        assert (self.timer is not None) == (self.model.due_at is not None)


Engine.TestCase.settings = settings(max_examples=200, stateful_step_count=40, deadline=None)
TestEngine = Engine.TestCase

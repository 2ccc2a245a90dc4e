"""One alert of the play, from its first firing to its end. Every step is decided by the kernel.

Time is the agenda: what the sender says, what timers ask and what people do, each at its instant.
"""

import heapq
import random
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from nightowl_alerting import actions, paging
from nightowl_alerting.actions import AnyCommand
from nightowl_alerting.model import SEVERITY_RANK, Alert, Change, Entry, Episode, Mute, Policy, Recipient, Route
from nightowl_alerting.noise.matchers import subject_of
from nightowl_alerting.noise.routing import choose_route
from nightowl_alerting.targets.model import urgency_of
from nightowl_alerting.targets.resolve import page_admins, resolve_tier
from nightowl_alerting.targets.timetable import Timetable
from nightowl_alerting.transitions import NOBODY, Received, fold_received
from nightowl_cli.demo.calendar import Case
from nightowl_cli.demo.pages import Post
from nightowl_cli.demo.people import People
from nightowl_cli.demo.policies import Plans
from nightowl_cli.demo.rows import Rows
from nightowl_cli.demo.words import comment_on, resolution_of
from nightowl_contracts import Actor, AgentReport, ReceivedAlert
from nightowl_enrichment.model import Match

_AUDITED = ("status", "resolution", "snoozed_until", "assignee_id")
_REPEAT_MINUTES = 5
_MOST_REPEATS = 30

_DAY = range(7, 23)
_ANSWER_BY_DAY, _ANSWER_BY_NIGHT = 0.93, 0.8
_BROWSE, _SNOOZE, _INVESTIGATE, _COMMENT, _CLOSE = 0.14, 0.3, 0.35, 0.3, 0.3
"""How likely people are to do something. Who takes an alert may look into it, write, and close it by hand."""


class Stage(msgspec.Struct, frozen=True, kw_only=True):
    """Where all lives take place."""

    rows: Rows
    chance: random.Random
    people: People
    plans: Plans
    timetable: Timetable
    now: datetime


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody does so many minutes after the alert opened; without a name it is who is on call."""

    minutes: float
    command: AnyCommand
    handle: str | None = None


class Circumstances(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of an alert when it opens."""

    last: Episode | None = None
    match: Match | None = None
    group_id: UUID | None = None
    group_evidence: dict[str, object] = {}
    mute: Mute | None = None
    script: Sequence[Line] | None = None
    """What people do; None: what chance lets them do."""


class Life:
    """The life of the alert of one case."""

    alert: Alert

    def __init__(self, stage: Stage, case: Case, around: Circumstances) -> None:
        self._stage = stage
        self._case = case
        self._around = around
        self._post = Post(stage.rows, stage.chance, stage.people.staff)
        self._agenda: list[tuple[datetime, int, Callable[[datetime], None]]] = []
        self._planned = 0
        self._due: datetime | None = None

    def plan(self, at: datetime, step: Callable[[datetime], None]) -> None:
        """Something will happen, if it is not after now."""
        self._planned += 1
        if at <= self._stage.now:
            heapq.heappush(self._agenda, (at, self._planned, step))

    def run(self) -> Alert:
        """From the first firing to the end, or until now."""
        case, chance = self._case, self._stage.chance
        self._open()
        if self.alert.status != "resolved":
            self._plan_repeats()
            self.plan(case.ends, self._end)
            self._plan_people()
        while self._agenda or self._due is not None:
            late = timedelta(seconds=0.03 + chance.lognormvariate(-2.2, 0.8))
            if self._due is not None and (not self._agenda or self._due + late < self._agenda[0][0]):
                self._tick(self._due, self._due + late)
            elif self._agenda:
                at, _, step = heapq.heappop(self._agenda)
                step(at)
        self._post.settle(self.alert, stopped_at=self._stage.now)
        return self.alert

    def _plan_people(self) -> None:
        script = self._around.script
        if script is None:
            if self._due is None and self._stage.chance.random() < _BROWSE:
                self._browse()
            return
        for line in script:
            at = self._case.at + timedelta(minutes=line.minutes)
            self.plan(at, partial(self._read, line))

    def _read(self, line: Line, at: datetime) -> None:
        self.act(line.command, self._who(line, at), at)

    def _who(self, line: Line, at: datetime) -> Actor:
        people = self._stage.people
        if line.handle is not None:
            return people.actor(line.handle)
        on_call = self._stage.timetable.duty(self._stage.plans.usual(at), at).on_call
        found = next((each.primary for each in on_call.values() if each.primary is not None), None)
        return people.actor("carol") if found is None else people.actor_of(found)

    def act(self, command: AnyCommand, actor: Actor, at: datetime) -> None:
        """Somebody does something, if the alert still lets them."""
        if self.alert.status == "resolved":
            return
        before = self.alert
        change = actions.decide(before, command, actor, at)
        if change is None:
            return
        self._apply(change, at)
        pairs = {name: [getattr(before, name), getattr(self.alert, name)] for name in _AUDITED}
        changes = {name: pair for name, pair in pairs.items() if name == "status" or pair[0] != pair[1]}
        verb = type(command).__struct_config__.tag
        self._stage.rows.audit(at, actor, str(verb), "alert", before.id, **changes)

    def _apply(self, change: Change, at: datetime) -> None:
        before = change.before
        self.alert = change.after
        for entry in change.entries:
            self._stage.rows.entry(self.alert.id, at, entry)
        if self.alert.escalation_state not in {"pending", "muted"}:
            self._due = None
        elif change.due_at is not None:
            self._due = change.due_at
        if before is not None and before.escalation_version != self.alert.escalation_version:
            self._post.settle(self.alert, stopped_at=at)

    def _open(self) -> None:
        at, around = self._case.at, self._around
        [change] = self._fold(self._received(at, new_id=self._stage.rows.id(at)), None)
        entries, after = list(change.entries), change.after
        if around.match is not None and after.status != "resolved":
            match = around.match
            after = msgspec.structs.replace(
                after, matched_incident_id=match.incident_id, match_kind=match.kind, match_score=match.score
            )
            evidence = {**msgspec.structs.asdict(match), "incident_id": str(match.incident_id)}
            entries.append(Entry(kind="kb_matched", actor=NOBODY, evidence=evidence))
        if around.group_id is not None and after.status != "resolved":
            after = msgspec.structs.replace(after, group_id=around.group_id)
            entries.append(Entry(kind="grouped", actor=NOBODY, evidence=around.group_evidence))
        self._apply(msgspec.structs.replace(change, after=after, entries=entries), at)

    def _received(self, at: datetime, *, new_id: UUID | None = None, is_over: bool = False) -> Received:
        signal = self._case.signal
        agent = None
        if signal.problem.source == "agent":
            agent = AgentReport(
                agent_id="caretaker", action_taken=signal.detail, auto_resolved=True,
                action_result="Checked twice: it is well.", confidence=0.94,
            )  # fmt: skip
        alert = ReceivedAlert(
            index=0, fingerprint=signal.fingerprint, status="resolved" if is_over else "firing",
            severity=signal.problem.severity, title=signal.title, description=signal.description, labels=signal.labels,
            annotations={"summary": signal.summary}, starts_at=self._case.at - timedelta(seconds=40),
            ends_at=at if is_over else None, agent=agent,
            generator_url=f"https://prometheus.example.com/graph?g0.expr={signal.problem.name}",
            fingerprint_rule="the sender's fingerprint",
        )  # fmt: skip
        source = "generic" if agent is not None else signal.problem.source
        receipt_id, known = self._stage.rows.id(at), new_id or self.alert.id
        return Received(alert=alert, source=source, receipt_id=receipt_id, new_id=known, at=at)

    def _fold(self, received: Received, open_alert: Alert | None) -> list[Change]:
        folded = fold_received(
            [received], open_alert=open_alert, last_episode=self._around.last, route=self._route, now=received.at
        )
        return folded.changes

    def _route(self, received: Received) -> Route:
        alert = received.alert
        subject = subject_of(alert.labels, severity=alert.severity, source=received.source, title=alert.title)
        return choose_route(subject, self._stage.plans.routing(received.at))

    def _plan_repeats(self) -> None:
        case = self._case
        minutes = _REPEAT_MINUTES if SEVERITY_RANK[case.signal.problem.severity] > 1 else 4 * _REPEAT_MINUTES
        at = case.at + timedelta(minutes=minutes)
        for _ in range(_MOST_REPEATS):
            if at >= case.ends:
                break
            self.plan(at, self._repeat)
            at += timedelta(minutes=minutes)

    def _repeat(self, at: datetime) -> None:
        if self.alert.status != "resolved":
            for change in self._fold(self._received(at), self.alert):
                self._apply(change, at)

    def _end(self, at: datetime) -> None:
        """The sender says that it is over, unless a person did so before."""
        if self.alert.status != "resolved":
            for change in self._fold(self._received(at, is_over=True), self.alert):
                self._apply(change, at)

    def _tick(self, due_at: datetime, at: datetime) -> None:
        """A timer is due."""
        self._due = None
        if at > self._stage.now:
            return
        mute = self._around.mute
        if mute is not None and (mute.until is None or at < mute.until):
            until = mute.until or self._case.ends + timedelta(minutes=1)
            change = paging.mute(self.alert, mute, due_at=until)
            if change is not None:
                self._apply(change, at)
            self._due = until
            return
        self._escalate(due_at, at)

    def _escalate(self, due_at: datetime, at: datetime) -> None:
        before, stage = self.alert, self._stage
        assert before.policy_id is not None, "only what pages has a timer"
        policy = stage.plans.at(before.policy_id, before.policy_version or 1)
        match paging.decide_escalation(before, policy, timer_version=before.escalation_version, now=at):
            case paging.Page() as page:
                self._page(policy, page, due_at=due_at, at=at)
            case paging.Exhaust():
                told = page_admins(stage.people.staff)
                self._apply(paging.exhaust(before, told=told), at)
                self._owe(before, told, "exhausted", cycle=before.cycle, step=before.tier, due_at=due_at, at=at)
            case paging.Drop():
                pass

    def _page(self, policy: Policy, page: paging.Page, *, due_at: datetime, at: datetime) -> None:
        before, staff = self.alert, self._stage.people.staff
        if before.slack_channel is not None:
            staff = msgspec.structs.replace(staff, slack_channel=before.slack_channel)
        resolved = resolve_tier(
            policy.tiers[page.tier],
            staff=staff,
            duty=self._stage.timetable.duty(policy, at),
            urgency=urgency_of(before.severity),
        )
        evidence: dict[str, object] = {
            "policy_id": str(policy.policy_id),
            "policy_version": policy.version,
            "why": resolved.why,
        }
        self._apply(paging.page_tier(before, page, resolved.recipients, evidence=evidence, due_at=due_at, now=at), at)
        outcome = "paged" if resolved.recipients else "nobody"
        self._owe(before, resolved.recipients, outcome, cycle=page.cycle, step=page.tier, due_at=due_at, at=at)
        self._answer(resolved.recipients, at)

    def _owe(
        self, alert: Alert, recipients: list[Recipient], outcome: str, *, cycle: int, step: int, due_at: datetime,
        at: datetime,
    ) -> None:  # fmt: skip
        rows = self._stage.rows
        self._post.owe(
            paging.plan_deliveries(
                alert, recipients, cycle=cycle, step=step, ids=[rows.id(at) for _ in recipients], now=at
            ),
            at=at,
        )
        rows.add(
            "escalation_events", alert_id=alert.id, cycle=cycle, tier=step, outcome=outcome,
            recipients=[each.recipient for each in recipients], due_at=due_at, fired_at=at,
        )  # fmt: skip

    def _answer(self, recipients: list[Recipient], at: datetime) -> None:
        """Whoever is paged may take it: most do, sooner by day."""
        chance = self._stage.chance
        paged = {each.recipient: each for each in recipients if each.recipient.startswith("user:")}
        for recipient in paged:
            user_id = UUID(recipient.removeprefix("user:"))
            zone = ZoneInfo(self._stage.people.staff.people[user_id].timezone)
            is_night = at.astimezone(zone).hour not in _DAY
            minutes = chance.lognormvariate(1.5 if is_night else 0.8, 0.7)
            likely = _ANSWER_BY_NIGHT if is_night else _ANSWER_BY_DAY
            if self._around.script is None and chance.random() < likely:
                self.plan(at + timedelta(minutes=minutes), partial(self._take, user_id))

    def _take(self, user_id: UUID, at: datetime) -> None:
        chance, actor = self._stage.chance, self._stage.people.actor_of(user_id)
        if self.alert.status != "firing":
            return
        self.act(actions.Acknowledge(), actor, at)
        if chance.random() < _INVESTIGATE:
            self._plan_act(at, chance.uniform(1, 6), actions.Investigate(), actor)
        if chance.random() < _COMMENT:
            self._plan_act(
                at, chance.uniform(2, 14), actions.Comment(text=comment_on(chance, self._case.signal)), actor
            )
        if chance.random() < _CLOSE:
            words = resolution_of(chance, is_known=self._around.match is not None)
            self.plan(at + timedelta(minutes=chance.uniform(5, 30)), lambda when: self._close(words, actor, when))

    def _plan_act(self, at: datetime, minutes: float, command: AnyCommand, actor: Actor) -> None:
        self.plan(at + timedelta(minutes=minutes), lambda when: self.act(command, actor, when))

    def _close(self, words: str, actor: Actor, at: datetime) -> None:
        if self.alert.status == "resolved":
            return
        self.act(actions.Resolve(resolution=words), actor, at)
        if self.alert.matched_incident_id is None:
            evidence: dict[str, object] = {"resolution": words, "fingerprint": self.alert.fingerprint}
            wanted = Entry(kind="knowledge_wanted", actor=NOBODY, evidence=evidence)
            self._stage.rows.entry(self.alert.id, at + timedelta(milliseconds=240), wanted)

    def _browse(self) -> None:
        """Somebody sees it on the list: it pages nobody."""
        chance, people = self._stage.chance, self._stage.people
        actor = people.actor(chance.choice(sorted(people.ids)))
        at = self._case.at + timedelta(minutes=chance.lognormvariate(2.6, 0.8))
        if chance.random() < _SNOOZE:
            until = at + timedelta(hours=chance.choice((1, 2, 4)))
            if until < self._stage.now and until > self._case.ends:
                self.plan(at, lambda when: self.act(actions.Snooze(until=until), actor, when))
                return
        self.plan(at, lambda when: self.act(actions.Acknowledge(), actor, when))

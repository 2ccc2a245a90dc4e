"""The state machine of an alert. Pure: ids and time are arguments.

firing → acknowledged → investigating → resolved; a re-fire after a resolve is a new alert (episode n + 1).
What else people may ask of an alert is in `actions`.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from nightowl_alerting import stale
from nightowl_alerting.model import (
    SEVERITY_RANK,
    Alert,
    AlertResolvedError,
    Change,
    Disposition,
    Entry,
    Episode,
    Route,
)
from nightowl_contracts import Actor, AgentReport, ReceivedAlert, Severity

NOBODY = Actor(kind="service", id="nightowl", name="nightowl")

REPEAT_MILESTONES = frozenset({2, 10, 100, 1_000, 10_000, 100_000, 1_000_000})
"""Repeats are counted on the alert; only these counts get a timeline entry, or a storm would bury the rest."""


class Received(msgspec.Struct, frozen=True, kw_only=True):
    """One received alert; `new_id` is its id if it opens an alert, `key_id` the API key of its call, if it had one."""

    alert: ReceivedAlert
    source: str
    receipt_id: UUID
    new_id: UUID
    at: datetime
    trace: str | None = None
    key_id: UUID | None = None

    @property
    def actor(self) -> Actor:
        """The source."""
        return Actor(kind="source", id=self.source, name=self.source)


class Folded(msgspec.Struct, frozen=True, kw_only=True):
    """The outcome for one fingerprint: what became of each received alert, in order, and what to write."""

    outcomes: list[tuple[Disposition, UUID | None]]
    changes: list[Change]


def fold_received(
    received: Sequence[Received],
    *,
    open_alert: Alert | None,
    last_episode: Episode | None,
    route: Callable[[Received], Route],
    now: datetime,
) -> Folded:
    """Applies received alerts of one fingerprint, in order, to the open alert (if any)."""
    fold = _Fold(open_alert, last_episode, route, now)
    for each in received:
        fold.apply(each)
    return fold.finish()


class _Fold:
    """Working state of `fold_received`."""

    def __init__(
        self,
        open_alert: Alert | None,
        last: Episode | None,
        route: Callable[[Received], Route],
        now: datetime,
    ) -> None:
        self._change = None if open_alert is None else _unchanged(open_alert)
        self._last = last
        self._route = route
        self._now = now
        self._outcomes: list[tuple[Disposition, UUID | None]] = []
        self._done: list[Change] = []

    def apply(self, received: Received) -> None:
        agent = received.alert.agent
        if agent is not None and agent.auto_resolved:
            self._resolve_by_agent(received, agent)
            return
        match self._change, received.alert.status:
            case None, "firing":
                self._fire_closed(received)
            case None, "resolved":
                self._outcomes.append(("stale", self._last.id if self._last else None))
            case Change() as change, "firing":
                self._change = _repeat(change, received, self._route, self._now)
                self._outcomes.append(("repeated", change.after.id))
            case Change() as change, "resolved":
                self._resolve_open(change, received)

    def _fire_closed(self, received: Received) -> None:
        if self._is_late(received):
            return
        self._change = _open(received, self._last, self._route(received), self._now)
        self._outcomes.append(("opened", self._change.after.id))

    def _resolve_by_agent(self, received: Received, agent: AgentReport) -> None:
        """What an agent has mended already: open or not before, the alert ends resolved and pages nobody."""
        disposition: Disposition = "resolved"
        if self._change is not None and self._is_overtaken(received, self._change.after):
            return
        if self._change is None:
            if self._is_late(received):
                return
            self._change, disposition = _open(received, self._last, self._route(received), self._now), "opened"
        change = self._change
        after = msgspec.structs.replace(change.after, agent=agent, ended_at=received.alert.ends_at)
        closing = msgspec.structs.replace(change, after=after, trace=received.trace)
        actor = Actor(kind="source", id=agent.agent_id, name=agent.agent_id)
        evidence: dict[str, object] = {"receipt_id": str(received.receipt_id), "action_taken": agent.action_taken}
        self._close(_resolve(closing, actor, self._now, resolution=agent.action_result, evidence=evidence))
        self._outcomes.append((disposition, change.after.id))

    def _is_late(self, received: Received) -> bool:
        if self._last is None or not stale.started_before_end(received.alert, self._last):
            return False
        self._outcomes.append(("stale", self._last.id))
        return True

    def _is_overtaken(self, received: Received, current: Alert) -> bool:
        if not stale.ended_before_firing(received.alert, received.at, current):
            return False
        self._outcomes.append(("stale", current.id))
        return True

    def _resolve_open(self, change: Change, received: Received) -> None:
        if self._is_overtaken(received, change.after):
            return
        evidence: dict[str, object] = {"receipt_id": str(received.receipt_id)}
        ended = msgspec.structs.replace(change.after, ended_at=received.alert.ends_at)
        closing = msgspec.structs.replace(change, after=ended, trace=received.trace)
        closed = _resolve(closing, received.actor, self._now, resolution=None, evidence=evidence)
        self._outcomes.append(("resolved", closed.after.id))
        self._close(closed)

    def _close(self, closed: Change) -> None:
        self._done.append(closed)
        self._change = None
        self._last = Episode(
            id=closed.after.id,
            fingerprint=closed.after.fingerprint,
            episode=closed.after.episode,
            starts_at=stale.latest(closed.after.starts_at, closed.after.last_started_at),
            resolved_at=self._now,
            resolved_by_source=True,
            ended_at=closed.after.ended_at,
        )

    def finish(self) -> Folded:
        if self._change is not None and self._change.after is not self._change.before:
            self._done.append(self._change)
        return Folded(outcomes=self._outcomes, changes=self._done)


def acknowledge(alert: Alert, actor: Actor, now: datetime) -> Change | None:
    """Somebody takes the alert: paging stops. None when it was acknowledged before.

    Raises:
        AlertResolvedError: there is nothing left to take.
    """
    if alert.status == "resolved":
        raise AlertResolvedError
    if alert.status != "firing" and alert.snoozed_until is None:
        return None
    after = msgspec.structs.replace(
        alert,
        status="acknowledged" if alert.status == "firing" else alert.status,
        acknowledged_at=now,
        acknowledged_by=actor,
        version=alert.version + 1,
        **stopped(alert, f"acknowledged by {actor.name}"),
    )
    entry = Entry(kind="acknowledged", actor=actor)
    return Change(before=alert, after=after, actor=actor, entries=[entry], verbs=["acknowledged"])


def resolve(alert: Alert, actor: Actor, now: datetime, *, resolution: str | None) -> Change | None:
    """It is over. None when it was resolved before."""
    if alert.status == "resolved":
        return None
    return _resolve(_unchanged(alert), actor, now, resolution=resolution, evidence={})


def _unchanged(alert: Alert) -> Change:
    return Change(before=alert, after=alert, actor=NOBODY, entries=[], verbs=[])


def _open(received: Received, last: Episode | None, route: Route, now: datetime) -> Change:  # long: a field per line
    alert, actor = received.alert, received.actor
    pages, reason = judge(alert.severity, route)
    after = Alert(
        id=received.new_id,
        fingerprint=alert.fingerprint,
        episode=last.episode + 1 if last else 1,
        previous_id=last.id if last else None,
        status="firing",
        severity=alert.severity,
        source=received.source,
        title=alert.title,
        description=alert.description,
        labels=alert.labels,
        annotations=alert.annotations,
        generator_url=alert.generator_url,
        agent=alert.agent,
        service_id=route.service_id,
        starts_at=alert.starts_at,
        first_fired_at=now,
        last_fired_at=now,
        policy_id=route.policy_id if pages else None,
        policy_version=route.policy_version if pages else None,
        pages_from=route.pages_from,
        slack_channel=route.slack_channel,
        escalation_state="pending" if pages else "none",
        escalation_reason=reason,
        trace=received.trace,
        last_started_at=alert.starts_at,
        last_received_at=received.at,
    )
    entry = Entry(
        kind="opened",
        actor=actor,
        evidence={
            "receipt_id": received.receipt_id,
            "key_id": received.key_id,
            "index": alert.index,
            "received_at": received.at.isoformat(),
            "severity": alert.severity,
            "episode": after.episode,
            "escalation": reason,
            "routes": list(route.via),
            "fingerprint_rule": alert.fingerprint_rule,
        },
    )
    return Change(
        before=None, after=after, actor=actor, entries=[entry], verbs=["opened"],
        due_at=now if pages else None, trace=received.trace,
    )  # fmt: skip


def judge(severity: Severity, route: Route) -> tuple[bool, str]:
    """Whether it pages, and why or why not."""
    if route.pages_from == "never":
        return False, "its route pages nobody"
    if SEVERITY_RANK[severity] < SEVERITY_RANK[route.pages_from]:
        return False, f"severity {severity} does not page"
    if route.policy_id is None:
        return False, "no escalation policy: neither the service nor the tenant names one"
    return True, f"policy version {route.policy_version}"


def _repeat(change: Change, received: Received, route: Callable[[Received], Route], now: datetime) -> Change:
    before, alert = change.after, received.alert
    after = msgspec.structs.replace(
        stale.fired_again(before, alert, received.at),
        occurrence_count=before.occurrence_count + 1,
        last_fired_at=max(now, before.last_fired_at),
        severity=alert.severity,
        title=alert.title,
        description=alert.description,
        annotations=alert.annotations,
        version=before.version + 1,
    )
    due_at = change.due_at
    if SEVERITY_RANK[alert.severity] > SEVERITY_RANK[before.severity]:
        after, due_at = _rise(after, route(received), now, due_at=due_at)
    verbs = change.verbs if "repeated" in change.verbs or change.before is None else [*change.verbs, "repeated"]
    return msgspec.structs.replace(
        change,
        after=after,
        actor=received.actor,
        entries=[*change.entries, *_repeat_entries(before, after, received.actor)],
        verbs=verbs,
        due_at=due_at,
        trace=received.trace,
    )


def _repeat_entries(before: Alert, after: Alert, actor: Actor) -> list[Entry]:
    entries = []
    if after.occurrence_count in REPEAT_MILESTONES:
        entries.append(Entry(kind="repeated", actor=actor, evidence={"occurrence_count": after.occurrence_count}))
    if after.severity != before.severity:
        evidence: dict[str, object] = {"from": before.severity, "to": after.severity}
        entries.append(Entry(kind="severity_changed", actor=actor, evidence=evidence))
    if before.snoozed_until is not None and after.snoozed_until is None:
        entries.append(Entry(kind="unsnoozed", actor=actor, evidence={"why": "its severity has risen"}))
    return entries


def _rise(alert: Alert, route: Route, now: datetime, *, due_at: datetime | None) -> tuple[Alert, datetime | None]:
    """What was judged, or snoozed, as something smaller is judged again; what somebody has taken stays theirs."""
    if alert.status == "firing" and alert.escalation_state in {"none", "snoozed"}:
        return start(alert, route, now)
    if alert.policy_id is None and judge(alert.severity, route)[0]:
        known = msgspec.structs.replace(
            alert, policy_id=route.policy_id, policy_version=route.policy_version, pages_from=route.pages_from
        )
        return known, due_at
    return alert, now if alert.escalation_state == "muted" else due_at


def restart(alert: Alert, now: datetime) -> tuple[Alert, datetime | None]:
    """The escalation from tier 1, at once and under the alert's own policy, if it pages at all; with the due time.

    Cycles go on counting, so that its pages are new ones; a snooze is over.
    """
    route = Route(
        service_id=alert.service_id,
        policy_id=alert.policy_id,
        policy_version=alert.policy_version,
        slack_channel=alert.slack_channel,
        pages_from=alert.pages_from,
    )
    return start(alert, route, now)


def start(alert: Alert, route: Route, now: datetime) -> tuple[Alert, datetime | None]:
    """The escalation from tier 1 under a route, at once, if it pages at all; with the due time."""
    pages, reason = judge(alert.severity, route)
    cycle = alert.cycle + 1 if alert.tier > 0 else alert.cycle
    started = msgspec.structs.replace(
        alert,
        policy_id=route.policy_id if pages else alert.policy_id,
        policy_version=route.policy_version if pages else alert.policy_version,
        pages_from=route.pages_from,
        slack_channel=route.slack_channel,
        escalation_state="pending" if pages else "none",
        escalation_reason=reason,
        escalation_version=alert.escalation_version + 1,
        cycle=cycle,
        first_cycle=cycle,
        tier=0,
        snoozed_until=None,
        muted_by=None,
    )
    return started, now if pages else None


def _resolve(
    change: Change, actor: Actor, now: datetime, *, resolution: str | None, evidence: dict[str, object]
) -> Change:
    before = change.after
    after = msgspec.structs.replace(
        before,
        status="resolved",
        resolved_at=now,
        resolved_by=actor,
        resolution=resolution,
        version=before.version + 1,
        **stopped(before, f"resolved by {actor.name}"),
    )
    if resolution is not None:
        evidence = {**evidence, "resolution": resolution}
    return Change(
        before=change.before,
        after=after,
        actor=actor,
        trace=change.trace,
        entries=[*change.entries, Entry(kind="resolved", actor=actor, evidence=evidence)],
        verbs=[*change.verbs, "resolved"],
    )


def stopped(alert: Alert, reason: str) -> dict[str, object]:
    """Fields that void everything owed: timers and deliveries of an older `escalation_version` are never paid."""
    state = "none" if alert.escalation_state == "none" else "stopped"
    return {
        "escalation_state": state,
        "escalation_reason": alert.escalation_reason if state == "none" else reason,
        "escalation_version": alert.escalation_version + 1,
        "snoozed_until": None,
        "muted_by": None,
    }

"""The oracle: from what was accepted, what the database and the bus hold and what people received, it tells what is wrong.

Pure. Rules are the four of conservation; each breach is a finding, and findings say `lost`, `doubled` or `broken`.

1. Each accepted alert has exactly one disposition, and each message on the bus as many as it has alerts.
2. Each open alert that shall escalate has exactly one timer, and no other alert has one.
3. Each (alert, episode, cycle, step, recipient, channel) has at most one delivery, terminal or with a timer.
4. Messages that people received map one to one to deliveries that were sent. A second message is a double, unless it is
   marked as a repeat, the try before it was unclear, and the provider's own record proves that: its answer was an error,
   none at all, or came when the sender had hung up. Where a provider can be asked what it took, that went wrong as well.

Beyond them: whoever was to be told of an alert that nobody took was told, and no page follows an acknowledgement.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Literal
from uuid import UUID

import msgspec
from problems import Accepted
from records import Alert, Delivery, Evidence, Inboxed, Stored, Timer

from nightowl_testkit.fakes import Received

Wrong = Literal["lost", "doubled", "broken"]

FIRED = {"opened", "repeated"}
PAGES_FROM = {"critical", "major"}
TIMED = {"pending": "escalation", "muted": "escalation", "snoozed": "snooze"}
WENT_OUT = {"sent", "delivered"}
WAITING = {"queued", "sending"}
UNPROVABLE = {"email", "webhook", "mattermost", "teams", "phone"}
"""Channels where nobody can be asked whether a message has arrived."""


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """Something that must not be."""

    wrong: Wrong
    rule: str
    subject: str
    detail: str

    def __str__(self) -> str:
        return f"{self.wrong}: {self.subject}: {self.detail} (rule {self.rule})"


def judge(evidence: Evidence, permits: frozenset[str] = frozenset()) -> list[Finding]:
    """All findings, by rule."""
    return [
        *_dispositions(evidence, permits),
        *_occurrences(evidence),
        *_timers(evidence),
        *_deliveries(evidence),
        *_messages(evidence, permits),
        *_told(evidence),
        *(() if "disorder" in permits else _stopped(evidence)),
    ]


def _dispositions(evidence: Evidence, permits: frozenset[str]) -> Iterator[Finding]:
    inboxed = {each.event_id: each for each in evidence.inboxed}
    by_receipt = {each.receipt_id: each for each in evidence.stored}
    alert_ids = {each.id for each in evidence.alerts}
    for message in evidence.stored:
        yield from _one_each(message, inboxed.get(message.event_id))
    if evidence.dead_letters and "dead letters" not in permits:
        yield Finding(wrong="broken", rule="1", subject="DLQ", detail=f"{evidence.dead_letters} dead letters")
    if "stream lost" in permits:
        return
    for each in evidence.accepted:
        stored = by_receipt.get(each.receipt_id)
        if stored is None:
            yield _lost(each, "accepted, and the bus never got it")
        elif (handled := inboxed.get(stored.event_id)) is not None:
            yield from _fits(each, handled, alert_ids)


def _one_each(message: Stored, handled: Inboxed | None) -> Iterator[Finding]:
    found = 0 if handled is None else len(handled.dispositions)
    if found < message.alerts:
        detail = f"{message.alerts} alerts, {found} dispositions"
        yield Finding(wrong="lost", rule="1", subject=f"event {message.event_id}", detail=detail)
    elif handled is not None and (found > message.alerts or len(set(handled.indexes)) != found):
        detail = f"{message.alerts} alerts, dispositions of {sorted(handled.indexes)}"
        yield Finding(wrong="doubled", rule="1", subject=f"event {message.event_id}", detail=detail)


def _fits(each: Accepted, handled: Inboxed, alert_ids: set[UUID]) -> Iterator[Finding]:
    """What became of an alert is something that can become of it, and its row is there."""
    if each.index not in handled.indexes:
        yield _lost(each, f"no disposition for item {each.index}")
        return
    place = handled.indexes.index(each.index)
    became, alert_id = handled.dispositions[place], handled.alert_ids[place]
    possible = {"resolved", "stale"} if each.kind == "resolves" else {*FIRED, "stale"}
    if became not in possible:
        yield Finding(wrong="broken", rule="1", subject=each.problem, detail=f"{each.kind}, and it was {became}")
    if became in FIRED and alert_id not in alert_ids:
        yield _lost(each, f"{became}, and there is no such alert")


def _lost(each: Accepted, detail: str) -> Finding:
    return Finding(wrong="lost", rule="1", subject=each.problem, detail=detail)


def _occurrences(evidence: Evidence) -> Iterator[Finding]:
    """Each alert was opened once, and counts the events that tell of it: an event that counts twice has no inbox."""
    opened, counted = Counter[UUID | None](), Counter[UUID | None]()
    for handled in evidence.inboxed:
        for became, alert_id in zip(handled.dispositions, handled.alert_ids, strict=True):
            opened[alert_id] += became == "opened"
            counted[alert_id] += became in FIRED
    for alert in evidence.alerts:
        subject = f"alert {alert.id}"
        if opened[alert.id] != 1:
            yield Finding(wrong="doubled", rule="1", subject=subject, detail=f"opened {opened[alert.id]} times")
        if counted[alert.id] != alert.occurrence_count:
            detail = f"counts {alert.occurrence_count}, and {counted[alert.id]} events tell of it"
            yield Finding(wrong="broken", rule="1", subject=subject, detail=detail)


def _timers(evidence: Evidence) -> Iterator[Finding]:
    of_alert = defaultdict[UUID, list[Timer]](list)
    for timer in evidence.timers:
        if timer.kind in {"escalation", "snooze"}:
            of_alert[timer.ref].append(timer)
    for alert in evidence.alerts:
        yield from _one_timer(alert, of_alert.pop(alert.id, []))
    for ref in of_alert:
        yield Finding(wrong="broken", rule="2", subject=f"timer of {ref}", detail="there is no such alert")


def _one_timer(alert: Alert, timers: Sequence[Timer]) -> Iterator[Finding]:
    subject = f"alert {alert.id}"
    kind = None if alert.status == "resolved" else TIMED.get(alert.escalation_state)
    wanted = [] if kind is None else [(kind, alert.escalation_version)]
    found = [(each.kind, each.version) for each in timers]
    if found != wanted:
        detail = f"{alert.status}, {alert.escalation_state}: timers {found}, wanted {wanted}"
        yield Finding(wrong="lost" if len(found) < len(wanted) else "broken", rule="2", subject=subject, detail=detail)
    if alert.status == "firing" and alert.severity in PAGES_FROM and alert.escalation_state == "none":
        yield Finding(wrong="lost", rule="2", subject=subject, detail="shall escalate, and does not")


def _deliveries(evidence: Evidence) -> Iterator[Finding]:
    timed = {each.ref for each in evidence.timers if each.kind == "delivery"}
    for key, count in Counter(each.key for each in evidence.deliveries).items():
        if count > 1:
            yield Finding(wrong="doubled", rule="3", subject=key, detail=f"{count} deliveries")
    for each in evidence.deliveries:
        if each.status in WAITING and each.id not in timed:
            detail = f"{each.status}, and it has no timer"
            yield Finding(wrong="lost", rule="3", subject=f"delivery {each.id}", detail=detail)


def _messages(evidence: Evidence, permits: frozenset[str]) -> Iterator[Finding]:
    by_id = {each.id: each for each in evidence.deliveries}
    copies = copies_of(evidence.received)
    for delivery_id, messages in copies.items():
        delivery = None if delivery_id is None else by_id.get(delivery_id)
        if delivery is None:
            detail = f"{len(messages)} messages that belong to no delivery"
            yield Finding(wrong="broken", rule="4", subject=f"delivery {delivery_id}", detail=detail)
            continue
        yield from _copies(delivery, messages, evidence, permits)
    for each in evidence.deliveries:
        if each.status in WENT_OUT and each.message_of not in copies:
            detail = f"{each.status}, and nobody received it"
            yield Finding(wrong="lost", rule="4", subject=f"delivery {each.id}", detail=detail)


def copies_of(received: Sequence[Received]) -> Mapping[UUID | None, list[Received]]:
    """What people received, by delivery, in order."""
    copies = defaultdict[UUID | None, list[Received]](list)
    for each in sorted(received, key=lambda message: message.at):
        copies[each.delivery_id].append(each)
    return copies


def _copies(
    delivery: Delivery, messages: Sequence[Received], evidence: Evidence, permits: frozenset[str]
) -> Iterator[Finding]:
    subject = f"delivery {delivery.id}"
    again = messages[1:]
    is_marked = all(each.is_repeat for each in again)
    is_permitted = "repeats" in permits or ("unprovable repeats" in permits and messages[0].channel in UNPROVABLE)
    is_proved = all(_had_to_be_repeated(each, evidence) for each in messages[:-1])
    if again and not ((is_permitted or is_proved) and is_marked and len(again) <= delivery.unclear_attempts):
        words = "marked" if is_marked else "unmarked"
        answers = ", ".join("unclear" if each.provider_id in evidence.unclear else "clear" for each in messages)
        detail = (
            f"{len(messages)} times over {messages[0].channel}, {words}, {delivery.unclear_attempts} unclear attempts; "
            f"the provider's answers: {answers}"
        )
        yield Finding(wrong="doubled", rule="4", subject=subject, detail=detail)
    if delivery.status not in WENT_OUT and not delivery.was_unclear:
        detail = f"received, and it is {delivery.status}"
        yield Finding(wrong="broken", rule="4", subject=subject, detail=detail)


def _had_to_be_repeated(message: Received, evidence: Evidence) -> bool:
    """Its provider told nobody that it has it: not when it took it, nor when it was asked."""
    was_asked_in_vain = any(each.to == message.to and each.at > message.at for each in evidence.unheard)
    return message.provider_id in evidence.unclear and (message.channel in UNPROVABLE or was_asked_in_vain)


def _told(evidence: Evidence) -> Iterator[Finding]:
    """Whoever was to be told of a problem that is still there and that nobody took, was told."""
    heard = {each.delivery_id for each in evidence.received}
    told = {each.alert_id for each in evidence.deliveries if each.message_of in heard}
    held = {each.alert_id for each in evidence.deliveries if each.status in WAITING}
    for alert in evidence.alerts:
        is_owed = alert.status == "firing" and alert.severity in PAGES_FROM
        if is_owed and alert.id not in told and alert.id not in held:
            yield Finding(wrong="lost", rule="4", subject=f"alert {alert.id}", detail="nobody was told of it")


def _stopped(evidence: Evidence) -> Iterator[Finding]:
    """Nothing is decided to be paged after somebody has taken the alert.

    Both times are those at which the transactions began, which need not be in the order of their commits. But the
    acknowledgement was committed when its caller had the answer.
    """
    committed_by = {
        each.id: each.acknowledged_at + timedelta(seconds=evidence.taken[each.id])
        for each in evidence.alerts
        if each.acknowledged_at is not None and each.id in evidence.taken
    }
    for firing in evidence.firings:
        if firing.alert_id in committed_by and firing.fired_at > committed_by[firing.alert_id]:
            subject = f"alert {firing.alert_id}"
            yield Finding(wrong="broken", rule="ack", subject=subject, detail="paged after it was taken")

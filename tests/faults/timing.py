"""How late timers were, and how long the pipeline needed to be itself again. Pure.

Normal: an alert is committed within a second of its sender's first try, and a page is with its provider within a second
of being written. Recovery from a fault is over when the last alert or page that took longer has arrived; it counts from
the mark that the scenario has set: the kill, or the end of a longer fault. Pages that a dead notifier had in hand are
counted apart: they wait for their lease on purpose. Those that a limit has held are not counted: their recipient had
messages enough, or as many on their way.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

import msgspec
from oracle import copies_of
from records import Delivery, Evidence, Mark

NORMAL = timedelta(seconds=1)


class Passage(msgspec.Struct, frozen=True, kw_only=True):
    """Something that was due at one moment and happened at another."""

    begun_at: datetime
    done_at: datetime

    @property
    def seconds(self) -> float:
        """How long it took."""
        return (self.done_at - self.begun_at).total_seconds()


class Lateness(msgspec.Struct, frozen=True, kw_only=True):
    """Seconds."""

    p50: float
    p99: float
    max: float


class Timing(msgspec.Struct, frozen=True, kw_only=True):
    """The figures of a run. `recovery_seconds` is the longest over all marks; None where nothing was marked."""

    lateness: Lateness
    commits: Lateness
    pages: Lateness
    recovery_seconds: float | None
    in_hand: int
    in_hand_seconds: float


def measure(evidence: Evidence, marks: Sequence[Mark]) -> Timing:
    """The figures."""
    commits, pages, held = _commits(evidence), *_pages(evidence)
    timers = [Passage(begun_at=_payable_from(each.due_at, marks), done_at=each.fired_at) for each in evidence.firings]
    return Timing(
        lateness=lateness(timers), commits=lateness(commits), pages=lateness(pages),
        recovery_seconds=recovery(marks, [*commits, *pages]),
        in_hand=len(held), in_hand_seconds=lateness(held).max,
    )  # fmt: skip


def _payable_from(due_at: datetime, marks: Sequence[Mark]) -> datetime:
    """What is due in an outage can be paid from its end on."""
    return next((each.at for each in marks if each.begun_at <= due_at < each.at), due_at)


def slowest_page(evidence: Evidence) -> tuple[Delivery, float] | None:
    """The page of a tier that waited longest for its first message, whatever the reason, and for how many seconds."""
    first = {delivery_id: messages[0].at for delivery_id, messages in copies_of(evidence.received).items()}
    waits = [
        (each, (first[each.message_of] - each.created_at).total_seconds())
        for each in evidence.deliveries
        if each.step == 0 and each.message_of in first
    ]
    return max(waits, key=lambda each: each[1], default=None)


def first_pages(evidence: Evidence, *, since: datetime, until: datetime) -> list[Passage]:
    """From the sender's first try to the first page, for alerts that were told of in a span and paged somebody.

    Neither what waited for its turn, nor what a provider or a notifier left unclear.
    """
    first = {delivery_id: messages[0].at for delivery_id, messages in copies_of(evidence.received).items()}
    paged: dict[UUID, datetime] = {}
    for each in evidence.deliveries:
        if each.step == 0 and each.held_for is None and not each.was_unclear and each.message_of in first:
            paged[each.alert_id] = min(first[each.message_of], paged.get(each.alert_id, first[each.message_of]))
    by_problem = {each.problem: paged[each.id] for each in evidence.alerts if each.id in paged}
    return [
        Passage(begun_at=each.sent_at, done_at=by_problem[each.problem])
        for each in evidence.accepted
        if each.kind == "fires" and since <= each.sent_at < until and each.problem in by_problem
    ]


def lateness(passages: Iterable[Passage]) -> Lateness:
    """Percentiles by nearest rank; zeros of nothing."""
    ordered = sorted(each.seconds for each in passages) or [0.0]
    return Lateness(p50=_rank(ordered, 0.5), p99=_rank(ordered, 0.99), max=ordered[-1])


def recovery(marks: Sequence[Mark], passages: Sequence[Passage]) -> float | None:
    """The longest time from a mark until the last slow passage that it is to blame for was over."""
    if not marks:
        return None
    slow = [each for each in passages if each.done_at - each.begun_at > NORMAL]
    return max((_since_mark(marks, each) for each in slow), default=0.0)


def _since_mark(marks: Sequence[Mark], passage: Passage) -> float:
    """To blame is the first mark, or its outage, that fell into it, else the last one before it.

    Nobody is for what was over before, and what was over before the outage ended was no delay of the recovery.
    """
    inside = [each for each in marks if passage.begun_at < each.at and each.begun_at <= passage.done_at]
    blamed = inside[:1] or [each for each in marks if each.at <= passage.begun_at][-1:]
    return max(0.0, (passage.done_at - blamed[0].at).total_seconds()) if blamed else 0.0


def _rank(ordered: Sequence[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def _commits(evidence: Evidence) -> list[Passage]:
    """From the sender's first try to the commit."""
    handled = {each.event_id: each.handled_at for each in evidence.inboxed}
    at = {each.receipt_id: handled.get(each.event_id) for each in evidence.stored}
    return [
        Passage(begun_at=each.sent_at, done_at=done)
        for each in evidence.accepted
        if (done := at.get(each.receipt_id)) is not None
    ]


def _pages(evidence: Evidence) -> tuple[list[Passage], list[Passage]]:
    """From the delivery's row to the first message; those that a notifier lost hold of are the second list.

    Neither has what waited for its turn.
    """
    first = {delivery_id: messages[0].at for delivery_id, messages in copies_of(evidence.received).items()}
    straight: list[Passage] = []
    held: list[Passage] = []
    for each in evidence.deliveries:
        if each.step == 0 and each.held_for is None and each.message_of in first:
            passage = Passage(begun_at=each.created_at, done_at=first[each.message_of])
            (held if each.was_unclear else straight).append(passage)
    return straight, held

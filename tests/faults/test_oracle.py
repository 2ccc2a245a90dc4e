"""The oracle can fail: each breach that is made up is found, and what is whole is left alone."""

from datetime import UTC, datetime, timedelta
from itertools import count
from uuid import UUID

import msgspec
import pytest
from oracle import judge
from problems import Accepted
from records import Alert, Delivery, Evidence, Firing, Inboxed, Mark, Stored, Timer
from timing import Passage, first_pages, lateness, measure, recovery

from nightowl_testkit.fakes import Received, UnheardLookUp

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)
_ids = count(1)


def an_id() -> UUID:
    return UUID(int=next(_ids))


def after(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def a_message(delivery_id: UUID | None, *, seconds: float = 0.3, is_repeat: bool = False) -> Received:
    return Received(
        at=after(seconds), channel="sms", to="+4915550000001", text="", provider_id=str(an_id()), delivery_id=delivery_id,
        is_repeat=is_repeat, raw={},
    )  # fmt: skip


EVENT, RECEIPT, ALERT, PAGE = an_id(), an_id(), an_id(), an_id()

ACCEPTED = Accepted(
    tenant="one", receipt_id=RECEIPT, index=0, problem="disk", kind="fires", severity="critical", sent_at=NOON,
    at=after(0.05),
)  # fmt: skip
HANDLED = Inboxed(event_id=EVENT, indexes=[0], dispositions=["opened"], alert_ids=[ALERT], handled_at=after(0.1))
OPEN = Alert(
    id=ALERT, problem="disk", status="firing", severity="critical", escalation_state="pending", escalation_version=1,
    occurrence_count=1,
)  # fmt: skip
SENT = Delivery(
    id=PAGE, alert_id=ALERT, key="the one", step=0, status="sent", token=1, unclear_attempts=0, bundled_into=None,
    created_at=after(0.2),
)  # fmt: skip
WHOLE = Evidence(
    accepted=[ACCEPTED],
    stored=[Stored(event_id=EVENT, receipt_id=RECEIPT, alerts=1)],
    inboxed=[HANDLED],
    alerts=[OPEN],
    timers=[Timer(kind="escalation", ref=ALERT, version=1)],
    deliveries=[SENT],
    firings=[Firing(alert_id=ALERT, due_at=after(0.1), fired_at=after(0.2))],
    received=[a_message(PAGE)],
)


def but(**changes: object) -> Evidence:
    return msgspec.structs.replace(WHOLE, **changes)


def changed(row: msgspec.Struct, **changes: object) -> list[msgspec.Struct]:
    return [msgspec.structs.replace(row, **changes)]


def test_what_is_whole_has_no_findings():
    """An alert that was accepted, opened, timed, paged once."""
    assert judge(WHOLE) == []


TWICE = [a_message(PAGE), a_message(PAGE, seconds=6)]
MARKED = [a_message(PAGE), a_message(PAGE, seconds=6, is_repeat=True)]
UNCLEAR = changed(SENT, unclear_attempts=1)
TAKEN = changed(OPEN, status="acknowledged", acknowledged_at=after(0.15), escalation_state="stopped")

BREACHES = {
    "accepted and never on the bus": (but(stored=[], inboxed=[], alerts=[], timers=[], deliveries=[], received=[]), "lost"),
    "on the bus and never handled": (but(inboxed=[]), "lost"),
    "fewer dispositions than alerts": (but(stored=[Stored(event_id=EVENT, receipt_id=RECEIPT, alerts=2)]), "lost"),
    "an item with two dispositions": (
        but(inboxed=changed(HANDLED, indexes=[0, 0], dispositions=["opened", "repeated"], alert_ids=[ALERT, ALERT])),
        "doubled",
    ),
    "opened and its row is gone": (but(alerts=[], timers=[]), "lost"),
    "a firing that was resolved": (but(inboxed=changed(HANDLED, dispositions=["resolved"])), "broken"),
    "an alert that nothing opened": (but(inboxed=changed(HANDLED, dispositions=["repeated"])), "doubled"),
    "an event that counts twice": (but(alerts=changed(OPEN, occurrence_count=2)), "broken"),
    "no timer": (but(timers=[]), "lost"),
    "a timer of an older version": (but(alerts=changed(OPEN, escalation_version=2)), "broken"),
    "two timers": (but(timers=[*WHOLE.timers, *WHOLE.timers]), "broken"),
    "a timer of a resolved alert": (but(alerts=changed(OPEN, status="resolved", escalation_state="stopped")), "broken"),
    "a timer of nobody": (but(timers=[*WHOLE.timers, Timer(kind="escalation", ref=an_id(), version=1)]), "broken"),
    "it shall escalate and does not": (but(alerts=changed(OPEN, escalation_state="none"), timers=[]), "lost"),
    "two deliveries for one step": (
        but(deliveries=[SENT, *changed(SENT, id=an_id(), bundled_into=PAGE)]), "doubled",
    ),
    "a page that waits without a timer": (but(deliveries=changed(SENT, status="queued"), received=[]), "lost"),
    "sent and received by nobody": (but(received=[]), "lost"),
    "received twice": (but(received=TWICE), "doubled"),
    "received twice, though unclear, without a mark": (but(received=TWICE, deliveries=UNCLEAR), "doubled"),
    "received twice, marked, though nothing was unclear": (but(received=MARKED), "doubled"),
    "received three times, marked, for one unclear try": (
        but(received=[*MARKED, a_message(PAGE, seconds=9, is_repeat=True)], deliveries=UNCLEAR), "doubled",
    ),
    "received and superseded": (but(deliveries=changed(SENT, status="superseded")), "broken"),
    "a message that no row knows": (but(received=[*WHOLE.received, a_message(an_id())]), "broken"),
    "a message that says nothing of its delivery": (but(received=[*WHOLE.received, a_message(None)]), "broken"),
    "nobody was told": (but(deliveries=[], received=[]), "lost"),
    "paged after it was taken": (but(alerts=TAKEN, timers=[], taken={ALERT: 0.02}), "broken"),
    "a dead letter": (but(dead_letters=1), "broken"),
}  # fmt: skip


@pytest.mark.parametrize("name", BREACHES)
def test_a_breach_is_found(name):
    """Whatever else the row permits: only the doubles of unclear sends, marked, can be permitted."""
    evidence, wrong = BREACHES[name]

    findings = judge(evidence, frozenset({"repeats"}))

    assert wrong in {each.wrong for each in findings}


def test_a_marked_double_of_an_unclear_send_is_permitted_where_the_row_says_so():
    """And nowhere else."""
    evidence = but(received=MARKED, deliveries=UNCLEAR)

    assert judge(evidence, frozenset({"repeats"})) == []
    assert [each.wrong for each in judge(evidence)] == ["doubled"]


def test_a_marked_double_is_permitted_anywhere_where_the_providers_record_proves_it():
    """It left its sender without an answer; and where it can be asked, it left that question without an answer too."""
    first = MARKED[0]
    unclear = frozenset({first.provider_id})
    by_mail = [msgspec.structs.replace(each, channel="email") for each in MARKED]
    asked = [UnheardLookUp(to=first.to, at=after(3))]
    others = [UnheardLookUp(to="+4915550000009", at=after(3)), UnheardLookUp(to=first.to, at=NOON)]

    def wrong(**changes: object) -> list[str]:
        return [each.wrong for each in judge(but(**{"received": MARKED, "deliveries": UNCLEAR, **changes}))]

    assert wrong(received=by_mail, unclear=unclear) == []
    assert wrong(unclear=unclear, unheard=asked) == []
    assert wrong(received=by_mail) == ["doubled"]
    assert wrong(unheard=asked) == ["doubled"]
    assert wrong(unclear=unclear) == ["doubled"]
    assert wrong(unclear=unclear, unheard=others) == ["doubled"]
    assert wrong(unclear=unclear, unheard=asked, deliveries=[SENT]) == ["doubled"]
    assert wrong(unclear=frozenset({each.provider_id for each in TWICE}), unheard=asked, received=TWICE) == ["doubled"]


def test_a_marked_double_is_no_excuse_where_the_provider_could_be_asked():
    """A mail may come again where a text message may not."""
    by_mail = [msgspec.structs.replace(each, channel="email") for each in MARKED]
    permits = frozenset({"unprovable repeats"})

    assert judge(but(received=by_mail, deliveries=UNCLEAR), permits) == []
    assert [each.wrong for each in judge(but(received=MARKED, deliveries=UNCLEAR), permits)] == ["doubled"]


def test_an_acknowledgement_that_was_not_answered_yet_may_come_second():
    """Its transaction has begun first and waited for the timer's."""
    assert judge(but(alerts=TAKEN, timers=[], taken={ALERT: 0.1})) == []


def test_a_bundle_is_one_message_for_all_that_travel_with_it():
    """The follower has no message of its own, and its alert is told all the same."""
    other = an_id()
    evidence = but(
        alerts=[OPEN, *changed(OPEN, id=other, problem="cpu")],
        inboxed=[HANDLED, Inboxed(event_id=an_id(), indexes=[0], dispositions=["opened"], alert_ids=[other], handled_at=NOON)],
        timers=[*WHOLE.timers, Timer(kind="escalation", ref=other, version=1)],
        deliveries=[SENT, *changed(SENT, id=an_id(), alert_id=other, key="the other", bundled_into=PAGE)],
    )  # fmt: skip

    assert judge(evidence) == []


def test_what_the_bus_has_lost_is_judged_by_its_row_alone():
    """Where the store was wiped, the row says itself what may be gone."""
    evidence = but(stored=[])

    assert judge(evidence, frozenset({"stream lost"})) == []
    assert [each.wrong for each in judge(evidence)] == ["lost"]


def marked(seconds: float, *, gone_for: float = 0.0) -> Mark:
    return Mark(begun_at=after(seconds - gone_for), at=after(seconds))


def test_what_an_outage_delays_is_its_own_doing_and_counts_from_its_end():
    """It is not the kill's before it, though it was over before the outage's end was marked."""
    marks = [marked(0), marked(10, gone_for=4)]

    assert recovery(marks, [Passage(begun_at=after(6.5), done_at=after(9.8))]) == 0.0
    assert recovery(marks, [Passage(begun_at=after(5), done_at=after(11))]) == 1.0
    assert recovery(marks, [Passage(begun_at=after(1), done_at=after(5))]) == 5.0


def test_a_timer_that_was_due_in_an_outage_is_late_from_its_end_on():
    """Nobody was there who could have paid it."""
    firing = Firing(alert_id=ALERT, due_at=after(7), fired_at=after(10.4))

    timing = measure(but(firings=[firing]), [marked(10, gone_for=4)])

    assert timing.lateness.max == pytest.approx(0.4)


def test_recovery_ends_with_the_last_slow_passage_that_a_mark_is_to_blame_for():
    """What is quick does not count, and neither does what was over before; what two marks fall into, the first has done."""
    slow = [
        Passage(begun_at=after(begun), done_at=after(done)) for begun, done in ((-5, -1), (1, 4), (2, 3.5), (11, 13))
    ]
    quick = [Passage(begun_at=after(8), done_at=after(8.9))]
    long = Passage(begun_at=after(-1), done_at=after(15))

    assert recovery([marked(0), marked(10)], [*slow, *quick]) == 4.0
    assert recovery([marked(0), marked(10)], [*slow, long]) == 15.0
    assert recovery([marked(0)], quick) == 0.0
    assert recovery([], slow) is None


def test_lateness_is_told_by_nearest_rank():
    """Of a hundred, the 99th percentile is the largest."""
    passages = [Passage(begun_at=NOON, done_at=after(each)) for each in range(1, 101)]

    assert (lateness(passages).p50, lateness(passages).p99, lateness(passages).max) == (51, 100, 100)
    assert lateness([]).max == 0


def test_a_page_that_a_dead_notifier_had_in_hand_does_not_delay_recovery():
    """It waits for its lease on purpose, and is told apart."""
    evidence = but(deliveries=changed(SENT, token=2), received=[a_message(PAGE, seconds=7)])

    timing = measure(evidence, [marked(0)])

    assert timing.recovery_seconds == 0.0
    assert (timing.in_hand, timing.in_hand_seconds) == (1, pytest.approx(6.8))


def test_a_page_that_a_limit_has_held_does_not_delay_recovery():
    """Its recipient had messages enough: it waits for its turn, fault or none."""
    evidence = but(deliveries=changed(SENT, held_for="limit"), received=[a_message(PAGE, seconds=7)])

    assert measure(evidence, [marked(0)]).recovery_seconds == 0.0


def test_the_first_page_counts_from_the_senders_first_try():
    """Of what was told of in the span; what waited for its turn, or was left unclear, says nothing."""
    late = but(received=[a_message(PAGE, seconds=7)])

    assert [each.seconds for each in first_pages(late, since=NOON, until=after(1))] == [7.0]
    assert first_pages(late, since=after(1), until=after(9)) == []
    assert first_pages(but(deliveries=changed(SENT, held_for="limit")), since=NOON, until=after(1)) == []
    assert first_pages(but(deliveries=changed(SENT, token=2)), since=NOON, until=after(1)) == []

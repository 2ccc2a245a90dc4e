"""Which subscriptions want an event, and what an answer means for its delivery."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import msgspec
import pytest

from nightowl_alerting.noise.model import Matcher
from nightowl_alerting.webhooks.deciding import (
    NOT_OFFERED,
    RETRY_SECONDS,
    alert_id_of,
    decide,
    fits_type,
    is_offered,
    offered_types,
    passes,
    type_of,
    wanting,
    why_not_to_post,
)
from nightowl_alerting.webhooks.model import (
    PING,
    Again,
    AlertFacts,
    Answered,
    Done,
    EndSubscription,
    GiveUp,
    Move,
    PostResult,
    Refused,
    Subscription,
    Unclear,
    Unreachable,
    WebhookReason,
)
from nightowl_contracts import AnyEvent, decode_event, event_types

EXAMPLES = Path(__file__).parents[3] / "schemas/events/examples"
EVENTS = {tag: decode_event((EXAMPLES / f"{tag}.json").read_bytes()) for tag in event_types()}
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def subscription(*types: str, active_from: datetime = LONG_AGO, **changes: object) -> Subscription:
    """One that wants some types."""
    return msgspec.structs.replace(
        Subscription(id=uuid4(), event_types=types, active_from=active_from), **changes
    )  # fmt: skip


def facts(alert_id: UUID, **labels: str) -> dict[UUID, AlertFacts]:
    """What is known about an alert."""
    alert = AlertFacts(id=alert_id, labels=labels, severity="warning", source="generic", title="Disk full")
    return {alert_id: alert}


@pytest.mark.parametrize("tag", sorted(event_types()))
def test_every_event_is_offered_but_for_what_services_tell_themselves(tag: str) -> None:
    """By its own name, by its noun and by the star."""
    event = EVENTS[tag]
    named, noun, star = (
        subscription(type_of(event)),
        subscription(f"{type_of(event).partition('.')[0]}.*"),
        subscription("*"),
    )

    found = wanting([named, noun, star], event)

    assert found == ([] if type_of(event) in NOT_OFFERED else [named, noun, star])


@pytest.mark.parametrize(
    ("pattern", "offered"),
    [("alert.opened", True), ("alert.*", True), ("*", True), ("incident.*", True), ("subscription.changed", True),
     ("alert.exploded", False), ("alerts.received", False), ("alerts.*", False), ("page.*", False), ("*.opened", False),
     ("alert", False), ("alert.", False), ("alert.*.v1", False), ("", False), ("**", False), ("alert.opened\n", False)],
)  # fmt: skip
def test_a_pattern_that_fits_no_event_is_not_offered(pattern: str, offered: bool) -> None:  # noqa: FBT001
    """A slip of the pen is told when it is written, not when an event is missed."""
    assert is_offered(pattern) is offered


def test_a_noun_does_not_mean_another_that_begins_like_it() -> None:
    """`alert.*` are no `alerts`."""
    assert not fits_type("alert.*", "alerts.received")
    assert {each.partition(".")[0] for each in offered_types() if fits_type("alert.*", each)} == {"alert"}


def test_what_happened_before_is_not_wanted() -> None:
    """From the moment on at which it was made or enabled, that moment included."""
    event = EVENTS["alert.opened.v1"]
    before, then = (
        subscription("*", active_from=event.at + timedelta(microseconds=1)),
        subscription("*", active_from=event.at),
    )

    assert wanting([before, then], event) == [then]


@pytest.mark.parametrize("tag", sorted(event_types()))
def test_every_event_about_an_alert_names_it(tag: str) -> None:
    """Whatever its shape; so a filter is never passed by because of it."""
    about = alert_id_of(EVENTS[tag])

    assert (about is not None) == (tag.startswith(("alert.", "delivery.")))


@pytest.mark.parametrize("tag", ["alert.opened.v1", "alert.escalated.v1", "delivery.failed.v1"])
def test_a_filter_looks_at_the_alerts_labels(tag: str) -> None:
    """And lets nothing through when nobody knows the alert any more."""
    event = EVENTS[tag]
    alert_id = alert_id_of(event)
    assert alert_id is not None
    wanted = subscription("*", matchers=[Matcher(name="team", value="db")])

    assert passes(wanted, event, facts(alert_id, team="db"))
    assert not passes(wanted, event, facts(alert_id, team="web"))
    assert not passes(wanted, event, {})


@pytest.mark.parametrize(("floor", "let_through"), [("info", True), ("warning", True), ("major", False), (None, True)])
def test_a_page_has_the_severity_of_its_alert(floor: str | None, let_through: bool) -> None:  # noqa: FBT001
    """From the floor upwards."""
    event = EVENTS["delivery.failed.v1"]
    alert_id = alert_id_of(event)
    assert alert_id is not None
    wanted = subscription("*", min_severity=floor, matchers=[Matcher(name="@source", value="generic")])

    assert passes(wanted, event, facts(alert_id)) is let_through


def test_severity_title_and_source_are_those_of_the_event() -> None:
    """The alert may have changed since."""
    event = EVENTS["alert.opened.v1"]
    alert_id = alert_id_of(event)
    assert alert_id is not None
    wanted = subscription("*", matchers=[Matcher(name="@title", value=event.data.title)])  # type: ignore[union-attr]

    assert passes(wanted, event, facts(alert_id))


def test_what_is_about_no_alert_passes_every_filter() -> None:
    """Its type was asked for."""
    wanted = subscription("*", min_severity="critical", matchers=[Matcher(name="team", value="db")])

    assert passes(wanted, EVENTS["roster.changed.v1"], {})


AGAIN_IN_5 = Again(seconds=5, reason=WebhookReason.REJECTED)


@pytest.mark.parametrize(
    ("result", "move"),
    [
        (Answered(status=200), Done()),
        (Answered(status=204), Done()),
        (Answered(status=299), Done()),
        (Answered(status=199), AGAIN_IN_5),
        (Answered(status=301), AGAIN_IN_5),
        (Answered(status=400), AGAIN_IN_5),
        (Answered(status=404), AGAIN_IN_5),
        (Answered(status=503), AGAIN_IN_5),
        (Answered(status=410), EndSubscription()),
        (
            Answered(status=429, retry_after_seconds=77),
            Again(seconds=77, reason=WebhookReason.RATE_LIMITED, holds_all=True),
        ),
        (Unreachable(detail="x"), Again(seconds=5, reason=WebhookReason.UNAVAILABLE)),
        (Unclear(detail="x"), Again(seconds=5, reason=WebhookReason.UNCLEAR)),
        (Refused(detail="x"), GiveUp(reason=WebhookReason.REFUSED)),
    ],
)
def test_each_result_of_a_first_attempt_has_its_move(result: PostResult, move: Move) -> None:
    """2xx is done, 410 ends everything, a forbidden address ends the event, all else is tried again."""
    assert decide(result, attempts=1, event_type="alert.opened", is_enabled=True) == move


def test_waits_grow_and_come_to_an_end() -> None:
    """Eight attempts in about ten hours."""
    moves = [
        decide(Answered(status=500), attempts=number, event_type="alert.opened", is_enabled=True)
        for number in range(1, len(RETRY_SECONDS) + 2)
    ]

    assert [each.seconds for each in moves if isinstance(each, Again)] == [5, 30, 120, 600, 3_600, 10_800, 21_600]
    assert moves[-1] == GiveUp(reason=WebhookReason.REJECTED)


@pytest.mark.parametrize(
    "result", [Answered(status=429, retry_after_seconds=1), Unclear(detail="x"), Answered(status=500)]
)
def test_a_trial_is_tried_once(result: PostResult) -> None:
    """Somebody waits for what comes of it."""
    assert isinstance(decide(result, attempts=1, event_type=PING, is_enabled=False), GiveUp)


def test_nothing_is_tried_again_for_a_disabled_subscription() -> None:
    """What arrived all the same has arrived."""
    failed = decide(Answered(status=500), attempts=1, event_type="alert.opened", is_enabled=False)
    arrived = decide(Answered(status=200), attempts=1, event_type="alert.opened", is_enabled=False)

    assert (failed, arrived) == (GiveUp(reason=WebhookReason.DISABLED), Done())


@pytest.mark.parametrize(
    ("attempts", "event_type", "is_enabled", "reason"),
    [
        (1, "alert.opened", True, None),
        (8, "alert.opened", True, None),
        (9, "alert.opened", True, WebhookReason.UNCLEAR),
        (1, "alert.opened", False, WebhookReason.DISABLED),
        (1, PING, False, None),
        (2, PING, True, WebhookReason.UNCLEAR),
    ],
)
def test_a_claim_that_was_lost_too_often_or_is_not_wanted_is_not_posted(
    attempts: int, event_type: str, is_enabled: bool, reason: WebhookReason | None  # noqa: FBT001
) -> None:  # fmt: skip
    """An event that ends the process each time does not do so for ever."""
    assert why_not_to_post(attempts=attempts, event_type=event_type, is_enabled=is_enabled) == reason


def test_an_event_is_any_of_the_contracts() -> None:
    """The examples cover all of them, so what is proved here holds for each."""
    assert {type(each) for each in EVENTS.values()} == set(AnyEvent.__args__)

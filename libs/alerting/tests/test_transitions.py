"""The state machine of an alert: pure tests."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nightowl_alerting import transitions
from nightowl_alerting.model import Alert, AlertResolvedError, Episode, Route
from nightowl_alerting.transitions import Folded, Received, fold_received
from nightowl_contracts import Actor, AgentReport, ReceivedAlert

NOW = datetime(2026, 3, 1, 3, tzinfo=UTC)
ALICE = Actor(kind="user", id="alice", name="Alice")
PAGING = Route(policy_id=UUID(int=5), policy_version=3)


def received(status="firing", *, n: int = 1, at: datetime = NOW, **changes) -> Received:
    alert = ReceivedAlert(
        **{"index": 0, "fingerprint": "fp", "status": status, "severity": "critical", "title": "Disk full", **changes}
    )
    return Received(alert=alert, source="generic", receipt_id=UUID(int=n), new_id=UUID(int=100 + n), at=at)


def fold(*events: Received, open_alert=None, last_episode=None, route: Route = PAGING, now: datetime = NOW) -> Folded:
    return fold_received(events, open_alert=open_alert, last_episode=last_episode, route=lambda _alert: route, now=now)


def opened(**changes) -> Alert:
    return msgspec.structs.replace(fold(received()).changes[0].after, **changes)


def dispositions(folded: Folded) -> list[str]:
    return [disposition for disposition, _alert_id in folded.outcomes]


def test_the_first_firing_opens_an_alert_that_pages_at_once():
    """A critical alert with a policy is due now, under the policy version of this moment."""
    change = fold(received()).changes[0]

    assert (change.before, change.after.status, change.after.escalation_state) == (None, "firing", "pending")
    assert change.due_at == NOW
    assert (change.after.policy_id, change.after.policy_version) == (PAGING.policy_id, 3)


@pytest.mark.parametrize(
    ("severity", "route", "reason"),
    [
        ("warning", PAGING, "severity warning does not page"),
        ("info", PAGING, "severity info does not page"),
        ("critical", Route(), "no escalation policy: neither the service nor the tenant names one"),
    ],
)
def test_an_alert_that_does_not_page_says_why(severity, route, reason):
    """Without a timer there is a stated reason."""
    change = fold(received(severity=severity), route=route).changes[0]

    assert (change.after.escalation_state, change.after.escalation_reason, change.due_at) == ("none", reason, None)


def test_repeats_are_counted_on_the_open_alert():
    """A thousand firings of one fingerprint are one alert with a count of a thousand."""
    folded = fold(*(received(n=n) for n in range(1_000)))

    assert dispositions(folded) == ["opened"] + ["repeated"] * 999
    assert [change.after.occurrence_count for change in folded.changes] == [1_000]


def test_a_repeat_of_an_acknowledged_alert_does_not_page_again():
    """Acknowledged stays acknowledged, whatever repeats."""
    alert = transitions.acknowledge(opened(), ALICE, NOW).after

    change = fold(received(n=2), open_alert=alert).changes[0]

    assert (change.after.status, change.due_at, change.after.occurrence_count) == ("acknowledged", None, 2)


def test_a_rise_in_severity_starts_the_escalation():
    """A warning that becomes critical pages now."""
    alert = fold(received(severity="warning")).changes[0].after

    change = fold(received(n=2, severity="critical"), open_alert=alert).changes[0]

    assert (change.after.escalation_state, change.due_at) == ("pending", NOW)


def test_resolve_then_fire_is_a_new_alert_that_pages_again():
    """A re-fire seconds after the resolve is episode 2, linked to episode 1."""
    folded = fold(received("resolved", n=2), received(n=3), open_alert=opened())

    first, second = (change.after for change in folded.changes)
    assert dispositions(folded) == ["resolved", "opened"]
    assert (second.episode, second.previous_id, second.escalation_state) == (2, first.id, "pending")


def test_a_resolve_stops_what_is_owed():
    """The escalation version moves, so timers and unsent pages of the old one are void."""
    alert = opened()

    after = fold(received("resolved", n=2), open_alert=alert).changes[0].after

    assert (after.status, after.escalation_state) == ("resolved", "stopped")
    assert after.escalation_version == alert.escalation_version + 1


def test_a_resolve_without_an_open_alert_changes_nothing():
    """There is nothing to resolve: stale, and accounted for."""
    folded = fold(received("resolved"))

    assert (dispositions(folded), folded.changes) == (["stale"], [])


STARTED = NOW - timedelta(hours=1)


def ended(**changes) -> Episode:
    given = {
        "id": UUID(int=7), "fingerprint": "fp", "episode": 4, "starts_at": STARTED, "resolved_at": NOW,
        "resolved_by_source": True, "ended_at": NOW,
    }  # fmt: skip
    return Episode(**{**given, **changes})


def test_a_late_firing_of_an_episode_that_its_source_ended_is_stale():
    """The slower half of a redundant pair must not open the alert again."""
    folded = fold(received(starts_at=STARTED), last_episode=ended())

    assert dispositions(folded) == ["stale"]


@pytest.mark.parametrize(
    "episode",
    [ended(resolved_by_source=False), ended(ended_at=None), ended(starts_at=None)],
    ids=["resolved by a person", "end unknown", "start unknown"],
)
def test_a_firing_that_cannot_be_proved_late_opens_an_alert(episode):
    """When in doubt, page: a swallowed alert is worse than a doubled one."""
    folded = fold(received(starts_at=STARTED), last_episode=episode)

    assert dispositions(folded) == ["opened"]
    assert folded.changes[0].after.episode == 5


def test_a_late_resolve_of_the_last_episode_leaves_the_open_one_alone():
    """Only the episode that ended is over."""
    alert = fold(received(starts_at=NOW)).changes[0].after

    folded = fold(received("resolved", n=2, starts_at=STARTED, ends_at=NOW), open_alert=alert)

    assert (dispositions(folded), folded.changes) == (["stale"], [])


def minute(number: int) -> datetime:
    return NOW + timedelta(minutes=number)


def fires(at: int, start: int | None = None) -> Received:
    """Received in a minute; the source tells its start, or not."""
    return received(n=at, at=minute(at), starts_at=None if start is None else minute(start))


def ends(at: int, start: int | None = None, end: int | None = None, **changes) -> Received:
    """As `fires`, with the end that the source tells."""
    told = {"starts_at": None if start is None else minute(start), "ends_at": None if end is None else minute(end)}
    return received("resolved", n=at, at=minute(at), **told, **changes)


MENDED = AgentReport(agent_id="fixer", action_taken="restarted", action_result="ok", auto_resolved=True)

OVERTAKEN = {
    "its source tells all times": [fires(0, 0), fires(20, 15), ends(10, 0, 10)],
    "and tells the firing again": [fires(0, 0), fires(20, 15), fires(25, 15), ends(10, 0, 10)],
    "the first firing comes last": [fires(20, 15), fires(0, 0), ends(10, 0, 10)],
    "the times of another host": [fires(0, 100), fires(20, 115), ends(10, 100, 110)],
    "its source tells starts alone": [fires(0, 0), fires(20, 15), ends(10, 0)],
    "always the same one": [fires(0, 0), fires(20, 0), ends(10, 0)],
    "its source tells no times": [fires(0), fires(20), ends(10)],
    "it tells those of ends alone": [fires(0), fires(20), ends(10, end=10)],
    "the last firing tells none": [fires(0, 0), fires(20), ends(10, 0, 10)],
    "the first firing tells none": [fires(0), fires(20, 15), ends(10, end=10)],
    "an agent has mended it": [fires(0), fires(20), ends(10, agent=MENDED)],
}


@pytest.mark.parametrize("handled", OVERTAKEN.values(), ids=OVERTAKEN)
def test_an_end_that_a_later_firing_overtook_closes_nothing(handled):
    """In the order in which they were received the alert would have opened again, and so it stays open."""
    overtaken = fold(*handled)
    in_time = fold(*sorted(handled, key=lambda each: each.at))

    assert dispositions(overtaken) == ["opened", *["repeated"] * (len(handled) - 2), "stale"]
    assert overtaken.outcomes[-1] == ("stale", overtaken.changes[-1].after.id)
    assert [each.changes[-1].after.status for each in (overtaken, in_time)] == ["firing", "firing"]
    assert overtaken.changes[-1].after.escalation_state == "pending"


ENDING = {
    "with its source's times": [fires(0, 0), fires(5, 0), ends(10, 0, 10)],
    "without its end": [fires(0, 0), fires(5, 0), ends(10, 0)],
    "without its start": [fires(0, 0), fires(5, 0), ends(10, end=10)],
    "without times": [fires(0), fires(5), ends(10)],
    "in the minute of the firing": [fires(0), fires(10), ends(10)],
    "and the firing had times": [fires(0, 0), fires(5, 0), ends(10)],
    "and the first firing had times": [fires(0, 0), fires(5), ends(10, 0, 10)],
    "of the last firing, behind an older one": [fires(0, 0), fires(20, 15), ends(25, 15, 25)],
    "of the half of a pair that saw it first": [fires(0, 0), fires(5, 3), ends(10, 0, 10)],
    "of a source whose every firing is a start": [fires(0, 0), fires(5, 5), ends(10, 0, 10)],
    "of a source whose every message is a start": [fires(0, 0), fires(5, 5), ends(10, 10, 10)],
    "which the other half of a pair overtook": [fires(0, 0), fires(11, 0), ends(10, 0, 10)],
    "received before its firing": [fires(11, 0), ends(10, 0, 10)],
    "of an agent": [fires(0), fires(5), ends(10, agent=MENDED)],
}


@pytest.mark.parametrize("handled", ENDING.values(), ids=ENDING)
def test_an_end_of_the_last_firing_closes_the_alert(handled):
    """Whatever its source tells of times."""
    folded = fold(*handled)

    assert dispositions(folded)[-1] == "resolved"
    assert folded.changes[-1].after.status == "resolved"


def test_an_alert_from_before_ends_were_compared_with_its_last_firing_is_ended_as_it_was():
    """Opened by the release before, it knows only of its first start."""
    alert = opened(starts_at=minute(9), last_started_at=None, last_received_at=None)

    for end, disposition in ((ends(8, 0, 8), "stale"), (ends(8), "resolved"), (ends(20, 9, 20), "resolved")):
        assert dispositions(fold(end, open_alert=alert)) == [disposition]
    repeated = fold(fires(30, 25), open_alert=alert).changes[0].after
    assert dispositions(fold(ends(20, 9, 20), open_alert=repeated)) == ["stale"]


def test_a_firing_that_its_end_overtook_is_late_also_where_it_had_counted_as_a_repeat():
    """The alert is over as far as its latest start."""
    folded = fold(fires(0, 0), fires(20, 15), ends(25, 15, 25), fires(26, 15))

    assert dispositions(folded) == ["opened", "repeated", "resolved", "stale"]


def a_history(episodes: int, repeats: int, *, is_timed: bool) -> list[Received]:
    """What a source says, in order: it fires, `repeats` times more, and ends, again and again."""
    said = []
    for episode in range(episodes):
        start = episode * 10
        told = start if is_timed else None
        said += [fires(start + number, told) for number in range(repeats + 1)]
        said.append(ends(start + 8, told, start + 8 if is_timed else None))
    return said


@given(st.integers(1, 3), st.integers(0, 2), st.booleans(), st.data())
def test_whatever_the_order_what_fires_at_last_stays_open(episodes, repeats, is_timed, data):
    """No end of what was before closes it."""
    *said, _end = a_history(episodes, repeats, is_timed=is_timed)

    folded = fold(*data.draw(st.permutations(said)))

    assert folded.changes[-1].after.status == "firing"


@given(st.integers(1, 3), st.integers(0, 2), st.data())
def test_whatever_the_order_the_end_of_the_last_firing_closes_it(episodes, repeats, data):
    """Once the firing is known; nothing that was said before opens it again."""
    said = a_history(episodes, repeats, is_timed=True)
    handled = data.draw(st.permutations(said))
    end = handled.index(said[-1])
    firing = min(handled.index(each) for each in said[-2 - repeats : -1])
    if end < firing:
        handled[end], handled[firing] = handled[firing], handled[end]

    folded = fold(*handled)

    assert folded.changes[-1].after.status == "resolved"


def test_acknowledging_twice_is_one_acknowledgement():
    """The second one changes nothing."""
    alert = transitions.acknowledge(opened(), ALICE, NOW).after

    assert transitions.acknowledge(alert, ALICE, NOW) is None


def test_a_resolved_alert_cannot_be_acknowledged():
    """There is nothing left to take."""
    alert = transitions.resolve(opened(), ALICE, NOW, resolution="restarted").after

    with pytest.raises(AlertResolvedError):
        transitions.acknowledge(alert, ALICE, NOW)


@given(st.lists(st.sampled_from(["firing", "resolved"]), max_size=30))
def test_any_sequence_leaves_at_most_one_open_alert_and_loses_none(statuses):
    """Every received alert has one disposition; counts add up; episodes are numbered without gaps."""
    folded = fold(*(received(status, n=n) for n, status in enumerate(statuses)))

    alerts = [change.after for change in folded.changes]
    assert len(folded.outcomes) == len(statuses)
    assert sum(alert.status != "resolved" for alert in alerts) <= 1
    assert sum(alert.occurrence_count for alert in alerts) == statuses.count("firing")
    assert [alert.episode for alert in alerts] == list(range(1, len(alerts) + 1))


@given(st.lists(st.sampled_from(["firing", "resolved"]), max_size=20), st.data())
def test_cutting_the_sequence_into_batches_changes_nothing(statuses, data):
    """One batch or many: the same open alert, the same dispositions."""
    events = [received(status, n=n) for n, status in enumerate(statuses)]
    cut = data.draw(st.integers(0, len(events)))
    whole = fold(*events)

    first = fold(*events[:cut])
    last = first.changes[-1].after if first.changes else None
    is_open = last is not None and last.status != "resolved"
    closed = None if last is None or is_open else Episode(
        id=last.id, fingerprint="fp", episode=last.episode, starts_at=None, resolved_at=NOW, resolved_by_source=True
    )  # fmt: skip
    second = fold(*events[cut:], open_alert=last if is_open else None, last_episode=closed)

    assert dispositions(first) + dispositions(second) == dispositions(whole)
    if whole.changes and second.changes:
        assert second.changes[-1].after.occurrence_count == whole.changes[-1].after.occurrence_count


@given(st.lists(st.sampled_from(["info", "warning", "major", "critical"]), min_size=1, max_size=8), st.data())
def test_the_order_and_repetition_of_firings_changes_nothing_that_matters(severities, data):
    """Whichever comes first: one open alert that counts them all, and pages if any of them does."""
    events = [received(severity=severity, n=n) for n, severity in enumerate(severities)]
    shuffled = data.draw(st.permutations(events + data.draw(st.lists(st.sampled_from(events), max_size=3))))
    cut = data.draw(st.integers(0, len(shuffled)))

    first = fold(*shuffled[:cut])
    last = first.changes[-1].after if first.changes else None
    folded = fold(*shuffled[cut:], open_alert=last)

    [alert] = {change.after.id: change.after for change in [*first.changes, *folded.changes]}.values()
    assert (alert.status, alert.occurrence_count, alert.episode) == ("firing", len(shuffled), 1)
    assert dispositions(first) + dispositions(folded) == ["opened"] + ["repeated"] * (len(shuffled) - 1)
    pages = not {"major", "critical"}.isdisjoint(severities)
    assert alert.escalation_state == ("pending" if pages else "none")


@pytest.mark.parametrize("status", ["firing", "resolved"])
def test_what_an_agent_has_mended_opens_resolved(status):
    """It is one change with both events, by the agent, and nobody is paged."""
    folded = fold(received(status, agent=MENDED))

    [change] = folded.changes
    assert dispositions(folded) == ["opened"]
    assert change.verbs == ["opened", "resolved"]
    assert (change.after.status, change.after.resolution, change.after.resolved_by.id) == ("resolved", "ok", "fixer")
    assert (change.due_at, change.after.escalation_state) == (None, "stopped")


def test_an_agent_ends_the_open_alert():
    """Its report stays on the alert, and the next firing is a new episode."""
    folded = fold(received(agent=MENDED), received(n=2), open_alert=opened())

    assert dispositions(folded) == ["resolved", "opened"]
    assert [(each.after.episode, each.after.agent) for each in folded.changes] == [(1, MENDED), (2, None)]


def test_an_agent_that_only_reports_changes_nothing():
    """Without `auto_resolved` the alert fires as any other."""
    report = AgentReport(agent_id="fixer", action_taken="looked")

    assert fold(received(agent=report)).changes[0].after.status == "firing"

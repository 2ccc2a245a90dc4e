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


def received(status="firing", *, n: int = 1, **changes) -> Received:
    alert = ReceivedAlert(
        **{"index": 0, "fingerprint": "fp", "status": status, "severity": "critical", "title": "Disk full", **changes}
    )
    return Received(alert=alert, source="generic", receipt_id=UUID(int=n), new_id=UUID(int=100 + n), at=NOW)


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
    alert = opened(starts_at=NOW)

    folded = fold(received("resolved", n=2, starts_at=STARTED, ends_at=NOW), open_alert=alert)

    assert (dispositions(folded), folded.changes) == (["stale"], [])


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


MENDED = AgentReport(agent_id="fixer", action_taken="restarted", action_result="ok", auto_resolved=True)


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

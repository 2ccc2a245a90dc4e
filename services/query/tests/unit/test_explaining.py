"""The chain of decisions, from facts."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import msgspec
import pytest

from nightowl_alerting.model import Alert, Mute, Policy, Route, Tier
from nightowl_alerting.noise.model import GroupingRule, MaintenanceWindow, Matcher, MuteRules, RouteRule, Silence
from nightowl_alerting.noise.routing import Routing
from nightowl_alerting.transitions import NOBODY
from nightowl_query.engine.explaining import explain
from nightowl_query.engine.foretelling import foretell
from nightowl_query.engine.trying import misfit, try_grouping_rules, try_mutes, try_routes
from nightowl_query.model import TimelineEntry
from nightowl_query.model.explanation import Facts, GroupFacts, PolicyFacts

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
POLICY, LEAD, ALERT = UUID(int=5), UUID(int=6), UUID(int=7)
SUBJECT = {"app": "web", "@severity": "critical", "@source": "generic", "@title": "disk"}
TIERS = [
    Tier(timeout_minutes=5, notify_via=["sms"], targets=["oncall_primary"]),
    Tier(timeout_minutes=5, notify_via=["slack_dm", "sms"], targets=["oncall_backup", f"user:{LEAD}"]),
]


def an_alert(**changes):
    fields = {
        "id": ALERT, "fingerprint": "f", "episode": 2, "status": "firing", "severity": "critical", "source": "generic",
        "title": "disk", "labels": {"app": "web"}, "first_fired_at": NOW - HOUR, "last_fired_at": NOW - HOUR,
        "policy_id": POLICY, "policy_version": 1, "escalation_state": "pending", "escalation_reason": "policy version 1",
    }  # fmt: skip
    return Alert(**{**fields, **changes})


def facts_of(alert=None, **changes):
    policy = PolicyFacts(
        name="usual", policy=Policy(policy_id=POLICY, version=1, tiers=TIERS), people={LEAD: "Carol"}
    )  # fmt: skip
    fields = {
        "at": NOW,
        "alert": alert or an_alert(),
        "policy": policy,
        "routing": Routing(default=Route(policy_id=POLICY, policy_version=1)),
        "policies": {POLICY: "usual"},
    }
    return Facts(**{**fields, **changes})


def is_(name, value, op="="):
    return Matcher(name=name, value=value, op=op)


@pytest.mark.parametrize(
    ("matchers", "words"),
    [
        ([], ""),
        ([is_("app", "web"), is_("@title", "di.*", "=~")], ""),
        ([is_("app", "web"), is_("zone", "a")], "zone=“a” does not fit: it is “”"),
        ([is_("app", "web", "!=")], "app!=“web” does not fit: it is “web”"),
        ([is_("@severity", "info|warning", "=~")], "@severity=~“info|warning” does not fit: it is “critical”"),
    ],
)
def test_the_first_matcher_that_does_not_fit_is_named(matchers, words):
    """With what was asked for and what there is."""
    assert misfit(SUBJECT, matchers) == words


def a_route(number, *, app=None, **fields):
    return RouteRule(id=UUID(int=number), name=str(number), matchers=[is_("app", app)] if app else [], **fields)


@pytest.mark.parametrize(
    ("routes", "told"),
    [
        ([], []),
        ([a_route(1, app="api"), a_route(2, app="db")], ["does_not_fit", "does_not_fit"]),
        ([a_route(1), a_route(2)], ["fits", "not_reached"]),
        ([a_route(1, continues=True), a_route(2, app="api"), a_route(3)], ["fits", "does_not_fit", "fits"]),
        ([a_route(1, app="api"), a_route(2, app="web"), a_route(3, app="api")],
         ["does_not_fit", "fits", "not_reached"]),
        ([a_route(1, continues=True)], ["fits"]),
    ],
)  # fmt: skip
def test_routes_are_tried_until_one_does_not_continue(routes, told):
    """Each with its verdict, in order."""
    assert [each.verdict for each in try_routes(SUBJECT, routes)] == told


def test_grouping_rules_are_tried_until_one_fits():
    """Those behind it are not reached."""
    rules = [
        GroupingRule(id=UUID(int=n), name=str(n), matchers=[is_("app", app)], group_by=["app"])
        for n, app in enumerate(("api", "web", "web"))
    ]

    assert [each.verdict for each in try_grouping_rules(SUBJECT, rules)] == ["does_not_fit", "fits", "not_reached"]


def test_every_silence_and_window_says_why():
    """What fits, what does not, and what would if it were open."""
    silences = [
        Silence(id=UUID(int=n), matchers=[is_("app", app)], starts_at=NOW - HOUR, ends_at=NOW + HOUR, comment=app)
        for n, app in enumerate(("web", "api"))
    ]
    windows = [
        MaintenanceWindow(
            id=UUID(int=n), name=str(hour), matchers=[is_("app", "web")], timezone="UTC",
            starts_at=datetime(2026, 3, 1, hour), duration_minutes=60,
        )
        for n, hour in enumerate((12, 13))
    ]  # fmt: skip

    tried = try_mutes(SUBJECT, facts_of(rules=MuteRules(silences=silences, windows=windows)))

    assert [(each.name, each.verdict, each.until) for each in tried] == [
        ("web", "fits", NOW + HOUR), ("api", "does_not_fit", NOW + HOUR), ("12", "fits", NOW + HOUR),
        ("13", "not_open", None),
    ]  # fmt: skip


SILENCE = Mute(kind="silence", id=UUID(int=1), name="upgrade", until=NOW + HOUR)


@pytest.mark.parametrize(
    ("changes", "mute", "verdict", "words"),
    [
        ({}, None, "pages", "At 2026-03-01T12:00:00+00:00: tier 1 of cycle 1 pages oncall_primary over sms."),
        ({"tier": 1}, None, "pages", f"tier 2 of cycle 1 pages oncall_backup, user:{LEAD} (Carol) over slack_dm, sms."),
        ({"tier": 2}, None, "pages", "every tier has had its turn"),
        ({}, SILENCE, "muted", "the silence “upgrade” mutes it. At 2026-03-01T13:00:00+00:00 it is judged again"),
        ({"escalation_state": "muted", "muted_by": SILENCE}, None, "pages", "tier 1 of cycle 1"),
        ({"escalation_state": "none", "escalation_reason": "too small"}, None, "nobody", "too small"),
        ({"escalation_state": "stopped", "escalation_reason": "taken by Bob"}, None, "nobody", "taken by Bob"),
        ({"escalation_state": "exhausted"}, None, "nobody", "Nobody more is paged"),
        ({"escalation_state": "snoozed", "snoozed_until": NOW + HOUR}, None, "waits", "13:00:00"),
        ({"status": "resolved", "escalation_state": "stopped"}, None, "nothing", "episode 3"),
    ],
    ids=str,
)  # fmt: skip
def test_what_happens_next_follows_from_the_state(changes, mute, verdict, words):
    """One sentence for a person: who is paged, when, or why nobody is."""
    said = foretell(facts_of(an_alert(**changes)), mute)

    assert said.verdict == verdict
    assert words in said.why


def steps_of(facts):
    return {each.step: each for each in explain(facts).steps}


@pytest.mark.parametrize(
    ("lead", "changes", "is_muted"),
    [
        ({}, {}, True),
        ({"lead_status": "resolved"}, {}, False),
        ({"lead_state": "exhausted"}, {}, False),
        ({"lead_severity": "major"}, {}, False),
        ({"pages": "each"}, {}, False),
        ({}, {"ignores_mutes": True}, False),
    ],
    ids=str,
)
def test_a_group_mutes_as_the_kernel_says(lead, changes, is_muted):
    """By the lead as it stands; a person's word beats it."""
    fields = {
        "id": UUID(int=3), "rule_id": UUID(int=4), "name": "by app", "key": {"app": "web"}, "pages": "first",
        "opened_at": NOW, "last_added_at": NOW, "closed_at": None, "alerts": 2, "has_open": True, "lead_id": LEAD,
        "lead_title": "first", "lead_severity": "critical", "lead_status": "firing", "lead_state": "pending",
    }  # fmt: skip
    group = GroupFacts(**{**fields, **lead})

    steps = steps_of(facts_of(an_alert(group_id=group.id, **changes), group=group))

    assert (steps["next"].verdict == "muted") is is_muted
    assert (steps["mutes"].now is not None) is is_muted


def test_a_mute_of_the_past_is_told():
    """It was muted and is not any more: by what, and when."""
    entry = TimelineEntry(
        id=UUID(int=1), at=NOW, kind="muted", actor=NOBODY,
        evidence={"by": msgspec.to_builtins(SILENCE)},
    )  # fmt: skip

    step = steps_of(facts_of(entries={"muted": entry}))["mutes"]

    assert (step.verdict, step.rule_id, step.now) == ("was_muted", SILENCE.id, None)


def test_people_of_a_policy_have_names():
    """A target by id is told with whom it means."""
    tiers = steps_of(facts_of())["policy"].evidence["tiers"]

    assert tiers[1]["targets"] == ["oncall_backup", f"user:{LEAD} (Carol)"]


def test_a_policy_that_has_moved_on_is_told():
    """The alert keeps its version; what a new one would get is `now`."""
    moved = Routing(default=Route(policy_id=POLICY, policy_version=2))

    step = steps_of(facts_of(routing=moved))["policy"]

    assert step.evidence["version"] == 1
    assert step.now is not None
    assert step.now.evidence["version"] == 2

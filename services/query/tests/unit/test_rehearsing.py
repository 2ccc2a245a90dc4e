"""Noise rules on alerts of the past."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from nightowl_alerting.model import Route
from nightowl_alerting.noise.model import GroupingRule, InhibitionRule, MaintenanceWindow, Matcher, RouteRule
from nightowl_alerting.noise.routing import Routing
from nightowl_query.engine.rearranging import GroupingRehearsal, Names, RouteRehearsal
from nightowl_query.engine.rehearsing import (
    DRAFT,
    InhibitionRehearsal,
    SilenceRehearsal,
    Span,
    WindowRehearsal,
    place_among,
)
from nightowl_query.model.rehearsal import PastAlert, SilenceDraft

NOON = datetime(2026, 3, 28, 12, tzinfo=UTC)
SPAN = Span(since=NOON - timedelta(days=7), until=NOON + timedelta(days=7), is_exact=True)


def an_alert(number, *, at=0.0, lasts=10.0, severity="critical", pages=1, **labels):
    """Opens `at` minutes after noon and `lasts` so many; None: it is open still."""
    opened = NOON + timedelta(minutes=at)
    return PastAlert(
        id=UUID(int=number),
        title=f"alert {number}",
        severity=severity,
        source="generic",
        labels=labels,
        first_fired_at=opened,
        resolved_at=None if lasts is None else opened + timedelta(minutes=lasts),
        pages=pages,
    )


def is_(name, value):
    return Matcher(name=name, value=value)


def shown(rehearsal, *alerts):
    for alert in alerts:
        rehearsal.see(alert)
    return rehearsal.report(SPAN)


def numbers(report):
    return sorted(each.id.int for each in report.examples)


def test_a_silence_mutes_what_fits_and_says_how_bad_that_is():
    """All that a user must know before saving it: how many, how severe, how many pages, which."""
    alerts = [an_alert(n, severity="critical" if n < 3 else "info", app="web", pages=n) for n in range(30)]

    report = shown(SilenceRehearsal(SilenceDraft(matchers=[is_("app", "web")]), now=NOON), an_alert(99), *alerts)

    assert (report.tested, report.would_mute, report.pages) == (31, 30, sum(range(30)))
    assert report.by_severity == {"critical": 3, "major": 0, "warning": 0, "info": 27}
    assert [each.id.int for each in report.examples] == [2, 1, 0, *range(29, 12, -1)]
    assert report.words == ("Would have muted 30 of 31 alerts (3 critical, 27 info), about which 435 pages went out.")


@pytest.mark.parametrize(
    ("starts", "ends", "muted"), [(-30, -10, [1]), (-30, 60, [1, 2]), (None, None, [1, 2]), (-30, None, [1, 2])]
)
def test_times_of_a_silence_count_when_both_are_past(starts, ends, muted):
    """A silence that is to come is tried on everything; one that is over, on its own time."""
    times = [None if each is None else NOON + timedelta(minutes=each) for each in (starts, ends)]
    draft = SilenceDraft(matchers=[is_("app", "web")], starts_at=times[0], ends_at=times[1])

    report = shown(SilenceRehearsal(draft, now=NOON), an_alert(1, at=-20, app="web"), an_alert(2, at=-5, app="web"))

    assert numbers(report) == muted


def test_a_window_mutes_what_opens_in_it():
    """Half open, at the same time of day on both sides of a clock change (in Berlin the night of March 29)."""
    window = MaintenanceWindow(
        id=DRAFT, name="nightly", matchers=[is_("app", "web")], timezone="Europe/Berlin",
        starts_at=datetime(2026, 3, 1, 13), duration_minutes=60, rrule="FREQ=DAILY",
    )  # fmt: skip
    day = 24 * 60
    alerts = [
        an_alert(1, at=-1, lasts=30, app="web"), an_alert(2, at=0, app="web"), an_alert(3, at=59, app="web"),
        an_alert(4, at=60, app="web"), an_alert(5, at=5), an_alert(6, at=day - 60, app="web"),
        an_alert(7, at=day, app="web"),
    ]  # fmt: skip

    report = shown(WindowRehearsal(window, since=SPAN.since, until=SPAN.until), *alerts)

    assert numbers(report) == [2, 3, 6]


RULE = InhibitionRule(
    id=DRAFT,
    name="node",
    source_matchers=[is_("kind", "node")],
    target_matchers=[Matcher(name="app", op="!=", value="")],
    equal=["cluster"],
)


@pytest.mark.parametrize(
    ("source", "target", "is_muted"),
    [
        ({}, {}, True),
        ({"at": 5}, {"at": 5}, True),
        ({"at": 6}, {"at": 5}, False),
        ({"lasts": 5}, {"at": 5}, False),
        ({"lasts": None}, {"at": 500}, True),
        ({"cluster": "b"}, {}, False),
        ({"app": "both"}, {}, True),
        ({"app": "both"}, {"kind": "node"}, False),
        ({}, {"kind": "node"}, True),
    ],
    ids=str,
)
@pytest.mark.parametrize("is_reversed", [False, True])
def test_an_alert_is_inhibited_by_what_was_open_when_it_opened(source, target, is_muted, is_reversed):
    """Also by what opened in the same moment; never among two that are both source and target."""
    one = an_alert(1, **{"kind": "node", "cluster": "a", **source})
    other = an_alert(2, **{"app": "web", "cluster": "a", **target})
    order = sorted([one, other], key=lambda each: (each.first_fired_at, each.id.int * (-1 if is_reversed else 1)))

    report = shown(InhibitionRehearsal(RULE, earlier=[]), *order)

    assert (2 in numbers(report)) is is_muted


def test_sources_that_were_open_before_the_range_inhibit():
    """What began a day earlier and has not ended is known."""
    earlier = [an_alert(1, at=-2000, lasts=None, kind="node", cluster="a")]

    report = shown(InhibitionRehearsal(RULE, earlier=earlier), an_alert(2, app="web", cluster="a"))

    assert numbers(report) == [2]
    assert "alert 1" in report.examples[0].why


def a_grouping_rule(**changes):
    fields = {"id": DRAFT, "name": "by app", "matchers": [], "group_by": ["app"], "window_minutes": 30}
    return GroupingRule(**{**fields, **changes})


@pytest.mark.parametrize(
    ("changes", "alerts", "told"),
    [
        ({}, [{}, {"at": 1}, {"at": 2}], (1, 3, 2)),
        ({}, [{}, {"at": 1, "app": "b"}], (0, 0, 0)),
        ({"pages": "each"}, [{}, {"at": 1}], (1, 2, 0)),
        ({"threshold": 3}, [{}, {"at": 1}], (0, 0, 0)),
        ({"threshold": 3}, [{}, {"at": 1}, {"at": 2}, {"at": 3}], (1, 4, 2)),
        ({"threshold": 2}, [{}, {"at": 30}], (0, 0, 0)),
        ({}, [{"lasts": 100}, {"at": 90}], (1, 2, 1)),
        ({}, [{"lasts": 1}, {"at": 29}], (1, 2, 0)),
        ({}, [{"lasts": 1}, {"at": 30}], (0, 0, 0)),
        ({}, [{"severity": "major"}, {"at": 1, "severity": "critical"}, {"at": 2}], (1, 3, 1)),
        ({}, [{"pages": 0, "severity": "info"}, {"at": 1}], (1, 2, 0)),
        ({}, [{}, {"at": 1, "lasts": 0}], (0, 0, 0)),
        ({"matchers": [is_("app", "b")]}, [{}, {"at": 1}], (0, 0, 0)),
    ],
    ids=str,
)
def test_groups_form_as_they_would_have(changes, alerts, told):
    """Groups of two and more, their alerts, and the pages that the lead would have made needless."""
    rule = a_grouping_rule(**changes)
    seen = [an_alert(number, **{"app": "a", **each}) for number, each in enumerate(alerts)]

    report = shown(GroupingRehearsal([rule], rule), *seen)

    assert (report.groups, report.alerts_grouped, report.pages_saved) == told


def test_an_earlier_rule_keeps_what_it_takes():
    """As at intake, the first rule that fits decides."""
    first, draft = a_grouping_rule(id=UUID(int=7), name="all", group_by=[]), a_grouping_rule()

    report = shown(GroupingRehearsal([first, draft], draft), an_alert(1, app="a"), an_alert(2, app="a"))

    assert (report.tested, report.groups) == (2, 0)


def test_a_route_shows_what_would_change():
    """By what alerts have today and what they would get; what stays the same is counted as taken only."""
    policy, service = UUID(int=5), UUID(int=6)
    payments = Route(service_id=service, policy_id=policy, policy_version=2)
    today = Routing(services={"payments": payments}, default=Route(policy_id=policy, policy_version=2))
    draft = RouteRule(id=DRAFT, name="quiet", matchers=[is_("env", "dev")], pages_from="never")
    changed = Routing(routes=[draft], services=today.services, default=today.default)
    names = Names(services={service: "payments"}, policies={policy: "usual"})

    report = shown(
        RouteRehearsal(today, changed, names=names),
        an_alert(1, env="dev", service="payments"), an_alert(2, env="dev"), an_alert(3, env="dev"),
        an_alert(4, env="prod"), an_alert(5, env="dev", severity="info"),
    )  # fmt: skip

    assert (report.tested, report.would_take, report.would_change) == (5, 4, 4)
    assert (report.newly_paging, report.no_longer_paging) == (0, 3)
    assert [each.count for each in report.changes] == [2, 1, 1]
    assert (report.changes[0].before.policy, report.changes[0].before.does_page) == ("usual", True)
    assert report.examples[0].why == "no service, pages by “usual” → no service, pages nobody"


@pytest.mark.parametrize(
    ("name", "position", "order"),
    [
        ("new", None, ["new", "a", "b", "c"]),
        ("new", 1, ["a", "new", "b", "c"]),
        ("new", 5, ["a", "b", "new", "c"]),
        ("new", 99, ["a", "b", "c", "new"]),
        ("b", None, ["a", "b", "c"]),
        ("b", 99, ["a", "c", "b"]),
    ],
)
def test_a_draft_stands_where_it_would(name, position, order):
    """In place of the rule of its name, else where its position puts it, after its equals."""
    rules = [RouteRule(id=UUID(int=n), name=each, matchers=[]) for n, each in enumerate("abc", start=1)]
    positions = {UUID(int=1): 1, UUID(int=2): 5, UUID(int=3): 9}

    placed = place_among(rules, RouteRule(id=DRAFT, name=name, matchers=[]), position=position, positions=positions)

    assert [each.name for each in placed] == order

"""Routes, inhibition and groups, decided: pure tests."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nightowl_alerting.model import Mute, Route
from nightowl_alerting.noise import muting
from nightowl_alerting.noise.grouping import belongs, choose_group, key_labels, key_of, require_key
from nightowl_alerting.noise.matchers import subject_of
from nightowl_alerting.noise.model import Group, GroupingRule, InhibitionRule, Matcher, MuteRules, OpenAlert, RouteRule
from nightowl_alerting.noise.routing import Routing, choose_route
from nightowl_common.errors import InvalidError

NOW = datetime(2026, 3, 1, 3, tzinfo=UTC)
PAYMENTS, SEARCH = UUID(int=11), UUID(int=12)
DEFAULT, OWN, SPECIAL = UUID(int=21), UUID(int=22), UUID(int=23)
LEAD, OTHER = UUID(int=31), UUID(int=32)
ROUTING = Routing(
    services={
        "payments": Route(service_id=PAYMENTS, policy_id=OWN, policy_version=4),
        "search": Route(service_id=SEARCH),
    },
    default=Route(policy_id=DEFAULT, policy_version=1),
)


def a_subject(severity: str = "critical", **labels: str):
    return subject_of(labels, severity=severity, source="grafana", title="Disk full")


def team(value: str) -> list[Matcher]:
    return [Matcher(name="team", value=value)]


def a_rule(number: int, name: str, **changes) -> RouteRule:
    return RouteRule(**{"id": UUID(int=number), "name": name, "matchers": [], **changes})


def routed(*rules: RouteRule, **labels: str) -> Route:
    return choose_route(a_subject(**labels), msgspec.structs.replace(ROUTING, routes=rules))


def test_without_routes_the_service_label_decides_and_the_tenant_fills_in():
    """Own policy, the tenant's for a service without one, and for no service at all."""
    assert routed(service="payments") == Route(service_id=PAYMENTS, policy_id=OWN, policy_version=4)
    assert routed(service="search") == Route(service_id=SEARCH, policy_id=DEFAULT, policy_version=1)
    assert routed() == Route(policy_id=DEFAULT, policy_version=1)


def test_the_first_route_that_fits_decides():
    """Later ones are not read, however well they fit."""
    first = a_rule(1, "team a", matchers=team("a"), policy_id=SPECIAL, policy_version=2)
    second = a_rule(2, "all", policy_id=DEFAULT, policy_version=1)

    found = routed(first, second, team="a")

    assert (found.policy_id, found.policy_version, found.via) == (SPECIAL, 2, ("team a",))


def test_a_route_that_continues_leaves_the_rest_to_later_ones():
    """What it has said stands; what it left open is said by the next that fits."""
    first = a_rule(1, "channel", slack_channel="C1", continues=True)
    second = a_rule(2, "not ours", matchers=team("b"), policy_id=SPECIAL)
    third = a_rule(3, "quiet", slack_channel="C2", pages_from="critical")

    found = routed(first, second, third, service="payments")

    assert found == Route(
        service_id=PAYMENTS, policy_id=OWN, policy_version=4, slack_channel="C1", pages_from="critical",
        via=("channel", "quiet"),
    )  # fmt: skip


def test_a_route_to_a_service_brings_the_policy_of_that_service():
    """Unless it names one itself."""
    to_payments = a_rule(1, "to payments", service_id=PAYMENTS)

    assert routed(to_payments, service="search").policy_id == OWN
    assert routed(msgspec.structs.replace(to_payments, policy_id=SPECIAL), service="search").policy_id == SPECIAL


def an_inhibition(**changes) -> InhibitionRule:
    given = {
        "id": UUID(int=5), "name": "node down", "source_matchers": [Matcher(name="alertname", value="NodeDown")],
        "target_matchers": [Matcher(name="alertname", op="!=", value="")], "equal": ["cluster"],
    }  # fmt: skip
    return InhibitionRule(**{**given, **changes})


def an_open_alert(**labels: str) -> OpenAlert:
    return OpenAlert(id=LEAD, labels=labels, severity="critical", source="grafana", title="x")


@pytest.mark.parametrize(
    ("target", "source", "is_muted"),
    [
        ({"alertname": "Disk", "cluster": "a"}, {"alertname": "NodeDown", "cluster": "a"}, True),
        ({"alertname": "Disk", "cluster": "a"}, {"alertname": "NodeDown", "cluster": "b"}, False),
        ({"alertname": "Disk"}, {"alertname": "NodeDown"}, True),  # both lack the label: equal, as in Alertmanager
        ({"alertname": "Disk", "cluster": "a"}, {"alertname": "Cpu", "cluster": "a"}, False),
        ({"alertname": "NodeDown", "cluster": "a"}, {"alertname": "NodeDown", "cluster": "a"}, False),
    ],
)
def test_an_inhibitor_mutes_what_shares_its_labels_and_never_its_own_kind(target, source, is_muted):
    """The last row: each could mute the other, so neither does."""
    assert muting.inhibits(an_inhibition(), a_subject(**target), an_open_alert(**source)) is is_muted


def test_the_label_index_is_asked_for_what_is_equal_and_there():
    """Labels that the alert lacks cannot be looked up."""
    rule = an_inhibition(equal=["cluster", "region", "@source"])

    assert muting.equal_labels(rule, a_subject(cluster="a")) == {"cluster": "a"}


def a_group(**changes) -> Group:
    given = {
        "id": UUID(int=6), "name": "by cluster", "pages": "first", "lead_id": LEAD, "lead_severity": "critical",
        "lead_status": "firing", "lead_state": "pending",
    }  # fmt: skip
    return Group(**{**given, **changes})


@pytest.mark.parametrize(
    ("group", "is_muted"),
    [
        (a_group(), True),
        (a_group(lead_status="acknowledged", lead_state="stopped"), True),
        (a_group(lead_state="snoozed"), True),
        (a_group(lead_status="resolved", lead_state="stopped"), False),
        (a_group(lead_state="exhausted"), False),
        (a_group(lead_state="muted"), False),
        (a_group(lead_state="none"), False),
        (a_group(lead_severity="major"), False),
        (a_group(lead_id=OTHER), False),
        (a_group(lead_id=None, lead_severity=None, lead_status=None, lead_state=None), False),
        (a_group(pages="each"), False),
    ],
)
def test_a_lead_mutes_while_it_is_in_somebody_s_hands_and_at_least_as_severe(group, is_muted):
    """A mute of the group names the lead whose end ends it."""
    found = muting.group_mute(group, OTHER, "critical")

    assert found == (Mute(kind="group", id=group.id, name="by cluster", alert_id=LEAD) if is_muted else None)


def test_the_mute_that_ends_last_is_told():
    """One that has no end of its own is the last of all."""
    short = Mute(kind="silence", id=UUID(int=1), name="a", until=NOW)
    long = Mute(kind="silence", id=UUID(int=2), name="b", until=NOW + timedelta(hours=1))

    assert muting.longest([short, long]) == long
    assert muting.longest([]) is None
    assert muting.due_again(long, NOW) == long.until


def test_nothing_stands_without_rules():
    """And a silence stands from its start until just before its end."""
    assert list(muting.standing_mutes(MuteRules(), a_subject(), NOW)) == []


def test_the_first_grouping_rule_that_fits_gives_the_key():
    """Missing labels are empty values of it."""
    rules = [
        GroupingRule(id=UUID(int=1), name="a", matchers=team("a"), group_by=["cluster"]),
        GroupingRule(id=UUID(int=2), name="rest", matchers=[], group_by=["cluster", "@source"]),
    ]

    assert choose_group(a_subject(team="a", cluster="x"), rules) == (rules[0], {"cluster": "x"})
    assert choose_group(a_subject(), rules) == (rules[1], {"cluster": "", "@source": "grafana"})
    assert choose_group(a_subject(), rules[:1]) is None


label_names = st.lists(st.text(min_size=1, max_size=25), min_size=1, max_size=10, unique=True)
label_values = st.text(max_size=5) | st.builds(
    lambda text, times: text * times, st.text(min_size=1), st.integers(1, 900)
)


@given(label_names, st.data())
def test_every_key_can_be_looked_up_and_finds_its_own(names, data):
    """Long values are hashes in it: an index entry has room for 2,700 bytes. Other values make another key."""
    rule = GroupingRule(id=UUID(int=1), name="a", matchers=[], group_by=names)
    one, other = (
        subject_of({name: data.draw(label_values) for name in names}, severity="major", source="s", title="t")
        for _ in range(2)
    )
    require_key(names, field="$")

    key = key_of(one, rule)

    assert sum(len(name.encode()) + len(value.encode()) for name, value in key.items()) <= 2_000
    assert belongs(one, rule, key)
    assert belongs(other, rule, key) == all(one.get(name, "") == other.get(name, "") for name in names)
    assert all(one[name] == value for name, value in key_labels(key).items())


def test_names_that_no_index_has_room_for_are_refused():
    """Ten of them, of 200 characters each, would leave none for the values."""
    with pytest.raises(InvalidError) as refused:
        require_key(["n" * 200] * 10, field="$.group_by")

    assert refused.value.fields[0].field == "$.group_by"

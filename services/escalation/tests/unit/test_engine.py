"""Whom a tier pages: pure tests."""

from uuid import UUID

import pytest

from nightowl_alerting.model import Tier
from nightowl_escalation.engine import page_admins, resolve_tier
from nightowl_escalation.model import Duty, Person, Staff
from nightowl_oncall import OnCall

ALICE, BOB, CAROL = (UUID(int=n) for n in (1, 2, 3))


def a_person(user_id: UUID, *, is_admin: bool = False, **contact_methods: str) -> Person:
    return Person(user_id=user_id, name=f"P{user_id.int}", is_admin=is_admin, contact_methods=contact_methods)


STAFF = Staff(
    people={
        ALICE: a_person(ALICE, slack_dm="UA", sms="+491"),
        BOB: a_person(BOB, sms="+492"),
        CAROL: a_person(CAROL, is_admin=True, slack_dm="UC"),
    },
    slack_channel="C1",
    endpoints={str(UUID(int=9)): "teams"},
)


def on_duty(primary: UUID | None = ALICE, secondary: UUID | None = BOB) -> Duty:
    source, reason = ("rotation", "in_turn") if primary else ("unassigned", "no_members")
    return Duty(
        on_call=OnCall(primary=primary, secondary=secondary, starts_at=None, ends_at=None, source=source, reason=reason)
    )


def pages(tier: Tier, duty: Duty | None = None, staff: Staff = STAFF) -> list[tuple[str, str, str]]:
    resolved = resolve_tier(tier, staff=staff, duty=duty or on_duty())
    return [(each.recipient, each.channel, each.address) for each in resolved.recipients]


def a_tier(*targets: str, via: tuple[str, ...] = ("slack_dm",)) -> Tier:
    return Tier(timeout_minutes=5, notify_via=list(via), targets=list(targets))


def test_the_primary_is_paged_over_every_channel_of_the_tier():
    """Slack and SMS, each at its address."""
    assert pages(a_tier("oncall_primary", via=("slack_dm", "sms"))) == [
        (f"user:{ALICE}", "slack_dm", "UA"),
        (f"user:{ALICE}", "sms", "+491"),
    ]


def test_a_person_without_the_tiers_channels_is_paged_over_one_they_have():
    """Bob has no Slack; he gets an SMS instead of silence."""
    assert pages(a_tier("oncall_backup")) == [(f"user:{BOB}", "sms", "+492")]


def test_an_endpoint_is_paged_over_the_channel_of_its_kind():
    """Whatever the tier's channels are, and beside its people; one that is gone passes to the next target."""
    endpoint = f"endpoint:{UUID(int=9)}"

    assert pages(a_tier(endpoint.upper().replace("ENDPOINT", "endpoint"), "oncall_primary")) == [
        (endpoint, "teams", str(UUID(int=9))),
        (f"user:{ALICE}", "slack_dm", "UA"),
    ]
    assert pages(a_tier(f"endpoint:{UUID(int=8)}", "oncall_primary")) == [(f"user:{ALICE}", "slack_dm", "UA")]


def test_several_targets_are_all_paged_and_nobody_twice():
    """Alice is primary and named: one page."""
    assert pages(a_tier("oncall_primary", f"user:{ALICE}", f"user:{CAROL}")) == [
        (f"user:{ALICE}", "slack_dm", "UA"),
        (f"user:{CAROL}", "slack_dm", "UC"),
    ]


@pytest.mark.parametrize(
    ("tier", "duty"),
    [
        (a_tier("oncall_primary"), on_duty(primary=None, secondary=None)),
        (a_tier("oncall_primary"), Duty(on_call=None)),
        (a_tier("user:00000000-0000-0000-0000-0000000000ff"), on_duty()),
        (a_tier("user:not-an-id"), on_duty()),
        (a_tier("team_of_the_future"), on_duty()),
    ],
    ids=["nobody on call", "no roster", "unknown person", "broken id", "unknown target"],
)
def test_with_nobody_behind_any_target_the_admins_are_paged(tier, duty):
    """Never silence."""
    assert pages(tier, duty) == [(f"user:{CAROL}", "slack_dm", "UC")]


def test_a_target_with_nobody_behind_it_passes_to_the_next():
    """The fallback is for when all are empty, not for one."""
    assert pages(a_tier("oncall_primary", f"user:{BOB}", via=("sms",)), on_duty(primary=None)) == [
        (f"user:{BOB}", "sms", "+492")
    ]


def test_the_tenants_channel_is_told_once():
    """slack_channel goes to the configured channel, whoever the target is."""
    assert pages(a_tier("oncall_primary", via=("slack_dm", "slack_channel"))) == [
        (f"user:{ALICE}", "slack_dm", "UA"),
        ("channel:C1", "slack_channel", "C1"),
    ]


def test_without_people_there_is_nobody_and_the_evidence_says_so():
    """An empty tenant pages nobody, and every target tells why."""
    resolved = resolve_tier(a_tier("oncall_primary"), staff=Staff(people={}), duty=on_duty())

    assert resolved.recipients == []
    assert resolved.why == [
        "oncall_primary: no such active person",
        "nobody behind any target: 0 page(s) to the admins instead",
    ]


def test_each_admin_gets_one_page():
    """Over the first channel that reaches them."""
    staff = Staff(people={CAROL: a_person(CAROL, is_admin=True, sms="+493", slack_dm="UC")})

    assert [(each.channel, each.address) for each in page_admins(staff)] == [("slack_dm", "UC")]

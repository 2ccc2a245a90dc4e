"""Whom a tier pages: pure tests."""

from uuid import UUID

import pytest

from nightowl_alerting.model import Tier
from nightowl_alerting.targets.model import Duty, Person, Staff, Step
from nightowl_alerting.targets.resolve import page_admins, page_person, resolve_tier
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
    endpoints={UUID(int=9): "teams"},
)


ROSTER, OTHER = UUID(int=10), UUID(int=11)


def an_answer(primary: UUID | None = ALICE, secondary: UUID | None = BOB) -> OnCall:
    source, reason = ("rotation", "in_turn") if primary else ("unassigned", "no_members")
    return OnCall(primary=primary, secondary=secondary, starts_at=None, ends_at=None, source=source, reason=reason)


def on_duty(primary: UUID | None = ALICE, secondary: UUID | None = BOB, *, lead: UUID | None = None) -> Duty:
    return Duty(roster_id=ROSTER, lead_id=lead, on_call={ROSTER: an_answer(primary, secondary)})


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
        (a_tier("oncall_primary"), Duty()),
        (a_tier("oncall_primary"), Duty(roster_id=OTHER)),
        (a_tier(f"roster:{OTHER}:primary"), on_duty()),
        (a_tier("team_lead"), on_duty()),
        (a_tier("team_lead"), on_duty(lead=UUID(int=99))),
        (a_tier("user:00000000-0000-0000-0000-0000000000ff"), on_duty()),
        (a_tier("user:not-an-id"), on_duty()),
        (a_tier("team_of_the_future"), on_duty()),
    ],
    ids=[
        "nobody on call",
        "no roster",
        "unread roster",
        "unread other roster",
        "no lead",
        "lead who left",
        "unknown person",
        "broken id",
        "unknown target",
    ],
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


def test_the_lead_and_other_rosters_are_targets():
    """The policy's lead, and both seats of a roster that it does not name otherwise."""
    duty = Duty(lead_id=CAROL, on_call={OTHER: an_answer(ALICE, BOB)})

    assert pages(a_tier("team_lead"), duty) == [(f"user:{CAROL}", "slack_dm", "UC")]
    assert pages(a_tier(f"roster:{OTHER}:primary"), duty) == [(f"user:{ALICE}", "slack_dm", "UA")]
    assert pages(a_tier(f"roster:{OTHER}:secondary"), duty) == [(f"user:{BOB}", "sms", "+492")]


def ruled(**rules) -> Staff:
    person = Person(
        user_id=ALICE, name="P1", is_admin=False, contact_methods={"slack_dm": "UA", "sms": "+491", "phone": "+491"},
        rules={urgency: [Step(channel=channel, delay_minutes=delay) for channel, delay in steps]
               for urgency, steps in rules.items()},
    )  # fmt: skip
    return Staff(people={ALICE: person})


def told(staff: Staff, urgency: str) -> list[tuple[str, int]]:
    resolved = resolve_tier(a_tier("oncall_primary"), staff=staff, duty=on_duty(), urgency=urgency)
    return [(each.channel, each.delay_minutes) for each in resolved.recipients]


def test_a_person_is_paged_by_their_own_rules():
    """In their order and after their delays, by urgency; without a rule for it as the tier says."""
    staff = ruled(high=[("sms", 0), ("phone", 3)])

    assert told(staff, "high") == [("sms", 0), ("phone", 3)]
    assert told(staff, "low") == [("slack_dm", 0)]


def test_the_first_step_that_reaches_a_person_is_due_at_once():
    """A channel they do not have is left out, and its delay with it: never silence."""
    staff = ruled(high=[("email", 0), ("sms", 5), ("phone", 8)], low=[("email", 0)])

    assert told(staff, "high") == [("sms", 0), ("phone", 3)]
    assert told(staff, "low") == [("slack_dm", 0)]


def test_a_tier_for_the_channel_alone_pages_no_person():
    """Rules are about how one is paged, not whether."""
    tier = a_tier("oncall_primary", via=("slack_channel",))
    staff = Staff(people=ruled(high=[("sms", 0)]).people, slack_channel="C1")

    resolved = resolve_tier(tier, staff=staff, duty=on_duty())

    assert [each.recipient for each in resolved.recipients] == ["channel:C1"]


def test_a_person_can_be_paged_without_a_tier():
    """By their rules, else over the first channel that reaches them."""
    ruling = ruled(high=[("phone", 0)]).people[ALICE]

    assert [each.channel for each in page_person(ruling, urgency="high")] == ["phone"]
    assert [each.channel for each in page_person(ruling, urgency="low")] == ["slack_dm"]

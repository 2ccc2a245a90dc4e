"""Who works at Acme, and how they are reached. Numbers and addresses are those that belong to nobody."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from nightowl_alerting.targets.model import Person, Staff, Step
from nightowl_auth import Role
from nightowl_cli.demo.rows import OPERATOR, Rows
from nightowl_contracts import Actor

SLACK_CHANNEL = "C0ALERTS"


class Cast(msgspec.Struct, frozen=True, kw_only=True):
    """A person of the play. `region` is the roster that they take turns on."""

    handle: str
    name: str
    zone: str
    phone: str
    region: str
    role: Role = "engineer"
    high: tuple[Step, ...] = ()


_CALLS = (Step(channel="slack_dm"), Step(channel="sms", delay_minutes=1), Step(channel="phone", delay_minutes=3))
_TEXTS = (Step(channel="slack_dm"), Step(channel="sms", delay_minutes=2))

CAST = (
    Cast(handle="alice", name="Alice Ambler", zone="Europe/Berlin", phone="+4915550000101", region="emea", high=_CALLS),
    Cast(
        handle="jonas", name="Jonas Lindqvist", zone="Europe/Stockholm", phone="+4685550102", region="emea", high=_TEXTS
    ),
    Cast(handle="marta", name="Marta Nowak", zone="Europe/Warsaw", phone="+48225550103", region="emea"),
    Cast(
        handle="oluwaseun",
        name="Oluwaseun Adebayo",
        zone="Europe/London",
        phone="+442075550104",
        region="emea",
        high=_CALLS,
    ),
    Cast(handle="bob", name="Bob Baker", zone="America/New_York", phone="+12025550105", region="amer", high=_TEXTS),
    Cast(handle="lucia", name="Lucía Fernández", zone="America/Mexico_City", phone="+525555550106", region="amer"),
    Cast(
        handle="dana", name="Dana Whitehorse", zone="America/Denver", phone="+13035550107", region="amer", high=_CALLS
    ),
    Cast(handle="priya", name="Priya Raman", zone="Asia/Kolkata", phone="+911155550108", region="apac", high=_TEXTS),
    Cast(handle="kenji", name="Kenji Watanabe", zone="Asia/Tokyo", phone="+81355550109", region="apac"),
    Cast(handle="mia", name="Mia Tamahori", zone="Pacific/Auckland", phone="+6495550110", region="apac", high=_CALLS),
    Cast(handle="carol", name="Carol Chen", zone="America/Los_Angeles", phone="+14155550111", region="", role="admin"),
    Cast(
        handle="henrik",
        name="Henrik Sørensen",
        zone="Europe/Copenhagen",
        phone="+4535550112",
        region="data",
        role="manager",
    ),
    Cast(handle="aisha", name="Aisha Rahman", zone="Europe/Paris", phone="+33155550113", region="data"),
)

REGIONS = ("emea", "amer", "apac", "data")


class People(msgspec.Struct, frozen=True, kw_only=True):
    """The people as the tenant knows them."""

    ids: Mapping[str, UUID]
    staff: Staff

    def actor(self, handle: str) -> Actor:
        """A person who does something."""
        return self.actor_of(self.ids[handle])

    def actor_of(self, user_id: UUID) -> Actor:
        """The same, by id."""
        return Actor(kind="user", id=str(user_id), name=self.staff.people[user_id].name)

    def region(self, name: str) -> list[UUID]:
        """Who takes turns in a region, in order."""
        return [self.ids[each.handle] for each in CAST if each.region == name]


def hire(rows: Rows, at: datetime) -> People:
    """Users with verified contact methods and their own rules; some were verified later than others."""
    ids: dict[str, UUID] = {}
    people: dict[UUID, Person] = {}
    for place, each in enumerate(CAST):
        joined = at + timedelta(minutes=7 * place)
        user_id = ids[each.handle] = rows.id(joined)
        slack = f"U0{each.handle.upper()}"
        rows.add(
            "users", id=user_id, email=f"{each.handle}@example.com", display_name=each.name, timezone=each.zone,
            phone=each.phone, slack_user_id=slack, role=each.role, created_at=joined, updated_at=joined,
        )  # fmt: skip
        rows.audit(joined, OPERATOR, "created", "user", user_id, email=[None, f"{each.handle}@example.com"])
        addresses = {"slack_dm": slack, "sms": each.phone, "phone": each.phone, "email": f"{each.handle}@example.com"}
        for position, (kind, address) in enumerate(addresses.items()):
            rows.add(
                "contact_methods", id=rows.id(joined), user_id=user_id, kind=kind, address=address, position=position,
                verified_at=joined + timedelta(minutes=30 + position), created_at=joined,
            )  # fmt: skip
        if each.high:
            rows.add("notification_rules", user_id=user_id, high=each.high, low=[], updated_at=joined)
        people[user_id] = Person(
            user_id=user_id, name=each.name, is_admin=each.role == "admin", timezone=each.zone,
            contact_methods=addresses, rules={"high": each.high} if each.high else {},
        )  # fmt: skip
    return People(ids=ids, staff=Staff(people=people, slack_channel=SLACK_CHANNEL))

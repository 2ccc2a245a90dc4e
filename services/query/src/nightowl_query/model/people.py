"""People and rosters."""

from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from nightowl_oncall import Reason, Source
from nightowl_query.model.base import Page


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who can be on call, with their own time zone."""

    id: UUID
    display_name: str
    timezone: str


class RosterVersion(msgspec.Struct, frozen=True, kw_only=True):
    """A roster that an answer was made from, in its revision."""

    id: UUID
    name: str
    revision: int


class OnCallNow(msgspec.Struct, frozen=True, kw_only=True):
    """Who is on call at the instant `at`, and from when until when that holds. `unassigned` means nobody is.

    `answered_by` is the roster that answered, of those that are linked; `stands_in_for` had the turn and are away. With
    `known_at` it is what was believed then; `versions` are the rosters that the answer was made from.
    """

    roster_id: UUID
    roster_name: str
    timezone: str
    at: datetime
    known_at: datetime | None
    source: Source
    reason: Reason
    primary: Person | None
    secondary: Person | None
    starts_at: datetime | None
    ends_at: datetime | None
    answered_by: UUID | None
    turn: int | None
    override_id: UUID | None
    stands_in_for: list[Person]
    versions: list[RosterVersion]


class User(msgspec.Struct, frozen=True, kw_only=True):
    """A person of the tenant."""

    id: UUID
    email: str
    display_name: str
    timezone: str
    phone: str | None
    slack_user_id: str | None
    role: Literal["admin", "manager", "engineer", "readonly"]
    is_active: bool
    external_id: str | None
    revision: int
    created_at: datetime


class UserPage(Page, frozen=True, kw_only=True):
    """People, newest first."""

    items: list[User]

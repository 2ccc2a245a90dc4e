"""The first page: is it me, what burns, who is on call, and for leads how the week was."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec

from nightowl_alerting.model import EscalationState, Status
from nightowl_contracts import Actor, Severity
from nightowl_query.model.base import ServiceRef, UserRef
from nightowl_query.model.contacts import ContactKind
from nightowl_query.model.duties import SwapOfMine
from nightowl_query.model.people import Person

MAX_PAGED = 50
MAX_BURNING = 20

Seat = Literal["primary", "backup"]


class PagedAlert(msgspec.Struct, frozen=True, kw_only=True):
    """An open alert for which the caller was paged in the running cycle, or which they are asked to look after.

    `is_current`: by the tier that was paged last. `next_tier_at` is when the next one is due; null: none is.
    """

    id: UUID
    title: str
    severity: Severity
    status: Status
    source: str
    service: ServiceRef | None
    occurrence_count: int
    first_fired_at: datetime
    acknowledged_at: datetime | None
    acknowledged_by: Actor | None
    assignee: UserRef | None
    escalation_state: EscalationState
    tier: int
    next_tier_at: datetime | None
    paged_at: datetime | None
    is_current: bool
    is_matched: bool
    version: int


class Holder(msgspec.Struct, frozen=True, kw_only=True):
    """Who has an alert: its assignee, else who acknowledged it."""

    id: str
    name: str


class Burning(msgspec.Struct, frozen=True, kw_only=True):
    """An open group, told by the `title` of its worst alert, or an open alert that is in none.

    `severity` is the highest, `since` the oldest in it. `alerts` are open, `firing` of them in nobody's hands;
    `holder` has the most severe one.
    """

    kind: Literal["group", "alert"]
    id: UUID
    title: str
    severity: Severity
    since: datetime
    alerts: int
    firing: int
    occurrences: int
    holder: Holder | None


class SeverityTotals(msgspec.Struct, frozen=True, kw_only=True):
    """Open alerts by severity."""

    critical: int = 0
    major: int = 0
    warning: int = 0
    info: int = 0


class BurningList(msgspec.Struct, frozen=True, kw_only=True):
    """The twenty worst by severity, then by age; `total` counts all groups and single alerts."""

    items: list[Burning]
    total: int
    totals: SeverityTotals


class OnCallSeat(msgspec.Struct, frozen=True, kw_only=True):
    """Who is on call on a roster; `person` null: nobody. `until` null: for longer than 60 days.

    `next_person` takes over then; null: nobody does, or it is not known. `channels` are those that can reach `person`.
    """

    roster_id: UUID
    roster_name: str
    timezone: str
    person: Person | None
    backup: Person | None
    until: datetime | None
    next_person: Person | None
    has_verified_contact: bool
    channels: list[str]


class MyDuty(msgspec.Struct, frozen=True, kw_only=True):
    """The caller's seat; of several, the first as primary."""

    roster_id: UUID
    roster_name: str
    role: Seat
    until: datetime | None
    next_person: Person | None


class Means(msgspec.Struct, frozen=True, kw_only=True):
    """Seconds on average, over the alerts that opened in the last 24 hours and 7 days; null: there are none."""

    day: float | None
    week: float | None


class PersonPages(msgspec.Struct, frozen=True, kw_only=True):
    """Pages to a person that a provider took; night is from 22:00 to 06:00 on their own clock."""

    user: UserRef
    pages: int
    night_pages: int


class FirstGap(msgspec.Struct, frozen=True, kw_only=True):
    """The first span in which a roster can page nobody."""

    roster_id: UUID
    roster_name: str
    kind: Literal["gap", "unassigned", "unreachable"]
    starts_at: datetime
    ends_at: datetime


class Gaps(msgspec.Struct, frozen=True, kw_only=True):
    """The spans of all rosters in the next 14 days in which nobody can be paged."""

    count: int
    hours: float
    first: FirstGap | None


class NoisySource(msgspec.Struct, frozen=True, kw_only=True):
    """A source with its alerts and firings."""

    source: str
    alerts: int
    occurrences: int


class Lead(msgspec.Struct, frozen=True, kw_only=True):
    """The last 7 days, and the gaps ahead."""

    people: list[PersonPages]
    gaps: Gaps
    noisiest_sources: list[NoisySource]


class LastTestPage(msgspec.Struct, frozen=True, kw_only=True):
    """The caller's newest test page."""

    channel: ContactKind
    status: Literal["queued", "sending", "sent", "failed", "unclear"]
    created_at: datetime


class Now(msgspec.Struct, frozen=True, kw_only=True):
    """Everything for the first page, as of `now`.

    `paged_to_me` holds 50 at most, unacknowledged ones first; `paged_total` counts all. `arrivals` are the alerts that
    opened in each of the last 24 hours, the oldest hour first. `lead` is for managers and admins. `swaps` wait
    for the caller's answer, or answer one of theirs and were not seen; 50 at most, soonest first.
    """

    now: datetime
    paged_to_me: list[PagedAlert]
    paged_total: int
    burning: BurningList
    on_call: list[OnCallSeat]
    my_duty: MyDuty | None
    swaps: list[SwapOfMine]
    arrivals: Annotated[list[int], msgspec.Meta(min_length=24, max_length=24)]
    mtta_seconds: Means
    mttr_seconds: Means
    lead: Lead | None
    last_test_page: LastTestPage | None


class HourOfSource(msgspec.Struct, frozen=True, kw_only=True):
    """The alerts of one source that opened in one hour, counted back from now, and how long they took together."""

    hours_ago: int
    source: str
    alerts: int
    occurrences: int
    acknowledged: int
    acknowledge_seconds: float
    resolved: int
    resolve_seconds: float


class PagedPerson(msgspec.Struct, frozen=True, kw_only=True):
    """A person with the instants of their pages."""

    person: Person
    times: Sequence[datetime]

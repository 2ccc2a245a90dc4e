"""Groups: alerts that a grouping rule put together."""

from datetime import datetime
from uuid import UUID

import msgspec

from nightowl_alerting.model import EscalationState, GroupPages, Status
from nightowl_common.errors import NotFoundError
from nightowl_contracts import Severity
from nightowl_query.model.base import Page


class GroupNotFoundError(NotFoundError):
    """There is no such group."""

    code = "group_not_found"


class AlertCounts(msgspec.Struct, frozen=True, kw_only=True):
    """How many alerts of a group have which status."""

    firing: int
    acknowledged: int
    investigating: int
    resolved: int


class GroupLead(msgspec.Struct, frozen=True, kw_only=True):
    """The alert that pages for its group."""

    id: UUID
    title: str
    severity: Severity
    status: Status
    escalation_state: EscalationState


class AlertGroup(msgspec.Struct, frozen=True, kw_only=True):
    """Alerts that belong together: those that a rule fits, with the same values (`key`) of the labels it groups by.

    It is open while one of its alerts is. `severity` is the highest among its open alerts, else among all. It takes new
    alerts until `closed_at`. `lead` is null before any of them was due to page.
    """

    id: UUID
    name: str
    rule_id: UUID | None
    key: dict[str, str]
    pages: GroupPages
    is_open: bool
    severity: Severity | None
    counts: AlertCounts
    lead: GroupLead | None
    opened_at: datetime
    last_added_at: datetime
    closed_at: datetime | None


class AlertGroupPage(Page, frozen=True, kw_only=True):
    """Groups, newest first."""

    items: list[AlertGroup]

"""Noise rules: what may be written, what is answered, and what can go wrong."""

from datetime import datetime
from typing import Annotated, ClassVar, Literal
from uuid import UUID

import msgspec

from nightowl_alerting.model import GroupPages, PagesFrom
from nightowl_alerting.noise.model import Matcher
from nightowl_alerting.noise.windows import Occurrence
from nightowl_common.errors import ConflictError, NotFoundError
from nightowl_contracts import Actor
from nightowl_contracts.rules import RuleKind
from nightowl_query.model.base import Page

_NO_NUL = r"^[^\x00]*\Z"
_MATCHER = {"name": "alertname", "op": "=", "value": "DiskFull"}

RuleName = Annotated[str, msgspec.Meta(min_length=1, max_length=200, pattern=_NO_NUL)]
Label = Annotated[str, msgspec.Meta(min_length=1, max_length=200, pattern=_NO_NUL)]
Labels = Annotated[list[Label], msgspec.Meta(max_length=10, examples=[["cluster", "namespace"]])]
Matchers = Annotated[list[Matcher], msgspec.Meta(max_length=20, examples=[[_MATCHER]])]
SomeMatchers = Annotated[list[Matcher], msgspec.Meta(min_length=1, max_length=20, examples=[[_MATCHER]])]
Position = Annotated[int, msgspec.Meta(ge=0, le=1_000_000)]
Instant = Annotated[datetime, msgspec.Meta(tz=True)]


class RuleNotFoundError(NotFoundError):
    """There is no such rule."""

    code = "rule_not_found"


class NameTakenError(ConflictError):
    """Another rule of this kind has this name."""

    code = "name_taken"


class TooManyRulesError(ConflictError):
    """Each rule is tried on each alert, so their number has a bound: delete one that is no longer needed."""

    code = "too_many_rules"


class OrderOutOfDateError(ConflictError):
    """The ids are not exactly those that are there now; read the list again."""

    code = "order_out_of_date"


class SilenceExpiredError(ConflictError):
    """The silence is over, and what was is not changed; make a new one."""

    code = "silence_expired"


class RouteContent(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where alerts that fit belong. No matchers fit everything.

    The first route that fits decides; one that `continues` lets later ones decide what it left null. Without `position`
    a new route is the last, and a changed one stays where it is.
    """

    name: RuleName
    position: Position | None = None
    matchers: Matchers = []
    service_id: UUID | None = None
    policy_id: UUID | None = None
    slack_channel: Annotated[str, msgspec.Meta(min_length=1, max_length=200, pattern=_NO_NUL)] | None = None
    pages_from: PagesFrom | None = None
    continues: bool = False
    is_enabled: bool = True


class SilenceContent(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What pages nobody, and until when: at most 366 days. Without `starts_at`, from now on.

    At least one matcher must not fit the empty text, so that nobody mutes everything by accident.
    """

    matchers: SomeMatchers
    starts_at: Instant | None = None
    ends_at: Instant
    comment: Annotated[str, msgspec.Meta(min_length=1, max_length=1_000, pattern=_NO_NUL)]


class MaintenanceWindowContent(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When work is planned, once or again and again. `starts_at` is wall-clock time in `timezone`, without an offset.

    `rrule` is a recurrence of RFC 5545 (DAILY, WEEKLY, MONTHLY or YEARLY, without times of day). At least one matcher
    must not fit the empty text.
    """

    name: RuleName
    matchers: SomeMatchers
    timezone: Annotated[str, msgspec.Meta(min_length=1, max_length=100, pattern=_NO_NUL, examples=["Europe/Berlin"])]
    starts_at: Annotated[datetime, msgspec.Meta(tz=False, examples=["2026-03-01T02:00:00"])]
    duration_minutes: Annotated[int, msgspec.Meta(ge=1, le=43_200)]
    rrule: Annotated[str, msgspec.Meta(min_length=1, max_length=500, examples=["FREQ=WEEKLY;BYDAY=SU"])] | None = None
    is_enabled: bool = True


class InhibitionRuleContent(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """While an alert that fits the source is open, what fits the target and has the same `equal` pages nobody."""

    name: RuleName
    source_matchers: SomeMatchers
    target_matchers: SomeMatchers
    equal: Labels = []
    is_enabled: bool = True


class GroupingRuleContent(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Puts what fits into groups, one per combination of the values of `group_by`. The first rule that fits decides.

    A group begins when `threshold` alerts opened within `window_minutes`. `pages` first: while the lead is open and in
    somebody's hands the others page nobody; each: all page.
    """

    name: RuleName
    position: Position | None = None
    matchers: Matchers = []
    group_by: Labels
    threshold: Annotated[int, msgspec.Meta(ge=1, le=100)] = 1
    window_minutes: Annotated[int, msgspec.Meta(ge=1, le=1_440)] = 30
    pages: GroupPages = "first"
    is_enabled: bool = True


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """What all rules have. `revision` is the ETag."""

    KIND: ClassVar[RuleKind]
    CONTENT: ClassVar[type[msgspec.Struct]]

    id: UUID
    revision: int


class Route(Rule, frozen=True, kw_only=True):
    """Where alerts that fit belong; routes are read in order of position, then id."""

    KIND = "route"
    CONTENT = RouteContent

    name: str
    position: int
    matchers: list[Matcher]
    service_id: UUID | None
    policy_id: UUID | None
    slack_channel: str | None
    pages_from: PagesFrom | None
    continues: bool
    is_enabled: bool
    created_at: datetime
    updated_at: datetime


class Silence(Rule, frozen=True, kw_only=True):
    """What pages nobody between two instants. Kept when it is over.

    `muting` is how many alerts it keeps from paging now: those that a list filtered by `muted_by` holds. `matching` is
    how many open alerts it fits, not asked of expired ones; where `matching_is_exact` is false there may be more, for
    only the newest 1,000 open alerts were tried.
    """

    KIND = "silence"
    CONTENT = SilenceContent

    state: Literal["active", "pending", "expired"]
    matchers: list[Matcher]
    starts_at: datetime
    ends_at: datetime
    comment: str
    created_by: Actor
    created_at: datetime
    updated_at: datetime
    muting: int = 0
    matching: int | None = None
    matching_is_exact: bool = True


class MaintenanceWindow(Rule, frozen=True, kw_only=True):
    """Planned work. `is_open`: it mutes at this moment. `next_occurrences`: the next five starts within ten years.

    `muting` is how many alerts it keeps from paging now: those that a list filtered by `muted_by` holds.
    """

    KIND = "maintenance_window"
    CONTENT = MaintenanceWindowContent

    name: str
    matchers: list[Matcher]
    timezone: str
    starts_at: datetime
    duration_minutes: int
    rrule: str | None
    is_enabled: bool
    created_by: Actor
    created_at: datetime
    updated_at: datetime
    is_open: bool = False
    muting: int = 0
    next_occurrences: list[Occurrence] = []


class InhibitionRule(Rule, frozen=True, kw_only=True):
    """Which open alerts keep which others from paging."""

    KIND = "inhibition_rule"
    CONTENT = InhibitionRuleContent

    name: str
    source_matchers: list[Matcher]
    target_matchers: list[Matcher]
    equal: list[str]
    is_enabled: bool
    created_at: datetime
    updated_at: datetime


class GroupingRule(Rule, frozen=True, kw_only=True):
    """Which alerts belong together; rules are read in order of position, then id."""

    KIND = "grouping_rule"
    CONTENT = GroupingRuleContent

    name: str
    position: int
    matchers: list[Matcher]
    group_by: list[str]
    threshold: int
    window_minutes: int
    pages: GroupPages
    is_enabled: bool
    created_at: datetime
    updated_at: datetime


class RoutePage(Page, frozen=True, kw_only=True):
    """Routes in their order."""

    items: list[Route]


class SilencePage(Page, frozen=True, kw_only=True):
    """Silences, newest first."""

    items: list[Silence]


class MaintenanceWindowPage(Page, frozen=True, kw_only=True):
    """Maintenance windows, newest first."""

    items: list[MaintenanceWindow]


class InhibitionRulePage(Page, frozen=True, kw_only=True):
    """Inhibition rules, newest first."""

    items: list[InhibitionRule]


class GroupingRulePage(Page, frozen=True, kw_only=True):
    """Grouping rules in their order."""

    items: list[GroupingRule]


class RuleOrder(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All ids, each once, in the order wanted."""

    ids: Annotated[list[UUID], msgspec.Meta(max_length=1_000)]


class RuleRemoval(msgspec.Struct, frozen=True, kw_only=True):
    """The rule is gone."""

    outcome: Literal["deleted"] = "deleted"

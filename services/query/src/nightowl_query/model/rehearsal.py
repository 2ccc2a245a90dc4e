"""Dry runs of noise rules: what may be tried, the alerts that it is tried on, and what is answered."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec

from nightowl_alerting.model import GroupPages, PagesFrom
from nightowl_alerting.noise.model import Matcher, Name, Text
from nightowl_contracts import Severity

Matchers = Annotated[list[Matcher], msgspec.Meta(min_length=1)]
Labels = Annotated[list[Name], msgspec.Meta(max_length=20)]


class PastAlert(msgspec.Struct, frozen=True, kw_only=True):
    """As much of a stored alert as rules ask for. `pages` counts the pages that went out about it."""

    id: UUID
    title: str
    severity: Severity
    source: str
    labels: dict[str, str]
    first_fired_at: datetime
    resolved_at: datetime | None
    pages: int = 0


class _Draft(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`is_enabled` is allowed and makes no difference: what is tried is tried."""

    is_enabled: bool = True


class SilenceDraft(_Draft, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A silence. Its times count only when both lie in the past; else every alert of the range is tried."""

    matchers: Matchers
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    comment: Text = ""


class WindowDraft(_Draft, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A maintenance window. `starts_at` is a wall-clock time in `timezone`, without an offset."""

    name: Text = ""
    matchers: Matchers
    timezone: Annotated[str, msgspec.Meta(min_length=1, max_length=100, pattern=r"^[^\x00]*$")]
    starts_at: datetime
    duration_minutes: Annotated[int, msgspec.Meta(ge=1, le=43_200)]
    rrule: Annotated[str, msgspec.Meta(min_length=1)] | None = None


class InhibitionDraft(_Draft, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An inhibition rule."""

    name: Text = ""
    source_matchers: Matchers
    target_matchers: Matchers
    equal: Labels = []


class GroupingDraft(_Draft, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A grouping rule. It stands in for an enabled one of its name, else it is added at its position, or first."""

    name: Text = ""
    position: int | None = None
    matchers: list[Matcher] = []
    group_by: Labels
    threshold: Annotated[int, msgspec.Meta(ge=1, le=100)] = 1
    window_minutes: Annotated[int, msgspec.Meta(ge=1, le=1_440)] = 30
    pages: GroupPages = "first"


class RouteDraft(_Draft, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A route. It stands in for an enabled one of its name, else it is added at its position, or first."""

    name: Text = ""
    position: int | None = None
    matchers: list[Matcher] = []
    service_id: UUID | None = None
    policy_id: UUID | None = None
    slack_channel: Annotated[str, msgspec.Meta(min_length=1, max_length=200, pattern=r"^[^\x00]*$")] | None = None
    pages_from: PagesFrom | None = None
    continues: bool = False


Days = Annotated[int, msgspec.Meta(ge=1, le=90)]


class _DryRun(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind"):
    days: Days = 30


class SilenceDryRun(_DryRun, frozen=True, kw_only=True, tag="silence"):
    """Tries a silence."""

    rule: SilenceDraft


class WindowDryRun(_DryRun, frozen=True, kw_only=True, tag="maintenance_window"):
    """Tries a maintenance window."""

    rule: WindowDraft


class InhibitionDryRun(_DryRun, frozen=True, kw_only=True, tag="inhibition_rule"):
    """Tries an inhibition rule."""

    rule: InhibitionDraft


class GroupingDryRun(_DryRun, frozen=True, kw_only=True, tag="grouping_rule"):
    """Tries a grouping rule."""

    rule: GroupingDraft


class RouteDryRun(_DryRun, frozen=True, kw_only=True, tag="route"):
    """Tries a route."""

    rule: RouteDraft


MuteDryRun = SilenceDryRun | WindowDryRun | InhibitionDryRun
DryRun = SilenceDryRun | WindowDryRun | InhibitionDryRun | GroupingDryRun | RouteDryRun


class DryRunExample(msgspec.Struct, frozen=True, kw_only=True):
    """An alert that the rule would have touched, and why."""

    id: UUID
    title: str
    severity: Severity
    first_fired_at: datetime
    why: str


class _Report(msgspec.Struct, frozen=True, kw_only=True):
    """What every dry run tells.

    `tested` alerts opened from `since` until `until`. Where `is_exact` is false there were more, and only the newest
    were tried. `by_severity` counts the alerts that the rule would have touched, `pages` the pages that went out about
    them. `examples` are the most severe of them, the newest first.
    """

    words: str
    since: datetime
    until: datetime
    tested: int
    is_exact: bool
    by_severity: dict[Severity, int]
    pages: int
    examples: list[DryRunExample]


class MuteReport(_Report, frozen=True, kw_only=True):
    """What a silence, a maintenance window or an inhibition rule would have muted."""

    kind: Literal["silence", "maintenance_window", "inhibition_rule"]
    would_mute: int


class GroupingReport(_Report, frozen=True, kw_only=True):
    """What a grouping rule would have put together.

    `pages_saved` are the pages about alerts for which another alert of their group would have paged.
    """

    kind: Literal["grouping_rule"] = "grouping_rule"
    groups: int
    alerts_grouped: int
    pages_saved: int


class RouteOutcome(msgspec.Struct, frozen=True, kw_only=True):
    """Where an alert belongs. `does_page`: somebody is paged for an alert of its severity."""

    service: str | None
    policy: str | None
    slack_channel: str | None
    pages_from: PagesFrom
    does_page: bool


class RouteChange(msgspec.Struct, frozen=True, kw_only=True):
    """How many alerts would have gone from one place to another."""

    count: int
    before: RouteOutcome
    after: RouteOutcome


class RouteReport(_Report, frozen=True, kw_only=True):
    """Which alerts would have taken a route, and what that would have changed, the most frequent change first.

    `newly_paging` and `no_longer_paging` compare with the routes of today, not with what the alerts did then.
    """

    kind: Literal["route"] = "route"
    would_take: int
    would_change: int
    newly_paging: int
    no_longer_paging: int
    changes: list[RouteChange]


Report = MuteReport | GroupingReport | RouteReport

"""What a tenant decides for all of its alerts."""

from typing import Annotated, Literal
from uuid import UUID

import msgspec

from nightowl_alerting.calm.model import Limit
from nightowl_contracts import Severity

AutoCloseMinutes = Annotated[int, msgspec.Meta(ge=5, le=90 * 24 * 60)]
DayOrMore = Annotated[int, msgspec.Meta(ge=1, le=3_650)]
WeekOrMore = Annotated[int, msgspec.Meta(ge=7, le=3_650)]
MonthOrMore = Annotated[int, msgspec.Meta(ge=30, le=3_650)]
Zone = Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
Channel = Annotated[str, msgspec.Meta(min_length=1, max_length=200, pattern=r"^[^\x00\s]+\Z")]
LimitedChannel = Literal["phone", "sms", "slack_dm", "slack_channel", "email", "push"]
PageLimits = dict[LimitedChannel, Annotated[list[Limit], msgspec.Meta(max_length=4)]]
SeverityWord = Annotated[str, msgspec.Meta(min_length=1, max_length=100, pattern=r"^[^\x00A-Z\s]+( [^\x00A-Z\s]+)*\Z")]
"""In lower case, since senders' words are read in any case of letters."""

SeverityWords = Annotated[dict[SeverityWord, Severity], msgspec.Meta(max_length=100)]


class TenantConfig(msgspec.Struct, frozen=True, kw_only=True):
    """The tenant's settings. `revision` is the ETag.

    `auto_close_minutes`: open alerts that nothing was heard of for so long are resolved; null: never.
    `default_policy_id`: for alerts that no service claims; null: they page nobody.
    `slack_channel`: where `slack_channel` pages go when a tier names no channel.
    `quiet_threads`: Slack's threads are not told of changes of severity and of repeats; messages show them anyway.
    `keep_…_days`: for how long what is over is kept; null: for ever. Alerts, payloads and deliveries count from the
    resolve.
    `page_limits`: channel → at most so many messages to one recipient in so many minutes, all of which hold; a channel
    that is not named has the default, an empty list is no limit. Pages of critical alerts are never held. Defaults:
    `phone` 3 in 15 and 7 in 60, `sms` 5 in 15 and 11 in 60, `slack_dm`, `slack_channel`, `email` and `push` 10 in 1.
    `severity_words`: what senders write → our severity, before the words that are known anyway; in force within 5 s.
    """

    auto_close_minutes: int | None
    timezone: str
    default_policy_id: UUID | None
    slack_channel: str | None
    quiet_threads: bool
    keep_alerts_days: int | None
    keep_payloads_days: int | None
    keep_deliveries_days: int | None
    keep_audit_days: int | None
    page_limits: PageLimits | None
    severity_words: dict[str, Severity]
    revision: int


class ConfigChange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What shall be different; a field that is left out stays."""

    auto_close_minutes: AutoCloseMinutes | msgspec.UnsetType | None = msgspec.UNSET
    timezone: Zone | msgspec.UnsetType = msgspec.UNSET
    default_policy_id: UUID | msgspec.UnsetType | None = msgspec.UNSET
    slack_channel: Channel | msgspec.UnsetType | None = msgspec.UNSET
    quiet_threads: bool | msgspec.UnsetType = msgspec.UNSET
    keep_alerts_days: WeekOrMore | msgspec.UnsetType | None = msgspec.UNSET
    keep_payloads_days: DayOrMore | msgspec.UnsetType | None = msgspec.UNSET
    keep_deliveries_days: WeekOrMore | msgspec.UnsetType | None = msgspec.UNSET
    keep_audit_days: MonthOrMore | msgspec.UnsetType | None = msgspec.UNSET
    page_limits: PageLimits | msgspec.UnsetType | None = msgspec.UNSET
    severity_words: SeverityWords | msgspec.UnsetType = msgspec.UNSET

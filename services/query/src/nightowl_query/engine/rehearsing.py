"""Noise rules, tried on alerts of the past. Pure: alerts come in the order in which they opened, a report goes out.

The rules themselves are the kernel's: `standing_mutes`, `occurrences`, `inhibits`, `group_mute`, `choose_group`,
`choose_route`, `judge`. What is kept here is only what they ask for: which alerts were open at a time.
"""

from bisect import bisect_right
from collections import Counter, deque
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from operator import attrgetter
from typing import Protocol, TypeVar
from uuid import UUID

import msgspec

from nightowl_alerting.noise.matchers import fits, subject_of
from nightowl_alerting.noise.model import (
    GroupingRule,
    InhibitionRule,
    MaintenanceWindow,
    MuteRules,
    OpenAlert,
    RouteRule,
    Silence,
    Subject,
)
from nightowl_alerting.noise.muting import inhibits, standing_mutes
from nightowl_alerting.noise.windows import occurrences
from nightowl_contracts import Severity
from nightowl_query.model.rehearsal import (
    DryRunExample,
    MuteReport,
    PastAlert,
    Report,
    SilenceDraft,
)

MAX_EXAMPLES = 20
DRAFT = UUID(int=0)
"""The id of a rule that is not stored."""

ALWAYS = (datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC))
WORST_FIRST: tuple[Severity, ...] = ("critical", "major", "warning", "info")

RuleT = TypeVar("RuleT", RouteRule, GroupingRule)


class Span(msgspec.Struct, frozen=True, kw_only=True):
    """Which alerts are tried: those that opened from `since` until `until`; not all of them where not `is_exact`."""

    since: datetime
    until: datetime
    is_exact: bool


class Rehearsal(Protocol):
    """A rule on trial."""

    def see(self, alert: PastAlert) -> None:
        """The next alert, in the order in which they opened."""

    def report(self, span: Span) -> Report:
        """What the rule would have done, once every alert was seen."""


class Tally:
    """What a rule would have touched: counts, and the most severe examples, the newest first."""

    def __init__(self) -> None:
        self.tested = 0
        self.pages = 0
        self._counts: Counter[Severity] = Counter()
        self._examples: dict[Severity, deque[DryRunExample]] = {
            severity: deque(maxlen=MAX_EXAMPLES) for severity in WORST_FIRST
        }

    @property
    def touched(self) -> int:
        """How many alerts."""
        return self._counts.total()

    def touch(self, alert: PastAlert, why: str) -> None:
        """One more."""
        self.pages += alert.pages
        self._counts[alert.severity] += 1
        self._examples[alert.severity].append(
            DryRunExample(
                id=alert.id,
                title=alert.title,
                severity=alert.severity,
                first_fired_at=alert.first_fired_at,
                why=why,
            )
        )

    def by_severity(self) -> dict[Severity, int]:
        """All severities, the worst first."""
        return {severity: self._counts[severity] for severity in WORST_FIRST}

    def examples(self) -> list[DryRunExample]:
        """The most severe, the newest first."""
        return [each for severity in WORST_FIRST for each in reversed(self._examples[severity])][:MAX_EXAMPLES]

    def words(self, done: str) -> str:
        """Such as: Would have muted 41 of 1,203 alerts (3 critical, 38 info), about which 12 pages went out."""
        kinds = ", ".join(f"{count:,} {name}" for name, count in self.by_severity().items() if count)
        which = f" ({kinds}), about which {self.pages:,} pages went out" if kinds else ""
        return f"Would have {done} {self.touched:,} of {self.tested:,} alerts{which}."


def subject_of_past(alert: PastAlert) -> Subject:
    """What matchers see of it."""
    return subject_of(alert.labels, severity=alert.severity, source=alert.source, title=alert.title)


def is_open_at(alert: PastAlert, at: datetime) -> bool:
    """Whether an alert that has opened is not resolved yet."""
    return alert.resolved_at is None or alert.resolved_at > at


def place_among(
    rules: Sequence[RuleT], draft: RuleT, *, position: int | None, positions: Mapping[UUID, int]
) -> list[RuleT]:
    """Enabled rules in order with the draft among them: instead of one of its name, else at its position, or first."""
    same = next((positions.get(each.id) for each in rules if each.name == draft.name), None)
    place = same if position is None else position
    others: list[RuleT] = [each for each in rules if each.name != draft.name]
    before = sum(place is not None and positions.get(each.id, 0) <= place for each in others)
    others.insert(before, draft)
    return others


class SilenceRehearsal:
    """An alert is muted if it fits, and opened while the silence stood where its times count."""

    def __init__(self, draft: SilenceDraft, *, now: datetime) -> None:
        self._tally = Tally()
        is_past = (
            draft.starts_at is not None and draft.ends_at is not None and max(draft.starts_at, draft.ends_at) < now
        )
        starts_at, ends_at = (draft.starts_at, draft.ends_at) if is_past else ALWAYS
        assert starts_at is not None
        assert ends_at is not None
        self._why = "it fits, and opened while the silence stood" if is_past else "it fits"
        silence = Silence(
            id=DRAFT, matchers=draft.matchers, starts_at=starts_at, ends_at=ends_at, comment=draft.comment
        )
        self._rules = MuteRules(silences=[silence])

    def see(self, alert: PastAlert) -> None:
        """The next alert."""
        self._tally.tested += 1
        if any(standing_mutes(self._rules, subject_of_past(alert), alert.first_fired_at)):
            self._tally.touch(alert, self._why)

    def report(self, span: Span) -> Report:
        """What it would have muted."""
        return _mute_report("silence", self._tally, span)


class WindowRehearsal:
    """An alert is muted if it fits and its first moment, when its first tier is due, lies in an occurrence.

    An alert that opened before an occurrence has paged before it, so it does not count.
    """

    def __init__(self, window: MaintenanceWindow, *, since: datetime, until: datetime) -> None:
        self._tally = Tally()
        self._matchers = window.matchers
        self._times = sorted(occurrences(window, since=since, until=until), key=attrgetter("starts_at"))
        self._starts = [each.starts_at for each in self._times]

    def see(self, alert: PastAlert) -> None:
        """The next alert. All occurrences are equally long: the last that has begun is the last to end."""
        self._tally.tested += 1
        begun = bisect_right(self._starts, alert.first_fired_at)
        if begun == 0 or alert.first_fired_at >= self._times[begun - 1].ends_at:
            return
        if fits(self._matchers, subject_of_past(alert)):
            span = self._times[begun - 1]
            self._tally.touch(alert, f"it opened in the window from {_short(span.starts_at)} to {_short(span.ends_at)}")

    def report(self, span: Span) -> Report:
        """What it would have muted."""
        return _mute_report("maintenance_window", self._tally, span)


class InhibitionRehearsal:
    """An alert is muted if an alert that inhibits it was open at the moment when it opened.

    Of all sources with the same values of `equal` the one that stays open longest is asked, and likewise of those that
    are no targets themselves: if these two do not inhibit an alert, no other does.
    """

    def __init__(self, rule: InhibitionRule, *, earlier: Sequence[PastAlert]) -> None:
        self._tally = Tally()
        self._rule = rule
        self._sources: dict[tuple[tuple[str, ...], bool], PastAlert] = {}
        self._same_moment: list[PastAlert] = []
        for alert in earlier:
            self._note(alert)

    def see(self, alert: PastAlert) -> None:
        """The next alert. Those that opened at one moment know each other, in whatever order they come."""
        self._tally.tested += 1
        if self._same_moment and self._same_moment[-1].first_fired_at != alert.first_fired_at:
            self._judge()
        self._same_moment.append(alert)
        self._note(alert)

    def report(self, span: Span) -> Report:
        """What it would have muted."""
        self._judge()
        return _mute_report("inhibition_rule", self._tally, span)

    def _note(self, alert: PastAlert) -> None:
        subject = subject_of_past(alert)
        if not fits(self._rule.source_matchers, subject):
            return
        place = (self._equal(subject), fits(self._rule.target_matchers, subject))
        known = self._sources.get(place)
        if known is None or ends_at(known) < ends_at(alert):
            self._sources[place] = alert

    def _judge(self) -> None:
        for alert in self._same_moment:
            subject = subject_of_past(alert)
            if fits(self._rule.target_matchers, subject):
                source = self._find_source(alert, subject)
                if source is not None:
                    self._tally.touch(alert, f"“{source.title}” ({source.id}) was open")
        self._same_moment.clear()

    def _find_source(self, alert: PastAlert, subject: Subject) -> PastAlert | None:
        places = [(self._equal(subject), is_target) for is_target in (False, True)]
        for source in [self._sources[place] for place in places if place in self._sources]:
            is_other = source.id != alert.id and is_open_at(source, alert.first_fired_at)
            if is_other and inhibits(self._rule, subject, _as_open(source)):
                return source
        return None

    def _equal(self, subject: Subject) -> tuple[str, ...]:
        return tuple(subject.get(name, "") for name in self._rule.equal)


def _mute_report(kind: str, tally: Tally, span: Span) -> MuteReport:
    return msgspec.convert(
        {**report_fields(tally, span), "words": tally.words("muted"), "kind": kind, "would_mute": tally.touched},
        MuteReport,
    )


def report_fields(tally: Tally, span: Span) -> dict[str, object]:
    """What every report tells."""
    return {
        "since": span.since,
        "until": span.until,
        "is_exact": span.is_exact,
        "tested": tally.tested,
        "by_severity": tally.by_severity(),
        "pages": tally.pages,
        "examples": tally.examples(),
    }


def _as_open(alert: PastAlert) -> OpenAlert:
    return OpenAlert(id=alert.id, labels=alert.labels, severity=alert.severity, source=alert.source, title=alert.title)


def ends_at(alert: PastAlert) -> datetime:
    """When it was resolved; never, while it is open."""
    return alert.resolved_at or ALWAYS[1]


def _short(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"

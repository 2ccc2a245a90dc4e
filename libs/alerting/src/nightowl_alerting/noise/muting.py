"""What mutes an alert's pages. Pure.

Judged when a tier is due and not before, by the rules as they stand then; so a rule that comes or goes, or an alert
that changes, can never leave a mute behind.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from nightowl_alerting.model import SEVERITY_RANK, Mute
from nightowl_alerting.noise.matchers import fits, subject_of
from nightowl_alerting.noise.model import Group, InhibitionRule, MuteRules, OpenAlert, Subject
from nightowl_alerting.noise.windows import occurrence_at
from nightowl_contracts import Severity

RECHECK = timedelta(seconds=30)
"""A mute that ends with another alert is woken by that alert's end; this is in case the two have raced."""

_IN_HAND = frozenset({"pending", "stopped", "snoozed"})


def standing_mutes(rules: MuteRules, subject: Subject, now: datetime) -> Iterator[Mute]:
    """Silences and windows that fit now."""
    for silence in rules.silences:
        if silence.starts_at <= now < silence.ends_at and fits(silence.matchers, subject):
            yield Mute(kind="silence", id=silence.id, name=silence.comment, until=silence.ends_at)
    for window in rules.windows:
        if fits(window.matchers, subject):
            occurrence = occurrence_at(window, now)
            if occurrence is not None:
                yield Mute(kind="maintenance_window", id=window.id, name=window.name, until=occurrence.ends_at)


def longest(mutes: Sequence[Mute]) -> Mute | None:
    """The mute that ends last: an alert is judged once at its end, not at the end of each."""
    return max(mutes, key=lambda each: (each.until is None, each.until), default=None)


def inhibitions_of(rules: MuteRules, subject: Subject) -> list[InhibitionRule]:
    """Rules whose target an alert is."""
    return [each for each in rules.inhibitions if fits(each.target_matchers, subject)]


def equal_labels(rule: InhibitionRule, subject: Subject) -> dict[str, str]:
    """Labels that an inhibitor must share with an alert, for an index to use."""
    return {name: subject[name] for name in rule.equal if subject.get(name) and name[0] != "@"}


def inhibits(rule: InhibitionRule, target: Subject, candidate: OpenAlert) -> bool:
    """Whether an open alert mutes another one.

    Two alerts that are both source and target of a rule do not mute each other, as in Alertmanager: nobody would page.
    """
    source = subject_of(candidate.labels, severity=candidate.severity, source=candidate.source, title=candidate.title)
    if not fits(rule.source_matchers, source) or any(source.get(n, "") != target.get(n, "") for n in rule.equal):
        return False
    return not (fits(rule.source_matchers, target) and fits(rule.target_matchers, source))


def inhibition(rule: InhibitionRule, inhibitor: OpenAlert) -> Mute:
    """The mute of an inhibitor."""
    return Mute(kind="inhibition", id=rule.id, name=rule.name, alert_id=inhibitor.id)


def group_mute(group: Group, alert_id: UUID, severity: Severity) -> Mute | None:
    """Whether the lead pages for this alert; None: this one leads from now on, or the group does not mute.

    A lead that is over, that is muted itself, or that ran out of people leads no more; and it never mutes what is
    more severe than itself.
    """
    if group.pages == "each" or group.lead_id is None or group.lead_id == alert_id:
        return None
    if group.lead_status == "resolved" or group.lead_state not in _IN_HAND or group.lead_severity is None:
        return None
    if SEVERITY_RANK[severity] > SEVERITY_RANK[group.lead_severity]:
        return None
    return Mute(kind="group", id=group.id, name=group.name, alert_id=group.lead_id)


def due_again(mute: Mute, now: datetime) -> datetime:
    """When a muted alert is judged again."""
    return now + RECHECK if mute.until is None else mute.until

"""Whether a due tier may page, found out: load → decide (noise.muting), in the caller's transaction."""

from datetime import datetime
from uuid import UUID

import msgspec

from nightowl_alerting.model import Alert, Mute
from nightowl_alerting.noise import muting, store
from nightowl_alerting.noise.matchers import required_labels, subject_of
from nightowl_alerting.noise.model import InhibitionRule, MuteRules, Subject
from nightowl_common.db import Tx


class Clear(msgspec.Struct, frozen=True, kw_only=True, tag="clear"):
    """Nothing mutes it."""


class Muted(msgspec.Struct, frozen=True, kw_only=True, tag="muted"):
    """It is muted; judge it again at `due_at`."""

    by: Mute
    due_at: datetime


class Held(msgspec.Struct, frozen=True, kw_only=True, tag="held"):
    """Somebody else is working on its group: look again in a moment."""


Verdict = Clear | Muted | Held


async def judge(tx: Tx, alert: Alert, rules: MuteRules, *, now: datetime) -> Verdict:
    """Whether a locked alert may page now. If nothing mutes it, it leads its group from now on."""
    if alert.ignores_mutes:
        return Clear()
    by = await find_mute(tx, alert, rules, now=now)
    if by is not None:
        return Muted(by=by, due_at=muting.due_again(by, now))
    return Clear() if alert.group_id is None else await _judge_in_group(tx, alert, alert.group_id, now=now)


async def find_mute(tx: Tx, alert: Alert, rules: MuteRules, *, now: datetime) -> Mute | None:
    """What mutes an alert beside its group: the silence or window that ends last, else an inhibitor."""
    subject = subject_of(alert.labels, severity=alert.severity, source=alert.source, title=alert.title)
    standing = muting.longest(list(muting.standing_mutes(rules, subject, now)))
    if standing is not None:
        return standing
    for rule in muting.inhibitions_of(rules, subject):
        found = await find_inhibitor(tx, alert.id, rule, subject)
        if found is not None:
            return found
    return None


async def find_inhibitor(tx: Tx, alert_id: UUID, rule: InhibitionRule, subject: Subject) -> Mute | None:
    """The first open alert that mutes another one under a rule whose target that is."""
    labels = {**required_labels(rule.source_matchers), **muting.equal_labels(rule, subject)}
    for candidate in await store.find_open_alerts(tx, besides=alert_id, labels=labels):
        if muting.inhibits(rule, subject, candidate):
            return muting.inhibition(rule, candidate)
    return None


async def _judge_in_group(tx: Tx, alert: Alert, group_id: UUID, *, now: datetime) -> Verdict:
    group = await store.lock_group_or_skip(tx, group_id)
    if group is None:
        return Held()
    by = muting.group_mute(group, alert.id, alert.severity)
    if by is not None:
        return Muted(by=by, due_at=muting.due_again(by, now))
    if group.lead_id != alert.id:
        await store.set_lead(tx, group_id, alert.id)
    return Clear()

"""Puts new alerts into groups: load → decide (noise.grouping) → write, in the transaction that opens them.

A group takes alerts while one of its alerts is open, and for the rule's window after it took the last one. A rule with
a threshold begins a group when so many alerts of one key have opened within its window, and takes the earlier ones in.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from nightowl_alerting.model import Alert, Change, Entry
from nightowl_alerting.noise import store as noise
from nightowl_alerting.noise.grouping import belongs, choose_group, key_labels
from nightowl_alerting.noise.matchers import subject_of
from nightowl_alerting.noise.model import GroupingRule, Subject
from nightowl_alerting.noise.store import GroupKey, NewGroup
from nightowl_alerting.store import lock_alerts_or_skip
from nightowl_alerting.transitions import NOBODY
from nightowl_common.db import Tx
from nightowl_common.ids import new_id


class _Wish(msgspec.Struct, kw_only=True):
    """Alerts of one batch that belong together, and those that opened before them."""

    rule: GroupingRule
    key: dict[str, str]
    alerts: list[UUID]
    earlier: list[Alert] = []
    group_id: UUID | None = None


async def join(tx: Tx, changes: Sequence[Change], rules: Sequence[GroupingRule], *, now: datetime) -> list[Change]:
    """The changes with the groups of the alerts that open, and with the earlier alerts that join a new group.

    Raises:
        RacedError: another worker began one of the groups first; nothing may be committed, do it again.
    """
    wishes = _wishes(changes, rules) if rules else []
    if not wishes:
        return list(changes)
    held = {_place(key): group_id for group_id, key in await noise.lock_open_groups(tx, [_key(w) for w in wishes])}
    for wish in wishes:
        wish.group_id = held.get(_place(_key(wish)))
        if wish.group_id is None and await _is_enough(tx, wish, changes, now=now):
            wish.group_id = new_id()
    begun = [wish for wish in wishes if wish.group_id is not None and _place(_key(wish)) not in held]
    await noise.insert_groups(tx, [_new_group(wish) for wish in begun])
    await noise.touch_groups(tx, list(held.values()))
    return _grouped(changes, [wish for wish in wishes if wish.group_id is not None])


def _wishes(changes: Sequence[Change], rules: Sequence[GroupingRule]) -> list[_Wish]:
    by_place: dict[tuple[UUID, str], _Wish] = {}
    for change in changes:
        if change.before is not None or change.after.status == "resolved":
            continue
        chosen = choose_group(_subject(change.after), rules)
        if chosen is not None:
            rule, key = chosen
            wish = by_place.setdefault(_place(GroupKey(rule_id=rule.id, key=key)), _Wish(rule=rule, key=key, alerts=[]))
            wish.alerts.append(change.after.id)
    return [by_place[place] for place in sorted(by_place)]


async def _is_enough(tx: Tx, wish: _Wish, changes: Sequence[Change], *, now: datetime) -> bool:
    """Whether a group begins; finds the earlier alerts that it takes in."""
    if wish.rule.threshold <= 1:
        return True
    since = now - timedelta(minutes=wish.rule.window_minutes)
    known = {change.after.id for change in changes}
    found = [
        each.id
        for each in await noise.find_ungrouped(tx, since=since, labels=key_labels(wish.key))
        if each.id not in known
        and belongs(
            subject_of(each.labels, severity=each.severity, source=each.source, title=each.title), wish.rule, wish.key
        )
    ]
    if len(found) + len(wish.alerts) < wish.rule.threshold:
        return False
    wish.earlier = [each for each in (await lock_alerts_or_skip(tx, found)).values() if each.group_id is None]
    return True


def _grouped(changes: Sequence[Change], wishes: Sequence[_Wish]) -> list[Change]:
    by_alert = {alert_id: wish for wish in wishes for alert_id in wish.alerts}
    joined = [_join(each, by_alert[each.after.id]) if each.after.id in by_alert else each for each in changes]
    taken_in = [
        _join(Change(before=alert, after=_risen(alert), actor=NOBODY, entries=[], verbs=[]), wish)
        for wish in wishes
        for alert in wish.earlier
    ]
    return [*joined, *taken_in]


def _join(change: Change, wish: _Wish) -> Change:
    after = msgspec.structs.replace(change.after, group_id=wish.group_id)
    evidence: dict[str, object] = {"group_id": str(wish.group_id), "rule": wish.rule.name, "key": wish.key}
    entry = Entry(kind="grouped", actor=NOBODY, evidence=evidence)
    return msgspec.structs.replace(
        change, after=after, entries=[*change.entries, entry], verbs=[*change.verbs, "grouped"]
    )


def _new_group(wish: _Wish) -> NewGroup:
    assert wish.group_id is not None
    return NewGroup(id=wish.group_id, rule_id=wish.rule.id, name=wish.rule.name, key=wish.key, pages=wish.rule.pages)


def _subject(alert: Alert) -> Subject:
    return subject_of(alert.labels, severity=alert.severity, source=alert.source, title=alert.title)


def _risen(alert: Alert) -> Alert:
    return msgspec.structs.replace(alert, version=alert.version + 1)


def _key(wish: _Wish) -> GroupKey:
    return GroupKey(rule_id=wish.rule.id, key=wish.key)


def _place(key: GroupKey) -> tuple[UUID, str]:
    """The same for the same key, in whatever order its labels came."""
    return key.rule_id, msgspec.json.encode(dict(sorted(key.key.items()))).decode()

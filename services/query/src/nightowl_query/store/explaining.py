"""Facts for explanations: everything that decides about an alert, read without locks in the caller's transaction."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from nightowl_alerting import mutes
from nightowl_alerting import store as kernel
from nightowl_alerting.model import Alert, Disposition, Mute, Policy, Route
from nightowl_alerting.noise import store as noise
from nightowl_alerting.noise.grouping import belongs, choose_group, key_labels
from nightowl_alerting.noise.matchers import subject_of
from nightowl_alerting.noise.model import GroupingRule, MuteRules, Silence, Subject
from nightowl_alerting.noise.muting import inhibitions_of
from nightowl_alerting.noise.routing import Routing, choose_route
from nightowl_alerting.transitions import Received, fold_received
from nightowl_auth import load_known_key
from nightowl_common.db import Record, Tx, load_queries
from nightowl_query.model import TimelineEntry
from nightowl_query.model.explanation import (
    Facts,
    GroupFacts,
    KnownIncident,
    Names,
    PagedTier,
    PastedAlert,
    PolicyFacts,
    SendingKey,
    StandIn,
)
from nightowl_query.store.payloads import load_payloads

SQL = load_queries(__package__, "explaining.sql")

NOT_STORED = UUID(int=0)


async def load_facts(tx: Tx, alert_id: UUID, *, tenant: str) -> Facts | None:
    """What decided about a stored alert, and the rules as they are now; None: there is no such alert."""
    row = await tx.fetchrow(SQL["load_alert"], alert_id, None)
    if row is None:
        return None
    alert, now = msgspec.convert(dict(row), Alert), await tx.now()
    grouping, group = await noise.load_grouping_rules(tx), None
    if alert.group_id is not None:
        group = await _load_group(tx, group_id=alert.group_id)
    entries = await _load_entries(tx, alert_id)
    paged = [msgspec.convert(dict(row), PagedTier) for row in await tx.fetch(SQL["load_paged"], alert_id)]
    facts = Facts(
        at=now,
        alert=alert,
        payloads=await load_payloads(tx, alert_id),
        entries=entries,
        grouping=grouping,
        group=group,
        matched=_incident(await tx.fetchrow(SQL["load_matched"], alert_id)),
        routing=await noise.load_routing(tx),
        due_at=await tx.fetchval(SQL["load_due"], alert_id),
        key=await _load_key(tx, entries.get("opened"), tenant=tenant),
        severity_words=await tx.fetchval(SQL["load_severity_words"], tenant) or {},
        paged=paged,
        names=await _load_names(tx, paged),
    )
    return await _with_rules(tx, facts)


async def _load_entries(tx: Tx, alert_id: UUID) -> dict[str, TimelineEntry]:
    rows = await tx.fetch(SQL["load_entries"], alert_id)
    return {row["kind"]: msgspec.convert(dict(row), TimelineEntry) for row in rows}


async def _load_key(tx: Tx, opened: TimelineEntry | None, *, tenant: str) -> SendingKey | None:
    """The key that the opening call came with, revoked or not."""
    key_id = None if opened is None else opened.evidence.get("key_id")
    row = None if key_id is None else await load_known_key(tx, UUID(str(key_id)), tenant=tenant)
    return None if row is None else msgspec.convert(dict(row), SendingKey)


async def _load_names(tx: Tx, paged: Sequence[PagedTier]) -> Names:
    """What the ids in paged tiers stand for. Ids of what is gone are left out."""
    chosen = [each for tier in paged for each in tier.chosen]
    overrides = await tx.fetch(SQL["load_overrides"], _ids(chosen, "override_id"))
    people = {*_ids(chosen, "second"), *(each for one in chosen for each in one.get("skipped", ()))}
    return Names(
        people={row["id"]: row["display_name"] for row in await tx.fetch(SQL["load_displayed"], sorted(people))},
        rosters={row["id"]: row["name"] for row in await tx.fetch(SQL["load_rosters"], _ids(chosen, "roster_id"))},
        overrides={row["id"]: msgspec.convert(dict(row), StandIn) for row in overrides},
    )


def _ids(chosen: Sequence[Mapping[str, Any]], name: str) -> list[str]:
    return sorted({each[name] for each in chosen if each.get(name) is not None})


async def load_facts_of_pasted(tx: Tx, pasted: PastedAlert, *, at: datetime) -> Facts:
    """What would decide about an alert that came at an instant, given what is open now."""
    routing, grouping = await noise.load_routing(tx), await noise.load_grouping_rules(tx)
    disposition, alert, due_at = await _receive(tx, pasted, routing, at=at)
    group, ungrouped = None, 0
    if alert.group_id is not None:
        group = await _load_group(tx, group_id=alert.group_id)
    elif disposition != "repeated":
        group, ungrouped = await _find_group(tx, _subject(alert), grouping, at=at)
    facts = Facts(
        at=at,
        alert=alert,
        pasted=pasted,
        disposition=disposition,
        grouping=grouping,
        group=group,
        ungrouped=ungrouped,
        routing=routing,
        due_at=due_at or await tx.fetchval(SQL["load_due"], alert.id),
    )
    return await _with_rules(tx, facts)


async def _receive(
    tx: Tx, pasted: PastedAlert, routing: Routing, *, at: datetime
) -> tuple[Disposition, Alert, datetime | None]:
    """What becomes of it, the alert after that, and when its tier is due if that changes.

    Where nothing is opened or changed, the alert is the one that it would have opened.
    """
    row = await tx.fetchrow(SQL["load_alert"], None, pasted.fingerprint)
    last = (await kernel.load_last_episodes(tx, [pasted.fingerprint])).get(pasted.fingerprint)
    received = Received(alert=pasted, source=pasted.source, receipt_id=NOT_STORED, new_id=NOT_STORED, at=at)

    def route(_: Received) -> Route:
        return choose_route(
            subject_of(pasted.labels, severity=pasted.severity, source=pasted.source, title=pasted.title), routing
        )

    current = None if row is None else msgspec.convert(dict(row), Alert)
    folded = fold_received([received], open_alert=current, last_episode=last, route=route, now=at)
    disposition = folded.outcomes[0][0]
    if folded.changes:
        return disposition, folded.changes[-1].after, folded.changes[-1].due_at
    if current is not None:
        return disposition, current, None
    firing = msgspec.structs.replace(received, alert=msgspec.structs.replace(pasted, status="firing", agent=None))
    alone = fold_received([firing], open_alert=None, last_episode=None, route=route, now=at)
    return disposition, alone.changes[-1].after, None


async def _find_group(
    tx: Tx, subject: Subject, rules: list[GroupingRule], *, at: datetime
) -> tuple[GroupFacts | None, int]:
    """The group that would take it, and how many alerts of its key are in none yet."""
    chosen = choose_group(subject, rules)
    if chosen is None:
        return None, 0
    rule, key = chosen
    window = timedelta(minutes=rule.window_minutes)
    group = await _load_group(tx, rule_id=rule.id, key=key)
    if group is not None and (group.has_open or group.last_added_at > at - window):
        return group, 0
    found = await noise.find_ungrouped(tx, since=at - window, labels=key_labels(key))
    subjects = [subject_of(each.labels, severity=each.severity, source=each.source, title=each.title) for each in found]
    return None, sum(belongs(each, rule, key) for each in subjects)


async def _with_rules(tx: Tx, facts: Facts) -> Facts:
    """The facts with what mutes the alert at the instant, what is known about it, its policy, and all names."""
    alert, subject = facts.alert, _subject(facts.alert)
    silences = [msgspec.convert(dict(row), Silence) for row in await tx.fetch(SQL["load_silences"], facts.at)]
    rules = msgspec.structs.replace(await noise.load_mute_rules(tx), silences=silences)
    services = {each.service_id: name for name, each in facts.routing.services.items() if each.service_id is not None}
    return msgspec.structs.replace(
        facts,
        rules=rules,
        inhibitors=await _find_inhibitors(tx, alert, subject, rules),
        mute=await mutes.find_mute(tx, alert, rules, now=facts.at),
        known=_incident(await tx.fetchrow(SQL["load_known"], alert.fingerprint)),
        services=services,
        policies={row["id"]: row["name"] for row in await tx.fetch(SQL["load_policy_names"])},
        policy=await _load_policy(tx, alert, choose_route(subject, facts.routing)),
    )


async def _find_inhibitors(tx: Tx, alert: Alert, subject: Subject, rules: MuteRules) -> dict[UUID, Mute]:
    found = {
        rule.id: await mutes.find_inhibitor(tx, alert.id, rule, subject) for rule in inhibitions_of(rules, subject)
    }
    return {rule_id: each for rule_id, each in found.items() if each is not None}


async def _load_group(
    tx: Tx, *, group_id: UUID | None = None, rule_id: UUID | None = None, key: dict[str, str] | None = None
) -> GroupFacts | None:
    row = await tx.fetchrow(SQL["load_group"], group_id, rule_id, key)
    return None if row is None else msgspec.convert(dict(row), GroupFacts)


async def _load_policy(tx: Tx, alert: Alert, route: Route) -> PolicyFacts | None:
    """The policy that the alert keeps, else the one that its route names."""
    holder = route if alert.policy_id is None else alert
    row = await tx.fetchrow(SQL["load_policy"], holder.policy_id, holder.policy_version)
    if row is None:
        return None
    policy = msgspec.convert(dict(row), Policy)
    targets = [target for tier in policy.tiers for target in tier.targets]
    people = {each["id"]: each["display_name"] for each in await tx.fetch(SQL["load_people"], targets)}
    return PolicyFacts(name=row["name"], policy=policy, people=people)


def _incident(row: Record | None) -> KnownIncident | None:
    return None if row is None else msgspec.convert(dict(row), KnownIncident)


def _subject(alert: Alert) -> Subject:
    return subject_of(alert.labels, severity=alert.severity, source=alert.source, title=alert.title)

"""The chain of decisions about one alert, from facts. Pure.

Of a stored alert each step tells what was decided, by its row and its timeline; `now` tells what the rules of today
would decide, where that differs. Of a pasted alert each step tells what the rules say.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import assert_never
from uuid import UUID

import msgspec

from nightowl_alerting.model import Alert, Mute, Route
from nightowl_alerting.noise.grouping import choose_group
from nightowl_alerting.noise.matchers import subject_of
from nightowl_alerting.noise.model import Group, Subject
from nightowl_alerting.noise.muting import group_mute
from nightowl_alerting.noise.routing import SERVICE_LABEL, choose_route, first_saying, taken_routes
from nightowl_alerting.transitions import judge
from nightowl_query.engine.choosing import tell_people
from nightowl_query.engine.foretelling import foretell, name_targets
from nightowl_query.engine.receiving import (
    evidence_of,
    provenance_of,
    tell_deduplication,
    tell_fields,
    tell_fingerprint,
    tell_received,
)
from nightowl_query.engine.trying import FIELDS, stamp, try_grouping_rules, try_mutes, try_routes
from nightowl_query.model.explanation import (
    ExplainedStep,
    Explanation,
    Facts,
    FieldProvenance,
    GroupFacts,
    KnownIncident,
    PolicyFacts,
    Said,
    StepName,
    TriedRule,
)


def explain(facts: Facts) -> Explanation:
    """The whole chain, in order."""
    mute, provenance = _mute_now(facts), provenance_of(facts)
    following = foretell(facts, mute)
    steps = [*_steps(facts, mute, provenance), _step("next", following)]
    return Explanation(
        alert_id=None if facts.pasted is not None else facts.alert.id,
        at=facts.at,
        words=following.why,
        steps=[msgspec.structs.replace(each, at=_decided_at(each.step, facts)) for each in steps],
        key=facts.key,
        fields=provenance,
        people=[person for tier in facts.paged for person in tell_people(tier, facts.names)],
    )


def _steps(facts: Facts, mute: Mute | None, provenance: Sequence[FieldProvenance]) -> list[ExplainedStep]:
    alert = facts.alert
    subject = subject_of(alert.labels, severity=alert.severity, source=alert.source, title=alert.title)
    return [
        _step("received", tell_received(facts)),
        _step("fields", tell_fields(facts, provenance)),
        _step("fingerprint", tell_fingerprint(facts, provenance)),
        _step("deduplication", tell_deduplication(facts)),
        _group(facts, subject),
        _mutes(facts, subject, mute),
        _knowledge(facts),
        _route(facts, subject),
        _policy(facts, choose_route(subject, facts.routing)),
        _escalation(facts, subject),
    ]


def _decided_at(step: StepName, facts: Facts) -> datetime | None:
    """When a step of a stored alert was decided; None where that is not known, or is still to come."""
    opened = facts.entries.get("opened")
    if opened is None:
        return None
    match step:
        case "received" | "fields" | "fingerprint":
            return msgspec.convert(opened.evidence.get("received_at"), datetime | None)
        case "deduplication" | "route" | "policy":
            return opened.at
        case "group":
            return facts.entries.get("grouped", opened).at
        case "knowledge":
            return facts.entries.get("kb_matched", opened).at
        case "mutes":
            judged = [facts.entries[kind].at for kind in ("muted", "nobody_to_page") if kind in facts.entries]
            return min([*judged, *(tier.at for tier in facts.paged)], default=None)
        case "escalation" | "next":
            return None
        case _:
            assert_never(step)


def _step(
    step: StepName, said: Said, *, now: Said | None = None, tried: Sequence[TriedRule] = ()
) -> ExplainedStep:  # fmt: skip
    fields = {name: getattr(said, name) for name in said.__struct_fields__}
    return ExplainedStep(**fields, step=step, tried=list(tried), now=now)


def _is_settled(facts: Facts) -> bool:
    """Whether its route and its group are chosen already: it is stored, or belongs to an alert that is."""
    return facts.pasted is None or facts.disposition in {"repeated", "resolved"}


def _group(facts: Facts, subject: Subject) -> ExplainedStep:
    tried = try_grouping_rules(subject, facts.grouping)
    now = _group_by_rules(facts, subject)
    is_settled = _is_settled(facts)
    if not is_settled:
        return _step("group", now, tried=tried)
    said = Said(verdict="alone", why="it is in no group")
    if facts.group is not None:
        said = _grouped(facts.group, "grouped", f"it is in the group “{facts.group.name}”")
    key = None if facts.group is None else facts.group.key
    is_same = (said.rule_id, key) == (now.rule_id, now.evidence.get("key"))
    return _step("group", said, now=None if is_same else now, tried=tried)


def _group_by_rules(facts: Facts, subject: Subject) -> Said:
    chosen = choose_group(subject, facts.grouping)
    if chosen is None:
        return Said(verdict="alone", why="no grouping rule fits")
    rule, key = chosen
    if facts.pasted is not None and facts.group is not None:
        return _grouped(facts.group, "joins", f"it would join the open group “{rule.name}”")
    so_far = facts.ungrouped + 1
    is_enough = so_far >= rule.threshold
    why = (
        "it would begin a group" if is_enough else f"a group begins with {rule.threshold} alerts; it is number {so_far}"
    )
    if facts.pasted is None:
        is_enough, why = True, f"“{rule.name}” fits"
    evidence: dict[str, object] = {"key": key, "threshold": rule.threshold, "window_minutes": rule.window_minutes}
    return Said(
        verdict="begins" if is_enough else "waits", why=why, rule_id=rule.id, rule_name=rule.name, evidence=evidence
    )


def _grouped(group: GroupFacts, verdict: str, why: str) -> Said:
    lead = "nothing has paged for it yet" if group.lead_id is None else f"“{group.lead_title}” leads it"
    names = ("key", "pages", "alerts", "opened_at", "closed_at", "lead_id", "lead_title", "lead_status", "lead_state")
    evidence: dict[str, object] = {"group_id": group.id, **{name: getattr(group, name) for name in names}}
    return Said(verdict=verdict, why=f"{why}; {lead}", rule_id=group.rule_id, rule_name=group.name, evidence=evidence)


def _mute_now(facts: Facts) -> Mute | None:
    """As when a tier is due: a person's word, then silences, windows and inhibitors, then the group."""
    alert, group = facts.alert, facts.group
    if alert.ignores_mutes:
        return None
    if facts.mute is not None or group is None:
        return facts.mute
    fields = {name: getattr(group, name) for name in Group.__struct_fields__}
    return group_mute(Group(**fields), alert.id, alert.severity)


def _mutes(facts: Facts, subject: Subject, mute: Mute | None) -> ExplainedStep:
    tried = try_mutes(subject, facts)
    now = _clear(facts.alert) if mute is None else _muted("muted", mute)
    if facts.pasted is not None:
        return _step("mutes", now, tried=tried)
    past, by = facts.entries.get("muted"), facts.alert.muted_by
    if by is not None:
        said = _muted("muted", by)
    elif past is not None:
        was = msgspec.convert(past.evidence["by"], Mute)
        said = _muted("was_muted", was, since=f"; last on {stamp(past.at)}")
    else:
        said = Said(verdict="clear", why="nothing has kept it from paging")
    is_same = now.rule_id == (None if by is None else by.id)
    return _step("mutes", said, now=None if is_same else now, tried=tried)


def _clear(alert: Alert) -> Said:
    if alert.ignores_mutes:
        return Said(verdict="clear", why="somebody escalated it by hand: no rule mutes it")
    return Said(verdict="clear", why="no silence, window, inhibition rule or group mutes it")


def _muted(verdict: str, by: Mute, *, since: str = "") -> Said:
    ends = f" until {stamp(by.until)}" if by.until is not None else f" while alert {by.alert_id} is open"
    kind = by.kind.replace("_", " ")
    evidence: dict[str, object] = {"kind": by.kind, "until": by.until, "alert_id": by.alert_id}
    return Said(
        verdict=verdict, why=f"{kind} “{by.name}”{ends}{since}", rule_id=by.id, rule_name=by.name, evidence=evidence
    )


def _knowledge(facts: Facts) -> ExplainedStep:
    now = _known(facts.known, "no incident answers for its fingerprint")
    now = msgspec.structs.replace(
        now, evidence={**now.evidence, "looked_for": ["fingerprint"], "not_looked_for": ["text", "pattern"]}
    )
    if facts.pasted is not None:
        return _step("knowledge", now)
    said = _known(facts.matched, "no incident was found when it opened")
    is_same = facts.known is None or said.rule_id == now.rule_id
    return _step("knowledge", said, now=None if is_same else now)


def _known(incident: KnownIncident | None, otherwise: str) -> Said:
    if incident is None:
        return Said(verdict="unknown", why=otherwise)
    why = f"“{incident.title}” by {incident.kind}, score {incident.score:g}"
    evidence: dict[str, object] = {"incident_id": incident.id, "kind": incident.kind, "score": incident.score}
    return Said(verdict="known", why=why, rule_id=incident.id, rule_name=incident.title, evidence=evidence)


def _route(facts: Facts, subject: Subject) -> ExplainedStep:
    alert, tried = facts.alert, try_routes(subject, facts.routing.routes)
    now = _routed(facts, subject)
    if not _is_settled(facts):
        return _step("route", now, tried=tried)
    via = evidence_of(facts, "opened").get("routes")
    kept: dict[str, object] = {
        "service": _name(facts.services, alert.service_id),
        "policy": _name(facts.policies, alert.policy_id),
        "slack_channel": alert.slack_channel,
        "pages_from": alert.pages_from,
        "routes": via if isinstance(via, list) else [],
    }
    said = Said(verdict="routed" if kept["routes"] else "default", why=_outcome(kept), evidence=kept)
    names = ["service", "slack_channel", "pages_from", *(["policy"] if alert.policy_id else [])]
    differs = any(kept[name] != now.evidence[name] for name in names)
    if via is not None and not differs and via == now.evidence["routes"]:
        return _step(
            "route", msgspec.structs.replace(said, evidence={**kept, "from": now.evidence["from"]}), tried=tried
        )
    return _step("route", said, now=now if differs or via is not None else None, tried=tried)


def _routed(facts: Facts, subject: Subject) -> Said:
    """Where it belongs by the routes of today, and who says so, field by field."""
    taken, route = list(taken_routes(subject, facts.routing.routes)), choose_route(subject, facts.routing)
    whose: dict[str, object] = {}
    for name in FIELDS:
        says = first_saying(taken, name)
        field = name.removesuffix("_id")
        whose[field] = _default(name, facts, route, subject) if says is None else f"route “{says.name}”"
    evidence: dict[str, object] = {
        "service": _name(facts.services, route.service_id),
        "policy": _name(facts.policies, route.policy_id),
        "slack_channel": route.slack_channel,
        "pages_from": route.pages_from,
        "routes": list(route.via),
        "from": whose,
    }
    first = taken[0] if taken else None
    return Said(
        verdict="routed" if taken else "default",
        why=_outcome(evidence),
        rule_id=None if first is None else first.id,
        rule_name=None if first is None else first.name,
        evidence=evidence,
    )


def _default(field: str, facts: Facts, route: Route, subject: Subject) -> str:
    """Who decides what no route does."""
    match field:
        case "service_id" if route.service_id is not None:
            return f"its label {SERVICE_LABEL}"
        case "service_id":
            return f"no service is called “{subject.get(SERVICE_LABEL, '')}”" if SERVICE_LABEL in subject else "nobody"
        case "policy_id" if facts.routing.service_by_id(route.service_id).policy_id is not None:
            return "its service"
        case "policy_id":
            return "nobody" if route.policy_id is None else "the tenant's default"
        case "slack_channel":
            return "the tenant's default"
        case _:
            return "the default"


def _outcome(evidence: dict[str, object]) -> str:
    service, policy = evidence["service"] or "no service", evidence["policy"] or "no policy"
    routes = evidence["routes"]
    via = f"by {', '.join(f'“{each}”' for each in routes)}" if isinstance(routes, list) and routes else "by no route"
    return f"{via}: {service}, {policy}, pages from {evidence['pages_from']}"


def _policy(facts: Facts, route: Route) -> ExplainedStep:
    found, alert = facts.policy, facts.alert
    if found is None:
        return _step("policy", Said(verdict="none", why="no escalation policy: nobody is paged"))
    said = _chosen(found)
    if alert.policy_id is None:
        why = f"{said.why}; not used: {alert.escalation_reason}"
        return _step("policy", msgspec.structs.replace(said, verdict="not_used", why=why))
    is_same = (route.policy_id, route.policy_version) == (alert.policy_id, alert.policy_version)
    now = Said(
        verdict="chosen" if route.policy_id else "none",
        why="an alert keeps the policy that it started with; the current one is another",
        rule_id=route.policy_id,
        rule_name=_name(facts.policies, route.policy_id),
        evidence={"version": route.policy_version},
    )
    return _step("policy", said, now=None if is_same else now)


def _chosen(found: PolicyFacts) -> Said:
    policy = found.policy
    tiers = [
        {
            "tier": number,
            "timeout_minutes": tier.timeout_minutes,
            "notify_via": tier.notify_via,
            "targets": name_targets(tier.targets, found.people),
        }
        for number, tier in enumerate(policy.tiers, start=1)
    ]
    evidence: dict[str, object] = {"version": policy.version, "repeat_count": policy.repeat_count, "tiers": tiers}
    why = f"version {policy.version} of “{found.name}”, {len(tiers)} tiers, {policy.repeat_count + 1} cycles"
    return Said(verdict="chosen", why=why, rule_id=policy.policy_id, rule_name=found.name, evidence=evidence)


def _escalation(facts: Facts, subject: Subject) -> ExplainedStep:
    alert = facts.alert
    route = choose_route(subject, facts.routing)
    pages, reason = judge(alert.severity, route)
    evidence: dict[str, object] = {
        name: getattr(alert, name) for name in ("status", "cycle", "tier", "snoozed_until", "ignores_mutes")
    }
    last = facts.entries.get("escalated") or facts.entries.get("nobody_to_page")
    if last is not None:
        evidence["last_tier"] = {"at": last.at, **last.evidence}
    said = Said(verdict=alert.escalation_state, why=alert.escalation_reason, evidence=evidence)
    did_page = alert.policy_id is not None
    now = Said(verdict="pending" if pages else "none", why=f"if it opened now: {reason}")
    return _step("escalation", said, now=now if facts.pasted is None and did_page != pages else None)


def _name(names: Mapping[UUID, str], known: UUID | None) -> str | None:
    return None if known is None else names.get(known)

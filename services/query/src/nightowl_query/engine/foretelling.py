"""What happens to an alert next, if nothing else does. Pure."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from nightowl_alerting.model import Alert, Mute
from nightowl_alerting.noise.muting import due_again
from nightowl_alerting.paging import Drop, Exhaust, Page, decide_escalation
from nightowl_query.engine.trying import stamp
from nightowl_query.model.explanation import Facts, PolicyFacts, Said


def foretell(facts: Facts, mute: Mute | None) -> Said:
    """Whom is paged when, or why nobody is; `mute` is what mutes it now."""
    alert = facts.alert
    match facts.disposition, alert.status, alert.escalation_state:
        case "stale", _, _:
            return Said(verdict="nothing", why="Nothing: no alert is opened or changed by it.")
        case _, "resolved", _:
            why = f"Nothing: it is over. If it fires again, that is episode {alert.episode + 1}."
            return Said(verdict="nothing", why=why)
        case _, _, "none":
            why = f"Nobody is paged: {alert.escalation_reason}. A higher severity is judged anew."
            return Said(verdict="nobody", why=why)
        case _, _, "stopped":
            return Said(verdict="nobody", why=f"Nobody is paged: {alert.escalation_reason}.")
        case _, _, "exhausted":
            return Said(verdict="nobody", why=f"Nobody more is paged: {alert.escalation_reason}.")
        case _, _, "snoozed":
            until = "" if alert.snoozed_until is None else stamp(alert.snoozed_until)
            why = f"Nobody is paged before {until}. If it still fires then, it is judged again and pages at once."
            return Said(verdict="waits", why=why, evidence={"until": alert.snoozed_until})
        case _:
            return _due(facts, alert, mute)


def _due(facts: Facts, alert: Alert, mute: Mute | None) -> Said:
    at = max(facts.at, facts.due_at or facts.at)
    if facts.policy is None:
        return Said(verdict="nobody", why="Nobody is paged: its escalation policy is gone.")
    tier = _tier(alert, facts.policy, facts)
    if mute is not None:
        kind = mute.kind.replace("_", " ")
        again = due_again(mute, facts.at)
        why = f"Nobody is paged: the {kind} “{mute.name}” mutes it. At {stamp(again)} it is judged again; then {tier}"
        return Said(verdict="muted", why=why, rule_id=mute.id, rule_name=mute.name, evidence={"due_at": again})
    return Said(verdict="pages", why=f"At {stamp(at)}: {tier}", evidence={"due_at": at})


def name_targets(targets: Sequence[str], people: Mapping[UUID, str]) -> list[str]:
    """Targets of a tier, with the names of the people whom they mean by id."""
    names = {f"user:{user_id}": name for user_id, name in people.items()}
    return [f"{each} ({names[each]})" if each in names else each for each in targets]


def _tier(alert: Alert, found: PolicyFacts, facts: Facts) -> str:
    policy = found.policy
    decision = decide_escalation(alert, policy, timer_version=alert.escalation_version, now=facts.at)
    match decision:
        case Page(tier=number, cycle=cycle):
            tier = policy.tiers[number]
            whom, how = ", ".join(name_targets(tier.targets, found.people)), ", ".join(tier.notify_via)
            return f"tier {number + 1} of cycle {cycle - alert.first_cycle + 1} pages {whom} over {how}."
        case Exhaust():
            return "every tier has had its turn: the admins are told, and nobody more is paged."
        case Drop():
            return "nothing is owed any more."

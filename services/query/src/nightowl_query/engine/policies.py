"""What a policy may say, and what is wrong with it. Pure: people and rosters are arguments."""

from collections.abc import Collection, Iterable, Sequence
from uuid import UUID

import msgspec

from nightowl_alerting.model import Policy as KernelPolicy
from nightowl_alerting.targets.model import Channel, Endpoint, Lead, Named, Seat, Staff, Target, UnknownTargetError
from nightowl_alerting.targets.parsing import parse_target
from nightowl_alerting.targets.reach import Outlook
from nightowl_common.errors import FieldProblem, InvalidError
from nightowl_query.model.policies import Policy, PolicyContent, PolicyVersion, PolicyWarning

Problems = list[FieldProblem]


def require_policy(content: PolicyContent, *, staff: Staff, rosters: Collection[UUID]) -> None:
    """Does nothing when everything that a policy names is there.

    Raises:
        InvalidError: with the field of each thing that is not.
    """
    found: Problems = []
    if content.roster_id is not None and content.roster_id not in rosters:
        found.append(FieldProblem(field="$.roster_id", reason="no such roster"))
    if content.lead_id is not None and content.lead_id not in staff.people:
        found.append(FieldProblem(field="$.lead_id", reason="no such active person"))
    for number, tier in enumerate(content.tiers):
        path = f"$.tiers[{number}]"
        found += _doubles(tier.targets, path=f"{path}.targets")
        found += _doubles(tier.notify_via, path=f"{path}.notify_via")
        for place, words in enumerate(tier.targets):
            found += _wrong_target(words, content, path=f"{path}.targets[{place}]", staff=staff, rosters=rosters)
    if found:
        raise InvalidError(fields=found)


def require_reachable(tiers: Sequence[Outlook]) -> None:
    """Does nothing when at least one tier reaches somebody within the span.

    Raises:
        InvalidError: none does: only the admins would ever be paged.
    """
    if all(each.is_never_reached for each in tiers):
        reason = "no tier reaches anybody within 14 days"
        fields = [FieldProblem(field=f"$.tiers[{each.tier}].targets", reason=reason) for each in tiers]
        raise InvalidError(fields=fields)


def warnings_of(tiers: Iterable[Outlook]) -> list[PolicyWarning]:
    """What would go wrong, tier by tier."""
    found: list[PolicyWarning] = []
    for tier in tiers:
        found += [
            PolicyWarning(
                tier=tier.tier, target=each.target, problem=each.problem or "nobody", starts_at=None, ends_at=None,
                detail=each.said,
            )
            for each in tier.dead_targets
        ]  # fmt: skip
        found += [
            PolicyWarning(
                tier=tier.tier, target=None, problem="nobody", starts_at=each.starts_at, ends_at=each.ends_at,
                detail="; ".join(each.why),
            )
            for each in tier.unreached
        ]  # fmt: skip
    return found


def content_of(policy: Policy | PolicyVersion, *, name: str, description: str) -> PolicyContent:
    """What people wrote, under a name.

    Raises:
        InvalidError: it was written when more was allowed.
    """
    fields = {"name": name, "description": description, **_rules(policy)}
    try:
        return msgspec.convert(fields, PolicyContent)
    except msgspec.ValidationError as error:
        raise InvalidError(fields=[FieldProblem(field="$.tiers", reason=str(error))]) from error


def to_kernel(policy: Policy | PolicyVersion | PolicyContent, *, policy_id: UUID, version: int) -> KernelPolicy:
    """The policy that escalation would run."""
    return msgspec.convert({"policy_id": policy_id, "version": version, **_rules(policy)}, KernelPolicy)


def differences(before: Policy, content: PolicyContent) -> dict[str, object]:
    """Field → [before, after] of what a new content changes."""
    old = {"name": before.name, "description": before.description, **_rules(before)}
    new = {"name": content.name, "description": content.description, **_rules(content)}
    return {name: [old[name], new[name]] for name in new if old[name] != new[name]}


def _rules(policy: Policy | PolicyVersion | PolicyContent) -> dict[str, object]:
    return {
        "tiers": msgspec.to_builtins(policy.tiers),
        "repeat_count": policy.repeat_count,
        "roster_id": None if policy.roster_id is None else str(policy.roster_id),
        "lead_id": None if policy.lead_id is None else str(policy.lead_id),
    }


def _doubles(words: Sequence[str], *, path: str) -> Problems:
    return [
        FieldProblem(field=f"{path}[{place}]", reason="is named twice")
        for place, each in enumerate(words)
        if each in words[:place]
    ]


def _wrong_target(
    words: str, content: PolicyContent, *, path: str, staff: Staff, rosters: Collection[UUID]
) -> Problems:  # fmt: skip
    try:
        reason = _what_is_missing(parse_target(words), content, staff=staff, rosters=rosters)
    except UnknownTargetError:
        reason = (
            "one of oncall_primary, oncall_backup, team_lead, roster:<id>:primary, roster:<id>:secondary, user:<id>, "
            "channel:<id>, endpoint:<id>"
        )
    return [] if reason is None else [FieldProblem(field=path, reason=reason)]


def _what_is_missing(
    target: Target, content: PolicyContent, *, staff: Staff, rosters: Collection[UUID]
) -> str | None:  # fmt: skip
    match target:
        case Seat(roster_id=None):
            return "needs `roster_id`" if content.roster_id is None else None
        case Seat(roster_id=roster_id):
            return None if roster_id in rosters else "no such roster"
        case Lead():
            return "needs `lead_id`" if content.lead_id is None else None
        case Named(user_id=user_id):
            return None if user_id in staff.people else "no such active person"
        case Endpoint(endpoint_id=endpoint_id):
            return None if endpoint_id in staff.endpoints else "no such endpoint"
        case Channel():
            return None

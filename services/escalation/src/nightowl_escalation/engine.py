"""Whom a tier pages. Pure: who is on call is an argument.

A target with nobody behind it passes to the next; a person without any of the tier's channels is paged over one they
have; when all targets come to nobody, the tenant's admins are the fallback. Never silence.
"""

from collections.abc import Iterable
from uuid import UUID

from nightowl_alerting.model import Recipient, Tier
from nightowl_alerting.paging import FALLBACK_CHANNELS
from nightowl_escalation.model import Duty, Person, Resolved, Staff


def resolve_tier(tier: Tier, *, staff: Staff, duty: Duty) -> Resolved:
    """The recipients of a tier, each once per channel, in the order of its targets."""
    recipients: list[Recipient] = []
    why: list[str] = []
    for target in tier.targets:
        found, reason = _resolve_target(target, tier, staff, duty)
        recipients += found
        why.append(f"{target}: {reason}")
    if "slack_channel" in tier.notify_via and staff.slack_channel is not None:
        recipients.append(_to_channel(staff.slack_channel))
    if not recipients:
        recipients = page_admins(staff)
        why.append(f"nobody behind any target: {len(recipients)} page(s) to the admins instead")
    return Resolved(recipients=_distinct(recipients), why=why)


def page_admins(staff: Staff) -> list[Recipient]:
    """One page to each admin, over the first channel that reaches them."""
    admins = sorted((p for p in staff.people.values() if p.is_admin), key=lambda person: person.user_id)
    return [page for person in admins for page in _over_any(person)]


def _resolve_target(target: str, tier: Tier, staff: Staff, duty: Duty) -> tuple[list[Recipient], str]:
    kind, _, ref = target.partition(":")
    match kind:
        case "channel":
            return [_to_channel(ref)], "channel"
        case "endpoint":
            return _endpoint(ref.lower(), staff)
        case "user":
            return _page(_person(ref, staff), tier, said="named in the policy")
        case "oncall_primary" | "oncall_backup":
            return _on_call(kind, tier, staff, duty)
        case _:
            return [], "not a target that this version knows"


def _on_call(kind: str, tier: Tier, staff: Staff, duty: Duty) -> tuple[list[Recipient], str]:
    if duty.on_call is None:
        return [], "the policy names no roster"
    user_id = duty.on_call.primary if kind == "oncall_primary" else duty.on_call.secondary
    if user_id is None:
        return [], "nobody is on call"
    until = "" if duty.on_call.ends_at is None else f" until {duty.on_call.ends_at.isoformat()}"
    instead = " for somebody who is away" if duty.on_call.reason == "stands_in" else ""
    return _page(staff.people.get(user_id), tier, said=f"on call by {duty.on_call.source}{instead}{until}")


def _page(person: Person | None, tier: Tier, *, said: str) -> tuple[list[Recipient], str]:
    if person is None:
        return [], "no such active person"
    wanted = [_to_person(person, channel) for channel in tier.notify_via if channel in person.contact_methods]
    if wanted:
        return wanted, f"{person.name}, {said}"
    if tier.notify_via == ["slack_channel"]:
        return [], f"{person.name}, {said}, told in the channel"
    other = _over_any(person)
    instead = f"over {other[0].channel} instead" if other else "unreachable"
    return other, f"{person.name}, {said}; has none of the tier's channels: {instead}"


def _over_any(person: Person) -> list[Recipient]:
    return [_to_person(person, channel) for channel in FALLBACK_CHANNELS if channel in person.contact_methods][:1]


def _person(ref: str, staff: Staff) -> Person | None:
    try:
        return staff.people.get(UUID(ref))
    except ValueError:
        return None


def _to_person(person: Person, channel: str) -> Recipient:
    return Recipient(recipient=f"user:{person.user_id}", channel=channel, address=person.contact_methods[channel])


def _to_channel(channel_id: str) -> Recipient:
    return Recipient(recipient=f"channel:{channel_id}", channel="slack_channel", address=channel_id)


def _endpoint(endpoint_id: str, staff: Staff) -> tuple[list[Recipient], str]:
    channel = staff.endpoints.get(endpoint_id)
    if channel is None:
        return [], "no such endpoint"
    return [Recipient(recipient=f"endpoint:{endpoint_id}", channel=channel, address=endpoint_id)], "endpoint"


def _distinct(recipients: Iterable[Recipient]) -> list[Recipient]:
    first: dict[tuple[str, str], Recipient] = {}
    for each in recipients:
        first.setdefault((each.recipient, each.channel), each)
    return list(first.values())

"""Whom a tier pages. Pure: who is on call is an argument.

A target with nobody behind it passes to the next; a person is paged by their own rules where they have some, else over
the tier's channels, else over one that they have; when all targets come to nobody, the tenant's admins are paged.
Never silence.
"""

from collections.abc import Iterable, Sequence
from uuid import UUID

import msgspec

from nightowl_alerting.model import Recipient, Tier
from nightowl_alerting.paging import FALLBACK_CHANNELS
from nightowl_alerting.targets.model import (
    Behind,
    Channel,
    Duty,
    Endpoint,
    Lead,
    Named,
    Person,
    Resolved,
    Seat,
    Staff,
    Target,
    UnknownTargetError,
    Urgency,
)
from nightowl_alerting.targets.parsing import parse_target
from nightowl_oncall import OnCall


def resolve_tier(tier: Tier, *, staff: Staff, duty: Duty, urgency: Urgency = "high") -> Resolved:
    """The recipients of a tier, each once per channel, in the order of its targets."""
    behind = [_resolve_target(target, tier, staff=staff, duty=duty, urgency=urgency) for target in tier.targets]
    recipients = [page for each in behind for page in each.pages]
    if "slack_channel" in tier.notify_via and staff.slack_channel is not None:
        recipients.append(_to_channel(staff.slack_channel))
    if recipients:
        return Resolved(recipients=_distinct(recipients), behind=behind)
    return Resolved(recipients=page_admins(staff), behind=behind, is_fallback=True)


def page_admins(staff: Staff) -> list[Recipient]:
    """One page to each admin, over the first channel that reaches them."""
    admins = sorted((p for p in staff.people.values() if p.is_admin), key=lambda person: person.user_id)
    return [page for person in admins for page in _over_any(person)]


def page_person(person: Person, *, urgency: Urgency) -> list[Recipient]:
    """The pages to one person without a tier: by their rules, else over the first channel that reaches them."""
    return _by_rules(person, urgency) or _over_any(person)


def _resolve_target(words: str, tier: Tier, *, staff: Staff, duty: Duty, urgency: Urgency) -> Behind:
    try:
        target = parse_target(words)
    except UnknownTargetError:
        return Behind(target=words, said="not a target that this version knows", problem="unknown")
    if isinstance(target, Channel):
        return Behind(target=words, said="channel", pages=[_to_channel(target.channel_id)])
    if isinstance(target, Endpoint):
        return _endpoint(target, words, staff)
    user_id, said = _who(target, duty)
    if user_id is None:
        return Behind(target=words, said=said, problem="nobody")
    person = staff.people.get(user_id)
    if person is None:
        return Behind(target=words, said="no such active person", problem="nobody")
    behind = _page(person, tier, target=words, said=said, urgency=urgency)
    return msgspec.structs.replace(behind, on_call=_answer(target, duty))


def _endpoint(target: Endpoint, words: str, staff: Staff) -> Behind:
    channel = staff.endpoints.get(target.endpoint_id)
    if channel is None:
        return Behind(target=words, said="no such endpoint", problem="nobody")
    ref = str(target.endpoint_id)
    page = Recipient(recipient=f"endpoint:{ref}", channel=channel, address=ref)
    return Behind(target=words, said="endpoint", pages=[page])


def _who(target: Seat | Lead | Named, duty: Duty) -> tuple[UUID | None, str]:
    match target:
        case Named(user_id=user_id):
            return user_id, "named in the policy"
        case Lead():
            return duty.lead_id, "the policy names no lead" if duty.lead_id is None else "leads the team"
        case Seat():
            return _on_call(target, duty)


def _answer(target: Target, duty: Duty) -> OnCall | None:
    """What a roster answers about a target; None where no roster is asked, or it cannot be read."""
    roster_id = (target.roster_id or duty.roster_id) if isinstance(target, Seat) else None
    return None if roster_id is None else duty.on_call.get(roster_id)


def _on_call(seat: Seat, duty: Duty) -> tuple[UUID | None, str]:
    if seat.roster_id is None and duty.roster_id is None:
        return None, "the policy names no roster"
    found = _answer(seat, duty)
    if found is None:
        return None, "its roster cannot be read"
    user_id = found.primary if seat.place == "primary" else found.secondary
    if user_id is None:
        return None, "nobody is on call"
    until = "" if found.ends_at is None else f" until {found.ends_at.isoformat()}"
    instead = " for somebody who is away" if found.reason == "stands_in" else ""
    return user_id, f"on call by {found.source}{instead}{until}"


def _page(person: Person, tier: Tier, *, target: str, said: str, urgency: Urgency) -> Behind:
    told = f"{person.name}, {said}"
    if tier.notify_via == ["slack_channel"]:
        return Behind(target=target, person=person, said=f"{told}, told in the channel")
    ruled = _by_rules(person, urgency)
    if ruled:
        return Behind(target=target, person=person, pages=ruled, said=f"{told}, by their rules for {urgency} urgency")
    wanted = [_to_person(person, channel) for channel in tier.notify_via if channel in person.contact_methods]
    if wanted:
        return Behind(target=target, person=person, pages=wanted, said=told)
    other = _over_any(person)
    instead = f"over {other[0].channel} instead" if other else "unreachable"
    return Behind(
        target=target,
        person=person,
        pages=other,
        said=f"{told}; has none of the tier's channels: {instead}",
        problem=None if other else "unreachable",
    )


def _by_rules(person: Person, urgency: Urgency) -> list[Recipient]:
    """What a person's own rule says; its first step that reaches them is due at once."""
    steps = [each for each in person.rules.get(urgency, ()) if each.channel in person.contact_methods]
    first = steps[0].delay_minutes if steps else 0
    return [_to_person(person, each.channel, delay_minutes=max(0, each.delay_minutes - first)) for each in steps]


def _over_any(person: Person) -> list[Recipient]:
    return [_to_person(person, channel) for channel in FALLBACK_CHANNELS if channel in person.contact_methods][:1]


def _to_person(person: Person, channel: str, *, delay_minutes: int = 0) -> Recipient:
    return Recipient(
        recipient=f"user:{person.user_id}",
        channel=channel,
        address=person.contact_methods[channel],
        delay_minutes=delay_minutes,
    )


def _to_channel(channel_id: str) -> Recipient:
    return Recipient(recipient=f"channel:{channel_id}", channel="slack_channel", address=channel_id)


def _distinct(recipients: Sequence[Recipient] | Iterable[Recipient]) -> list[Recipient]:
    """Each (recipient, channel) once, the earliest."""
    first: dict[tuple[str, str], Recipient] = {}
    for each in recipients:
        known = first.setdefault((each.recipient, each.channel), each)
        if each.delay_minutes < known.delay_minutes:
            first[each.recipient, each.channel] = each
    return list(first.values())

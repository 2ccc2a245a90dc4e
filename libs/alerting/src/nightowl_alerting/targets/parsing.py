"""The words of targets.

`oncall_primary`, `oncall_backup`, `team_lead`, `roster:<id>:primary`, `roster:<id>:secondary`, `user:<id>`,
`channel:<id>`, `endpoint:<id>`.
"""

from collections.abc import Iterable
from uuid import UUID

from nightowl_alerting.model import Policy
from nightowl_alerting.targets.model import Channel, Endpoint, Lead, Named, Seat, Target, UnknownTargetError


def parse_target(words: str) -> Target:
    """What a target means.

    Raises:
        UnknownTargetError: nothing that this version knows.
    """
    match words.split(":"):
        case ["oncall_primary"]:
            return Seat(roster_id=None, place="primary")
        case ["oncall_backup"]:
            return Seat(roster_id=None, place="secondary")
        case ["team_lead"]:
            return Lead()
        case ["roster", ref, ("primary" | "secondary") as place]:
            return Seat(roster_id=_id(ref), place=place)
        case ["user", ref]:
            return Named(user_id=_id(ref))
        case ["channel", ref] if ref and not any(each.isspace() for each in ref):
            return Channel(channel_id=ref)
        case ["endpoint", ref]:
            return Endpoint(endpoint_id=_id(ref))
        case _:
            raise UnknownTargetError


def known_targets(words: Iterable[str]) -> list[Target]:
    """Those that can be read."""
    found: list[Target] = []
    for each in words:
        try:
            found.append(parse_target(each))
        except UnknownTargetError:
            continue
    return found


def rosters_of(policy: Policy) -> set[UUID]:
    """The rosters that a policy's targets ask."""
    named = {each for each in [policy.roster_id] if each is not None}
    for tier in policy.tiers:
        seats = (each for each in known_targets(tier.targets) if isinstance(each, Seat))
        named |= {each.roster_id for each in seats if each.roster_id is not None}
    return named


def _id(ref: str) -> UUID:
    try:
        return UUID(ref)
    except ValueError as error:
        raise UnknownTargetError from error

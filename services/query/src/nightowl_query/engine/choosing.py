"""Why each person was paged, in words, from what was recorded when a tier was paged. Pure."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from nightowl_query.engine.trying import stamp
from nightowl_query.model.explanation import ChosenPerson, Names, PagedTier

SECONDARY = ("oncall_backup", ":secondary")


def tell_people(tier: PagedTier, names: Names) -> list[ChosenPerson]:
    """Everybody whom a tier came to, in the order of its targets."""
    return [_tell(tier, chosen, names) for chosen in tier.chosen]


def _tell(tier: PagedTier, chosen: Mapping[str, Any], names: Names) -> ChosenPerson:
    roster_id, override_id = _id(chosen.get("roster_id")), _id(chosen.get("override_id"))
    return ChosenPerson(
        entry_id=tier.entry_id,
        at=tier.at,
        tier=tier.tier,
        target=chosen["target"],
        user_id=UUID(chosen["user_id"]),
        name=chosen["name"],
        why=_why(chosen, names, roster_id=roster_id, override_id=override_id),
        roster_id=roster_id if roster_id in names.rosters else None,
        roster_name=None if roster_id is None else names.rosters.get(roster_id),
        override_id=override_id if override_id in names.overrides else None,
    )


def _why(chosen: Mapping[str, Any], names: Names, *, roster_id: UUID | None, override_id: UUID | None) -> str:
    name = None if roster_id is None else names.rosters.get(roster_id)
    roster = " of a roster that is gone" if name is None else f" of “{name}”"
    if chosen.get("source") is None:
        return str(chosen["why"])
    if chosen["target"].endswith(SECONDARY):
        return f"secondary{roster}: {_how_secondary(chosen)}"
    match chosen["source"]:
        case "override":
            return f"primary{roster}: {_override(override_id, names)} beats the rotation{_second(chosen, names)}"
        case "pin":
            second = _second(chosen, names)
            return f"primary{roster}: this turn was given to them by hand, which beats the rotation{second}"
        case _:
            return f"primary{roster}: {_in_turn(chosen, names)}"


def _how_secondary(chosen: Mapping[str, Any]) -> str:
    if chosen.get("second") == chosen["user_id"]:
        return "first in turn, and second to an override or a pin"
    return "the next in the rotation"


def _in_turn(chosen: Mapping[str, Any], names: Names) -> str:
    skipped = [names.people[each] for each in map(UUID, chosen["skipped"]) if each in names.people]
    if not skipped:
        return "it was their turn in the rotation"
    return f"next in the rotation behind {', '.join(skipped)}, who {'is' if len(skipped) == 1 else 'are'} away"


def _override(override_id: UUID | None, names: Names) -> str:
    found = None if override_id is None else names.overrides.get(override_id)
    if found is None:
        return "an override, which is gone by now,"
    reason = f" (“{found.reason}”)" if found.reason else ""
    return f"the override from {stamp(found.starts_at)} until {stamp(found.ends_at)}{reason}"


def _second(chosen: Mapping[str, Any], names: Names) -> str:
    second = _id(chosen.get("second"))
    name = None if second is None else names.people.get(second)
    return "" if name is None else f"; {name} is second then"


def _id(text: str | None) -> UUID | None:
    return None if text is None else UUID(text)

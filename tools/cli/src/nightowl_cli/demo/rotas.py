"""Who takes turns at Acme: three regions that follow the sun, a team that does not, and what came between."""

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from itertools import pairwise
from uuid import UUID

import msgspec

from nightowl_cli.demo.people import REGIONS, People
from nightowl_cli.demo.rows import Rows
from nightowl_oncall import Absence, Book, Member, Override, Pin, Roster, spans_between

WEEK = 7


class Region(msgspec.Struct, frozen=True, kw_only=True):
    """A roster of the play; outside its hours the next region answers."""

    name: str
    description: str
    zone: str
    begins: time | None = None
    ends: time | None = None
    follows: str | None = None


ROSTERS: Mapping[str, Region] = {
    "apac": Region(
        name="Platform APAC", description="The hours that no other region has", zone="Asia/Tokyo"
    ),
    "amer": Region(
        name="Platform AMER", description="11:00 to 20:00 in New York, then APAC", zone="America/New_York",
        begins=time(11), ends=time(20), follows="apac",
    ),
    "emea": Region(
        name="Platform EMEA", description="08:00 to 17:00 in Berlin, then AMER: pages of the platform begin here",
        zone="Europe/Berlin", begins=time(8), ends=time(17), follows="amer",
    ),
    "data": Region(
        name="Data", description="Two people, day and night: nobody follows the sun here", zone="Europe/Paris"
    ),
}  # fmt: skip


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """Something that somebody has put beside a rotation, in days from now; `made` is how long before."""

    region: str
    handle: str
    starts: float
    ends: float = 0.0
    reason: str
    made: float = 4.0
    is_pin: bool = False


CHANGES = (
    Change(region="emea", handle="marta", starts=-71.0, ends=-69.5, reason="Alice is at her sister's wedding"),
    Change(region="amer", handle="dana", starts=-58.2, ends=-57.6, reason="Bob moves house"),
    Change(region="apac", handle="mia", starts=-44.0, ends=-42.0, reason="Festival in Kenji's town"),
    Change(region="emea", handle="oluwaseun", starts=-30.3, ends=-30.0, reason="Jonas is at the dentist"),
    Change(region="emea", handle="jonas", starts=-16.0, ends=-14.0, reason="Swapped with Marta"),
    Change(region="amer", handle="lucia", starts=-6.4, ends=-6.1, reason="Bob's flight"),
    Change(region="emea", handle="alice", starts=2.2, ends=2.6, reason="Jonas takes his child to school", made=5),
    Change(region="apac", handle="priya", starts=4.0, ends=5.5, reason="Kenji speaks at a conference", made=9),
    Change(region="emea", handle="oluwaseun", starts=12.0, reason="Works over the release", made=14, is_pin=True),
)

LEAVE = (
    ("jonas", -62.0, -52.0, "Summer house"),
    ("lucia", -35.0, -28.0, "Día de Muertos with the family"),
    ("mia", -20.0, -13.0, "Tramping"),
    ("marta", -3.0, 3.0, "Ill"),
    ("bob", 6.0, 14.0, "Thanksgiving trip"),
    ("henrik", 8.0, 16.0, "Winter leave"),
    ("aisha", 9.0, 11.0, "Conference in Lyon"),
    ("priya", 24.0, 38.0, "Home for the holidays"),
)
"""While Henrik and Aisha are both away nobody of the data team can be paged: the front end warns of it."""


class Rotas(msgspec.Struct, frozen=True, kw_only=True):
    """The rosters by region, and the book that answers who was on call."""

    ids: Mapping[str, UUID]
    book: Book


def plan(rows: Rows, people: People, *, begins: datetime, now: datetime) -> Rotas:
    """Rosters, members, what came between, and their revisions, which tell what was known when."""
    ids = {region: rows.id(begins + timedelta(minutes=place)) for place, region in enumerate(ROSTERS)}
    start = begins.date() - timedelta(days=begins.weekday())
    rosters = {}
    for region in ROSTERS:
        made = begins + timedelta(minutes=list(ROSTERS).index(region))
        members = [Member(user_id=each) for each in people.region(region)]
        spec, linked = ROSTERS[region], ROSTERS[region].follows
        bare = Roster(
            roster_id=ids[region], timezone=spec.zone, rotation_days=WEEK, handoff_time=time(9), start_date=start,
            active_from=spec.begins, active_until=spec.ends, linked_roster_id=None if linked is None else ids[linked],
            members=members,
        )  # fmt: skip
        rosters[ids[region]] = _write(rows, people, region, bare, made=made, now=now)
    absences = _leave(rows, people, now)
    book = Book(rosters=rosters, absences=absences)
    _handoffs(rows, book, begins=begins, now=now)
    _swap(rows, people, ids, now)
    return Rotas(ids={each: ids[each] for each in REGIONS}, book=book)


def _write(rows: Rows, people: People, region: str, roster: Roster, *, made: datetime, now: datetime) -> Roster:
    spec, carol = ROSTERS[region], people.actor("carol")
    _members(rows, roster, made)
    revision, at = 1, made
    _revise(rows, people, roster, spec, revision=revision, at=made, change="created", who="carol")
    rows.audit(made, carol, "created", "roster", roster.roster_id, change="created", revision=1, name=spec.name)
    ours = [each for each in CHANGES if each.region == region]
    dated = [(max(made, min(now, _around(now, each.starts)) - timedelta(days=each.made)), each) for each in ours]
    for at, change in sorted(dated, key=lambda pair: pair[0]):
        revision += 1
        roster = _change(rows, people, roster, change, at=at, now=now)
        _revise(
            rows, people, roster, spec, revision=revision, at=at, change="pins" if change.is_pin else "overrides",
            who=change.handle,
        )  # fmt: skip
    rows.add(
        "rosters", id=roster.roster_id, name=spec.name, description=spec.description, timezone=spec.zone,
        rotation_days=WEEK, handoff_time=roster.handoff_time, start_date=roster.start_date, created_at=made,
        active_from=spec.begins, active_until=spec.ends, linked_roster_id=roster.linked_roster_id, revision=revision,
        updated_at=at,
    )  # fmt: skip
    return roster


def _members(rows: Rows, roster: Roster, made: datetime) -> None:
    for position, member in enumerate(roster.members):
        rows.add(
            "roster_members", id=rows.id(made), roster_id=roster.roster_id, user_id=member.user_id, position=position
        )  # fmt: skip


def _revise(
    rows: Rows, people: People, roster: Roster, spec: Region, *, revision: int, at: datetime, change: str, who: str
) -> None:
    rows.add(
        "roster_revisions", roster_id=roster.roster_id, revision=revision, known_from=at, actor=people.actor(who),
        change=change, definition={"name": spec.name, "description": spec.description, "rota": roster},
    )  # fmt: skip


def _change(rows: Rows, people: People, roster: Roster, change: Change, *, at: datetime, now: datetime) -> Roster:
    user_id, row_id, starts = people.ids[change.handle], rows.id(at), _around(now, change.starts)
    kind = "pin" if change.is_pin else "override"
    rows.audit(
        at, people.actor(change.handle), f"{kind}_added", "roster", roster.roster_id,
        change=f"{kind}s", user_id=user_id, reason=change.reason,
    )  # fmt: skip
    common = {
        "id": row_id,
        "roster_id": roster.roster_id,
        "user_id": user_id,
        "reason": change.reason,
        "created_at": at,
    }
    if change.is_pin:
        rows.add("roster_pins", turn_at=starts, **common)
        return msgspec.structs.replace(roster, pins=[*roster.pins, Pin(user_id=user_id, turn_at=starts)])
    ends = _around(now, change.ends)
    rows.add("roster_overrides", starts_at=starts, ends_at=ends, **common)
    override = Override(user_id=user_id, starts_at=starts, ends_at=ends, override_id=row_id)
    return msgspec.structs.replace(roster, overrides=[*roster.overrides, override])


def _leave(rows: Rows, people: People, now: datetime) -> list[Absence]:
    absences = []
    for handle, starts, ends, note in LEAVE:
        begins, over = _around(now, starts), _around(now, ends)
        made = min(begins, now) - timedelta(days=9)
        user_id = people.ids[handle]
        row_id = rows.id(made)
        rows.add(
            "leave", id=row_id, user_id=user_id, starts_at=begins, ends_at=over, note=note, created_at=made
        )  # fmt: skip
        rows.audit(made, people.actor(handle), "created", "leave", row_id, user_id=user_id)
        absences.append(Absence(user_id=user_id, starts_at=begins, ends_at=over))
    return absences


def _handoffs(rows: Rows, book: Book, *, begins: datetime, now: datetime) -> None:
    """Changes of shift that were told: without their rows the last ones would be told once more."""
    for roster_id in book.rosters:
        for before, after in pairwise(spans_between(book, roster_id, begins, now)):
            if before.primary != after.primary:
                rows.add(
                    "roster_handoffs", roster_id=roster_id, boundary_at=after.starts_at, outgoing_id=before.primary,
                    incoming_id=after.primary, told_at=after.starts_at,
                )  # fmt: skip


def _swap(rows: Rows, people: People, ids: Mapping[str, UUID], now: datetime) -> None:
    """One that was accepted, whose override is among the changes, and one that waits for an answer."""
    wait = now - timedelta(hours=20)
    for handle, colleague, gives, takes, note, made, status in (
        ("marta", "jonas", (-16.0, -14.0), None, "My parents are in town", now - timedelta(days=20), "accepted"),
        ("alice", "oluwaseun", (20.0, 22.0), (27.0, 29.0), "Concert on Friday, would you?", wait, "open"),
    ):
        rows.add(
            "roster_swaps", id=rows.id(made), roster_id=ids["emea"], requester_id=people.ids[handle],
            colleague_id=people.ids[colleague], gives_from=_around(now, gives[0]), gives_until=_around(now, gives[1]),
            takes_from=None if takes is None else _around(now, takes[0]),
            takes_until=None if takes is None else _around(now, takes[1]), note=note, status=status, created_at=made,
            decided_at=None if status == "open" else made + timedelta(hours=5),
        )  # fmt: skip


def _around(now: datetime, days: float) -> datetime:
    """So many days from now, at a full hour."""
    return (now + timedelta(days=days)).replace(minute=0, second=0, microsecond=0)

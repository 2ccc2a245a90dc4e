"""Leave, swaps and calendars: what people do about their own duties."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from httpx import AsyncClient
from icalendar import Calendar

from nightowl_common.db import Database
from nightowl_testkit.clock import DbClock

pytestmark = pytest.mark.integration

People = dict[str, UUID]
PersonClientOf = Callable[..., Awaitable[AsyncClient]]
ICS = {"Content-Type": "text/calendar"}


@pytest.fixture
async def berlin(manager: AsyncClient, people: People) -> dict[str, Any]:
    """Weekly at 09:00 in Berlin, where the clocks go forward on the 29th of March 2099."""
    body = {
        "name": "Berlin", "timezone": "Europe/Berlin", "start_date": "2026-01-05", "handoff_time": "09:00",
        "members": [str(people["Ada"]), str(people["Bob"])],
    }  # fmt: skip
    return (await manager.post("/api/v1/rosters", json=body)).json()


@pytest.fixture
async def roster(manager: AsyncClient, people: People) -> dict[str, Any]:
    """Weekly in UTC since 2026-01-05 09:00: Ada, Bob. In 2099 the turn of Monday the 5th of January is Ada's."""
    body = {
        "name": "Core; a, b", "timezone": "UTC", "start_date": "2026-01-05",
        "members": [str(people["Ada"]), str(people["Bob"])],
    }  # fmt: skip
    return (await manager.post("/api/v1/rosters", json=body)).json()


def an_event(uid: str, start: str, *lines: str) -> str:
    return "\r\n".join(["BEGIN:VEVENT", f"UID:{uid}", f"DTSTART{start}", *lines, "END:VEVENT"])


def a_calendar(*events: str) -> bytes:
    return "\r\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//x//y", *events, "END:VCALENDAR", ""]).encode()


async def who(client: AsyncClient, roster: dict[str, Any], at: str, **more: str) -> str | None:
    told = (await client.get(f"/api/v1/rosters/{roster['id']}/oncall", params={"at": at, **more})).json()["primary"]
    return None if told is None else told["display_name"]


async def turn(client: AsyncClient, roster: dict[str, Any], start: str, end: str) -> str:
    answer = await client.get(f"/api/v1/rosters/{roster['id']}/schedule", params={"from": start, "to": end})
    [shift] = answer.json()["items"]
    return shift["user"]["display_name"]


async def test_leave_is_passed_over_and_can_be_withdrawn(
    manager: AsyncClient, people: People, roster: dict[str, Any], db_clock: DbClock
) -> None:
    """Bob stands in for Ada, or she for him; what was believed stays known."""
    at = "2099-06-10T12:00:00Z"
    holder = await who(manager, roster, at)
    assert holder is not None
    path = f"/api/v1/users/{people[holder]}/leave"

    leave = await manager.post(path, json={"starts_at": "2099-06-01T00:00:00Z", "ends_at": "2099-06-20T00:00:00Z"})
    away = (await manager.get(f"/api/v1/rosters/{roster['id']}/oncall", params={"at": at})).json()
    known = (await db_clock.now()).isoformat()
    await db_clock.advance(minutes=1)
    listed = (await manager.get(path)).json()
    gone = await manager.delete(f"{path}/{leave.json()['id']}")

    assert leave.status_code == 201
    assert ({away["primary"]["display_name"], holder}, away["reason"]) == ({"Ada", "Bob"}, "stands_in")
    assert [each["display_name"] for each in away["stands_in_for"]] == [holder]
    assert listed["items"] == [leave.json()]
    assert gone.status_code == 200
    assert (await manager.get(path)).json()["total"] == 0
    assert await who(manager, roster, at) == holder
    assert await who(manager, roster, at, known_at=known) != holder
    assert (await manager.delete(f"{path}/{leave.json()['id']}")).json()["code"] == "leave_not_found"


async def test_leave_is_ones_own(person_client: PersonClientOf, client: AsyncClient, people: People) -> None:
    """An engineer writes their own; another's, or with a key of nobody, is refused; reading is for all."""
    ada = await person_client(people["Ada"], "engineer")
    reader = await person_client(people["Ada"], "readonly")
    body = {"starts_at": "2099-06-01T00:00:00Z", "ends_at": "2099-06-20T00:00:00Z"}

    own = await ada.post(f"/api/v1/users/{people['Ada']}/leave", json=body)
    others = await ada.post(f"/api/v1/users/{people['Bob']}/leave", json=body)
    nobodys = await client.post(f"/api/v1/users/{people['Ada']}/leave", json=body)
    read_only = await reader.post(f"/api/v1/users/{people['Ada']}/leave", json=body)
    calendar = await ada.post(f"/api/v1/users/{people['Bob']}/leave/import", content=a_calendar(), headers=ICS)

    assert own.status_code == 201
    assert [each.status_code for each in (others, nobodys, read_only, calendar)] == [403] * 4
    assert others.json()["code"] == "not_yours"
    span = {"from": "2099-06-05T00:00:00Z", "to": "2099-06-06T00:00:00Z"}
    assert (await reader.get("/api/v1/leave", params=span)).json()["total"] == 1
    later = {"from": "2099-07-05T00:00:00Z", "to": "2099-07-06T00:00:00Z"}
    assert (await reader.get("/api/v1/leave", params=later)).json()["total"] == 0


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"starts_at": "2099-06-01T00:00:00Z", "ends_at": "2099-06-01T00:00:00Z"}, "$.ends_at"),
        ({"starts_at": "2099-06-01T00:00:00", "ends_at": "2099-06-02T00:00:00Z"}, "$.starts_at"),
        ({"starts_at": "2099-06-01T00:00:00Z", "ends_at": "2101-06-02T00:00:00Z"}, "$.ends_at"),
    ],
)
async def test_leave_that_cannot_be_is_refused(manager: AsyncClient, people: People, body: Any, field: str) -> None:
    """422, and the field is named; 404 for a person who is not there."""
    answer = await manager.post(f"/api/v1/users/{people['Ada']}/leave", json=body)

    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field)
    good = {"starts_at": "2099-06-01T00:00:00Z", "ends_at": "2099-06-02T00:00:00Z"}
    assert (await manager.post(f"/api/v1/users/{uuid4()}/leave", json=good)).json()["code"] == "user_not_found"


async def test_a_leave_calendar_is_taken_in_once(person_client: PersonClientOf, people: People) -> None:
    """Days are of Ada's own zone; a second run changes nothing; a moved event is replaced, a cancelled one withdrawn."""
    ada = await person_client(people["Ada"], "engineer")
    path = f"/api/v1/users/{people['Ada']}/leave"
    days = an_event("a", ";VALUE=DATE:20990701", "DTEND;VALUE=DATE:20990703", "SUMMARY:Sea\\, sun")
    floating = an_event("b", ":20990801T090000", "DURATION:PT3H")
    zoned = an_event("c", ";TZID=America/New_York:20990901T090000", "DTEND:20990901T140000Z")

    first = await ada.post(f"{path}/import", content=a_calendar(days, floating, zoned), headers=ICS)
    second = await ada.post(f"{path}/import", content=a_calendar(days, floating, zoned), headers=ICS)
    moved = an_event("a", ";VALUE=DATE:20990702")
    cancelled = an_event("b", ":20990801T090000", "DURATION:PT3H", "STATUS:CANCELLED")
    third = await ada.post(f"{path}/import", content=a_calendar(moved, cancelled), headers=ICS)
    listed = (await ada.get(path)).json()["items"]

    nothing = {"created": 0, "updated": 0, "unchanged": 0, "withdrawn": 0, "skipped": 0}
    assert first.json() == {**nothing, "created": 3}
    assert second.json() == {**nothing, "unchanged": 3}
    assert third.json() == {**nothing, "updated": 1, "withdrawn": 1}
    assert {each["calendar_uid"]: (each["starts_at"], each["ends_at"]) for each in listed} == {
        "a": ("2099-07-01T22:00:00Z", "2099-07-02T22:00:00Z"),
        "c": ("2099-09-01T13:00:00Z", "2099-09-01T14:00:00Z"),
    }


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b"", "$"),
        (b"hello", "$"),
        (b"\xff\x00", "$"),
        (b"BEGIN:VEVENT\r\nUID:1\r\nEND:VEVENT\r\n", "$"),
        (a_calendar(an_event("a", ":2099x")), "$.VEVENT[0]"),
        (a_calendar(an_event("a", ":20990801T090000")), "$.VEVENT[0].DTEND"),
        (a_calendar(an_event("a", ":20990801T090000", "DTEND:20990801T080000")), "$.VEVENT[0].DTEND"),
        (a_calendar(an_event("", ";VALUE=DATE:20990701")), "$.VEVENT[0].UID"),
        (a_calendar(an_event("a", ";TZID=Mars/X:20990801T090000", "DURATION:PT1H")), "$.VEVENT[0].DTSTART"),
        (a_calendar(an_event("a", ";VALUE=DATE:20990701", "RRULE:FREQ=DAILY")), "$.VEVENT[0].RRULE"),
        (a_calendar(*[an_event("a", ";VALUE=DATE:20990701")] * 2), "$.VEVENT[1].UID"),
        (a_calendar("BEGIN:VEVENT\r\nUID:a\r\nEND:VEVENT"), "$.VEVENT[0].DTSTART"),
        (a_calendar(an_event("a", ";VALUE=DATE:99991231")), "$.VEVENT[0]"),
    ],
)
async def test_a_calendar_that_cannot_be_read_is_named_and_nothing_of_it_taken(
    manager: AsyncClient, people: People, body: bytes, field: str
) -> None:
    """422 with the event and its property."""
    path = f"/api/v1/users/{people['Ada']}/leave"

    answer = await manager.post(f"{path}/import", content=body, headers=ICS)

    told = answer.json()
    assert (answer.status_code, told["code"], told["errors"][0]["field"]) == (422, "bad_calendar", field)
    assert (await manager.get(path)).json()["total"] == 0


async def test_a_calendar_is_bounded(manager: AsyncClient, people: People) -> None:
    """In bytes, and in events."""
    path = f"/api/v1/users/{people['Ada']}/leave/import"

    large = await manager.post(path, content=b"x" * (256 * 1024 + 1), headers=ICS)
    many = await manager.post(
        path, content=a_calendar(*(an_event(str(n), ";VALUE=DATE:20990701") for n in range(1001))), headers=ICS
    )

    assert (large.status_code, many.status_code) == (413, 422)
    assert "1000" in many.json()["errors"][0]["reason"]


async def test_a_swap_is_asked_for_and_accepted(
    person_client: PersonClientOf, people: People, roster: dict[str, Any]
) -> None:
    """The pair of overrides is written with it; each has the other's shift; a second answer is refused."""
    gives = {"gives_from": "2099-06-09T00:00:00Z", "gives_until": "2099-06-10T00:00:00Z"}
    takes = {"takes_from": "2099-06-16T00:00:00Z", "takes_until": "2099-06-17T00:00:00Z"}
    clients = {name: await person_client(people[name], "engineer") for name in ("Ada", "Bob", "Cid")}
    giver = await turn(clients["Cid"], roster, *gives.values())
    taker = {"Ada": "Bob", "Bob": "Ada"}[giver]
    path = f"/api/v1/rosters/{roster['id']}/swaps"

    asked = await clients[giver].post(path, json={"colleague_id": str(people[taker]), **gives, **takes})
    one = f"{path}/{asked.json()['id']}"
    stranger = await clients["Cid"].post(f"{one}/accept")
    own = await clients[giver].post(f"{one}/accept")
    accepted = await clients[taker].post(f"{one}/accept")
    again = await clients[taker].post(f"{one}/decline")

    assert (asked.status_code, asked.json()["status"]) == (201, "open")
    assert (stranger.status_code, own.status_code) == (403, 403)
    assert (accepted.status_code, accepted.json()["status"]) == (200, "accepted")
    assert await turn(clients["Cid"], roster, *gives.values()) == taker
    assert await turn(clients["Cid"], roster, *takes.values()) == giver
    assert (again.status_code, again.json()["code"]) == (409, "swap_settled")
    assert (await clients["Cid"].get(path, params={"status": "accepted"})).json()["total"] == 1
    detail = (await clients["Cid"].get(f"/api/v1/rosters/{roster['id']}")).json()
    assert (len(detail["overrides"]), detail["revision"]) == (2, 2)
    assert {each["reason"] for each in detail["overrides"]} == {"Swap with Ada", "Swap with Bob"}


async def test_a_swap_is_declined_or_withdrawn(
    person_client: PersonClientOf, people: People, roster: dict[str, Any]
) -> None:
    """By the colleague, or by whoever asked; nothing changes."""
    gives = {"gives_from": "2099-06-09T00:00:00Z", "gives_until": "2099-06-10T00:00:00Z"}
    clients = {name: await person_client(people[name], "engineer") for name in ("Ada", "Bob")}
    giver = await turn(clients["Ada"], roster, *gives.values())
    taker = {"Ada": "Bob", "Bob": "Ada"}[giver]
    path = f"/api/v1/rosters/{roster['id']}/swaps"
    order = {"colleague_id": str(people[taker]), **gives}

    first, second = [(await clients[giver].post(path, json=order)).json()["id"] for _ in range(2)]
    declined = await clients[taker].post(f"{path}/{first}/decline")
    withdrawn = await clients[giver].post(f"{path}/{second}/withdraw")
    late = await clients[taker].post(f"{path}/{second}/accept")

    assert (declined.json()["status"], withdrawn.json()["status"]) == ("declined", "withdrawn")
    assert late.status_code == 409
    assert await turn(clients["Ada"], roster, *gives.values()) == giver
    assert (await clients["Ada"].post(f"{path}/{uuid4()}/accept")).json()["code"] == "swap_not_found"


async def test_a_swap_reaches_who_is_asked_and_its_answer_who_asked(
    person_client: PersonClientOf, client: AsyncClient, people: People, roster: dict[str, Any]
) -> None:
    """On their first pages alone: the request until it is answered, the answer until it is seen."""
    gives = {"gives_from": "2099-06-09T00:00:00Z", "gives_until": "2099-06-10T00:00:00Z"}
    clients = {name: await person_client(people[name], "engineer") for name in ("Ada", "Bob", "Cid")}
    giver = await turn(clients["Cid"], roster, *gives.values())
    taker = {"Ada": "Bob", "Bob": "Ada"}[giver]
    path = f"/api/v1/rosters/{roster['id']}/swaps"

    async def told(name: str) -> list[tuple[str, str]]:
        return [(each["id"], each["status"]) for each in (await clients[name].get("/api/v1/now")).json()["swaps"]]

    order = {"colleague_id": str(people[taker]), **gives}
    first, own = [(await clients[giver].post(path, json=order)).json()["id"] for _ in range(2)]
    early = await clients[giver].post(f"{path}/{first}/seen")
    asked = await told(taker)
    [card, _] = (await clients[taker].get("/api/v1/now")).json()["swaps"]
    await clients[giver].post(f"{path}/{own}/withdraw")
    waiting = (await told(giver), await told("Cid"))
    await clients[taker].post(f"{path}/{first}/decline")
    answered = (await told(taker), await told(giver))
    stranger = await clients[taker].post(f"{path}/{first}/seen")
    seen = [await clients[giver].post(f"{path}/{first}/seen") for _ in range(2)]

    assert asked == [(first, "open"), (own, "open")]
    assert (card["roster_name"], card["timezone"]) == (roster["name"], "UTC")
    assert waiting == ([], []), "who withdraws knows it"
    assert answered == ([], [(first, "declined")])
    assert (early.json()["code"], stranger.json()["code"]) == ("swap_open", "not_yours")
    assert [each.status_code for each in seen] == [200, 200]
    assert await told(giver) == []
    assert (await client.get("/api/v1/now")).json()["swaps"] == [], "a key of nobody is asked nothing"


async def test_a_request_whose_shift_is_over_asks_nobody(
    person_client: PersonClientOf, people: People, roster: dict[str, Any], db_clock: DbClock
) -> None:
    """Nobody could accept it any more."""
    now = await db_clock.now()
    gives = {"gives_from": now.isoformat(), "gives_until": (now + timedelta(hours=1)).isoformat()}
    clients = {name: await person_client(people[name], "engineer") for name in ("Ada", "Bob")}
    giver = await turn(clients["Ada"], roster, *gives.values())
    taker = {"Ada": "Bob", "Bob": "Ada"}[giver]
    order = {"colleague_id": str(people[taker]), **gives}
    await clients[giver].post(f"/api/v1/rosters/{roster['id']}/swaps", json=order)

    before = (await clients[taker].get("/api/v1/now")).json()["swaps"]
    await db_clock.advance(hours=2)
    after = (await clients[taker].get("/api/v1/now")).json()["swaps"]

    assert (len(before), after) == (1, [])


async def test_a_swap_of_somebody_elses_shift_is_refused(
    person_client: PersonClientOf, client: AsyncClient, people: People, roster: dict[str, Any]
) -> None:
    """When it is asked for, and when it is no longer theirs as the colleague accepts."""
    gives = {"gives_from": "2099-06-09T00:00:00Z", "gives_until": "2099-06-10T00:00:00Z"}
    clients = {name: await person_client(people[name], "engineer") for name in ("Ada", "Bob", "Cid")}
    giver = await turn(client, roster, *gives.values())
    taker = {"Ada": "Bob", "Bob": "Ada"}[giver]
    path = f"/api/v1/rosters/{roster['id']}/swaps"

    not_theirs = await clients[taker].post(path, json={"colleague_id": str(people["Cid"]), **gives})
    with_self = await clients[giver].post(path, json={"colleague_id": str(people[giver]), **gives})
    with_nobody = await clients[giver].post(path, json={"colleague_id": str(uuid4()), **gives})
    of_nobody = await client.post(path, json={"colleague_id": str(people["Cid"]), **gives})
    half = await clients[giver].post(
        path, json={"colleague_id": str(people["Cid"]), **gives, "takes_from": "2099-06-09T00:00:00Z"}
    )
    orders = [
        (await clients[giver].post(path, json={"colleague_id": str(people[name]), **gives})).json()["id"]
        for name in (taker, "Cid")
    ]
    await clients[taker].post(f"{path}/{orders[0]}/accept")
    outdated = await clients["Cid"].post(f"{path}/{orders[1]}/accept")

    assert not_theirs.json()["errors"][0]["field"] == "$.gives_from"
    assert with_self.json()["errors"][0]["field"] == "$.colleague_id"
    assert with_nobody.json()["errors"][0]["field"] == "$.colleague_id"
    assert half.json()["errors"][0]["field"] == "$.takes_from"
    assert of_nobody.status_code == 403
    assert (outdated.status_code, outdated.json()["code"]) == (409, "swap_outdated")


async def test_a_calendar_says_what_the_schedule_says(
    client: AsyncClient, manager: AsyncClient, people: People, roster: dict[str, Any]
) -> None:
    """Event by event, in UTC, with escaped text, an UID each, and none twice."""
    body = {"user_id": str(people["Cid"]), "starts_at": "2099-01-07T18:00:00Z", "ends_at": "2099-01-07T22:00:00Z"}
    await manager.post(f"/api/v1/rosters/{roster['id']}/overrides", json=body)
    span = {"from": "2099-01-05T09:00:00Z", "to": "2099-03-02T09:00:00Z"}

    answer = await client.get(f"/api/v1/rosters/{roster['id']}/export.ics", params=span)
    schedule = (await client.get(f"/api/v1/rosters/{roster['id']}/schedule", params=span)).json()["items"]

    assert answer.headers["content-type"].startswith("text/calendar")
    events = Calendar.from_ical(answer.content).walk("VEVENT")
    assert [
        (str(each["SUMMARY"]), each["DTSTART"].dt.isoformat(), each["DTEND"].dt.isoformat()) for each in events
    ] == [
        (
            f"{each['user']['display_name']}: Core; a, b",
            each["starts_at"].replace("Z", "+00:00"),
            each["ends_at"].replace("Z", "+00:00"),
        )
        for each in schedule
    ]
    assert len({str(each["UID"]) for each in events}) == len(events) > 5
    assert b"Core\\; a\\, b" in answer.content
    again = await client.get(
        f"/api/v1/rosters/{roster['id']}/export.ics", params={**span, "from": "2099-01-08T00:00:00Z"}
    )
    uids = {str(each["UID"]) for each in events}
    assert {str(each["UID"]) for each in Calendar.from_ical(again.content).walk("VEVENT")} <= uids, "stable"


async def test_a_calendar_says_what_the_schedule_says_when_the_clocks_change(
    client: AsyncClient, berlin: dict[str, Any]
) -> None:
    """The handoff stays at nine by the wall clock: 08:00 UTC before the change, 07:00 UTC after it."""
    span = {"from": "2099-03-09T08:00:00Z", "to": "2099-04-20T07:00:00Z"}

    answer = await client.get(f"/api/v1/rosters/{berlin['id']}/export.ics", params=span)
    schedule = (await client.get(f"/api/v1/rosters/{berlin['id']}/schedule", params=span)).json()["items"]

    events = Calendar.from_ical(answer.content).walk("VEVENT")
    shifts = [(each["DTSTART"].dt.astimezone(UTC), each["DTEND"].dt.astimezone(UTC)) for each in events]
    assert shifts == [
        (datetime.fromisoformat(each["starts_at"]), datetime.fromisoformat(each["ends_at"])) for each in schedule
    ]
    assert [start.hour for start, _ in shifts] == [8, 8, 8, 7, 7, 7]


async def test_a_feed_is_subscribed_to_with_its_token_alone(
    person_client: PersonClientOf, anonymous: AsyncClient, manager: AsyncClient, people: People,
    roster: dict[str, Any], database: Database, tenant: str,
) -> None:  # fmt: skip
    """The token opens that calendar and nothing else, is kept as a hash alone, and ends when it is revoked."""
    ada = await person_client(people["Ada"], "engineer")
    made = (await ada.post(f"/api/v1/rosters/{roster['id']}/feeds")).json()
    path = f"/api/v1/rosters/{roster['id']}"

    opened = await anonymous.get(made["url"])
    elsewhere = [
        await anonymous.get(f"/api/v1/users/{people['Ada']}/export.ics", params={"token": made["token"]}),
        await anonymous.get(f"{path}/schedule", params={"token": made["token"]}),
        await anonymous.get(f"{path}/export.ics", params={"token": made["token"] + "x"}),
        await anonymous.get(f"{path}/export.ics", params={"token": "nobody.xyz"}),
        await anonymous.get(f"{path}/export.ics", params={"token": "\x00"}),
        await anonymous.get(f"{path}/export.ics"),
    ]
    async with database.tenant_tx(tenant) as tx:
        stored = str(await tx.fetch("SELECT * FROM feed_tokens")) + str(await tx.fetch("SELECT * FROM audit_log"))
    not_ada = await ada.delete(f"/api/v1/feeds/{made['id']}")
    revoked = await manager.delete(f"/api/v1/feeds/{made['id']}")

    assert opened.status_code == 200
    assert len(Calendar.from_ical(opened.content).walk("VEVENT")) > 10
    assert [each.status_code for each in elsewhere] == [401] * len(elsewhere)
    assert made["token"] not in stored
    assert (not_ada.status_code, revoked.status_code) == (403, 200)
    assert (await anonymous.get(made["url"])).status_code == 401
    listed = (await manager.get("/api/v1/feeds")).json()["items"]
    assert [(each["id"], each["revoked_at"] is None, "token" in each) for each in listed] == [
        (made["id"], False, False)
    ]
    assert (await manager.delete(f"/api/v1/feeds/{uuid4()}")).json()["code"] == "feed_not_found"


async def test_a_persons_feed_has_their_shifts_on_all_rosters_once(
    person_client: PersonClientOf, anonymous: AsyncClient, manager: AsyncClient, people: People,
    roster: dict[str, Any], db_clock: DbClock,
) -> None:  # fmt: skip
    """Also where another roster links to theirs; nobody else's."""
    body = {
        "name": "Other", "timezone": "UTC", "start_date": "2026-01-05", "linked_roster_id": roster["id"],
        "active_from": "01:00", "active_until": "02:00", "members": [str(people["Cid"])],
    }  # fmt: skip
    await manager.post("/api/v1/rosters", json=body)
    bob = await person_client(people["Bob"], "engineer")

    made = await bob.post(f"/api/v1/users/{people['Bob']}/feeds")
    others = await bob.post(f"/api/v1/users/{people['Ada']}/feeds")
    calendar = Calendar.from_ical((await anonymous.get(made.json()["url"])).content)
    own_key = await bob.get(f"/api/v1/users/{people['Bob']}/export.ics")
    revoked = await bob.delete(f"/api/v1/feeds/{made.json()['id']}")

    now = await db_clock.now()
    span = {"from": (now - timedelta(days=30)).isoformat(), "to": (now + timedelta(days=180)).isoformat()}
    schedule = (await bob.get(f"/api/v1/rosters/{roster['id']}/schedule", params=span)).json()["items"]
    events = calendar.walk("VEVENT")
    assert {str(each["SUMMARY"]) for each in events} == {"Bob: Core; a, b"}
    assert len(events) == sum(each["user"]["display_name"] == "Bob" for each in schedule)
    assert len(Calendar.from_ical(own_key.content).walk("VEVENT")) == len(events)
    assert (others.status_code, revoked.status_code) == (403, 200)

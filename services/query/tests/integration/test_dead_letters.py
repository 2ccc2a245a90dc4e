"""Dead letters of a tenant: seen by its admins alone, handed back once, and noted."""

from uuid import UUID, uuid4

import pytest

from nightowl_common import inbox
from nightowl_common.bus import Bus, Message
from nightowl_common.db import Database
from nightowl_common.ids import new_id
from nightowl_common.inbox import Handled
from nightowl_contracts import subjects
from nightowl_contracts.topology import DLQ, INGEST, Header

from .conftest import ClientOf

pytestmark = pytest.mark.integration

PATH = "/api/v1/dead-letters"


async def bury(bus: Bus, tenant: str, body: bytes = b"{]", *, reason: str = "not JSON") -> UUID:
    """Keeps a message of the tenant as a dead letter; returns the event's id."""
    event_id = new_id()
    headers = {
        Header.EVENT_ID: str(event_id), Header.ALERTS: "1", Header.REASON: reason,
        Header.ORIGIN: f"{subjects.ingest(tenant)} 7",
    }  # fmt: skip
    await bus.publish(
        Message(stream=DLQ.name, subject=subjects.dlq(INGEST.name), id=str(event_id), body=body, headers=headers)
    )
    return event_id


async def ingested(bus: Bus, tenant: str) -> list[str]:
    """Ids of the events that were handed to enrichment."""
    return [each.headers[Header.EVENT_ID] for each in await bus.scan(INGEST, subject=subjects.ingest(tenant))]


async def test_they_are_listed_newest_first_with_reason_and_text(client_of: ClientOf, bus: Bus, tenant: str) -> None:
    """Page by page; a long text is cut, and bytes that are no text do no harm."""
    for body in (b"first", b"\xff\x00", b"x" * 5_000):
        await bury(bus, tenant, body)
    admin = await client_of(tenant, "admin")

    first = (await admin.get(PATH, params={"limit": 2})).json()
    rest = (await admin.get(PATH, params={"limit": 2, "cursor": first["next_cursor"]})).json()

    assert (first["total"], rest["total"], rest["next_cursor"]) == (3, 3, None)
    long, odd, plain = [*first["items"], *rest["items"]]
    assert (long["size_bytes"], len(long["body"]), long["is_cut"]) == (5_000, 4_096, True)
    assert (odd["body"], odd["is_cut"]) == ("\ufffd\x00", False)
    assert plain == (await admin.get(f"{PATH}/{plain['id']}")).json()
    told = {name: plain[name] for name in ("stream", "subject", "place", "reason", "body", "size_bytes")}
    assert told == {
        "stream": "INGEST", "subject": subjects.ingest(tenant), "place": 7, "reason": "not JSON", "body": "first",
        "size_bytes": 5,
    }  # fmt: skip


async def test_another_tenants_are_not_there(client_of: ClientOf, bus: Bus, tenant: str, second_tenant: str) -> None:
    """Neither listed nor found nor handed back, by an admin of one tenant."""
    await bury(bus, tenant)
    [mine] = (await (await client_of(tenant, "admin")).get(PATH)).json()["items"]
    stranger = await client_of(second_tenant, "admin")

    assert (await stranger.get(PATH)).json() == {"items": [], "next_cursor": None, "total": 0}
    for answer in (await stranger.get(f"{PATH}/{mine['id']}"), await stranger.post(f"{PATH}/{mine['id']}/replay")):
        assert (answer.status_code, answer.json()["code"]) == (404, "dead_letter_not_found")
    assert await ingested(bus, tenant) == []


async def test_one_is_handed_back_once_and_noted(
    client_of: ClientOf, bus: Bus, database: Database, tenant: str
) -> None:
    """Its rejection is forgotten, so that it is handled; a second call changes nothing."""
    event_id = await bury(bus, tenant)
    rejected = Handled(event_id=event_id, tenant=tenant, indexes=[0], dispositions=["rejected"], alert_ids=[None])
    async with database.global_tx() as tx:
        await inbox.insert_handled(tx, "enrichment", [rejected])
    admin = await client_of(tenant, "admin")
    [letter] = (await admin.get(PATH)).json()["items"]

    outcomes = [(await admin.post(f"{PATH}/{letter['id']}/replay")).json()["outcome"] for _ in range(2)]

    assert outcomes == ["replayed", "already"]
    assert await ingested(bus, tenant) == [str(event_id)]
    assert (await admin.get(PATH)).json()["total"] == 0
    async with database.global_tx() as tx:
        assert await inbox.load_handled(tx, "enrichment", [event_id]) == {}
    noted = (await admin.get("/api/v1/audit-log", params={"entity": "dead_letter"})).json()["items"]
    told = {"number": letter["number"], "subject": subjects.ingest(tenant), "reason": "not JSON"}
    assert [(each["action"], each["entity_id"], each["changes"]) for each in noted] == [
        ("replayed", letter["id"], told)
    ]


async def test_what_never_was_is_not_found(client_of: ClientOf, tenant: str) -> None:
    """A number that is none, and one that no letter has."""
    admin = await client_of(tenant, "admin")

    for letter_id in (uuid4(), UUID(int=0), UUID(int=1 << 62)):
        assert (await admin.get(f"{PATH}/{letter_id}")).json()["code"] == "dead_letter_not_found"
        assert (await admin.post(f"{PATH}/{letter_id}/replay")).status_code == 404

"""People prove their own contact methods over the API: a code is sent, typed in, and counted."""

from typing import Any
from uuid import UUID

import msgspec
import pytest
from httpx import AsyncClient, Response

from nightowl_auth import hash_password, insert_key, make_key
from nightowl_common.db import Database
from nightowl_query.model.contact_codes import MAX_CODES_TO_ADDRESS, MAX_CODES_TO_PERSON, MAX_TRIES
from nightowl_testkit.apps import RunningApp
from nightowl_testkit.builders import Team, seed_team
from nightowl_testkit.clock import DbClock

pytestmark = pytest.mark.integration

NUMBER = "+4915550000009"
CODE, WRONG = "042817", "042818"
CODE_HASH = hash_password(CODE)


@pytest.fixture
async def team(database: Database, tenant: str) -> Team:
    """Alice and her colleagues."""
    return await seed_team(database, tenant)


class Own(msgspec.Struct, frozen=True):
    """Somebody and their contact methods."""

    client: AsyncClient
    path: str

    async def add(self, address: str = NUMBER, kind: str = "sms") -> str:
        """The path of a new contact method."""
        made = await self.client.post(self.path, json={"kind": kind, "address": address})
        return f"{self.path}/{made.json()['id']}"

    async def verify(self, method: str, code: str, **headers: str) -> Response:
        """Types a code."""
        return await self.client.post(f"{method}/verify", json={"code": code}, headers=headers)


@pytest.fixture
async def own(service: RunningApp, database: Database, tenant: str) -> Any:
    """Makes an `Own` of a person, who is an engineer."""

    async def make(user_id: UUID) -> Own:
        key = make_key()
        async with database.global_tx() as tx:
            await insert_key(tx, key, tenant=tenant, role="engineer", description="their own")
            await tx.execute("UPDATE public.api_keys SET user_id = $1 WHERE key_hash = $2", user_id, key.key_hash)
        return Own(service.client_with(X_API_Key=key.raw), f"/api/v1/users/{user_id}/contact-methods")

    return make


@pytest.fixture
async def alice(own: Any, team: Team) -> Own:
    """Alice herself."""
    found: Own = await own(team.alice_id)
    return found


@pytest.fixture
def deliver(database: Database, tenant: str) -> Any:
    """Does what the notifier does with a page that brings a code."""

    async def deliver(page_id: str) -> None:
        async with database.tenant_tx(tenant) as tx:
            await tx.execute(
                "UPDATE test_pages SET status = 'sent', settled_at = public.clock_now(), code_hash = $2, "
                "expires_at = public.clock_now() + interval '10 minutes' WHERE id = $1",
                UUID(page_id), CODE_HASH,
            )  # fmt: skip

    return deliver


@pytest.fixture
def audited(database: Database, tenant: str) -> Any:
    """The actions of the audit log that begin with contact_method, in order."""

    async def audited() -> list[str]:
        async with database.tenant_tx(tenant) as tx:
            rows = await tx.fetch("SELECT action FROM audit_log WHERE action LIKE 'contact_method%' ORDER BY id")
        return [row["action"] for row in rows]

    return audited


async def test_who_types_the_code_has_a_verified_address(alice: Own, deliver: Any, audited: Any) -> None:
    """Its revision rises, the log tells each step, and the code is good once."""
    method = await alice.add()

    asked = await alice.client.post(f"{method}/code")
    await deliver(asked.json()["id"])
    stale = await alice.verify(method, CODE, **{"If-Match": '"7"'})
    proved = await alice.verify(method, CODE, **{"If-Match": '"1"'})
    again = await alice.verify(method, CODE)

    assert (asked.status_code, asked.json()["purpose"], asked.json()["status"]) == (202, "code", "queued")
    assert (asked.json()["channel"], asked.json()["address"]) == ("sms", NUMBER)
    assert stale.status_code == 412
    assert (proved.status_code, proved.json()["is_verified"], proved.headers["etag"]) == (200, True, '"2"')
    assert (again.status_code, again.json()["code"]) == (409, "verified_already")
    assert (await alice.client.post(f"{method}/code")).json()["code"] == "verified_already"
    assert (await alice.client.post(f"{method}/test")).status_code == 202
    assert await audited() == [
        "contact_method_added", "contact_method_code_sent", "contact_method_verified", "contact_method_tested",
    ]  # fmt: skip


async def test_the_page_that_brings_a_code_is_owed_like_any_test_page(
    alice: Own, database: Database, tenant: str
) -> None:
    """With a timer for the notifier; query itself knows no code."""
    asked = (await alice.client.post(f"{await alice.add()}/code")).json()

    async with database.tenant_tx(tenant) as tx:
        row = await tx.fetchrow("SELECT purpose, code_hash, tries FROM test_pages WHERE id = $1", UUID(asked["id"]))
        timers = "SELECT count(*) FROM public.timers WHERE kind = 'test_page' AND ref = $1"
        assert await tx.fetchval(timers, UUID(asked["id"])) == 1
    assert row is not None
    assert tuple(row) == ("code", None, 0)


async def test_a_wrong_code_is_a_try_less_until_none_is_left(alice: Own, deliver: Any, audited: Any) -> None:
    """After the last one the right code is refused too."""
    method = await alice.add()
    await deliver((await alice.client.post(f"{method}/code")).json()["id"])

    answers = [await alice.verify(method, WRONG) for _ in range(MAX_TRIES)]
    late = await alice.verify(method, CODE)

    assert [each.status_code for each in answers] == [422] * MAX_TRIES
    assert answers[0].json()["code"] == "wrong_code"
    assert [each.json()["errors"][0]["reason"].partition("; ")[2] for each in answers[-3:]] == [
        "2 tries are left", "one try is left", "ask for a new one",
    ]  # fmt: skip
    assert (late.status_code, late.json()["code"]) == (409, "no_code")
    assert (await audited()).count("contact_method_wrong_code") == MAX_TRIES


async def test_a_code_ends_with_time_with_the_next_one_and_with_the_address(
    alice: Own, deliver: Any, db_clock: DbClock
) -> None:
    """Each time the right digits prove nothing any more."""
    method = await alice.add()
    await deliver((await alice.client.post(f"{method}/code")).json()["id"])
    await db_clock.advance(minutes=10)
    too_late = await alice.verify(method, CODE)

    await deliver((await alice.client.post(f"{method}/code")).json()["id"])
    newer = (await alice.client.post(f"{method}/code")).json()["id"]
    replaced = await alice.verify(method, CODE)

    await deliver(newer)
    await alice.client.put(method, json={"kind": "sms", "address": "+4915550000008"})
    moved = await alice.verify(method, CODE)

    assert [each.json()["code"] for each in (too_late, replaced, moved)] == ["no_code"] * 3


async def test_only_the_person_proves_an_address(
    alice: Own, client_of: Any, own: Any, team: Team, tenant: str, deliver: Any
) -> None:
    """403 for a colleague, for a manager, and for a key of nobody's: whoever reads the code must be who owns it."""
    method = await alice.add()
    await deliver((await alice.client.post(f"{method}/code")).json()["id"])
    others = [(await own(team.bob_id)).client, await client_of(tenant, "manager"), await client_of(tenant, "admin")]

    asked = [await each.post(f"{method}/code") for each in others]
    typed = [await each.post(f"{method}/verify", json={"code": CODE}) for each in others]

    assert [each.status_code for each in asked + typed] == [403] * 6
    assert {each.json()["code"] for each in asked + typed} == {"not_your_address"}


async def test_what_is_no_code_is_refused_and_is_no_try(alice: Own, deliver: Any) -> None:
    """422 by the form of it."""
    method = await alice.add()
    await deliver((await alice.client.post(f"{method}/code")).json()["id"])

    answers = [await alice.verify(method, each) for each in ("12345", "1234567", "12 456", "٠٤٢٨١٧", "", "042817\n")]

    assert [each.status_code for each in answers] == [422] * 6
    assert (await alice.verify(method, WRONG)).json()["errors"][0]["reason"].endswith("4 tries are left")


async def test_codes_and_test_pages_together_are_few_in_ten_minutes(alice: Own) -> None:
    """429 for the fourth message to a person, over whichever address."""
    methods = [await alice.add(f"+491555000000{each}") for each in range(4)]

    answers = [await alice.client.post(f"{each}/code") for each in methods]

    assert [each.status_code for each in answers] == [202, 202, 202, 429]
    assert answers[-1].json()["code"] == "too_many_test_pages"


async def test_a_person_gets_few_codes_in_a_day(alice: Own, db_clock: DbClock) -> None:
    """Taking addresses away and adding others changes nothing; `Retry-After` says when there is room."""
    for each in range(MAX_CODES_TO_PERSON):
        method = await alice.add(f"+4915550001{each:03}")
        assert (await alice.client.post(f"{method}/code")).status_code == 202
        await alice.client.delete(method)
        await db_clock.advance(minutes=10)
    method = await alice.add()

    refused = await alice.client.post(f"{method}/code")
    await db_clock.advance(seconds=int(refused.headers["retry-after"]))
    allowed = await alice.client.post(f"{method}/code")

    assert (refused.status_code, refused.json()["code"]) == (429, "too_many_codes")
    assert 22 * 3_600 < int(refused.headers["retry-after"]) <= 24 * 3_600
    assert allowed.status_code == 202


async def test_nobody_is_flooded_by_several_who_claim_their_address(
    own: Any, team: Team, db_clock: DbClock
) -> None:  # fmt: skip
    """The address is counted whoever asks, over whichever channel, and however it is written."""
    people = [await own(each) for each in (team.alice_id, team.bob_id, team.carol_id)]
    methods = [(each, await each.add("Owl@Example.org" if each is people[0] else "owl@example.org", "email"))
               for each in people]  # fmt: skip
    turns = [methods[each % 3] for each in range(MAX_CODES_TO_ADDRESS + 1)]

    answers = [await who.client.post(f"{method}/code") for who, method in turns]
    await db_clock.advance(hours=24)
    tomorrow = await turns[-1][0].client.post(f"{turns[-1][1]}/code")

    assert [each.status_code for each in answers] == [202] * MAX_CODES_TO_ADDRESS + [429]
    assert answers[-1].json()["code"] == "too_many_codes"
    assert tomorrow.status_code == 202


async def test_a_browser_needs_no_code(alice: Own, database: Database, tenant: str, team: Team) -> None:
    """One that ended is turned on again in the browser itself: 409."""
    async with database.tenant_tx(tenant) as tx:
        ended = await tx.fetchval(
            "INSERT INTO contact_methods (user_id, kind, address) VALUES ($1, 'push', 'x') RETURNING id", team.alice_id
        )

    answer = await alice.client.post(f"{alice.path}/{ended}/code")

    assert (answer.status_code, answer.json()["code"]) == (409, "browser_contact")


async def test_a_managers_word_is_in_the_audit_log(
    alice: Own, client_of: Any, tenant: str, database: Database
) -> None:  # fmt: skip
    """What changed is told, and by whom."""
    method = await alice.add()
    manager = await client_of(tenant, "manager")

    await manager.put(method, json={"kind": "sms", "address": NUMBER, "is_verified": True})

    async with database.tenant_tx(tenant) as tx:
        changes = await tx.fetchval("SELECT changes FROM audit_log WHERE action = 'contact_method_updated'")
    assert changes["is_verified"] == [False, True]

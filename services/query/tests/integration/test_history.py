"""A draft on the alerts that were, over the API."""

from collections.abc import Awaitable, Callable
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from httpx import AsyncClient

from nightowl_alerting import lifecycle
from nightowl_alerting.model import Route
from nightowl_common.db import Database
from nightowl_common.outbox import Outbox
from nightowl_contracts import Actor
from nightowl_query.api import history
from nightowl_testkit.builders import Team, seed_team
from nightowl_testkit.clock import DbClock

pytestmark = pytest.mark.integration

Fields = dict[str, Any]
Fire = Callable[..., Awaitable[UUID]]
BERLIN = ZoneInfo("Europe/Berlin")


@pytest.fixture
async def team(database: Database, tenant: str) -> Team:
    """Alice and Bob in turn since long ago; the tiers are 5, 10 and 15 minutes, the last one Carol's."""
    made = await seed_team(database, tenant)
    async with database.tenant_tx(tenant) as tx:
        await tx.execute("UPDATE rosters SET start_date = start_date - 140")
    return made


@pytest.fixture
async def night(db_clock: DbClock) -> datetime:
    """Three in the morning in Berlin, some days ago."""
    day = (await db_clock.now()).astimezone(BERLIN).date() - timedelta(days=5)
    return datetime.combine(day, time(3), tzinfo=BERLIN)


@pytest.fixture
def was(fire: Fire, team: Team, database: Database, outbox: Outbox, tenant: str) -> Callable[..., Awaitable[UUID]]:
    """An alert that opened at an instant and that somebody acknowledged after some minutes."""

    async def make(title: str, at: datetime, *, minutes: float, by: UUID) -> UUID:
        alert_id = await fire(title, route=Route(policy_id=team.policy_id, policy_version=1))
        async with outbox.tenant_tx(tenant) as tx:
            await lifecycle.acknowledge(tx, tenant, alert_id, Actor(kind="user", id=str(by), name="Somebody"))
            await tx.execute(
                "UPDATE alerts SET first_fired_at = $2, acknowledged_at = $3 WHERE id = $1",
                alert_id, at, at + timedelta(minutes=minutes),
            )  # fmt: skip
        return alert_id

    return make


def a_tier(*targets: str, minutes: int = 5, via: tuple[str, ...] = ("slack_dm",)) -> Fields:
    return {"timeout_minutes": minutes, "notify_via": list(via), "targets": list(targets)}


async def run(client: AsyncClient, team: Team, **body: object) -> Fields:
    answer = await client.post(f"/api/v1/policies/{team.policy_id}/dry-run/history", json=body)
    assert answer.status_code == 200, answer.text
    told: Fields = answer.json()
    return told


async def test_a_draft_is_compared_with_the_version_in_force(
    client: AsyncClient, team: Team, was: Any, night: datetime
) -> None:  # fmt: skip
    """Carol took it after 20 minutes of the night. In force she was paged at 15, under the draft she would be at 25.

    So the draft pages her not at all before she came; the one on call rings once under both.
    """
    alert_id = await was("disk", night, minutes=20, by=team.carol_id)
    draft = {
        "name": "Slower", "roster_id": str(team.roster_id),
        "tiers": [a_tier("oncall_primary", minutes=25), a_tier(f"user:{team.carol_id}")],
    }  # fmt: skip

    told = await run(client, team, policy=draft)

    assert (told["alerts"], told["is_exact"], told["candidate_version"]) == (1, True, None)
    assert told["current"] == {"pages": 4, "night_pages": 4, "channel_pages": 0, "alerts_paged": 1, "exhausted": 0}
    assert told["candidate"] == {"pages": 1, "night_pages": 1, "channel_pages": 0, "alerts_paged": 1, "exhausted": 0}
    assert told["response"] == {
        "same": 0, "earlier": 0, "later": 0, "not_reached": 1, "newly_reached": 0, "median_minutes": None,
        "most_minutes_later": None,
    }  # fmt: skip
    carol = next(each for each in told["people"] if each["user"]["display_name"] == "Carol")
    assert (carol["current"], carol["candidate"]) == ({"pages": 1, "night_pages": 1}, {"pages": 0, "night_pages": 0})
    [changed] = told["changed"]
    assert (changed["alert_id"], changed["current_response_minute"], changed["candidate_response_minute"]) == (
        str(alert_id), 15.0, None,
    )  # fmt: skip


async def test_who_is_on_call_at_that_time_is_paged(
    client: AsyncClient, team: Team, was: Any, night: datetime
) -> None:  # fmt: skip
    """The same names as the dry run for that instant, and no pages after the real acknowledgement."""
    await was("disk", night, minutes=4, by=team.alice_id)
    instant = (
        await client.post(f"/api/v1/policies/{team.policy_id}/dry-run", json={"at": night.isoformat()})
    ).json()  # fmt: skip

    told = await run(client, team, version=1)

    names = [page["user"]["display_name"] for page in instant["rungs"][0]["pages"]]
    assert [(each["user"]["display_name"], each["current"]["pages"]) for each in told["people"]] == [(names[0], 1)]
    assert (told["current"], told["changed"], told["changed_total"]) == (told["candidate"], [], 0)


async def test_an_earlier_page_is_an_earlier_response(
    client: AsyncClient, team: Team, was: Any, night: datetime
) -> None:  # fmt: skip
    """Carol at once instead of after 15 minutes."""
    for place in range(3):
        await was(f"disk {place}", night + timedelta(hours=place), minutes=20, by=team.carol_id)

    told = await run(
        client, team, policy={"name": "Lead first", "tiers": [a_tier(f"user:{team.carol_id}", minutes=30)]}
    )

    assert (told["response"]["earlier"], told["response"]["median_minutes"]) == (3, -15.0)
    assert told["changed_total"] == 3


async def test_alerts_before_the_span_and_of_other_policies_do_not_count(
    client: AsyncClient, team: Team, was: Any, fire: Fire, night: datetime
) -> None:  # fmt: skip
    """Only what opened under this policy within the days."""
    await was("disk", night, minutes=20, by=team.carol_id)
    await fire("unrouted")

    assert (await run(client, team, version=1, days=30))["alerts"] == 1
    assert (await run(client, team, version=1, days=2))["alerts"] == 0


@pytest.mark.parametrize("body", [{}, {"days": 0}, {"days": 91}, {"version": 1, "policy": {"name": "x", "tiers": []}}])
async def test_a_question_that_cannot_be_meant_is_refused(client: AsyncClient, team: Team, body: Fields) -> None:
    """422."""
    answer = await client.post(f"/api/v1/policies/{team.policy_id}/dry-run/history", json=body)

    assert answer.status_code == 422


async def test_there_is_no_such_policy_or_version(client: AsyncClient, team: Team) -> None:
    """404 for both."""
    answers = [
        await client.post(f"/api/v1/policies/{team.alice_id}/dry-run/history", json={"version": 1}),
        await client.post(f"/api/v1/policies/{team.policy_id}/dry-run/history", json={"version": 2}),
    ]

    assert [each.status_code for each in answers] == [404, 404]


async def test_more_alerts_than_the_bound_are_said(
    client: AsyncClient, team: Team, was: Any, night: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    """The newest are looked at, and the answer does not pretend to be whole; exactly at the bound it is."""
    for place in range(3):
        await was(f"disk {place}", night + timedelta(hours=place), minutes=20, by=team.carol_id)

    monkeypatch.setattr(history, "MAX_ALERTS", 2)
    cut = await run(client, team, version=1)
    monkeypatch.setattr(history, "MAX_ALERTS", 3)
    whole = await run(client, team, version=1)

    assert (cut["alerts"], cut["is_exact"]) == (2, False)
    assert (whole["alerts"], whole["is_exact"]) == (3, True)

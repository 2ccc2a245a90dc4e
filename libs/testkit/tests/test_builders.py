"""What the builders build is what the system takes."""

from datetime import timedelta

import msgspec
import pytest

from nightowl_auth import KeyRing
from nightowl_common.db import Database
from nightowl_contracts import ReceivedAlert
from nightowl_oncall import Book, Member, Roster, on_call_at
from nightowl_testkit.builders import (
    NEVER,
    a_generic_payload,
    a_person,
    an_alert,
    an_alertmanager_alert,
    an_alertmanager_payload,
    insert_api_key,
    seed_team,
)
from nightowl_testkit.clock import DbClock


def test_an_alert_takes_any_field() -> None:
    """What is not said is filled in."""
    alert = an_alert(severity="warning", title="Slow")

    assert isinstance(alert, ReceivedAlert)
    assert (alert.severity, alert.title, alert.status) == ("warning", "Slow", "firing")


def test_the_fingerprint_of_a_notification_follows_from_the_labels() -> None:
    """The same problem has the same one, firing or resolved."""
    firing = an_alertmanager_alert("DiskFull")
    resolved = an_alertmanager_alert("DiskFull", status="resolved")
    other = an_alertmanager_alert("DiskFull", labels={"instance": "web-2"})

    assert firing["fingerprint"] == resolved["fingerprint"] != other["fingerprint"]
    assert (firing["endsAt"], resolved["endsAt"] == NEVER) == (NEVER, False)


def test_a_notification_is_firing_when_one_alert_is() -> None:
    """As Alertmanager says it."""
    mixed = an_alertmanager_payload(an_alertmanager_alert("A"), an_alertmanager_alert("B", status="resolved"))
    over = an_alertmanager_payload(an_alertmanager_alert("A", status="resolved"), receiver="other")

    assert (mixed["version"], mixed["status"], mixed["commonLabels"]) == ("4", "firing", {})
    assert (over["status"], over["receiver"], over["commonLabels"]) == ("resolved", "other", {"alertname": "A"})


def test_payloads_are_json() -> None:
    """Nothing in them needs Python."""
    for payload in (an_alertmanager_payload(), a_generic_payload(title="x")):
        assert msgspec.json.decode(msgspec.json.encode(payload)) == payload


def test_a_person_has_a_slack_account() -> None:
    """Named after them."""
    dana = a_person(phone="+4915550000009")

    assert (dana.slack_user_id, dana.phone, dana.role) == ("U0DANA", "+4915550000009", "engineer")


@pytest.mark.integration
async def test_a_seeded_team_has_alice_on_call_and_bob_behind_her(
    database: Database, tenant: str, db_clock: DbClock
) -> None:
    """By the product's own rota arithmetic, at the database's time, and for days to come."""
    team = await seed_team(database, tenant)
    async with database.tenant_tx(tenant) as tx:
        row = await tx.fetchrow("SELECT timezone, rotation_days, handoff_time, start_date FROM rosters")
        default = await tx.fetchval("SELECT default_policy_id FROM tenant_config")
    assert row is not None
    members = [Member(user_id=each) for each in (team.alice_id, team.bob_id)]
    roster = Roster(roster_id=team.roster_id, members=members, **dict(row))

    now = await db_clock.now()
    for moment in (now, now + timedelta(days=4)):
        answer = on_call_at(Book(rosters={team.roster_id: roster}), team.roster_id, moment)
        assert (answer.primary, answer.secondary) == (team.alice_id, team.bob_id)
    assert default == team.policy_id


@pytest.mark.integration
async def test_a_seeded_key_opens_its_tenant_only(database: Database, tenant: str) -> None:
    """With the role that was asked for."""
    team = await seed_team(database, tenant)
    ring = KeyRing(database)

    admin = await ring.verify(team.key)
    reader = await ring.verify(await insert_api_key(database, tenant, role="readonly"))

    assert (admin.tenant, admin.role, reader.role) == (tenant, "admin", "readonly")

"""Builders: what a test does not care about is filled in; what it cares about is an argument."""

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from nightowl_auth import Role, insert_key, make_key
from nightowl_common import clock
from nightowl_common.db import Database, Tx
from nightowl_contracts import ReceivedAlert

Fields = dict[str, Any]

NEVER = "0001-01-01T00:00:00Z"
"""Alertmanager's `endsAt` while an alert fires (Go's zero time)."""

ZONE = "Europe/Berlin"


def an_alert(**overrides: Any) -> ReceivedAlert:
    """A critical alert that fires, as ingest hands it to enrichment."""
    fields: Fields = {
        "index": 0,
        "fingerprint": "disk-full-web-1",
        "status": "firing",
        "severity": "critical",
        "title": "DiskFull",
        "labels": {"alertname": "DiskFull", "severity": "critical", "instance": "web-1"},
        "starts_at": clock.utc_now(),
    }
    return ReceivedAlert(**(fields | overrides))


def an_alertmanager_alert(
    name: str = "DiskFull",
    *,
    severity: str = "critical",
    status: str = "firing",
    labels: dict[str, str] | None = None,
    annotations: dict[str, str] | None = None,
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
) -> Fields:
    """One alert of a notification; the fingerprint follows from the labels, as at Alertmanager."""
    every = {"alertname": name, "severity": severity, "instance": "web-1", **(labels or {})}
    starts = starts_at or clock.utc_now()
    ends = ends_at or (starts + timedelta(seconds=1) if status == "resolved" else None)
    return {
        "status": status,
        "labels": every,
        "annotations": annotations or {"summary": f"{name} on {every['instance']}"},
        "startsAt": starts.isoformat(),
        "endsAt": NEVER if ends is None else ends.isoformat(),
        "generatorURL": "http://prometheus.example/graph",
        "fingerprint": hashlib.sha256(repr(sorted(every.items())).encode()).hexdigest()[:16],
    }


def an_alertmanager_payload(*alerts: Fields, **overrides: Any) -> Fields:
    """A version 4 notification, of one firing alert if none is given."""
    every = list(alerts) or [an_alertmanager_alert()]
    names = {each["labels"]["alertname"] for each in every}
    common = {"alertname": names.pop()} if len(names) == 1 else {}
    payload = {
        "version": "4",
        "groupKey": f"{{}}:{common}",
        "truncatedAlerts": 0,
        "status": "firing" if any(each["status"] == "firing" for each in every) else "resolved",
        "receiver": "nightowl",
        "groupLabels": common,
        "commonLabels": common,
        "commonAnnotations": {},
        "externalURL": "http://alertmanager.example",
        "alerts": every,
    }
    return payload | overrides


def a_generic_payload(**overrides: Any) -> Fields:
    """One alert for the generic webhook."""
    fields = {
        "title": "Queue is stuck",
        "severity": "critical",
        "status": "firing",
        "fingerprint": "queue-stuck",
        "description": "No message left the queue for 10 minutes.",
        "labels": {"queue": "mail"},
    }
    return fields | overrides


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `users` to be."""

    display_name: str
    email: str
    timezone: str = ZONE
    phone: str | None = None
    slack_user_id: str | None = None
    role: Role = "engineer"


def a_person(name: str = "Dana", **overrides: Any) -> Person:
    """Somebody with a Slack account and no phone."""
    fields: Fields = {
        "display_name": name,
        "email": f"{name.lower()}@example.com",
        "slack_user_id": f"U0{name.upper()}",
    }
    return Person(**(fields | overrides))


ALICE = a_person("Alice", phone="+4915550000001")
BOB = a_person("Bob", phone="+12025550102")
CAROL = a_person("Carol", phone="+6421555003", role="admin")


class Team(msgspec.Struct, frozen=True, kw_only=True):
    """What `seed_team` wrote. Alice is on call, Bob is her backup, Carol leads."""

    tenant: str
    alice_id: UUID
    bob_id: UUID
    carol_id: UUID
    roster_id: UUID
    policy_id: UUID
    policy_version: int
    service_id: UUID
    service_name: str
    key: str
    alice: Person = ALICE
    bob: Person = BOB
    carol: Person = CAROL


async def insert_person(tx: Tx, person: Person) -> UUID:
    """Writes somebody into the tenant of the transaction."""
    user_id: UUID = await tx.fetchval(
        """INSERT INTO users (email, display_name, timezone, phone, slack_user_id, role)
        VALUES ($1, $2, $3, $4, $5, $6) RETURNING id""",
        person.email,
        person.display_name,
        person.timezone,
        person.phone,
        person.slack_user_id,
        person.role,
    )
    return user_id


async def insert_roster(tx: Tx, members: Sequence[UUID], *, name: str = "Platform", rotation_days: int = 7) -> UUID:
    """A roster whose first shift began yesterday by the database's clock: the first member is on call now."""
    now: datetime = await tx.fetchval("SELECT public.clock_now()")
    roster_id: UUID = await tx.fetchval(
        "INSERT INTO rosters (name, timezone, rotation_days, start_date) VALUES ($1, $2, $3, $4) RETURNING id",
        name,
        ZONE,
        rotation_days,
        now.astimezone(ZoneInfo(ZONE)).date() - timedelta(days=1),
    )
    await tx.executemany(
        "INSERT INTO roster_members (roster_id, user_id, position) VALUES ($1, $2, $3)",
        [(roster_id, user_id, position) for position, user_id in enumerate(members)],
    )
    return roster_id


async def insert_policy(
    tx: Tx, tiers: Sequence[Fields], *, roster_id: UUID | None, name: str = "Platform", repeat_count: int = 0
) -> UUID:
    """A policy in its first version."""
    policy_id: UUID = await tx.fetchval("INSERT INTO escalation_policies (name) VALUES ($1) RETURNING id", name)
    await tx.execute(
        """INSERT INTO escalation_policy_versions (policy_id, version, tiers, repeat_count, roster_id)
        VALUES ($1, 1, $2, $3, $4)""",
        policy_id,
        list(tiers),
        repeat_count,
        roster_id,
    )
    return policy_id


def the_usual_tiers(lead_id: UUID) -> list[Fields]:
    """Who is on call, after 5 minutes the backup, after 10 more the lead, who has 15."""
    return [
        {"timeout_minutes": 5, "notify_via": ["slack_dm"], "targets": ["oncall_primary"]},
        {"timeout_minutes": 10, "notify_via": ["slack_dm", "sms"], "targets": ["oncall_backup"]},
        {"timeout_minutes": 15, "notify_via": ["sms"], "targets": [f"user:{lead_id}"]},
    ]


async def seed_team(
    database: Database,
    tenant: str,
    *,
    tiers: Sequence[Fields] | None = None,
    repeat_count: int = 0,
    people: tuple[Person, Person, Person] = (ALICE, BOB, CAROL),
    role: Role = "admin",
) -> Team:
    """People, a roster, a policy that is the tenant's default, a service and an API key of `role`."""
    async with database.tenant_tx(tenant) as tx:
        alice_id, bob_id, carol_id = [await insert_person(tx, each) for each in people]
        roster_id = await insert_roster(tx, [alice_id, bob_id])
        policy_id = await insert_policy(
            tx, tiers or the_usual_tiers(carol_id), roster_id=roster_id, repeat_count=repeat_count
        )
        service_id = await _insert_service(tx, policy_id)
        await tx.execute("UPDATE tenant_config SET default_policy_id = $1, slack_channel = 'C0ALERTS'", policy_id)
    return Team(
        tenant=tenant,
        alice_id=alice_id,
        bob_id=bob_id,
        carol_id=carol_id,
        roster_id=roster_id,
        policy_id=policy_id,
        policy_version=1,
        service_id=service_id,
        service_name="payments",
        key=await insert_api_key(database, tenant, role=role),
        alice=people[0],
        bob=people[1],
        carol=people[2],
    )


async def insert_api_key(database: Database, tenant: str, *, role: Role = "admin") -> str:
    """A fresh key, raw."""
    key = make_key()
    async with database.global_tx() as tx:
        await insert_key(tx, key, tenant=tenant, role=role, description=f"test key ({role})")
    return key.raw


async def _insert_service(tx: Tx, policy_id: UUID) -> UUID:
    service_id: UUID = await tx.fetchval(
        """INSERT INTO services (name, cluster, namespace, owner, tier, default_policy_id)
        VALUES ('payments', 'prod-eu', 'payments', 'platform', 'critical', $1) RETURNING id""",
        policy_id,
    )
    return service_id

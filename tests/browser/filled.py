"""A tenant with life in it: what the pages show when they are full."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec

from nightowl_common import clock
from nightowl_common.bus import Bus, Message
from nightowl_contracts import subjects
from nightowl_contracts.topology import DLQ, INGEST, Header
from nightowl_testkit.builders import Team, an_alertmanager_alert, an_alertmanager_payload
from nightowl_testkit.client import ApiClient

PROBLEMS = (
    ("HighErrorRate", "critical", "payments", "5 % of payments fail"),
    ("PodCrashLooping", "critical", "checkout", "Pod checkout-7f9c restarts every 40 s"),
    ("DiskWillFillIn4Hours", "warning", "postgres", "/var/lib/postgresql is 91 % full"),
    ("HighLatencyP99", "major", "search", "p99 is over 2 s for 10 minutes"),
    ("CertificateExpiresSoon", "warning", "ingress", "api.acme.example expires in 6 days"),
    ("KafkaConsumerLag", "major", "billing", "Lag of group invoices: 182,000"),
    ("NodeNotReady", "critical", "platform", "Node worker-12 is not ready"),
    ("BackupTooOld", "info", "postgres", "The last backup is 30 hours old"),
    ("QueueDepth", "warning", "mail", "9,120 mails wait for Zürich, 東京 and Ωmega too"),
    ("OOMKilled", "major", "recommender", "The container was killed: out of memory"),
)

SOLUTION = """1. Scale the pool: `kubectl set env deploy/payments POOL=40`
2. Restart it: `kubectl rollout restart deploy/payments`
3. Watch the error rate for 10 minutes
"""


class Filled(msgspec.Struct, frozen=True, kw_only=True):
    """What was made, by the names that addresses of pages use."""

    tenant: str
    person_id: UUID
    addressed_id: UUID
    roster_id: UUID
    policy_id: UUID
    alert_id: UUID
    group_id: UUID
    incident_id: UUID
    runbook_id: UUID


async def fill(client: ApiClient, team: Team) -> Filled:
    """Alerts in every state with a group, knowledge, a runbook, rules, a key and a heartbeat, all by the API."""
    runbook = await _made(client, "/runbooks", title="Payments are failing", markdown=f"## Steps\n\n{SOLUTION}")
    incident = await _made(
        client,
        "/incidents",
        title="Payments fail after a deploy",
        severity="critical",
        services=["payments"],
        symptoms="The error rate is above 5 %.",
        root_cause="The connection pool is too small.",
        solution=SOLUTION,
        error_patterns=["payments fail"],
        runbook_id=runbook["id"],
    )
    await _addresses(client, team)
    await _rules(client, team)
    alerts = await _alerts(client)
    groups = (await _got(client, "/groups"))["items"]
    return Filled(
        tenant=team.tenant,
        person_id=team.carol_id,
        addressed_id=team.bob_id,
        roster_id=team.roster_id,
        policy_id=team.policy_id,
        alert_id=alerts[0],
        group_id=UUID(groups[0]["id"]),
        incident_id=UUID(incident["id"]),
        runbook_id=UUID(runbook["id"]),
    )


async def lived(client: ApiClient, tenant: str) -> Filled:
    """What is worth a look in a demo tenant."""
    alert = (await _got(client, "/alerts?status=investigating"))["items"][0]
    people = (await _got(client, "/users"))["items"]
    rosters = (await _got(client, "/rosters"))["items"]
    policies = (await _got(client, "/policies"))["items"]
    return Filled(
        tenant=tenant,
        person_id=UUID(_called(people, "Carol Chen", by="display_name")),
        addressed_id=UUID(_called(people, "Carol Chen", by="display_name")),
        roster_id=UUID(_called(rosters, "Platform EMEA")),
        policy_id=UUID(_called(policies, "Customers are hurt")),
        alert_id=UUID(alert["id"]),
        group_id=UUID((await _got(client, "/groups"))["items"][0]["id"]),
        incident_id=UUID(alert["matched_incident"]["id"]),
        runbook_id=UUID((await _got(client, "/runbooks"))["items"][0]["id"]),
    )


def _called(items: list[dict[str, Any]], name: str, *, by: str = "name") -> str:
    return next(each["id"] for each in items if each[by] == name)


async def _addresses(client: ApiClient, team: Team) -> None:
    """Bob has one that is proved and one that is not."""
    path = f"/users/{team.bob_id}/contact-methods"
    await _made(client, path, kind="phone", address="+4915550000042", is_verified=True)
    await _made(client, path, kind="email", address="bob.night@acme.example")


async def _alerts(client: ApiClient) -> list[UUID]:
    """Each problem on two nodes; one is acknowledged, one snoozed, one resolved. The first one is the payments'."""
    fired = [
        an_alertmanager_alert(
            name,
            severity=severity,
            labels={"service": service, "cluster": "eu-1" if node == "web-1" else "us-2", "instance": node},
            annotations={"summary": summary},
        )
        for name, severity, service, summary in PROBLEMS
        for node in ("web-1", "web-2")
    ]
    receipt = await client.fire_alertmanager(an_alertmanager_payload(*fired), wait_seconds=10)
    ids = [each.alert_id for each in receipt.alerts]
    assert all(ids), receipt
    until = (clock.utc_now() + timedelta(hours=2)).isoformat()
    await client.acknowledge(ids[2])
    await client.resolve(ids[4], resolution="Cleaned up old logs")
    assert (await client.call("PATCH", f"/alerts/{ids[6]}/snooze", body={"until": until})).status == 200
    await _made(client, f"/alerts/{ids[0]}/comments", text="Looking at it: the deploy of 02:10 is suspicious.")
    return [each for each in ids if each is not None]


async def _rules(client: ApiClient, team: Team) -> None:
    tomorrow = (clock.utc_now() + timedelta(days=1)).isoformat()
    by_service = [{"name": "service", "op": "=", "value": "mail"}]
    await _made(client, "/grouping-rules", name="By name", group_by=["alertname"])
    await _made(client, "/silences", matchers=by_service, ends_at=tomorrow, comment="The mail team moves its servers")
    await _made(
        client,
        f"/rosters/{team.roster_id}/overrides",
        user_id=team.carol_id,
        starts_at=(clock.utc_now() + timedelta(days=2)).isoformat(),
        ends_at=(clock.utc_now() + timedelta(days=3)).isoformat(),
        reason="Alice is at a wedding",
    )
    await _made(client, "/api-keys", description="Alertmanager, cluster eu-1", scope="ingest")
    await client.define_heartbeat("nightly-backup", interval_seconds=86_400, grace_seconds=3_600)


async def _made(client: ApiClient, path: str, **body: Any) -> dict[str, Any]:
    answer = await client.call("POST", path, body=body)
    assert answer.status in {200, 201}, answer.body
    return answer.json()


async def _got(client: ApiClient, path: str) -> dict[str, Any]:
    answer = await client.call("GET", path)
    assert answer.status == 200, answer.body
    return answer.json()


async def bury(bus: Bus, tenant: str) -> None:
    """A message of the tenant that could not be handled."""
    told = {Header.ORIGIN: f"{subjects.ingest(tenant)} 1", Header.REASON: "JSON is malformed: expected ':' (byte 11)"}
    await bus.publish(
        Message(stream=DLQ.name, subject=subjects.dlq(INGEST.name), id=tenant, body=b'{"alerts" [', headers=told)
    )

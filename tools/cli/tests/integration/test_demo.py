"""`nightowl seed-demo` on real servers: what it writes obeys the rules of what happens."""

import secrets

import pytest

from nightowl_auth import KeyRing, load_admin
from nightowl_cli.demo.keys import demo_key

pytestmark = pytest.mark.integration

SMALL = ("--days", "6", "--scale", "0.4", "--yes")

RULES = {
    "a page has the step that asked for it": """SELECT count(*) FROM deliveries AS d WHERE NOT EXISTS (
        SELECT FROM escalation_events AS e
        WHERE (e.alert_id, e.cycle, e.tier) = (d.alert_id, d.cycle, d.step) AND d.recipient = ANY (e.recipients))""",
    "a step has its pages": """SELECT count(*) FROM escalation_events AS e WHERE outcome = 'paged' AND NOT EXISTS (
        SELECT FROM deliveries AS d WHERE (d.alert_id, d.cycle, d.step) = (e.alert_id, e.cycle, e.tier))""",
    "a sent page has its attempt": """SELECT count(*) FROM deliveries AS d WHERE sent_at IS NOT NULL AND NOT EXISTS (
        SELECT FROM delivery_attempts AS a WHERE a.delivery_id = d.id AND a.outcome = 'sent')""",
    "a sent page is on the timeline": """SELECT count(*) FROM deliveries AS d WHERE sent_at IS NOT NULL AND NOT EXISTS (
        SELECT FROM alert_timeline AS t WHERE t.alert_id = d.alert_id AND t.kind = 'page_sent'
            AND t.evidence ->> 'delivery_id' = d.id::text)""",
    "no page waits": "SELECT count(*) FROM deliveries WHERE status IN ('queued', 'sending')",
    "nobody was told": "SELECT count(*) FROM local_outbox",
    "nothing is due for hours": """SELECT count(*) FROM public.timers
        WHERE tenant = substr(current_schema(), 8) AND due_at < public.clock_now() + interval '3 hours'""",
    "an entry counts what it helped with": """SELECT count(*) FROM incidents AS i WHERE resolution_count <> (
        SELECT count(*) FROM incident_resolutions AS r WHERE r.incident_id = i.id)""",
    "an entry counts the votes about it": """SELECT count(*) FROM incidents AS i WHERE (helped_count, unhelpful_count) <> (
        SELECT count(*) FILTER (WHERE helped), count(*) FILTER (WHERE NOT helped) FROM alert_votes AS v
        WHERE v.incident_id = i.id)""",
    "an acknowledged alert says so": """SELECT count(*) FROM alerts AS a WHERE acknowledged_at IS NOT NULL
        AND NOT EXISTS (SELECT FROM alert_timeline AS t WHERE t.alert_id = a.id AND t.kind = 'acknowledged')""",
    "time goes forward": """SELECT count(*) FROM alerts
        WHERE acknowledged_at < first_fired_at OR resolved_at < coalesce(acknowledged_at, first_fired_at)""",
}
"""Each must count nothing."""

FULL = (
    "users", "contact_methods", "notification_rules", "rosters", "roster_overrides", "roster_pins", "roster_swaps", "leave",
    "roster_handoffs", "escalation_policy_versions", "services", "routes", "silences", "maintenance_windows",
    "inhibition_rules", "grouping_rules", "alert_groups", "heartbeats", "runbooks", "incidents", "incident_history",
    "incident_resolutions", "alert_votes", "alerts", "alert_timeline", "alert_payloads", "escalation_events", "deliveries",
    "delivery_attempts", "saved_views", "audit_log",
)  # fmt: skip


async def test_a_demo_tenant_obeys_the_rules(nightowl, own_database):
    """Ledger and audit log are clean, every page is explained, nothing is due; made anew, it keeps its admin."""
    tenant = f"t_{secrets.token_hex(6)}"
    made = await nightowl("seed-demo", "--tenant", tenant, *SMALL)
    assert made.code == 0, made
    async with own_database.tenant_tx(tenant) as tx:
        broken = {rule: await tx.fetchval(query) for rule, query in RULES.items()}
        empty = [table for table in FULL if not await tx.fetchval(f"SELECT count(*) FROM {table}")]
        states = {
            row[0] for row in await tx.fetch("SELECT DISTINCT escalation_state FROM alerts WHERE status <> 'resolved'")
        }
    admin = await load_admin_of(own_database, tenant)
    version = await knowledge_version_of(own_database, tenant)

    ledger, audit = await nightowl("ledger", "check"), await nightowl("audit", "verify", "--tenant", tenant)
    assert (broken, empty) == (dict.fromkeys(RULES, 0), [])
    assert states == {"none", "stopped", "muted", "snoozed", "exhausted"}
    assert (ledger.code, audit.code) == (0, 0), (ledger, audit)
    assert (await KeyRing(own_database).verify(demo_key(tenant, "alice"))).user_id is not None

    await nightowl("tenant", "suspend", tenant)  # what is suspended already need not be waited for
    again = await nightowl("seed-demo", "--tenant", tenant, "--seed", "2", *SMALL)
    assert again.code == 0, again
    assert (await load_admin_of(own_database, tenant)).password_hash == admin.password_hash
    assert await knowledge_version_of(own_database, tenant) > version, "what workers remember must not count any more"
    assert (await nightowl("ledger", "check")).code == 0


async def test_a_tenant_that_is_no_demo_is_left_alone(nightowl, own_database):
    """Whatever is in it."""
    tenant = f"t_{secrets.token_hex(6)}"
    await nightowl("tenant", "create", tenant)

    refused = await nightowl("seed-demo", "--tenant", tenant, *SMALL)

    assert refused.code == 1
    assert "is no demo tenant" in refused.sentence
    assert await load_admin_of(own_database, tenant) is not None


async def load_admin_of(database, tenant: str):
    """The first local admin."""
    async with database.global_tx() as tx:
        return await load_admin(tx, tenant, "admin")


async def knowledge_version_of(database, tenant: str) -> int:
    """By which matches are remembered."""
    async with database.tenant_tx(tenant) as tx:
        return await tx.fetchval("SELECT knowledge_version FROM tenant_config")

"""`nightowl seed-demo`: the play becomes a tenant."""

import asyncio

import asyncpg
import msgspec
import rich_click as click

from nightowl_alerting.knowledge import store as knowledge
from nightowl_alerting.suspension import suspend_tenant
from nightowl_auth import insert_admin, insert_key, load_admin, make_key, set_password
from nightowl_cli import tenants
from nightowl_cli.connections import database, postgres
from nightowl_cli.demo.copying import Connection, copy_audit, copy_tables
from nightowl_cli.demo.keys import ADMIN, demo_key
from nightowl_cli.demo.people import CAST
from nightowl_cli.demo.rows import Rows
from nightowl_cli.demo.story import Wish, tell
from nightowl_common.db import Database, Tx, load_queries
from nightowl_common.errors import ConflictError
from nightowl_sql import create_tenant, schema_of

SQL = load_queries(__package__, "seeding.sql")

SETTLE_SECONDS = 10.0
"""How long services may go on with what they began before a tenant was suspended."""


class NotDemoError(ConflictError):
    """The tenant is no demo tenant: it does not have the demo key. Nothing was changed."""

    code = "not_demo"


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What the command was asked for; the play begins to end at the database's now."""

    tenant: str
    seed: int
    days: int
    scale: float


async def require_demo(tenant: str) -> bool:
    """Whether the tenant is there, and then it is a demo one.

    Raises:
        NotDemoError: it is there and was not made by `seed` or `seed-demo`.
    """
    async with postgres() as connection:
        found = await connection.fetchrow(SQL["find_tenant"], tenant, make_key(demo_key(tenant, ADMIN)).key_hash)
    if found is not None and not found["is_demo"]:
        raise NotDemoError(f"tenant {tenant} does not have the demo key, so it is no demo tenant; nothing was changed")
    return found is not None


async def warn(tenant: str) -> int:
    """Says what will be lost.

    Raises:
        NotDemoError: the tenant is no demo one.
    """
    if await require_demo(tenant):
        click.echo(f"Everything in the demo tenant {tenant} will be dropped: alerts, people, rules, keys.")
    return 0


async def seed_demo(asked: Asked) -> int:
    """Drops the tenant, if it is there and a demo one, and makes it from the play."""
    admins: list[asyncpg.Record] = []
    if await require_demo(asked.tenant):
        admins = await _drop(asked.tenant)
    async with postgres() as connection:
        rows = await _make(connection, asked)
    async with database() as opened:
        await _admit(opened, asked.tenant, rows, admins)
    alerts, pages = len(rows.tables["alerts"]), len(rows.tables["deliveries"])
    click.echo(f"{alerts} alerts, {pages} pages and {len(rows.tables['incidents'])} entries of {asked.days} days")
    click.echo(f"tenant {asked.tenant} is ready, API key {demo_key(asked.tenant, ADMIN)}")
    return 0


async def _drop(tenant: str) -> list[asyncpg.Record]:
    """What the operator's own commands do, one after the other. The local admins of the tenant are remembered."""
    async with postgres() as connection:
        admins = await connection.fetch(SQL["load_admins"], tenant)
    async with database() as opened, opened.tenant_tx(tenant) as tx:
        was_active = await suspend_tenant(tx, tenant, tenants.OPERATOR)
    if was_active:
        click.echo(f"tenant {tenant} is suspended; what runs of it has {SETTLE_SECONDS:.0f} s to end")
        await asyncio.sleep(SETTLE_SECONDS)
    await tenants.drop(tenant)
    return admins


async def _make(connection: Connection, asked: Asked) -> Rows:
    """The tenant with its rows, timers and demo key, in one commit: nobody ever finds an alert without its timer."""
    now = await connection.fetchval("SELECT public.clock_now()")
    rows = tell(Wish(seed=asked.seed, now=now, days=asked.days, scale=asked.scale))
    click.echo(f"the play is told: {sum(map(len, rows.tables.values()))} rows")
    async with connection.transaction():
        await create_tenant(connection, slug=asked.tenant, name=asked.tenant.replace("_", " ").title())
        await connection.execute(SQL["make_old"], asked.tenant, rows.tables["users"][0]["created_at"])
        await copy_tables(connection, asked.tenant, rows)
        timers = msgspec.json.encode(rows.tables["timers"]).decode()
        await connection.execute(SQL["insert_timers"], asked.tenant, timers)
        await _configure(connection, asked.tenant, rows)
        key = make_key(demo_key(asked.tenant, ADMIN))
        await connection.execute(SQL["insert_demo_key"], asked.tenant, key.prefix, key.key_hash)
    await copy_audit(connection, asked.tenant, rows)
    return rows


async def _configure(connection: Connection, tenant: str, rows: Rows) -> None:
    [config] = rows.tables["tenant_config"]
    await connection.execute(f'SET LOCAL search_path TO "{schema_of(tenant)}"')
    values = config["timezone"], config["default_policy_id"], config["slack_channel"]
    await connection.execute(SQL["configure"], *values)
    await connection.execute(knowledge.SQL["bump_knowledge"])
    await connection.execute(SQL["analyze"])


async def _admit(opened: Database, tenant: str, rows: Rows, admins: list[asyncpg.Record]) -> None:
    """Local admins with the passwords that they had, or a first one; and keys."""
    async with opened.global_tx() as tx:
        for each in admins:
            await _keep_admin(tx, tenant, each)
        first = None if admins else await tenants.add_admin(tx, tenant, tenants.FIRST_ADMIN)
        await _keys(tx, tenant, rows)
    if first is not None:
        click.echo(f"sign in as {tenants.FIRST_ADMIN} with the password (shown once, to be changed at once): {first}")


async def _keep_admin(tx: Tx, tenant: str, admin: asyncpg.Record) -> None:
    """With the password that they had."""
    password_hash = admin["password_hash"]
    await insert_admin(tx, tenant=tenant, username=admin["username"], password_hash=password_hash)
    made = await load_admin(tx, tenant, admin["username"])
    assert made is not None, "it was written just now"
    await set_password(tx, made.id, password_hash, must_change=admin["must_change"])


async def _keys(tx: Tx, tenant: str, rows: Rows) -> None:
    """One per person, and those of the senders, which nobody knows."""
    for person, row in zip(CAST, rows.tables["users"], strict=True):
        key, role, user_id = make_key(demo_key(tenant, person.handle)), person.role, row["id"]
        await insert_key(tx, key, tenant=tenant, role=role, description="simulate", user_id=user_id)  # type: ignore[arg-type]  # rows hold objects
    for sender in ("Alertmanager prod-eu-1", "Alertmanager prod-us-1", "Grafana", "SigNoz", "Keep"):
        await insert_key(tx, make_key(), tenant=tenant, role="engineer", description=sender, scope="ingest")

"""The installation that is soaked: servers, the five services as processes, fake providers, two tenants with people."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import msgspec

from nightowl_common.bus import Bus
from nightowl_common.db import Database
from nightowl_testkit.builders import ALICE, BOB, CAROL, Person, Team, a_person, seed_team
from nightowl_testkit.fakes import FakeHooks, FakeMail, FakeSlack, FakeTwilio
from nightowl_testkit.servers import Servers, make_tenant, running_servers
from nightowl_testkit.services import ServiceProcesses

# Shorter than in production where a default is longer than a soak could see often.
SETTINGS = {
    "NIGHTOWL_GAP_SECONDS": "60",
    "NIGHTOWL_LINK_MINUTES": "10",
    "NIGHTOWL_LEASE_SECONDS": "10",
    "NIGHTOWL_PROVIDER_TIMEOUT_SECONDS": "4",
}
KEEPING = "UPDATE tenant_config SET keep_alerts_days = 9, keep_payloads_days = 1, keep_deliveries_days = 7"
EVENTS_PATH = "/events-"
"""In the address of every subscriber, and of no endpoint that pages go to."""
INBOX_HOURS = range(-75, -70)
"""Hours of the inbox that are made at the start, so that the partitions' keeper has something to drop."""

DAY_PEOPLE = (ALICE, BOB, CAROL)
NIGHT_PEOPLE = (
    a_person("Dora", phone="+4915550000004"),
    a_person("Emil", phone="+12025550105"),
    a_person("Fay", phone="+6421555006", role="admin"),
)


class Tenancy(msgspec.Struct, frozen=True, kw_only=True):
    """A tenant whose pages go over some of the channels."""

    team: Team
    people: tuple[Person, Person, Person]

    @property
    def slug(self) -> str:
        """The tenant."""
        return self.team.tenant


class Installation(msgspec.Struct, frozen=True, kw_only=True):
    """All that runs, and connections of our own to look at it."""

    servers: Servers
    processes: ServiceProcesses
    slack: FakeSlack
    twilio: FakeTwilio
    mail: FakeMail
    hooks: FakeHooks
    database: Database
    bus: Bus
    tenants: tuple[Tenancy, ...]

    @property
    def fakes(self) -> tuple[FakeSlack, FakeTwilio, FakeMail, FakeHooks]:
        """Where people receive pages."""
        return (self.slack, self.twilio, self.mail, self.hooks)


@asynccontextmanager
async def installed() -> AsyncIterator[Installation]:
    """Starts everything and ends it."""
    async with AsyncExitStack() as stack:
        servers = await stack.enter_async_context(running_servers())
        fakes = [await stack.enter_async_context(kind()) for kind in (FakeSlack, FakeTwilio, FakeMail, FakeHooks)]
        slack, twilio, mail, hooks = fakes
        database = await Database.connect(servers.database_url, size=4, service="soak")
        stack.push_async_callback(database.close)
        bus = await Bus.connect(servers.nats_url, service="soak", on_closed=lambda: None)
        stack.push_async_callback(bus.close)
        tenants = (
            await _tenant(servers, database, "day", DAY_PEOPLE, hooks),
            await _tenant(servers, database, "night", NIGHT_PEOPLE, hooks),
        )
        await _old_inbox(database)
        environment = {name: value for fake in fakes for name, value in fake.environment.items()} | SETTINGS
        processes = await stack.enter_async_context(ServiceProcesses(servers, environment=environment))
        yield Installation(
            servers=servers, processes=processes, slack=slack, twilio=twilio, mail=mail, hooks=hooks,
            database=database, bus=bus, tenants=tenants,
        )  # fmt: skip


async def _tenant(
    servers: Servers, database: Database, slug: str, people: tuple[Person, Person, Person], hooks: FakeHooks
) -> Tenancy:
    await make_tenant(servers, slug)
    team = await seed_team(database, slug, people=people)
    async with database.tenant_tx(slug) as tx:
        hook = await tx.fetchval(
            "INSERT INTO endpoints (name, kind, url, secret) VALUES ('hook', 'webhook', $1, 'whsec_c2VjcmV0') RETURNING id",
            hooks.address("webhook", slug),
        )
        await tx.execute(
            "UPDATE escalation_policy_versions SET tiers = $1", _tiers(slug, lead=str(team.carol_id), hook=str(hook))
        )
        await tx.execute(KEEPING)
    return Tenancy(team=team, people=people)


def _tiers(slug: str, *, lead: str, hook: str) -> list[dict[str, object]]:
    """The day's people are reached over everything; the night's by mail and telephone first. A minute stands for five."""
    first = ["slack_dm"] if slug == "day" else ["email"]
    return [
        {"timeout_minutes": 1, "notify_via": first, "targets": ["oncall_primary"]},
        {"timeout_minutes": 1, "notify_via": ["slack_channel", "sms", "webhook"], "targets": ["oncall_backup", f"endpoint:{hook}"]},
        {"timeout_minutes": 2, "notify_via": ["phone", "email"], "targets": [f"user:{lead}"]},
    ]  # fmt: skip


async def _old_inbox(database: Database) -> None:
    """What was handled three days ago, in partitions of its hours."""
    async with database.global_tx() as tx:
        for hour in INBOX_HOURS:
            starts = f"date_trunc('hour', now()) + interval '{hour} hours'"
            name, lower, upper = await tx.fetchrow(
                f"""SELECT 'inbox_' || to_char(({starts}) AT TIME ZONE 'UTC', 'YYYYMMDDHH24'),
                    public.uuidv7_floor({starts})::text, public.uuidv7_floor({starts} + interval '1 hour')::text"""
            )
            await tx.execute(
                f"CREATE TABLE public.{name} PARTITION OF public.inbox FOR VALUES FROM ('{lower}') TO ('{upper}')"
            )
            await tx.execute(
                f"""INSERT INTO public.{name} (event_id, consumer, tenant, indexes, dispositions, alert_ids, handled_at)
                SELECT uuidv7({starts} - now() + n * interval '1 second'), 'enrichment', 'day', '{{0}}', '{{counted}}',
                    ARRAY[uuidv7()], {starts} FROM generate_series(1, 1000) AS n"""
            )

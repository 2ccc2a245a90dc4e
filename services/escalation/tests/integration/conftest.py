"""One tenant with a team, alerts that are due, and the workers that pay them."""

import secrets

import pytest

from nightowl_alerting import groups, lifecycle, store
from nightowl_alerting.ledger import unaccounted
from nightowl_alerting.model import Route
from nightowl_alerting.transitions import Received
from nightowl_common import clock
from nightowl_common.ids import new_id
from nightowl_contracts import Actor
from nightowl_escalation.jobs import TimerWorker
from nightowl_escalation.settings import Settings
from nightowl_testkit.builders import an_alert, seed_team

SOMEBODY = Actor(kind="user", id="somebody", name="Somebody")


class Scene:
    """A tenant's night, seen from its rows."""

    def __init__(self, tenant, *, team, database, outbox) -> None:
        self.tenant = tenant
        self.team = team
        self._database = database
        self._outbox = outbox

    def worker(self, *, batch: int = 100) -> TimerWorker:
        """One more worker."""
        settings = Settings(database_url="", nats_url="", redis_url="", timer_batch=batch)
        return TimerWorker(outbox=self._outbox, database=self._database, settings=settings)

    async def fires(self, count: int = 1, *, policy_id=None, grouping=(), **changes):
        """Opens alerts under a policy (the team's own if none is given); returns their ids. `changes` are fields."""
        route = Route(policy_id=policy_id or self.team.policy_id, policy_version=1)
        received = [
            Received(
                alert=an_alert(**{"fingerprint": secrets.token_hex(8), **changes}),
                source="generic",
                receipt_id=new_id(),
                new_id=new_id(),
                at=clock.utc_now(),
            )
            for _ in range(count)
        ]
        async with self._outbox.tenant_tx(self.tenant) as tx:
            now = await tx.now()
            outcomes = await lifecycle.receive(
                tx,
                self.tenant,
                received,
                route=lambda _received: route,
                annotate=lambda opened: groups.join(tx, opened, grouping, now=now),
            )
        return [alert_id for _disposition, alert_id in outcomes]

    async def fires_one(self, **changes):
        """One alert's id."""
        [alert_id] = await self.fires(**changes)
        return alert_id

    async def acknowledge(self, alert_id) -> None:
        """Somebody takes it."""
        async with self._outbox.tenant_tx(self.tenant) as tx:
            await lifecycle.acknowledge(tx, self.tenant, alert_id, SOMEBODY)

    async def alert(self, alert_id):
        """As it stands."""
        async with self._database.tenant_tx(self.tenant) as tx:
            return await store.lock_alert(tx, alert_id)

    async def rows(self, query: str, *args) -> list[dict]:
        """Reads the tenant's tables."""
        async with self._database.tenant_tx(self.tenant) as tx:
            return [dict(row) for row in await tx.fetch(query, *args)]

    async def write(self, statement: str, *args) -> None:
        """Changes the tenant's tables, or shared ones by their full name."""
        async with self._database.tenant_tx(self.tenant) as tx:
            await tx.execute(statement, *args)

    async def pages(self, alert_id) -> list[tuple[int, int, str, str]]:
        """(cycle, step, name, channel) of every page, in order."""
        query = """SELECT d.cycle, d.step, u.display_name, d.channel
            FROM deliveries AS d JOIN users AS u ON d.recipient = 'user:' || u.id
            WHERE d.alert_id = $1 ORDER BY d.cycle, d.step, u.display_name, d.channel"""
        return [tuple(row.values()) for row in await self.rows(query, alert_id)]

    async def timer(self, alert_id) -> dict | None:
        """The escalation timer."""
        query = "SELECT due_at, version FROM public.timers WHERE kind = 'escalation' AND ref = $1"
        found = await self.rows(query, alert_id)
        return found[0] if found else None

    async def timeline(self, alert_id) -> list[tuple[str, dict]]:
        """(kind, evidence), oldest first."""
        query = "SELECT kind, evidence FROM alert_timeline WHERE alert_id = $1 ORDER BY id"
        return [(row["kind"], row["evidence"]) for row in await self.rows(query, alert_id)]

    async def steps(self, alert_id) -> list[dict]:
        """When each tier was due and when it fired."""
        return await self.rows("SELECT * FROM escalation_events WHERE alert_id = $1 ORDER BY cycle, tier", alert_id)

    async def findings(self) -> list:
        """What the ledger has to say."""
        async with self._database.tenant_tx(self.tenant) as tx:
            return await unaccounted(tx, self.tenant, [])


@pytest.fixture
def scene_of(database, outbox):
    """Makes scenes of tenants; keywords go to `seed_team`."""

    async def make(tenant: str, **choices) -> Scene:
        team = await seed_team(database, tenant, **choices)
        return Scene(tenant, team=team, database=database, outbox=outbox)

    return make


@pytest.fixture(autouse=True)
async def nothing_due(database):
    """Workers pay the timers of every tenant: what other tests left behind shall not be among them."""

    async def forget() -> None:
        async with database.global_tx() as tx:
            await tx.execute("DELETE FROM public.timers")

    await forget()
    yield
    await forget()


@pytest.fixture
async def scene(scene_of, tenant) -> Scene:
    """The usual team: Alice at once, Bob after 5 minutes, Carol (who leads) after 10 more, who has 15."""
    return await scene_of(tenant)

"""One tenant with people to page, and the notifier as it runs."""

import asyncio
import secrets
from contextlib import AsyncExitStack
from datetime import timedelta

import msgspec
import pytest

from nightowl_alerting import lifecycle, obligations, sending, store
from nightowl_alerting.model import Recipient, Route
from nightowl_alerting.obligations import RE_HINT_SECONDS
from nightowl_alerting.paging import Page
from nightowl_alerting.push.model import address_of
from nightowl_alerting.push.store import save_subscription
from nightowl_alerting.sealing import MasterKeys, make_master_key
from nightowl_alerting.transitions import Received
from nightowl_common.ids import new_id
from nightowl_common.settings import load_settings
from nightowl_contracts import Actor, ReceivedAlert
from nightowl_contracts.topology import PAGES
from nightowl_embedded import free_port
from nightowl_notifier.app import build
from nightowl_notifier.settings import Settings
from nightowl_testkit.apps import listening, running_app

MASTER_KEY = make_master_key("test")
SOMEBODY = Actor(kind="user", id="somebody", name="Somebody")


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who can be reached over Slack, by phone and by mail."""

    id: object
    name: str
    slack: str
    phone: str
    email: str

    def over(self, channel: str) -> Recipient:
        """The person as a recipient."""
        address = {"slack_dm": self.slack, "email": self.email, "push": str(self.id)}.get(channel, self.phone)
        return Recipient(recipient=f"user:{self.id}", channel=channel, address=address)


UNHINTED_SECONDS = 10.0
"""Until a page without a hint is looked at by itself: longer than the usual, so that a test on a slow machine is ready."""

LATER = """
UPDATE public.timers SET due_at = due_at + make_interval(secs => $3)
WHERE tenant = $1 AND kind = 'delivery' AND due_at <= public.clock_now() + make_interval(secs => $2)
"""


class Scene:
    """Writes what escalation would write, and reads what became of it."""

    def __init__(self, tenant, database, outbox) -> None:
        self.tenant = tenant
        self._database = database
        self._outbox = outbox

    async def person(self, *, phone: str | None = None) -> Person:
        """A new person with addresses that no other test uses, but for a given number."""
        tag = secrets.token_hex(4).upper()
        slack, phone = f"U{tag}", phone or f"+1555{secrets.randbelow(10**7):07d}"
        async with self._database.tenant_tx(self.tenant) as tx:
            user_id = await tx.fetchval(
                "INSERT INTO users (email, display_name, slack_user_id, phone) VALUES ($1, $2, $3, $4) RETURNING id",
                f"{tag}@example.org",
                tag,
                slack,
                phone,
            )
        return Person(id=user_id, name=tag, slack=slack, phone=phone, email=f"{tag}@example.org")

    async def add_browser(self, person: Person, browser):
        """Lets a person be paged in a browser; returns the contact method's id."""
        subscription, method_id = browser.subscription, new_id()
        async with self._database.tenant_tx(self.tenant) as tx:
            await tx.execute(
                "INSERT INTO contact_methods (id, user_id, kind, address, verified_at) VALUES ($1, $2, 'push', $3, now())",
                method_id, person.id, address_of(subscription.endpoint),
            )  # fmt: skip
            keys = MasterKeys.parse(MASTER_KEY)
            await save_subscription(tx, self.tenant, method_id, subscription, keys, name="A phone")
        return method_id

    async def alert(self, **changes):
        """An open alert with a policy."""
        given = {"fingerprint": secrets.token_hex(8), "status": "firing", "severity": "critical", "title": "Disk full"}
        received = Received(
            alert=ReceivedAlert(index=0, **{**given, **changes}),
            source="generic",
            receipt_id=new_id(),
            new_id=new_id(),
            at=(await self.now()),
        )
        async with self._outbox.tenant_tx(self.tenant) as tx:
            route = await self._route(tx)
            [(_, alert_id)] = await lifecycle.receive(tx, self.tenant, [received], route=lambda _alert: route)
            return await store.lock_alert(tx, alert_id)

    async def storm(self, recipient: Recipient, count: int, *, severity: str = "warning", hint: bool = True) -> list:
        """So many alerts that page one recipient at once; returns the delivery ids, in order."""
        now = await self.now()
        received = [self._received(place, severity=severity, now=now) for place in range(count)]
        source = self._outbox if hint else self._database
        async with source.tenant_tx(self.tenant) as tx:
            route = await self._route(tx)
            opened = await lifecycle.receive(tx, self.tenant, received, route=lambda _alert: route)
            decision = Page(cycle=0, tier=0, next_due_at=now + timedelta(hours=1))
            for _, alert_id in opened:
                alert = await store.lock_alert(tx, alert_id)
                tier = obligations.DueTier(alert=alert, decision=decision, recipients=[recipient], due_at=now)
                await obligations.page(tx, self.tenant, [tier], now=now)
            query = "SELECT id FROM deliveries WHERE alert_id = ANY ($1::uuid[]) ORDER BY id"
            return [row["id"] for row in await tx.fetch(query, [alert_id for _, alert_id in opened])]

    def _received(self, place: int, *, severity: str, now) -> Received:
        alert = ReceivedAlert(
            index=place,
            fingerprint=secrets.token_hex(8),
            status="firing",
            severity=severity,
            title=f"Node {place}",
        )
        return Received(alert=alert, source="generic", receipt_id=new_id(), new_id=new_id(), at=now)

    async def until_all(self, delivery_ids, condition: str, *, seconds: float = 60.0) -> None:
        """Waits until a condition in SQL holds for all of some deliveries."""
        query = f"SELECT count(*) FROM deliveries WHERE id = ANY ($1::uuid[]) AND NOT coalesce({condition}, false)"
        async with asyncio.timeout(seconds):
            while (await self.rows(query, list(delivery_ids)))[0]["count"]:
                await asyncio.sleep(0.05)

    async def write(self, query: str, *args) -> None:
        """Changes the tenant's tables."""
        async with self._database.tenant_tx(self.tenant) as tx:
            await tx.execute(query, *args)

    async def _route(self, tx) -> Route:
        policy_id = await tx.fetchval(
            "INSERT INTO escalation_policies (name) VALUES ($1) RETURNING id", secrets.token_hex(4)
        )
        tiers = [{"timeout_minutes": 60, "notify_via": ["slack_dm"], "targets": ["oncall_primary"]}]
        await tx.execute(
            "INSERT INTO escalation_policy_versions (policy_id, version, tiers) VALUES ($1, 1, $2)", policy_id, tiers
        )
        return Route(policy_id=policy_id, policy_version=1, pages_from="info")

    async def owe(self, *recipients: Recipient, hint: bool = True, alert=None):
        """Pages a tier; without a hint, only the row and its timer are there. Returns the delivery ids, in order."""
        alert = alert or await self.alert()
        source = self._outbox if hint else self._database
        async with source.tenant_tx(self.tenant) as tx:
            now = await tx.now()
            decision = Page(cycle=0, tier=0, next_due_at=now + timedelta(hours=1))
            tier = obligations.DueTier(alert=alert, decision=decision, recipients=recipients, due_at=now)
            await obligations.page(tx, self.tenant, [tier], now=now)
            if not hint:
                await tx.execute(LATER, self.tenant, RE_HINT_SECONDS, UNHINTED_SECONDS - RE_HINT_SECONDS)
            rows = await tx.fetch("SELECT id, recipient, channel FROM deliveries WHERE alert_id = $1", alert.id)
        by_key = {(row["recipient"], row["channel"]): row["id"] for row in rows}
        return [by_key[each.recipient, each.channel] for each in recipients]

    async def owe_one(self, recipient: Recipient, *, hint: bool = True, **alert):
        """One delivery; keywords are the alert's."""
        [delivery_id] = await self.owe(recipient, hint=hint, alert=await self.alert(**alert))
        return delivery_id

    async def now(self):
        """The database's time."""
        async with self._database.global_tx() as tx:
            return await tx.now()

    async def rows(self, query: str, *args) -> list[dict]:
        """Reads the tenant's tables."""
        async with self._database.tenant_tx(self.tenant) as tx:
            return [dict(row) for row in await tx.fetch(query, *args)]

    async def delivery(self, delivery_id) -> dict:
        """One row of deliveries."""
        [row] = await self.rows("SELECT * FROM deliveries WHERE id = $1", delivery_id)
        return row

    async def until(self, delivery_id, *statuses: str, seconds: float = 20.0, **wanted) -> dict:
        """Waits for a delivery to come to a status, with other columns as wanted."""
        try:
            async with asyncio.timeout(seconds):
                while True:
                    row = await self.delivery(delivery_id)
                    if row["status"] in statuses and all(row[key] == value for key, value in wanted.items()):
                        return row
                    await asyncio.sleep(0.02)
        except TimeoutError:
            raise AssertionError(f"wanted {statuses} {wanted}, is {await self.delivery(delivery_id)}") from None

    async def outcomes(self, delivery_id) -> list[str]:
        """What its attempts came to, in order."""
        query = "SELECT outcome FROM delivery_attempts WHERE delivery_id = $1 ORDER BY token, finished_at"
        return [row["outcome"] for row in await self.rows(query, delivery_id)]

    async def timeline(self, delivery_id) -> list[str]:
        """Kinds of the timeline entries about it."""
        query = "SELECT kind FROM alert_timeline WHERE evidence ->> 'delivery_id' = $1 ORDER BY id"
        return [row["kind"] for row in await self.rows(query, str(delivery_id))]

    async def timer(self, delivery_id):
        """When it is due; None when it has no timer."""
        async with self._database.global_tx() as tx:
            return await tx.fetchval(
                "SELECT due_at FROM public.timers WHERE kind = 'delivery' AND ref = $1", delivery_id
            )

    async def alert_of(self, delivery_id) -> dict:
        """The alert that a delivery is about."""
        query = "SELECT a.* FROM alerts AS a JOIN deliveries AS d ON d.alert_id = a.id WHERE d.id = $1"
        [row] = await self.rows(query, delivery_id)
        return row

    async def escalation_due(self, alert_id):
        """When the alert's next tier is due; None when none is."""
        async with self._database.global_tx() as tx:
            query = "SELECT due_at FROM public.timers WHERE kind = 'escalation' AND ref = $1"
            return await tx.fetchval(query, alert_id)

    async def acknowledge(self, alert_id) -> None:
        """Somebody takes the alert."""
        async with self._outbox.tenant_tx(self.tenant) as tx:
            await lifecycle.acknowledge(tx, self.tenant, alert_id, SOMEBODY)

    async def claim(self, delivery_id, *, lease_seconds: float = 30):
        """Takes the right to send, as a process does that then says nothing more."""
        async with self._database.tenant_tx(self.tenant) as tx:
            return await sending.claim(tx, self.tenant, delivery_id, lease_seconds=lease_seconds)

    async def forget(self) -> None:
        """No later test shall find something due here."""
        async with self._database.global_tx() as tx:
            await tx.execute("DELETE FROM public.timers WHERE tenant = $1", self.tenant)


@pytest.fixture(autouse=True)
async def nothing_waiting(bus, database) -> None:
    """A notifier sends what is due for all tenants: what other tests left behind shall not be among it."""
    await bus.jetstream.purge_stream(PAGES.name)
    async with database.global_tx() as tx:
        await tx.execute("DELETE FROM public.timers WHERE kind IN ('delivery', 'webhook')")


@pytest.fixture
async def scene(tenant, database, outbox):
    made = Scene(tenant, database, outbox)
    yield made
    await made.forget()


@pytest.fixture
async def neighbour(second_tenant, database, outbox):
    """A scene in another tenant."""
    made = Scene(second_tenant, database, outbox)
    yield made
    await made.forget()


@pytest.fixture
def environment(servers, fake_slack, fake_twilio, fake_mail, fake_hooks, fake_push):
    """The notifier's environment, with the fakes as providers."""
    return {
        **servers.environment,
        **fake_slack.environment,
        **fake_twilio.environment,
        **fake_mail.environment,
        **fake_hooks.environment,
        **fake_push.environment,
        "NIGHTOWL_MASTER_KEYS": MASTER_KEY,
        "NIGHTOWL_PROVIDER_TIMEOUT_SECONDS": "2",
        "NIGHTOWL_SWEEP_SECONDS": "0.5",
        "NIGHTOWL_SLACK_ANSWER_SECONDS": "30",  # a slow machine is no slow database
    }


@pytest.fixture
async def served(environment):
    """A notifier that listens; returns its public address."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    async with listening(build(load_settings(Settings, {**environment, "NIGHTOWL_PUBLIC_URL": url})), port):
        yield url


@pytest.fixture
def running(environment):
    """One notifier's life, as a context manager; keywords are environment variables."""

    def run(**changes):
        return running_app(build, load_settings(Settings, {**environment, **changes}))

    return run


@pytest.fixture
async def notifier(running):
    """Starts notifiers, with environment variables as keywords; all are stopped at the end."""
    async with AsyncExitStack() as stack:

        async def start(**changes):
            return await stack.enter_async_context(running(**changes))

        yield start

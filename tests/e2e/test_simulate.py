"""`nightowl simulate` on real processes: a tenant with a past lives through a bad night, and the fakes tell who was told."""

import re
import secrets
from collections import Counter
from collections.abc import Sequence

import pytest

from nightowl_cli.demo.keys import ADMIN, demo_key
from nightowl_cli.demo.seeding import Asked, seed_demo
from nightowl_cli.front import FrontDoor
from nightowl_cli.simulate.command import Play, simulate
from nightowl_cli.simulate.load import Mix
from nightowl_common import clock
from nightowl_testkit.client import AlertView, ApiClient, DeliveryView
from nightowl_testkit.services import SERVICES

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(240)]

CHANNELS = {"slack_dm": "slack", "slack_channel": "slack", "sms": "twilio", "phone": "twilio", "email": "mail"}


@pytest.fixture
async def demo(servers, monkeypatch) -> str:
    """A demo tenant with a short past."""
    for name, value in servers.environment.items():
        monkeypatch.setenv(name, value)
    tenant = f"t_{secrets.token_hex(6)}"
    assert await seed_demo(Asked(tenant=tenant, seed=1, days=3, scale=0.2)) == 0
    return tenant


@pytest.fixture
async def door(processes):
    """One address for all services, as `up` has it."""
    opened = FrontDoor(host="127.0.0.1", port=0, services={name: processes.url(name) for name in SERVICES})
    yield await opened.start()
    await opened.stop()


async def test_a_night_is_played_and_nothing_is_lost(
    demo, door, capsys, database, fake_slack, fake_twilio, fake_mail
) -> None:
    """Every sent page is one message at a provider and the other way round; the past of the tenant pages nobody.

    The night has all that was promised: a group, a known fix, a second tier, a hand-over. Then a load, counted by the API.
    """
    fakes = {"slack": fake_slack, "twilio": fake_twilio, "mail": fake_mail}
    async with ApiClient(ingest_url=door, query_url=door, key=demo_key(demo, ADMIN)) as client:
        before = {each.id for each in await client.alerts()}
        play = Play(url=door, tenant=demo, key=None, speed=10_000, rate=0, seconds=1, mix=Mix())
        assert await simulate(play) == 0, capsys.readouterr().out

        told = capsys.readouterr().out
        for words in ("alerts are one group", "known: “", "tier 2 pages", "hands the customers' alert", "is over"):
            assert words in told, told
        assert "nothing that was accepted is lost" in told
        made = [each for each in await client.alerts() if each.id not in before]
        assert {each.status for each in made} == {"resolved"}
        sent = Counter([CHANNELS[each.channel] for each in await settled_pages(client, made)])
        got = await messages_of(database, demo, fakes)
        assert sent == Counter(got.values()) != Counter()

        load = Play(url=door, tenant=demo, key=None, speed=1, rate=20, seconds=3, mix=Mix(new=6, repeat=2, resolve=2))
        assert await simulate(load) == 0, capsys.readouterr().out
        told = capsys.readouterr().out
        opened = int(re.findall(r"(\d+) opened", told)[-1])
        assert re.findall(r"(\d+) calls sent in", told) == ["60"]
        assert len(await client.alerts(label="load=~.+")) == opened > 0


async def settled_pages(client: ApiClient, alerts: Sequence[AlertView]) -> list[DeliveryView]:
    """The pages that went out, when none is on its way any more: all alerts are over."""
    while True:
        pages = [each for alert in alerts for each in await client.deliveries(alert.id)]
        if not {each.status for each in pages} & {"queued", "sending"}:
            return [each for each in pages if each.status in {"sent", "delivered"}]
        await clock.sleep(0.2)


async def messages_of(database, tenant: str, fakes) -> dict[str, str]:
    """What people of the tenant received: the provider's id of the message → which provider."""
    found = {}
    for name, fake in fakes.items():
        for each in (one for one in fake.received if one.delivery_id is not None):
            async with database.tenant_tx(tenant) as tx:
                if await tx.fetchval("SELECT EXISTS (SELECT FROM deliveries WHERE id = $1)", each.delivery_id):
                    found[each.provider_id] = name
    return found

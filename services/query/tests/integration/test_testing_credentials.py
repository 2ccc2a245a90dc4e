"""Asking a provider whether it takes a tenant's credentials."""

from collections.abc import Awaitable, Callable, Iterator

import pytest
from httpx import AsyncClient

from nightowl_query.channels.probes import Places
from nightowl_testkit.apps import RunningApp
from nightowl_testkit.fakes import FakeMail, FakeSlack, FakeTwilio

pytestmark = pytest.mark.integration

URL = "/api/v1/admin/config"
ClientOf = Callable[..., Awaitable[AsyncClient]]
SLACK = {"team_id": "T0FAKE", "bot_token": "xoxb-a-token-of-slack", "signing_secret": "a secret".replace(" ", "-")}


@pytest.fixture
async def admin(client_of: ClientOf, tenant: str) -> AsyncClient:
    return await client_of(tenant, "admin")


@pytest.fixture
def hosts(service: RunningApp, fake_slack: FakeSlack, fake_twilio: FakeTwilio) -> Iterator[Callable[[str], None]]:
    """Providers are the fakes. Gives a function that lists a host as one that may be private."""
    before = service.app.state.places

    def place(host: str) -> None:
        service.app.state.places = Places(slack_url=fake_slack.url, twilio_url=fake_twilio.url, hosts=frozenset({host}))

    place("")
    yield place
    service.app.state.places = before


async def tried(admin: AsyncClient, kind: str, body: dict[str, object]) -> tuple[bool, str]:
    assert (await admin.put(f"{URL}/{kind}", json=body)).status_code == 200
    answer = await admin.post(f"{URL}/{kind}/test")
    assert answer.status_code == 200, answer.text
    return answer.json()["works"], answer.json()["said"]


async def test_slack_says_who_the_bot_is(admin: AsyncClient, hosts: Callable[[str], None]) -> None:
    """With the workspace, so that a wrong one is seen."""
    works, said = await tried(admin, "slack", SLACK)

    assert works
    assert said.startswith("Slack knows the bot as nightowl in Fake.")


async def test_twilio_says_whether_it_knows_the_account(
    admin: AsyncClient, hosts: Callable[[str], None], fake_twilio: FakeTwilio
) -> None:
    """And refuses a wrong token, also one whose account would be another path."""
    good = {"account_sid": fake_twilio.account_sid, "auth_token": fake_twilio.auth_token, "from_number": "+4930123456"}

    assert await tried(admin, "twilio", good) == (True, "Twilio knows the account, which is active.")
    for wrong in ({"auth_token": "wrong"}, {"account_sid": "../../x"}):
        works, said = await tried(admin, "twilio", {**good, **wrong})
        assert not works
        assert said.startswith("Twilio refused the account or its token")


async def test_a_mail_server_greets(admin: AsyncClient, hosts: Callable[[str], None], fake_mail: FakeMail) -> None:
    """Without TLS where none is asked for; one that offers none is told so; no mail is sent."""
    hosts("127.0.0.1")
    server = {"host": "127.0.0.1", "port": fake_mail.port, "from_address": "owl@example.com"}

    assert await tried(admin, "smtp", {**server, "security": "none"}) == (
        True, "The mail server greets us; nobody signs in.",
    )  # fmt: skip
    works, said = await tried(admin, "smtp", {**server, "security": "starttls"})
    assert (works, "does not offer" in said) == (False, True)
    assert not fake_mail.received


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "10.0.0.1", "169.254.169.254", "::1", "::ffff:127.0.0.1"])
async def test_nobody_looks_around_inside(
    admin: AsyncClient, hosts: Callable[[str], None], fake_mail: FakeMail, host: str
) -> None:
    """A mail server must be at a public address, or be listed by the operator."""
    server = {"host": host, "port": fake_mail.port, "from_address": "owl@example.com", "security": "none"}

    works, said = await tried(admin, "smtp", server)

    assert not works
    assert "not at a public address" in said


async def test_nothing_set_is_nothing_to_test(admin: AsyncClient, client_of: ClientOf, tenant: str) -> None:
    """409; and it is an admin's to do."""
    manager = await client_of(tenant, "manager")

    assert (await admin.post(f"{URL}/slack/test")).json()["code"] == "nothing_set"
    assert (await manager.post(f"{URL}/slack/test")).status_code == 403


async def test_a_test_is_in_the_audit_log_without_secrets(admin: AsyncClient, hosts: Callable[[str], None]) -> None:
    """Who asked, and what came out."""
    await tried(admin, "slack", SLACK)

    listed = await admin.get("/api/v1/audit-log", params={"action": "tested"})

    assert [each["changes"] for each in listed.json()["items"]] == [{"kind": "slack", "works": True}]
    assert SLACK["bot_token"] not in listed.text

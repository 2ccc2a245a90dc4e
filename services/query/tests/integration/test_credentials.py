"""Provider credentials: written, taken away, opened by who sends, never told."""

from collections.abc import Awaitable, Callable

import pytest
from httpx import AsyncClient

from nightowl_alerting.credentials import TwilioCredentials, load_credentials
from nightowl_alerting.sealing import MasterKeys, UnsealableError
from nightowl_common.db import Database
from nightowl_testkit.apps import RunningApp

pytestmark = pytest.mark.integration

ClientOf = Callable[..., Awaitable[AsyncClient]]
URL = "/api/v1/admin/config"
TOKEN = "canary-5f0c93d1e7a24b68"
TWILIO = {"account_sid": "AC123", "auth_token": TOKEN, "from_number": "+4930123456"}
SMTP = {"host": "smtp.example.com", "username": "n", "password": "short", "from_address": "n@example.com"}
SLACK = {"team_id": "T0ACME", "bot_token": "xoxb-0123456789-abcd", "signing_secret": "0123456789abcdef0123456789abcdef"}


@pytest.fixture
async def admin(client_of: ClientOf, tenant: str) -> AsyncClient:
    return await client_of(tenant, "admin")


async def test_they_are_written_and_shown_by_their_ends(admin: AsyncClient, manager: AsyncClient) -> None:
    """What is no secret is shown, of a long secret the last four characters, of a short one nothing."""
    unset = (await manager.get(f"{URL}/smtp")).json()
    answers = {
        kind: await admin.put(f"{URL}/{kind}", json=body)
        for kind, body in (("slack", SLACK), ("twilio", TWILIO), ("smtp", SMTP))
    }

    assert (unset["is_set"], unset["shown"], unset["changed_at"]) == (False, {}, None)
    assert {each.status_code for each in answers.values()} == {200}
    for kind, answer in answers.items():
        assert (await manager.get(f"{URL}/{kind}")).json() == answer.json()
        assert answer.headers["etag"] == '"1"'
        assert answer.json()["changed_by"]["name"] == "admin key"
    told = {kind: (answer.json()["shown"], answer.json()["secrets"]) for kind, answer in answers.items()}
    assert told == {
        "slack": ({"team_id": "T0ACME"}, {"bot_token": "abcd", "signing_secret": "cdef"}),
        "twilio": ({"account_sid": "AC123", "from_number": "+4930123456", "second_number": None}, {"auth_token": "4b68"}),
        "smtp": (
            {"host": "smtp.example.com", "port": 587, "security": "starttls", "username": "n", "from_address": "n@example.com"},
            {"password": ""},
        ),
    }  # fmt: skip


async def test_a_secret_is_nowhere_in_clear(
    admin: AsyncClient, database: Database, tenant: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Not in any table of the tenant, not in the audit log's answer, not in the logs."""
    await admin.put(f"{URL}/twilio", json=TWILIO)
    await admin.put(f"{URL}/twilio", json={**TWILIO, "from_number": "no number"})

    async with database.tenant_tx(tenant) as tx:
        tables = await tx.fetch(
            "SELECT relname FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r'"
        )
        dumps = [
            await tx.fetchval(f'SELECT coalesce(string_agg(t::text, $1), $1) FROM "{row[0]}" AS t', "\n")
            for row in tables
        ]
    log = (await admin.get("/api/v1/audit-log")).text
    printed = capsys.readouterr()

    everything = "\n".join([*dumps, log, printed.out, printed.err])
    assert "AC123" in everything
    assert TOKEN not in everything
    assert TOKEN.encode().hex() not in everything


async def test_who_sends_opens_them(admin: AsyncClient, service: RunningApp, database: Database, tenant: str) -> None:
    """With the master key; none before they are set, and none after they are taken away."""
    keys: MasterKeys = service.app.state.master_keys

    async def opened() -> object:
        async with database.tenant_tx(tenant) as tx:
            return await load_credentials(tx, tenant, "twilio", keys)

    before = await opened()
    await admin.put(f"{URL}/twilio", json=TWILIO)
    found = await opened()
    cleared = await admin.delete(f"{URL}/twilio", headers={"If-Match": '"1"'})

    assert before is None
    assert found == TwilioCredentials(account_sid="AC123", auth_token=TOKEN, from_number="+4930123456")
    assert TOKEN not in repr(found)
    assert (cleared.status_code, cleared.json()["is_set"], cleared.json()["revision"]) == (200, False, 2)
    assert await opened() is None


async def test_another_tenants_row_does_not_open(
    admin: AsyncClient, service: RunningApp, database: Database, tenant: str, second_tenant: str
) -> None:
    """Whoever can write to the database cannot lend them to somebody else."""
    await admin.put(f"{URL}/twilio", json=TWILIO)
    async with database.global_tx() as tx:
        await tx.execute(
            f'INSERT INTO "tenant_{second_tenant}".tenant_credentials SELECT * FROM "tenant_{tenant}".tenant_credentials'
        )

    async def open_it() -> None:
        async with database.tenant_tx(second_tenant) as tx:
            await load_credentials(tx, second_tenant, "twilio", service.app.state.master_keys)

    with pytest.raises(UnsealableError):
        await open_it()


async def test_changes_are_audited_without_the_secrets(admin: AsyncClient, manager: AsyncClient) -> None:
    """Fields that are no secret, before and after; of secrets only that they were written or removed."""
    await admin.put(f"{URL}/smtp", json=SMTP)
    open_relay = {"host": "mx.example.com", "from_address": "n@example.com"}
    await admin.put(f"{URL}/smtp", json=open_relay)
    await admin.delete(f"{URL}/smtp")
    await admin.delete(f"{URL}/smtp")

    entries = (await manager.get("/api/v1/audit-log", params={"entity": "credentials"})).json()["items"]

    assert [each["action"] for each in entries] == ["deleted", "updated", "updated"]
    assert entries[1]["changes"] == {
        "kind": "smtp", "host": ["smtp.example.com", "mx.example.com"], "username": ["n", None], "password": "removed",
    }  # fmt: skip
    assert entries[2]["changes"]["password"] == "written"


@pytest.mark.parametrize(
    ("kind", "change", "field"),
    [
        ("twilio", {"from_number": "030123"}, "$.from_number"),
        ("twilio", {"auth_token": "two words"}, "$.auth_token"),
        ("smtp", {"host": "a b"}, "$.host"),
        ("smtp", {"port": 0}, "$.port"),
        ("smtp", {"password": None}, "$.password"),
        ("smtp", {"from_address": "n@example.com\r\nBcc: x@example.com"}, "$.from_address"),
        ("slack", {"token": "x"}, "$.token"),
    ],
)
async def test_what_cannot_be_meant_is_refused(admin: AsyncClient, kind: str, change: dict, field: str) -> None:
    """422 with the field, without the value; nothing is stored."""
    body = {"slack": SLACK, "twilio": TWILIO, "smtp": SMTP}[kind] | change

    answer = await admin.put(f"{URL}/{kind}", json=body)

    assert answer.status_code == 422
    assert [each["field"] for each in answer.json()["errors"]] == [field]
    assert (await admin.get(f"{URL}/{kind}")).json()["is_set"] is False


async def test_what_has_changed_is_not_overwritten(admin: AsyncClient) -> None:
    """412 for an older revision, for writing and for taking away."""
    await admin.put(f"{URL}/slack", json=SLACK)

    stale = {"If-Match": '"0"'}
    assert (await admin.put(f"{URL}/slack", json=SLACK, headers=stale)).status_code == 412
    assert (await admin.delete(f"{URL}/slack", headers=stale)).status_code == 412


async def test_only_admins_write_and_managers_look(client: AsyncClient, manager: AsyncClient) -> None:
    """Engineers do neither."""
    assert (await manager.put(f"{URL}/slack", json=SLACK)).status_code == 403
    assert (await manager.delete(f"{URL}/slack")).status_code == 403
    assert (await client.get(f"{URL}/slack")).status_code == 403


async def test_without_a_master_key_nothing_is_stored(
    admin: AsyncClient, service: RunningApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    """409 that says what the operator has to do."""
    monkeypatch.setattr(service.app.state, "master_keys", MasterKeys({}))

    answer = await admin.put(f"{URL}/slack", json=SLACK)

    assert (answer.status_code, answer.json()["code"]) == (409, "no_master_key")

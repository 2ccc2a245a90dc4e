"""Tenants' own accounts are opened once, and looked at again after a while."""

import pytest

from nightowl_alerting.credentials import SlackCredentials
from nightowl_common import clock
from nightowl_notifier.channels.accounts import RECHECK_SECONDS, OwnAccounts

OLD = SlackCredentials(team_id="T0ACME", bot_token="xoxb-old", signing_secret="s")
NEW = SlackCredentials(team_id="T0ACME", bot_token="xoxb-new", signing_secret="s")


class Store:
    """What tenants have stored, and what was asked and opened."""

    def __init__(self) -> None:
        self.stored = {"acme": OLD}
        self.asked: list[str] = []
        self.opened: list[str] = []

    async def load(self, tenant, kind):
        """What stands now."""
        assert kind == "slack"
        self.asked.append(tenant)
        return self.stored.get(tenant)

    def make(self, tenant, credentials):
        """An account, by its token."""
        self.opened.append(credentials.bot_token)
        return f"{tenant}:{credentials.bot_token}"


@pytest.fixture
def now(monkeypatch):
    """The clock, in a box."""
    box = [100.0]
    monkeypatch.setattr(clock, "monotonic_seconds", lambda: box[0])
    return box


@pytest.fixture
def store():
    return Store()


@pytest.fixture
def accounts(store, now):
    return OwnAccounts("slack", store.load, store.make)


async def test_an_account_is_looked_up_once_in_a_while(accounts, store, now):
    """Also that there is none."""
    found = [await accounts.of(tenant) for tenant in ("acme", "acme", "other", "other")]

    assert found == ["acme:xoxb-old", "acme:xoxb-old", None, None]
    assert store.asked == ["acme", "other"]


async def test_an_unchanged_account_is_not_opened_again(accounts, store, now):
    """Its connections stay."""
    await accounts.of("acme")
    now[0] += RECHECK_SECONDS

    assert await accounts.of("acme") == "acme:xoxb-old"
    assert (store.asked, store.opened) == (["acme", "acme"], ["xoxb-old"])


async def test_a_change_is_in_force_after_the_look_again(accounts, store, now):
    """Another one, and none any more."""
    await accounts.of("acme")
    store.stored["acme"] = NEW
    before = await accounts.of("acme")
    now[0] += RECHECK_SECONDS
    after = await accounts.of("acme")
    del store.stored["acme"]
    now[0] += RECHECK_SECONDS

    assert (before, after) == ("acme:xoxb-old", "acme:xoxb-new")
    assert await accounts.of("acme") is None

"""Browsers: what stands for one where people read it, and what their secrets are sealed under."""

import secrets

import pytest

from nightowl_alerting.push.model import Subscription, address_of
from nightowl_alerting.push.store import load_browsers, save_subscription, wrap_subscriptions_anew
from nightowl_alerting.sealing import MasterKeyMissingError, MasterKeys, UnsealableError, make_master_key
from nightowl_common.ids import new_id

SUBSCRIPTION = Subscription(endpoint="https://push.example/x", p256dh="p", auth="a")


def test_an_address_names_the_push_service_and_tells_no_secret():
    """The front end works out the same one (`push-state.test.ts`)."""
    assert address_of("https://push.example:8443/send/abc") == "push.example:8443/48b602a42ba40370"


@pytest.fixture
async def browser(database, tenant):
    """A person's browser, without its secrets: its contact method and whose it is."""
    async with database.tenant_tx(tenant) as tx:
        user_id = await tx.fetchval(
            "INSERT INTO users (email, display_name) VALUES ($1, 'Alice') RETURNING id",
            f"{secrets.token_hex(4)}@example.org",
        )
        await tx.execute(
            "INSERT INTO contact_methods (id, user_id, kind, address, verified_at) VALUES ($1, $2, 'push', 'x', now())",
            method_id := new_id(),
            user_id,
        )
    return method_id, user_id


@pytest.mark.integration
async def test_a_browser_goes_under_a_new_master_key(database, tenant, browser):
    """Then the old one can be taken away; what is copied to another tenant does not open."""
    method_id, user_id = browser
    old, new = make_master_key("old"), make_master_key("new")
    async with database.tenant_tx(tenant) as tx:
        await save_subscription(tx, tenant, method_id, SUBSCRIPTION, MasterKeys.parse(old), name="Firefox")

        wrapped = [await wrap_subscriptions_anew(tx, tenant, MasterKeys.parse(f"{new},{old}")) for _ in range(2)]

        [found] = await load_browsers(tx, tenant, user_id, MasterKeys.parse(new))
        assert (wrapped, found.subscription) == ([1, 0], SUBSCRIPTION)
        assert await load_browsers(tx, tenant, method_id, MasterKeys.parse(new)) == [found]
        with pytest.raises(MasterKeyMissingError):
            await load_browsers(tx, tenant, user_id, MasterKeys.parse(old))
        with pytest.raises(UnsealableError):
            await load_browsers(tx, "another", user_id, MasterKeys.parse(new))

"""Verifying keys, and remembering them through an outage."""

import pytest

from nightowl_auth import KeyRing, make_key
from nightowl_auth.ring import FRESH_SECONDS, STALE_SECONDS
from nightowl_common.errors import TransientError, UnauthenticatedError

pytestmark = pytest.mark.integration


async def test_a_valid_key_gives_its_principal(ring, keys):
    """Tenant, role and name are the key's."""
    key = await keys.make("manager")

    principal = await ring.verify(key.raw)

    assert (principal.tenant, principal.role, principal.name) == (keys.tenant, "manager", "test")
    assert principal.key_id == await keys.read(key, "id")
    assert await ring.verify(key.raw) == principal


async def test_a_wrong_secret_behind_the_right_prefix_is_refused(ring, keys):
    """The prefix finds a key, the hash decides; the right key goes on working."""
    key = await keys.make()

    with pytest.raises(UnauthenticatedError):
        await ring.verify(key.prefix + make_key().raw[12:])

    await ring.verify(key.raw)


async def test_keys_that_share_a_prefix_are_told_apart(ring, keys):
    """Prefixes are short; two tenants may have the same."""
    one = await keys.make("readonly")
    other = await keys.make("admin", raw=one.prefix + make_key().raw[12:])

    assert (await ring.verify(one.raw)).role == "readonly"
    assert (await ring.verify(other.raw)).role == "admin"


async def test_an_unknown_key_is_refused(ring):
    """Again and again."""
    raw = make_key().raw

    for _ in range(2):
        with pytest.raises(UnauthenticatedError):
            await ring.verify(raw)


async def test_a_revoked_key_stops_working_within_five_seconds(ring, keys, monotonic):
    """Until then it is remembered."""
    key = await keys.make()
    await ring.verify(key.raw)
    await keys.change(key, "revoked_at = public.clock_now()")

    monotonic.advance(FRESH_SECONDS - 0.1)
    await ring.verify(key.raw)
    monotonic.advance(0.2)

    assert ring.recall(key.raw) is None
    with pytest.raises(UnauthenticatedError):
        await ring.verify(key.raw)


async def test_a_new_key_works_within_five_seconds(ring, keys, monotonic):
    """Also one that was tried before it was stored."""
    raw = make_key().raw
    with pytest.raises(UnauthenticatedError):
        await ring.verify(raw)
    await keys.make(raw=raw)

    monotonic.advance(FRESH_SECONDS + 0.1)

    assert (await ring.verify(raw)).tenant == keys.tenant


async def test_a_changed_role_counts_within_five_seconds(ring, keys, monotonic):
    """Taking rights away is like revoking."""
    key = await keys.make("admin")
    await ring.verify(key.raw)
    await keys.change(key, "role = 'readonly'")

    monotonic.advance(FRESH_SECONDS + 0.1)

    assert (await ring.verify(key.raw)).role == "readonly"


async def test_an_expired_key_is_refused(ring, keys, monotonic, db_clock):
    """By the database's clock."""
    key = await keys.make()
    await keys.change(key, "expires_at = public.clock_now() + interval '1 hour'")
    await ring.verify(key.raw)

    await db_clock.advance(hours=1, seconds=1)
    monotonic.advance(FRESH_SECONDS + 0.1)

    with pytest.raises(UnauthenticatedError):
        await ring.verify(key.raw)


async def test_keys_of_a_suspended_tenant_are_known(ring, keys):
    """Who is asking is clear; what a suspended tenant may do is for the edges to say."""
    key = await keys.make()
    await keys.set_tenant_status("suspended")

    assert (await ring.verify(key.raw)).role == "engineer"


async def test_while_the_database_is_away_known_keys_go_on_for_15_minutes(ring, own_database, keys, monotonic):
    """An outage of Postgres must not turn alerts away."""
    key = await keys.make()
    principal = await ring.verify(key.raw)
    await own_database.close()

    for _ in range(3):
        monotonic.advance(STALE_SECONDS / 3 - 1)
        assert await ring.verify(key.raw) == principal
    monotonic.advance(4)

    with pytest.raises(TransientError):
        await ring.verify(key.raw)


async def test_while_the_database_is_away_other_keys_cannot_be_checked(ring, own_database, keys, monotonic):
    """503, not 401: they may be valid. A key that was refused before is not let in either."""
    refused = make_key().raw
    with pytest.raises(UnauthenticatedError):
        await ring.verify(refused)
    await own_database.close()
    monotonic.advance(FRESH_SECONDS + 0.1)

    for raw in (refused, (await keys.make()).raw):
        with pytest.raises(TransientError) as caught:
            await ring.verify(raw)
        assert caught.value.status == 503


async def test_recalling_never_asks_the_database(ring, own_database, keys, monotonic):
    """It is the fast path: what was verified within 5 s, or nothing."""
    key = await keys.make()
    assert ring.recall(key.raw) is None
    principal = await ring.verify(key.raw)
    await own_database.close()

    assert ring.recall(key.raw) == principal
    assert ring.recall(key.raw + "x") is None
    monotonic.advance(FRESH_SECONDS + 0.1)
    assert ring.recall(key.raw) is None


async def test_a_refused_key_is_not_recalled(ring):
    """Remembered refusals are no principals."""
    raw = make_key().raw
    with pytest.raises(UnauthenticatedError):
        await ring.verify(raw)

    assert ring.recall(raw) is None


async def test_sweeping_writes_when_keys_were_last_used(ring, keys, db_clock):
    """By the database's clock, and only of those that were used."""
    used, idle = await keys.make(), await keys.make()
    await ring.verify(used.raw)
    before = await db_clock.now()

    await ring.sweep()

    assert await keys.read(used, "last_used_at") >= before
    assert await keys.read(idle, "last_used_at") is None
    first = await keys.read(used, "last_used_at")
    await ring.sweep()
    assert await keys.read(used, "last_used_at") == first


async def test_a_sweep_that_fails_forgets_no_use(keys, servers, own_database, database):
    """The next one writes it."""
    key, ring = await keys.make(), KeyRing(own_database)
    await ring.verify(key.raw)
    await own_database.close()

    with pytest.raises(TransientError):
        await ring.sweep()
    ring._database = database
    await ring.sweep()

    assert await keys.read(key, "last_used_at") is not None

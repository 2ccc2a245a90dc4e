"""Keys in a real database, a clock for the key ring's memory, and a database that can be taken away."""

import pytest

from nightowl_auth import KeyRing, insert_key, make_key
from nightowl_common import clock
from nightowl_common.db import Database


class Monotonic:
    """The process's clock, moved by the test."""

    def __init__(self):
        self.now = 1_000.0

    def __call__(self):
        """What `clock.monotonic_seconds` answers."""
        return self.now

    def advance(self, seconds):
        """Time goes by."""
        self.now += seconds


class Keys:
    """Makes keys of one tenant and changes them."""

    def __init__(self, database, tenant):
        self._database = database
        self.tenant = tenant

    async def make(self, role="engineer", raw=None):
        """A stored key."""
        key = make_key(raw)
        async with self._database.global_tx() as tx:
            await insert_key(tx, key, tenant=self.tenant, role=role, description="test")
        return key

    async def change(self, key, assignment):
        """Sets columns of a key."""
        async with self._database.global_tx() as tx:
            await tx.execute(f"UPDATE public.api_keys SET {assignment} WHERE key_hash = $1", key.key_hash)

    async def read(self, key, column):
        """A column of a key."""
        async with self._database.global_tx() as tx:
            return await tx.fetchval(f"SELECT {column} FROM public.api_keys WHERE key_hash = $1", key.key_hash)

    async def set_tenant_status(self, status):
        """Suspends the tenant, or takes that back."""
        async with self._database.global_tx() as tx:
            await tx.execute("UPDATE public.tenants SET status = $1 WHERE slug = $2", status, self.tenant)


@pytest.fixture
def monotonic(monkeypatch):
    made = Monotonic()
    monkeypatch.setattr(clock, "monotonic_seconds", made)
    return made


@pytest.fixture
def keys(database, tenant):
    return Keys(database, tenant)


@pytest.fixture
async def own_database(servers):
    """A pool that the test may close."""
    made = await Database.connect(servers.database_url, size=2, service="ring")
    yield made
    await made.close()


@pytest.fixture
def ring(own_database):
    return KeyRing(own_database)

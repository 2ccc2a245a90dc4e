"""Two tenants, any operations, interleaved on one small pool: neither ever sees the other's rows."""

import asyncio
import secrets

import pytest
import pytest_asyncio
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from nightowl_common.db import Database, UnstorableError
from nightowl_testkit.servers import make_tenant

pytestmark = pytest.mark.integration

OPERATIONS = st.lists(
    st.tuples(
        st.sampled_from([0, 1]),
        st.sampled_from(["insert", "insert", "delete", "update", "fail", "refuse", "cancel", "global"]),
        st.sampled_from(["ann", "ben", "cid"]),
    ),
    min_size=1,
    max_size=12,
)


class Undone(Exception):  # noqa: N818  (no error: it ends a transaction on purpose)
    """Ends a transaction."""


class World:
    """Two tenants and what each should hold."""

    def __init__(self, database, slugs):
        self.database = database
        self.slugs = slugs
        self.wanted = [set(), set()]

    async def clear(self):
        """Begins anew."""
        self.wanted = [set(), set()]
        for slug in self.slugs:
            async with self.database.tenant_tx(slug) as tx:
                await tx.execute("DELETE FROM users")

    async def run(self, which, what, name):
        """One operation in a transaction of its own, noted when it committed."""
        if what == "cancel":
            task = asyncio.create_task(self._apply(which, "hang", name))
            await asyncio.sleep(0.002)
            task.cancel()
            await asyncio.wait([task])
            return
        try:
            await self._apply(which, what, name)
        except (Undone, UnstorableError):
            return

    async def _apply(self, which, what, name):
        async with self._transaction(which, what) as tx:
            if what == "delete":
                await tx.execute("DELETE FROM users WHERE display_name = $1", name)
            elif what == "update":
                await tx.execute("UPDATE users SET timezone = $1", self.slugs[which])
            else:
                await tx.execute(
                    "INSERT INTO users (email, display_name, timezone) VALUES ($1 || '@' || $2, $1, $2)"
                    " ON CONFLICT DO NOTHING",
                    name,
                    self.slugs[which],
                )
            if what == "hang":
                await tx.execute("SELECT pg_sleep(10)")
            if what == "refuse":
                await tx.execute("SELECT 1 / 0")
            if what == "fail":
                raise Undone
        if what == "delete":
            self.wanted[which].discard(name)
        elif what in {"insert", "global"}:
            self.wanted[which].add(name)

    def _transaction(self, which, what):
        return self._entered(which) if what == "global" else self.database.tenant_tx(self.slugs[which])

    def _entered(self, which):
        return _Entered(self.database.global_tx(), self.slugs[which])

    async def look(self):
        """What each tenant holds now, and whose marks its rows carry."""
        found = []
        for slug in self.slugs:
            async with self.database.tenant_tx(slug) as tx:
                rows = await tx.fetch("SELECT display_name, timezone, email FROM users")
            assert all(row["timezone"] == slug and row["email"].endswith(f"@{slug}") for row in rows)
            found.append({row["display_name"] for row in rows})
        return found


class _Entered:
    """A global transaction that enters a tenant."""

    def __init__(self, outer, slug):
        self._outer = outer
        self._slug = slug

    async def __aenter__(self):
        tx = await self._outer.__aenter__()
        await tx.enter_tenant(self._slug, keeps_plans=True)
        return tx

    async def __aexit__(self, *error):
        return await self._outer.__aexit__(*error)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def world(servers):
    """A pool of three connections that all operations share."""
    slugs = [await make_tenant(servers, f"t_{secrets.token_hex(6)}") for _ in range(2)]
    database = await Database.connect(servers.database_url, size=3, service="isolation", keeps_plans=True)
    yield World(database, slugs)
    await database.close()


@settings(
    max_examples=40,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(operations=OPERATIONS)
async def test_a_tenant_sees_what_it_did_and_nothing_else(world, operations):
    """One after the other: commits stay, everything else is gone, the neighbour is untouched."""
    await world.clear()

    for each in operations:
        await world.run(*each)

    assert await world.look() == world.wanted


@settings(
    max_examples=25,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(operations=OPERATIONS)
async def test_tenants_do_not_mix_when_all_run_at_once(world, operations):
    """More transactions than connections, in any order: every row is where it belongs."""
    await world.clear()

    await asyncio.gather(*(world.run(*each) for each in operations))

    mine, theirs = await world.look()
    for found, which in ((mine, 0), (theirs, 1)):
        written = {name for tenant, what, name in operations if tenant == which and what in {"insert", "global"}}
        assert found <= written

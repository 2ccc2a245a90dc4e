"""Workers while somebody changes the rules that mute."""

import pytest

from nightowl_alerting.noise.store import lock_mute_rules

pytestmark = pytest.mark.integration


async def test_a_tenants_timers_wait_while_its_rules_change(scene, database):
    """The worker does not wait for them: it leaves the timer, and pays it by the rules as they are afterwards."""
    alert_id = await scene.fires_one()
    worker = scene.worker()

    async with database.tenant_tx(scene.tenant) as tx:
        await lock_mute_rules(tx)
        meanwhile = await worker.pay_due()
        await tx.execute(
            "INSERT INTO silences (matchers, starts_at, ends_at, comment, created_by) VALUES "
            "($1, public.clock_now(), public.clock_now() + interval '1 hour', 'swap', '{}')",
            [{"name": "@title", "op": "=~", "value": ".+"}],
        )

    assert meanwhile == (0, 1)
    assert await worker.pay_due() == (1, 0)
    assert await scene.pages(alert_id) == []
    assert (await scene.alert(alert_id)).muted_by.name == "swap"


async def test_other_tenants_are_paged_meanwhile(scene, scene_of, second_tenant, database):
    """A lock is of one tenant's rules."""
    neighbour = await scene_of(second_tenant)
    await scene.fires_one()
    theirs = await neighbour.fires_one()

    async with database.tenant_tx(scene.tenant) as tx:
        await lock_mute_rules(tx)
        meanwhile = await scene.worker().pay_due()

    assert meanwhile == (1, 1)
    assert len(await neighbour.pages(theirs)) == 1

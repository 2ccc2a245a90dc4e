"""The quick rows that need a world of their own, one test each: as in `test_matrix`."""

import matrix
import pytest
import pytest_asyncio
import report
from clusters import open_cluster
from rig import open_rigged
from runner import Options, run_scenario

pytestmark = [pytest.mark.faults, pytest.mark.timeout(400)]

SHORT = Options(per_second=20, seconds=4)
WORLDS = (open_rigged, open_cluster)


@pytest_asyncio.fixture(scope="module", loop_scope="session", params=WORLDS, ids=["rigged", "cluster"])
async def world_and_rows(request):
    """One world after the other: each stands on servers of its own."""
    async with request.param() as opened:
        yield opened, [each for each in matrix.ROWS if each.is_quick and each.world is request.param]


async def test_rows_of_a_world_of_their_own_lose_and_double_nothing(world_and_rows):
    """What the oracle finds is in the message, row by row."""
    world, rows = world_and_rows
    assert rows
    findings = []
    for each in rows:
        outcome = await run_scenario(world, each, SHORT)
        assert outcome.accepted > 0
        findings += [each.row, *report.details(outcome)] if outcome.findings else []

    assert not findings, "\n".join(findings)

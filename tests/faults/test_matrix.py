"""The quick rows of the fault matrix, one test each: nothing lost, nothing doubled without a mark, nothing left open."""

import matrix
import pytest
import pytest_asyncio
import report
import rounds
from runner import Options, run_scenario
from world import open_world

pytestmark = [pytest.mark.faults, pytest.mark.timeout(400)]

SHORT = Options(per_second=40, seconds=4, is_patient=False)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def world():
    async with open_world() as opened:
        yield opened


QUICK = [each for each in matrix.ROWS if each.is_quick and each.world is open_world]


@pytest.mark.parametrize("scenario", QUICK, ids=[each.name for each in QUICK])
async def test_a_row_of_the_matrix_loses_and_doubles_nothing(scenario, world):
    """What the oracle finds is in the message. Figures of time are told by `./dev faults` and judged nowhere here."""
    outcome = await run_scenario(world, scenario, SHORT)

    assert outcome.accepted > 0
    assert not outcome.findings, "\n".join([scenario.row, *report.details(outcome)])


def test_a_round_depends_on_its_seed_alone():
    """The same seed is the same schedule, another seed another one."""
    assert rounds.round_of(7, seconds=60).row == rounds.round_of(7, seconds=60).row
    assert rounds.round_of(7, seconds=60).row != rounds.round_of(8, seconds=60).row

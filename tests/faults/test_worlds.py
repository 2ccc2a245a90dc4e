"""The quick rows that need a world of their own: as in `test_matrix`, on one world."""

import matrix
import pytest
import report
from rig import open_rigged
from runner import run_scenario
from test_matrix import SHORT

pytestmark = [pytest.mark.faults, pytest.mark.timeout(400)]

QUICK = [each for each in matrix.ROWS if each.is_quick and each.world is open_rigged]


async def test_rows_of_a_rigged_world_lose_and_double_nothing():
    """What the oracle finds is in the message, row by row."""
    assert QUICK
    findings = []
    async with open_rigged() as world:
        for each in QUICK:
            outcome = await run_scenario(world, each, SHORT)
            assert outcome.accepted > 0
            findings += [each.row, *report.details(outcome)] if outcome.findings else []

    assert not findings, "\n".join(findings)

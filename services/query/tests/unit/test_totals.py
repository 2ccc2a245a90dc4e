"""What is remembered about totals, for how long, and what is counted all the same."""

from typing import Any, cast
from uuid import UUID

import pytest

from nightowl_common import clock
from nightowl_common.db import Tx
from nightowl_query.store.alert_filters import COUNTED, EVERYTHING, AlertFilter
from nightowl_query.store.totals import REMEMBERED_SECONDS, Totals

EDGE = UUID(int=7)
SOURCE, OPEN = AlertFilter(sources=["keep"]), AlertFilter(statuses=["firing"])


class Counting:
    """A transaction that finds so many alerts, and notes how often it was asked."""

    def __init__(self, *, old: int, new: int) -> None:
        self.old, self.new, self.asked = old, new, 0

    async def fetchval(self, _query: str, *_args: object) -> int:
        """A count."""
        self.asked += 1
        return self.new

    async def fetchrow(self, _query: str, *_args: object) -> dict[str, Any]:
        """Both parts of everything."""
        self.asked += 1
        return {"edge": EDGE, "old": self.old, "new": self.new}


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The steady clock, to be moved."""
    at = [100.0]
    monkeypatch.setattr(clock, "monotonic_seconds", lambda: at[0])
    return at


@pytest.mark.parametrize(
    ("wanted", "found", "asked"),
    [(SOURCE, COUNTED + 1, 1), (SOURCE, COUNTED, 3), (OPEN, COUNTED + 1, 3)],
    ids=["there are more", "all are counted", "open ones become few at once"],
)
async def test_that_there_are_more_is_remembered(
    now: list[float], wanted: AlertFilter, found: int, asked: int
) -> None:  # fmt: skip
    """For ten seconds, by tenant and filter."""
    remembering, tx = Totals(), Counting(old=0, new=found)

    for _ in range(3):
        assert await remembering.count(cast("Tx", tx), "acme", wanted, ()) == found
    assert tx.asked == asked

    await remembering.count(cast("Tx", tx), "other", wanted, ())
    now[0] += REMEMBERED_SECONDS + 1
    await remembering.count(cast("Tx", tx), "acme", wanted, ())
    assert tx.asked == asked + 2


async def test_of_everything_only_what_is_old_is_remembered(now: list[float]) -> None:
    """What is newer than the edge is asked about each time."""
    remembering, tx = Totals(), Counting(old=40, new=2)
    assert remembering.old_part("acme") is None
    assert await remembering.count(cast("Tx", tx), "acme", EVERYTHING, ()) == 42

    tx.old, tx.new = 0, 3
    assert await remembering.count(cast("Tx", tx), "acme", EVERYTHING, ()) == 43
    assert remembering.old_part("acme") == (40, EDGE)

    now[0] += REMEMBERED_SECONDS + 1
    assert remembering.old_part("acme") is None
    assert await remembering.count(cast("Tx", tx), "acme", EVERYTHING, ()) == 3

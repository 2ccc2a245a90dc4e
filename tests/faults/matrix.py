"""The fault matrix: every row, in the order in which they run. A module of rows is added here."""

import clocks
import clusters
import disks
import floods
import kills
import partitions
import pauses
import providers
import servers_away
import windows
from scenario import Scenario

ROWS: list[Scenario] = [
    *kills.ROWS,
    *windows.ROWS,
    *pauses.ROWS,
    *servers_away.ROWS,
    *providers.ROWS,
    *floods.ROWS,
    *partitions.ROWS,
    *clocks.ROWS,
    *disks.ROWS,
    *clusters.ROWS,
]


def chosen(*, only: list[str], quick: bool) -> list[Scenario]:
    """The rows that are asked for by name (a part of it is enough), or all, or the quick ones.

    Raises:
        LookupError: no row has that name.
    """
    for name in only:
        if not any(name in each.name for each in ROWS):
            raise LookupError(f"no row is called {name}; --list names them")
    if only:
        return [each for each in ROWS if any(name in each.name for name in only)]
    return [each for each in ROWS if each.is_quick or not quick]

"""What the status costs."""

import gc

from nightowl_query.api import system


def test_the_version_is_looked_up_once() -> None:
    """Telling it leaves nothing for the garbage collector; each look at the installed packages would."""
    gc.collect()
    gc.disable()
    try:
        told = {system.get_version.fn().version for _ in range(10)}
        left = gc.collect()
    finally:
        gc.enable()

    assert told == {system.VERSION}
    assert left == 0

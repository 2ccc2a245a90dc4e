"""How tests are dealt to pytest-xdist's workers (`pytest -n 2`)."""

from xdist.scheduler import LoadFileScheduling

WHOLE_SYSTEM = "tests/"


class Dealing(LoadFileScheduling):  # type: ignore[misc]  # pytest-xdist has no types
    """A file goes to one worker, which has servers of its own; the files with most tests go first.

    Tests of the whole system start its processes and measure what they do, so they run one after another: all of them
    count as one file.
    """

    def _split_scope(self, nodeid: str) -> str:
        if nodeid.startswith(WHOLE_SYSTEM):
            return WHOLE_SYSTEM
        scope: str = super()._split_scope(nodeid)
        return scope

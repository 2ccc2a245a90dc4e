"""When a first run is over. Pure."""

from collections.abc import Mapping

from nightowl_query.model.setup import Setup, SetupStep

NEEDED = {"people": 2, "contact": 1, "roster": 1, "policy": 1, "alert": 1, "acknowledged": 1}
"""Two people, so that somebody is there when the first one does not wake up."""


def checklist(counts: Mapping[str, int]) -> Setup:
    """Each step, and whether all are done."""
    steps = {
        name: SetupStep(is_done=counts[name] >= needed, count=counts[name], needed=needed)
        for name, needed in NEEDED.items()
    }
    return Setup(is_complete=all(each.is_done for each in steps.values()), **steps)

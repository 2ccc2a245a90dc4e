"""The checklist of a first run, read from what is there."""

import msgspec


class SetupStep(msgspec.Struct, frozen=True, kw_only=True):
    """One step. `count` is how many there are of what it asks for; `needed` how many it takes."""

    is_done: bool
    count: int
    needed: int


class Setup(msgspec.Struct, frozen=True, kw_only=True):
    """`people` are active; `contact` counts the caller's verified contact methods, of a caller who is no person those
    of all; `roster` those with somebody on them; `alert` and `acknowledged` count one at most.
    """

    is_complete: bool
    people: SetupStep
    contact: SetupStep
    roster: SetupStep
    policy: SetupStep
    alert: SetupStep
    acknowledged: SetupStep

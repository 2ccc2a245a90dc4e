"""What Acme's people write: comments and resolutions."""

import random

from nightowl_cli.demo.catalogue import Signal

_COMMENTS = (
    "Looking at it: the deploy of half an hour ago is suspicious.",
    "Same as last week, I think. Checking the knowledge base first.",
    "Load is normal, so it is not the customers.",
    "I see it only in {cluster}; the other clusters are fine.",
    "Asked the {service} channel whether somebody changed something.",
    "The graph goes down already. I keep watching for ten minutes.",
    "Reproduced it by hand. Rolling back.",
    "Support says that no customer has called so far.",
    "I am in a train, on the phone's network. Can somebody look with me?",
    "The provider's status page says nothing, as usual.",
)
_KNOWN = (
    "As in the knowledge base; step 1 was enough",
    "Followed the known fix",
    "Known fix, took five minutes",
    "Step 2 of the entry helped; step 1 is not needed any more",
)
_NEW = (
    "Rolled back the last deploy",
    "Restarted the pods, one after the other",
    "Scaled it up; will look at the numbers tomorrow",
    "It was the partner's fault, and they have mended it",
    "Gave the volume more room",
    "A flag was on that should not be; turned it off",
    "Went away by itself; ticket written to find out why",
)


def comment_on(chance: random.Random, signal: Signal) -> str:
    """A line of somebody who works on it."""
    return chance.choice(_COMMENTS).format(cluster=signal.labels["cluster"], service=signal.problem.service)


def resolution_of(chance: random.Random, *, is_known: bool) -> str:
    """What has helped."""
    return chance.choice(_KNOWN if is_known else _NEW)

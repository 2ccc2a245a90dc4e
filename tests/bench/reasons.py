"""Why a figure misses its target, where somebody has found out: beginning of the row's name → the reason."""

REASONS: dict[str, str] = {
    "webhook to provider call": (
        "A page is two commits of the notifier that wait for the disk (claim, result), and about 25 statements of three"
        " services; the database takes a third of the processors' time, the notifier another. Five services, servers, fake"
        " Slack and generator share the processors, which bounds the rate; the paces below it tell the way of one page."
    ),
    "on-call": (
        "Six statements in one transaction: rota, overrides, pins, absences, people, the time. Most of the processor's time"
        " is the service's own, and nearly half of what all reads cost it is sending statements, one after the other."
    ),
    "facets of everything": "Counts up to 10,000 alerts per call, whatever there is beyond: the cost ends there.",
    "list, 16": "One process of Python serves it: what a call costs it in processor time bounds its rate, at any load.",
    "detail, 16": "One process of Python serves it: what a call costs it in processor time bounds its rate, at any load.",
    "start of `up`": (
        "Seven servers and services start on shared processors. The note tells the processor time: on two free cores"
        " it takes at least half of that."
    ),
}


def reason(what: str) -> str:
    """In words; of the longest beginning that fits, empty where there is none."""
    fitting = [begin for begin in REASONS if what.startswith(begin)]
    return REASONS[max(fitting, key=len)] if fitting else ""

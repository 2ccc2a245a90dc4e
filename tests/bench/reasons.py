"""Why a figure misses its target, where somebody has found out: beginning of the row's name → the reason."""

REASONS: dict[str, str] = {
    "ingest, 1 alert": (
        "One process of Python: what a call costs it bounds its rate. Reading HTTP, the key, limits, the payload's struct, the"
        " message, metrics and the PubAck cost 2.5 times what a bare application costs that only publishes."
    ),
    "ingest, 10 alerts": (
        "One process of Python: ten alerts are read, checked and written anew as a message of ours, 32 µs each, where the"
        " bare application passes bytes on."
    ),
    "POST to the committed row": (
        "A call is a message, and a batch is what came while the last one was written and 2 ms more, so at this pace few"
        " alerts share its twelve round trips to Postgres, its commit and its acknowledgements; services and servers wake up"
        " for each, on the same two processors."
    ),
    "whole pipeline, unique": (
        "What an alert costs all services, servers and the load together bounds the rate. Two fifths of it are Postgres, which"
        " writes three rows and fifteen index entries; more than a quarter is enrichment, a sixth ingest."
    ),
    "webhook to provider call": (
        "A page is two commits of the notifier that wait for the disk (claim, result), and about 25 statements of three"
        " services; the database takes a third of the processors' time, the notifier another. Five services, servers, fake"
        " Slack and generator share the processors, which bounds the rate; the paces below it tell the way of one page."
    ),
    "web: Now, largest": (
        "The first paint comes after 1.75 s: each round trip of this network costs 150 ms, and about 150 kB of script cost 0.75 s."
        " The page asks for its data when the script runs, and what is largest needs the answer."
    ),
    "web: Alerts, largest": "As for Now; a list of alerts is more to draw.",
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

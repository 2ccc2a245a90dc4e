"""Why a figure misses its target, where somebody has found out: beginning of the row's name → the reason."""

REASONS: dict[str, str] = {
    "ingest, 1 alert": (
        "One process of Python: what a call costs it bounds its rate. Two fifths of it are uvicorn's and the NATS client's, which"
        " the bare application has too; the rest is many small things (key, limits, payload, message, receipt, metrics), none of"
        " them a tenth."
    ),
    "ingest, 10 alerts": (
        "One process of Python: ten alerts are read, checked and written anew as a message of ours, 25 kB for 11 kB with each"
        " alert's own text in it, where the bare application passes bytes on."
    ),
    "POST to the committed row": (
        "A call is a message, and a batch is what came while the last one was written, so at this pace few alerts share its"
        " statements, its commit and its acknowledgements. Nearly nine tenths of both processors are busy, and calls wait for them."
    ),
    "whole pipeline, unique": (
        "A tenant's batches are written one after another, by one connection, so that nothing overtakes what came before:"
        " enrichment and its database take turns, and a quarter to a third of the processors' time is left unused."
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
    "memory after load: whole": (
        "Half of it is Postgres' (its shared buffers, which a load fills, and connections that keep what their last batches"
        " used) and NATS' (a heap that has grown with the load)."
    ),
    "start of `up`": (
        "The note tells the processor time: on two free cores it takes at least half of that. Libraries are imported once for"
        " all services and once for the command, which is half of it; then come what query and notifier alone import, and the"
        " making of query's 250 routes."
    ),
}


def reason(what: str) -> str:
    """In words; of the longest beginning that fits, empty where there is none."""
    fitting = [begin for begin in REASONS if what.startswith(begin)]
    return REASONS[max(fitting, key=len)] if fitting else ""

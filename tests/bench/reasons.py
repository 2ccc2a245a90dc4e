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
        "The page's HTML and its scripts take a round trip of 150 ms each, and 150 kB come in 0.75 s: nothing but the still"
        " part of the shell can be drawn before 1.2 s. What is left then is to run React's own code and to draw, and all"
        " that others do with the same processors counts four times in it."
    ),
    "web: Alerts, largest": "As for Now; the list is 20 kB more of script, 0.1 s, and more to draw.",
    "web: Now, blocked": (
        "React's own code runs at once when it has come, about 15 ms of this machine and four times as long for the page;"
        " so are the first layout of a page and the one after the font came. All else is in steps of less than 50 ms, which"
        " become longer when others use the processors."
    ),
    "web: Alerts, blocked": "As for Now; a list of alerts is more to lay out, and its filters come in one step.",
    "web: press": "The rows in sight and the alert beside them are drawn anew in one step.",
    "web: webhook": (
        "The stream tells events in batches of 250 ms, and what no event can tell is asked for at most every 0.7 s."
    ),
    "web: scrolling": "A frame waits for whoever else uses the processors; by itself none takes 50 ms.",
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

"""Why a figure misses its target, or a cost grows, where somebody has found out."""

UNKNOWN = "Nobody has looked into it yet."

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
        "A call is a message, and a batch is what came while the last one was written, so at this pace few"
        " alerts share its twelve round trips to Postgres, its commit and its acknowledgements; services and servers wake up"
        " for each, on the same two processors. An alert costs all of them 1.5 ms then, of the 2 ms that there are, so each"
        " wait for a processor is in the figure."
    ),
    "whole pipeline, unique": (
        "What an alert costs all services, servers and the load together bounds the rate: the target leaves it 250 µs of both"
        " processors, 333 with 20 tenants, which is little more than it costs. Two fifths of it are Postgres, which writes"
        " three rows and fifteen index entries; more than a quarter is enrichment, a sixth ingest. Two transactions run side by"
        " side; all the same, for a fifth of the time only one process has something to do: enrichment, or one of Postgres."
    ),
    "webhook to provider call": (
        "A page that comes alone is four commits that wait for the disk (alert, tier, claim, result) and about 50 statements"
        " of three services; in a flow those of the same moment share them. Five services, servers, fake Slack and generator"
        " share two processors: at 200 pages a second each page may cost 10 ms of them in all. The slower paces tell the way"
        " of one page."
    ),
    "web: Now, largest": (
        "The page's HTML and its scripts take a round trip of 150 ms each, and 150 kB come in 0.75 s: nothing but the still"
        " part of the shell can be drawn before 1.2 s. What is left then is to run React's own code and to draw, and all"
        " that others do with the same processors counts four times in it."
    ),
    "web: Alerts, largest": "As for Now; the list is 20 kB more of script, 0.1 s, and more to draw: the last line of the alert beside it counts.",
    "web: Now, blocked": (
        "React's own code runs at once when it has come, about 15 ms of this machine and four times as long for the page;"
        " so are the first layout of a page and the one after the font came. All else is in steps of less than 50 ms, which"
        " become longer when others use the processors."
    ),
    "web: Alerts, blocked": "As for Now; a list of alerts is more to lay out, and its filters are a step of their own.",
    "web: press": "The rows in sight and the alert beside them are drawn anew in one step.",
    "web: webhook": (
        "The stream tells events in batches of 250 ms, and what no event can tell is asked for at most every 0.7 s."
    ),
    "web: scrolling": "A frame waits for whoever else uses the processors; by itself none takes 50 ms.",
    "on-call": (
        "One statement, between BEGIN and COMMIT; the answer is reckoned again when something changed or the shift ends."
        " What is left of the service's time is HTTP, the framework and three messages to the database."
    ),
    "facets of everything": "Counts up to 10,000 alerts per call, whatever there is beyond: the cost ends there.",
    "facets of a word": "Counts up to 1,000 alerts, each looked at for the word: the cost ends there.",
    "list, 16": (
        "Service, database and load share two processors, so a call may cost 1.9 ms in all. Only alerts that changed are"
        " read: what is left is to find fifty ids and the versions of all that belongs to them, HTTP, the framework, and"
        " three messages to the database."
    ),
    "detail, 16": (
        "One process of Python serves it. It asks one question, between BEGIN and COMMIT: what is left is HTTP, the framework"
        " and three messages to the database."
    ),
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
"""Beginning of a row's name → why it misses."""

_SPAN = (
    "Reads what it counts, the alerts, pages or tiers of a span of time, up to 100,000. The bench's first size does not fill"
    " the span; from the second on the cost stays."
)
_OPEN = (
    "Costs what is open or pending, 1 to 2 µs for each, and not what is stored: the bench has ten times as many of both at"
    " each size, 20,000 open alerts and 10,000 timers at the last."
)
GROWTHS: dict[str, str] = {
    **dict.fromkeys(
        [
            "insight, 28 days", "sql query: tally_alerts", "sql query: list_offenders", "sql query: list_unmatched",
            "sql query: list_lateness", "sql query: list_page_times", "sql query: measure_week",
        ],
        _SPAN,
    ),
    **dict.fromkeys(
        [
            "sql query: count_open", "sql query: count_owed", "sql query: list_burning", "sql query: load_escalations_amiss",
            "sql escalation: load_pending_by_tenant", "sql escalation: load_escalations_amiss",
        ],
        _OPEN,
    ),
    "ledger of 72 h": "Checks every message of 72 h, and every open alert against every timer.",
    **dict.fromkeys(
        ["knowledge search", "sql query: search_incidents"],
        "Ranks 200 entries at most. Where the index gives all that match a rarer word, they are read before the most proven are"
        " chosen, and ten times as many entries have ten times as many of them; a common word is read from the top.",
    ),
    "now": "Shows all that is open, by group or by itself, and how the last week went.",
}  # fmt: skip
"""Why a cost grows with the size, by the name of its curve."""


def reason(what: str) -> str:
    """In words; of the longest beginning that fits, empty where there is none."""
    fitting = [begin for begin in REASONS if what.startswith(begin)]
    return REASONS[max(fitting, key=len)] if fitting else ""

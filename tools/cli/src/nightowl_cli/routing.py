"""Which service answers which path: the one table of `nightowl up`, of the door in containers and of the chart."""

SERVICES = ("ingest", "enrichment", "escalation", "notifier", "query")

WEB = "web"
"""The files of the front end: a server of their own in containers, query in `nightowl up`."""

ROUTES: tuple[tuple[str, str], ...] = (
    ("/api/v1/webhooks", "ingest"),
    ("/api/v1/slack", "notifier"),
    ("/api/v1/twilio", "notifier"),
    ("/p", "notifier"),
    ("/api", "query"),
    ("/outbox", "query"),
    ("/", WEB),
)
"""(path prefix, service); the first that fits wins, and none comes before a longer one that it is the beginning of."""

POSTED: tuple[tuple[str, str], ...] = (("/api/v1/heartbeats/", "ingest"),)
"""(path prefix, service) of what is posted; looked at first. A beat is posted below what query answers for."""


def service_for(path: str, method: str = "GET") -> str:
    """The process of `nightowl up` that answers a path."""
    if method == "POST":
        for prefix, service in POSTED:
            if path.startswith(prefix) and path != prefix:
                return service
    for prefix, service in ROUTES:
        if prefix in {"/", path} or path.startswith(f"{prefix}/"):
            return "query" if service == WEB else service
    message = "the last route fits every path"
    raise AssertionError(message)

"""Which service answers which path: the one table that `nightowl up` dispatches by and an ingress is made from."""

SERVICES = ("ingest", "enrichment", "escalation", "notifier", "query")

ROUTES: tuple[tuple[str, str], ...] = (
    ("/api/v1/webhooks", "ingest"),
    ("/api/v1/slack", "notifier"),
    ("/api/v1/twilio", "notifier"),
    ("/p", "notifier"),
    ("/", "query"),
)
"""(path prefix, service); the first that fits wins."""

POSTED: tuple[tuple[str, str], ...] = (("/api/v1/heartbeats/", "ingest"),)
"""(path prefix, service) of what is posted; looked at first. A beat is posted below what query answers for."""


def service_for(path: str, method: str = "GET") -> str:
    """The service that answers a path."""
    if method == "POST":
        for prefix, service in POSTED:
            if path.startswith(prefix) and path != prefix:
                return service
    for prefix, service in ROUTES:
        if prefix in {"/", path} or path.startswith(f"{prefix}/"):
            return service
    message = "the last route fits every path"
    raise AssertionError(message)

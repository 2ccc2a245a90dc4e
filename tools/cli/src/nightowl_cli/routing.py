"""Which service answers which path: the one table that `nightowl up` dispatches by and an ingress is made from."""

SERVICES = ("ingest", "enrichment", "escalation", "notifier", "query")

ROUTES: tuple[tuple[str, str], ...] = (
    ("/api/v1/webhooks", "ingest"),
    ("/api/v1/twilio", "notifier"),
    ("/p", "notifier"),
    ("/", "query"),
)
"""(path prefix, service); the first that fits wins."""


def service_for(path: str) -> str:
    """The service that answers a path."""
    for prefix, service in ROUTES:
        if prefix in {"/", path} or path.startswith(f"{prefix}/"):
            return service
    message = "the last route fits every path"
    raise AssertionError(message)

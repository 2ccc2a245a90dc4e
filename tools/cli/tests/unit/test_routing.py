"""The table that says which service answers which path."""

import pytest

from nightowl_cli.routing import ROUTES, SERVICES, service_for


@pytest.mark.parametrize(
    ("path", "service"),
    [
        ("/api/v1/webhooks", "ingest"),
        ("/api/v1/webhooks/", "ingest"),
        ("/api/v1/webhooks/alertmanager", "ingest"),
        ("/api/v1/twilio/status", "notifier"),
        ("/api/v1/twilio/voice", "notifier"),
        ("/p/acme.0.ack.0", "notifier"),
        ("/policies", "query"),
        ("/api/v1/webhooksalike", "query"),
        ("/api/v1/alerts", "query"),
        ("/api/docs", "query"),
        ("/outbox", "query"),
        ("/", "query"),
        ("", "query"),
    ],
)
def test_a_path_is_answered_by_one_service(path: str, service: str) -> None:
    """A prefix counts in whole segments; what no prefix claims is the query service's."""
    assert service_for(path) == service


def test_the_table_names_only_services_and_ends_with_the_one_that_fits_all() -> None:
    """So that every path has an answer."""
    assert {service for _prefix, service in ROUTES} <= set(SERVICES)
    assert ROUTES[-1][0] == "/"

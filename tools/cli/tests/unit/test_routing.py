"""The table that says which service answers which path."""

import pytest

from nightowl_cli.routing import POSTED, ROUTES, SERVICES, WEB, service_for


@pytest.mark.parametrize(
    ("path", "service"),
    [
        ("/api/v1/webhooks", "ingest"),
        ("/api/v1/webhooks/", "ingest"),
        ("/api/v1/webhooks/alertmanager", "ingest"),
        ("/api/v1/slack/commands", "notifier"),
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


@pytest.mark.parametrize(
    ("method", "path", "service"),
    [
        ("POST", "/api/v1/heartbeats/nightly-backup", "ingest"),
        ("POST", "/api/v1/heartbeats", "query"),
        ("POST", "/api/v1/heartbeats/", "query"),
        ("GET", "/api/v1/heartbeats/nightly-backup", "query"),
        ("PUT", "/api/v1/heartbeats/nightly-backup", "query"),
        ("DELETE", "/api/v1/heartbeats/nightly-backup", "query"),
    ],
)
def test_a_beat_is_ingests_and_the_rest_of_a_heartbeat_is_querys(method: str, path: str, service: str) -> None:
    """One path, told apart by the method."""
    assert service_for(path, method) == service


def test_the_table_names_only_services_and_ends_with_the_one_that_fits_all() -> None:
    """So that every path has an answer."""
    assert {service for _prefix, service in (*ROUTES, *POSTED)} <= {*SERVICES, WEB}
    assert ROUTES[-1][0] == "/"


def test_the_first_that_fits_is_the_longest() -> None:
    """An ingress takes the longest prefix, whatever their order: both must mean the same."""
    for place, (prefix, _service) in enumerate(ROUTES):
        assert not any(later.startswith(f"{prefix.rstrip('/')}/") for later, _ in ROUTES[place + 1 :])

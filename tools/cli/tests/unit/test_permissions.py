"""The permission table is made from the routes."""

import pytest
from litestar import Litestar, get

from nightowl_auth import requires
from nightowl_cli import generate_permissions
from nightowl_cli.generate_permissions import UnguardedRouteError, permission, permissions


def test_a_route_without_a_guard_is_refused() -> None:
    """Nobody forgets a guard and goes unnoticed."""
    with pytest.raises(UnguardedRouteError, match="/api/v1/new"):
        permission("query", "GET", "/api/v1/new", None)


def test_a_new_route_is_in_the_table(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the role of its guard; OPTIONS, which answers nothing, is not."""

    @get("/api/v1/new/{some_id:uuid}", guards=[requires("manager")])
    async def handler() -> None: ...

    monkeypatch.setattr(
        generate_permissions, "unstarted_apps", lambda: {"query": Litestar([handler], openapi_config=None)}
    )

    [row] = [each for each in permissions() if each.service == "query"]

    assert (row.method, row.path, row.needs, row.stranger) == ("GET", "/api/v1/new/{some_id}", "manager", "404")
    assert row.verdicts == {
        "nobody": "401", "ingest": "403", "readonly": "403", "engineer": "403", "manager": "yes", "admin": "yes",
        "platform": "401",
    }  # fmt: skip


def test_a_key_that_may_only_send_may_send() -> None:
    """Webhooks and beats, nothing else."""
    may = {
        f"{each.method} {each.path}"
        for each in permissions()
        if each.verdicts["ingest"] == "yes" and each.needs != "nothing"
    }

    assert may == {
        "POST /api/v1/webhooks/alertmanager", "POST /api/v1/webhooks/generic", "POST /api/v1/webhooks/generic/test",
        "POST /api/v1/webhooks/grafana", "PUT /api/v1/webhooks/grafana", "POST /api/v1/webhooks/keep",
        "POST /api/v1/heartbeats/{name}",
    }  # fmt: skip

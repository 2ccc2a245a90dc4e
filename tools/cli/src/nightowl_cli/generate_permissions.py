"""The permission table: every route of every service, and what each caller is answered.

Read off the routes themselves. A route without a guard is refused here unless `OPEN` or `SIGNED` names it with its
reason, so that a guard cannot be forgotten.
"""

import json
from collections.abc import Iterator
from typing import Literal

import msgspec
from litestar import Litestar
from litestar.routes import HTTPRoute

from nightowl_auth import ROLES, Role
from nightowl_auth.platform import PLATFORM
from nightowl_cli.openapi import unstarted_apps
from nightowl_ingest.api import webhook_paths

OPEN = {
    "/healthz": "asked by orchestrators",
    "/readyz": "asked by orchestrators",
    "/metrics": "asked by Prometheus; no tenant is named in it",
    "/": "the front end's page; it asks the API as whoever is signed in",
    "/{path}": "the front end's files, which hold no tenant's data",
    "/api/v1/auth/login": "who signs in has nothing to show yet",
    "/api/v1/auth/oidc/login": "leads to the identity provider",
    "/api/v1/auth/oidc/callback": "who signs in has the provider's code, which counts once and in one browser",
    "/api/docs": "the API document holds no tenant's data",
    "/api/docs/start.js": "belongs to the API document",
    "/api/docs/openapi.json": "the API document",
    "/api/docs/openapi.yaml": "the API document",
    "/api/docs/assets/{file_path}": "belongs to the API document",
}
"""Path → why anybody may."""

SIGNED = {
    "/api/v1/slack/commands": "signed by Slack for an app of ours; the person's role decides",
    "/api/v1/slack/interactions": "signed by Slack for an app of ours; the person's role decides",
    "/api/v1/slack/events": "signed by Slack for an app of ours; the person's role decides",
    "/api/v1/twilio/status": "signed by Twilio and by us over tenant and delivery",
    "/api/v1/twilio/voice": "signed by Twilio and by us over tenant and delivery",
    "/api/v1/twilio/sms": "signed by Twilio; what it means is found by the code and the number that it went to",
    "/p/{token}": "the token is signed by us for one delivery and one purpose",
}
"""Path → what proves who calls, in place of a key."""

CALLERS = ("nobody", "ingest", *ROLES, PLATFORM)
"""`ingest` is a key that may only send, `platform` one of those who run the installation; the others are roles."""

_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")


class UnguardedRouteError(Exception):
    """A route has no guard, and nobody said that it needs none."""


class Permission(msgspec.Struct, frozen=True, kw_only=True, order=True):
    """What callers of a route are answered: `yes`, or the status of the refusal. `stranger`: of another tenant."""

    path: str
    method: str
    service: str
    needs: str
    verdicts: dict[str, str]
    stranger: str


def generated_files() -> dict[str, str]:
    """`docs/reference/permissions.md` and `.json`."""
    table = permissions()
    plain = json.dumps(msgspec.to_builtins(table), indent=1) + "\n"
    return {"docs/reference/permissions.md": _page(table), "docs/reference/permissions.json": plain}


def permissions() -> list[Permission]:
    """All routes, by path.

    Raises:
        UnguardedRouteError: one of them is open to everybody by accident.
    """
    rows = [row for service, app in unstarted_apps().items() for row in _of_app(service, app)]
    return sorted([*rows, *_of_webhooks()])


def _of_app(service: str, app: Litestar) -> Iterator[Permission]:
    for route in app.routes:
        if isinstance(route, HTTPRoute):
            for method, (handler, _) in route.route_handler_map.items():
                if method in _METHODS:
                    guards = handler.resolve_guards()
                    roles = [each.required_role for each in guards if hasattr(each, "required_role")]
                    yield permission(service, str(method), route.path_format, roles[-1] if roles else None)


def _of_webhooks() -> Iterator[Permission]:
    for path, item in webhook_paths()["paths"].items():
        for method, operation in item.items():
            row = permission("ingest", method.upper(), path, operation["x-required-role"])
            yield msgspec.structs.replace(row, verdicts={**row.verdicts, "ingest": "yes"}, stranger="own")


def permission(service: str, method: str, path: str, role: Role | Literal["platform"] | None) -> Permission:
    """The row of a route that needs a role.

    Raises:
        UnguardedRouteError: it needs none, and neither `OPEN` nor `SIGNED` says why.
    """
    if role is None:
        if path not in OPEN and path not in SIGNED:
            raise UnguardedRouteError(f"{method} {path} of {service} has no guard; say why in OPEN, or give it one")
        verdict = "yes" if path in OPEN else "signature"
        needs = "nothing" if path in OPEN else "signature"
        verdicts = dict.fromkeys(CALLERS, verdict)
        return Permission(
            service=service, method=method, path=path, needs=needs, verdicts=verdicts, stranger=verdict
        )  # fmt: skip
    if role == "platform":
        verdicts = {"nobody": "401", "ingest": "403", **dict.fromkeys(ROLES, "403"), PLATFORM: "yes"}
        return Permission(service=service, method=method, path=path, needs=role, verdicts=verdicts, stranger="403")
    by_role: dict[str, str] = {each: "yes" if ROLES[each] >= ROLES[role] else "403" for each in ROLES}
    verdicts = {"nobody": "401", "ingest": "403", **by_role, PLATFORM: "401"}
    stranger = "404" if "{" in path else "own"
    return Permission(service=service, method=method, path=path, needs=role, verdicts=verdicts, stranger=stranger)


def _page(table: list[Permission]) -> str:
    """For people."""
    rows = [
        f"| `{each.method} {each.path}` | {' | '.join(each.verdicts[caller] for caller in CALLERS)} | {each.stranger} |"
        for each in table
    ]
    reasons = [f"- `{path}`: {why}" for path, why in {**OPEN, **SIGNED}.items()]
    return "\n".join([
        "# Permissions",
        "",
        "Generated from the routes by `nightowl generate`; do not edit. `yes`: let through; a number: refused with it.",
        "`ingest` is a key that may only send. `stranger` is an admin of another tenant: `404` where the path names a",
        "thing of this tenant, `own` where only the stranger's own tenant is touched.",
        "`platform` is a key of those who run the installation, who see nothing inside a tenant.",
        "[permissions.json](permissions.json) is the same for programs.",
        "",
        f"| route | {' | '.join(CALLERS)} | stranger |",
        f"|---|{'---|' * len(CALLERS)}---|",
        *rows,
        "",
        "## Without a key",
        "",
        *reasons,
        "",
    ])  # fmt: skip

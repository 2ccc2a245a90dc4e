"""Every page of the front end, by the name that its picture has."""

from collections.abc import Callable

from filled import Filled

PLACES: dict[str, Callable[[Filled], str]] = {
    "now": lambda _: "/",
    "alerts": lambda _: "/alerts",
    "alert": lambda it: f"/alerts/{it.alert_id}",
    "groups": lambda _: "/groups",
    "group": lambda it: f"/groups/{it.group_id}",
    "rules": lambda _: "/rules",
    "silences": lambda _: "/rules?tab=silences",
    "knowledge": lambda _: "/incidents",
    "knowledge-entry": lambda it: f"/incidents/{it.incident_id}",
    "knowledge-new": lambda _: "/incidents/new",
    "runbooks": lambda _: "/runbooks",
    "runbook": lambda it: f"/runbooks/{it.runbook_id}",
    "rosters": lambda _: "/rosters",
    "roster": lambda it: f"/rosters/{it.roster_id}",
    "roster-new": lambda _: "/rosters/new",
    "policies": lambda _: "/policies",
    "policy": lambda it: f"/policies/{it.policy_id}",
    "policy-new": lambda _: "/policies/new",
    "insight": lambda _: "/insight",
    "status": lambda _: "/status",
    "dead-letters": lambda _: "/status?tab=letters",
    "people": lambda _: "/admin/users",
    "person": lambda it: f"/admin/users/{it.addressed_id}",
    "api-keys": lambda _: "/admin/keys",
    "configuration": lambda _: "/admin/config",
    "sign-in": lambda _: "/admin/sign-in",
    "audit": lambda _: "/admin/audit",
    "tenants": lambda _: "/admin/tenants",
    "settings": lambda _: "/settings",
    "about": lambda _: "/about",
    "not-found": lambda _: "/no/such/page",
}

OF_ONE = {"alert", "group", "knowledge-entry", "runbook", "roster", "policy", "person"}
"""Pages of one thing, which an empty tenant has not."""

TABS: dict[str, tuple[str, ...]] = {
    "alert": ("mapping", "raw", "explain"),
    "rules": ("windows", "grouping", "inhibition"),
    "knowledge-entry": ("history", "similar"),
    "roster": ("members", "fairness", "overrides", "leave", "calendar", "settings", "history"),
    "policy": ("edit", "versions"),
    "status": ("pages", "rejected", "heartbeats", "endpoints", "subscriptions"),
    "settings": ("pages", "screen", "tokens"),
}
"""Tabs that no place of its own shows, by the page that they are on."""


def tabs_of(it: Filled, *, of_one: bool) -> dict[str, str]:
    """The addresses of tabs by names of their own; those of pages of one thing only where that is wanted."""
    return {
        f"{name}-{tab}": f"{PLACES[name](it)}?tab={tab}"
        for name, tabs in TABS.items()
        if of_one or name not in OF_ONE
        for tab in tabs
    }

"""Where dialogs are opened: the page, and what is pressed on it, one after the other. None: the address opens it."""

from collections.abc import Callable

from filled import Filled

Address = Callable[[Filled], str]

MORE = "What to do"


def of_alert(verb: str) -> tuple[Address, tuple[str, ...]]:
    """On a phone an alert's verbs stand in a sheet."""
    return (lambda it: f"/alerts/{it.alert_id}"), ("More", verb)


def at(path: str, *pressed: str) -> tuple[Address, tuple[str, ...]]:
    """A dialog on a page that is of nothing in particular."""
    return (lambda _: path), pressed


DIALOGS: dict[str, tuple[Address, tuple[str, ...]]] = {
    MORE: ((lambda it: f"/alerts/{it.alert_id}"), ("More",)),
    "Resolve": of_alert("Resolve"),
    "Snooze": of_alert("Snooze"),
    "Assign": of_alert("Assign"),
    "Comment": of_alert("Comment"),
    "Hand over": of_alert("Hand over"),
    "Filters": at("/alerts", "Filters"),
    "New route": at("/rules?new=1"),
    "New silence": at("/rules?tab=silences&new=1"),
    "New maintenance window": at("/rules?tab=windows&new=1"),
    "New grouping rule": at("/rules?tab=grouping&new=1"),
    "New inhibition rule": at("/rules?tab=inhibition&new=1"),
    "New override": ((lambda it: f"/rosters/{it.roster_id}?tab=overrides"), ("New override",)),
    "New heartbeat": at("/status?tab=heartbeats", "New heartbeat"),
    "New endpoint": at("/status?tab=endpoints", "New endpoint"),
    "Add a person": at("/admin/users", "Add a person"),
    "New API key": at("/admin/keys", "New key"),
    "How generic payloads are read": at("/admin/keys", "Actions for Alertmanager", "How generic payloads are read"),
    "Add an address": at("/settings", "Add an address"),
    "New personal token": at("/settings?tab=tokens", "New token"),
    "Import entries": at("/incidents", "Import and export", "Import JSON"),
}
"""By a dialog's title."""

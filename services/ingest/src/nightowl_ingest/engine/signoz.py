"""SigNoz, which speaks Alertmanager's language: how to know it, and what makes two of its alerts one problem.

Its own fingerprint cannot be used: without data it adds labels and a prefix to the name, and older versions send a
`lastSeen` label that is new each time. What stays is the rule and the labels of the series.
"""

from collections.abc import Mapping

from nightowl_ingest.engine.normalize import SENDERS, resolve_fingerprint

NAME = "signoz"

NO_DATA_PREFIX = "[No data] "

RULES = SENDERS._replace(made="SigNoz: hash of the rule's id and the series' labels")

_CHANGING = frozenset({"ruleSource", "lastSeen", "noData", "nodata"})


def is_from(labels: Mapping[str, str]) -> bool:
    """Every SigNoz alert has both labels, and nothing else is known to."""
    return "ruleId" in labels and "ruleSource" in labels


def fingerprint(labels: Mapping[str, str]) -> tuple[str, str]:
    """The same for firing, no data and resolved: a hash of the rule's id and the series' labels; and its rule."""
    stable = {name: value for name, value in labels.items() if name not in _CHANGING}
    if "alertname" in stable:
        stable["alertname"] = stable["alertname"].removeprefix(NO_DATA_PREFIX)
    return resolve_fingerprint(None, stable, title=NAME, rules=RULES)

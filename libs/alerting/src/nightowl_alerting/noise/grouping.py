"""Which group a new alert belongs to. Pure."""

from collections.abc import Mapping, Sequence

from nightowl_alerting.noise.matchers import fits
from nightowl_alerting.noise.model import GroupingRule, Subject


def choose_group(subject: Subject, rules: Sequence[GroupingRule]) -> tuple[GroupingRule, dict[str, str]] | None:
    """The first rule that fits, with the alert's key under it; a missing label counts as empty."""
    for rule in rules:
        if fits(rule.matchers, subject):
            return rule, key_of(subject, rule)
    return None


def key_of(subject: Subject, rule: GroupingRule) -> dict[str, str]:
    """The values that make the group."""
    return {name: subject.get(name, "") for name in rule.group_by}


def key_labels(key: Mapping[str, str]) -> dict[str, str]:
    """Labels that every alert of the key has, for an index to use."""
    return {name: value for name, value in key.items() if value and name[0] != "@"}


def belongs(subject: Subject, rule: GroupingRule, key: Mapping[str, str]) -> bool:
    """Whether an alert fits a rule under a key."""
    return fits(rule.matchers, subject) and key_of(subject, rule) == key

"""Which group a new alert belongs to. Pure.

A group is found by its key in an index, whose entries have room for about 2,700 bytes. So the names of a key are
bounded by `require_key`, and a key that is too long holds hashes in place of its longer values.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence

from nightowl_alerting.noise.matchers import fits
from nightowl_alerting.noise.model import GroupingRule, Subject
from nightowl_common.errors import FieldProblem, InvalidError

MAX_NAME_BYTES = 1_000
MAX_KEY_BYTES = 2_000
MAX_VALUE_BYTES = 64
"""Of a value that stays as it is in a key that is too long; a rule groups by ten labels at most."""

_HASHED = "sha256:"


def require_key(names: Sequence[str], *, field: str) -> None:
    """Returns when every key of these names can be looked up.

    Raises:
        InvalidError: together they are too long.
    """
    if _size(names) > MAX_NAME_BYTES:
        problem = FieldProblem(field=field, reason=f"longer than {MAX_NAME_BYTES} bytes together")
        raise InvalidError(fields=[problem])


def choose_group(subject: Subject, rules: Sequence[GroupingRule]) -> tuple[GroupingRule, dict[str, str]] | None:
    """The first rule that fits, with the alert's key under it; a missing label counts as empty."""
    for rule in rules:
        if fits(rule.matchers, subject):
            return rule, key_of(subject, rule)
    return None


def key_of(subject: Subject, rule: GroupingRule) -> dict[str, str]:
    """The values that make the group; where they are too long for an index, the longer ones are hashes."""
    key = {name: subject.get(name, "") for name in rule.group_by}
    if _size(key) + _size(key.values()) <= MAX_KEY_BYTES:
        return key
    return {name: _shortened(value) for name, value in key.items()}


def key_labels(key: Mapping[str, str]) -> dict[str, str]:
    """Labels that every alert of the key has, for an index to use."""
    return {name: value for name, value in key.items() if value and not value.startswith(_HASHED) and name[0] != "@"}


def belongs(subject: Subject, rule: GroupingRule, key: Mapping[str, str]) -> bool:
    """Whether an alert fits a rule under a key."""
    return fits(rule.matchers, subject) and key_of(subject, rule) == key


def _size(texts: Iterable[str]) -> int:
    return sum(len(each.encode()) for each in texts)


def _shortened(value: str) -> str:
    whole = value.encode()
    return value if len(whole) <= MAX_VALUE_BYTES else _HASHED + hashlib.sha256(whole).hexdigest()[:32]

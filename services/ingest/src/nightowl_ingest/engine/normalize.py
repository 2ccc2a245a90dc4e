"""The rules that all sources share: times, fingerprints, titles and bounds.

Each rule either gives a value that Postgres, the stream and the pages can carry, or raises `ItemError`,
which rejects this alert and no other.
"""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

import msgspec

from nightowl_ingest.model import Limits

MAX_FINGERPRINT_LENGTH = 256
"""An index entry in Postgres has room for about 2,700 bytes."""

MAX_NAME_LENGTH = 500
"""Of what alerts are looked up by: in an index too, at up to four bytes per character."""

_LOOKED_UP = "cluster"

Json = str | int | float | bool | list[Any] | dict[str, Any] | None
"""Any JSON value."""

_FIRST_YEAR = 1
_MILLISECONDS_FROM = 100_000_000_000
"""As seconds, this would be the year 5138."""


class FingerprintRules(NamedTuple):
    """In words, where a fingerprint comes from: one that was given, one that was too long, and one of our own."""

    given: str
    too_long: str
    made: str


SENDERS = FingerprintRules(
    given="the sender's fingerprint",
    too_long="hash of the sender's fingerprint, which is too long",
    made="hash of title and labels",
)
SENDERS_OR_LABELS = SENDERS._replace(made="hash of the labels")
MAPPED = FingerprintRules(
    given="mapped fingerprint",
    too_long="hash of the mapped fingerprint, which is too long",
    made="hash of title and labels",
)


class ItemError(Exception):
    """Rejects one alert. `field` is a path inside it, such as `$.labels.severity`."""

    def __init__(self, field: str, reason: str) -> None:
        self.field = field
        self.reason = reason
        super().__init__(f"{field}: {reason}")


def resolve_moment(value: datetime | None, field: str) -> datetime | None:
    """The time in UTC; a time without a zone is taken as UTC. Go's zero time (year 1) means none.

    Raises:
        ItemError: it does not exist in UTC (the last hours of the year 9999).
    """
    if value is None or value.year <= _FIRST_YEAR:
        return None
    if value.tzinfo is UTC:
        return value
    if value.tzinfo is None:
        return value.replace(tzinfo=UTC)
    try:
        return value.astimezone(UTC)
    except OverflowError as error:
        raise ItemError(field, "the time is out of range") from error


def read_moment(value: str | float | None, field: str) -> datetime | None:
    """A time that came as ISO 8601 or as Unix seconds or milliseconds, as a number or as its text; 0 means none.

    Raises:
        ItemError: it is none of these.
    """
    if value is None or value == "":
        return None
    try:
        seconds = float(value)
    except ValueError:
        return _read_iso(str(value), field)
    try:
        seconds = seconds / 1000 if seconds >= _MILLISECONDS_FROM else seconds
        return datetime.fromtimestamp(seconds, UTC) if seconds else None
    except (ValueError, OverflowError, OSError) as error:
        raise ItemError(field, "the time is out of range") from error


def _read_iso(text: str, field: str) -> datetime | None:
    try:
        return resolve_moment(msgspec.convert(text.strip(), datetime), field)
    except msgspec.ValidationError as error:
        raise ItemError(field, "neither ISO 8601 nor Unix seconds") from error


def text_of(value: object) -> str:
    """A text as it is, other values as JSON writes them, null as nothing."""
    if value is None:
        return ""
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def texts_of(pairs: Mapping[str, object] | None) -> dict[str, str]:
    """Every value as text; null means that the entry is not there."""
    return {name: text_of(value) for name, value in (pairs or {}).items() if value is not None}


def resolve_fingerprint(
    given: str | None, labels: Mapping[str, str], *, title: str = "", rules: FingerprintRules = SENDERS
) -> tuple[str, str]:
    """The fingerprint and its rule: the sender's, or a hash of title and labels; a very long one is hashed."""
    if given:
        return (given, rules.given) if len(given) <= MAX_FINGERPRINT_LENGTH else (_hash([given]), rules.too_long)
    return _hash([title, sorted(labels.items())]), rules.made


def check_title(title: str, limits: Limits) -> str:
    """The title as it is: never shortened in silence.

    Raises:
        ItemError: longer than the limit.
    """
    if len(title) > limits.max_title_length:
        raise ItemError("$.title", f"longer than {limits.max_title_length} characters")
    return title


def check_labels(labels: Mapping[str, str], field: str, limits: Limits) -> None:
    """Bounds of labels.

    Raises:
        ItemError: as `check_pairs`, or a label by which alerts are looked up is too long for that.
    """
    check_pairs(labels, field, limits)
    check_names(labels, field)


def check_names(labels: Mapping[str, str], field: str) -> None:
    """The bound of the label by which alerts are looked up.

    Raises:
        ItemError: it is too long for an index.
    """
    check_name(labels.get(_LOOKED_UP), f"{field}.{_LOOKED_UP}")


def check_name(text: str | None, field: str) -> None:
    """The bound of a text by which something is looked up.

    Raises:
        ItemError: it is too long for an index.
    """
    if text is not None and len(text) > MAX_NAME_LENGTH:
        raise ItemError(field, f"longer than {MAX_NAME_LENGTH} characters")


def check_pairs(pairs: Mapping[str, str], field: str, limits: Limits) -> None:
    """Bounds of labels or annotations.

    Raises:
        ItemError: too many of them, or a name or a value is too long.
    """
    if len(pairs) > limits.max_labels:
        raise ItemError(field, f"{len(pairs)} entries, {limits.max_labels} are allowed")
    for name, value in pairs.items():
        check_text(name, field, limits)
        check_text(value, f"{field}.{name}", limits)


def check_text(text: str | None, field: str, limits: Limits) -> None:
    """The bound of one text.

    Raises:
        ItemError: too long.
    """
    if text is not None and len(text) > limits.max_value_length:
        raise ItemError(field, f"longer than {limits.max_value_length} characters")


def _hash(parts: list[object]) -> str:
    return hashlib.sha256(msgspec.json.encode(parts)).digest()[:16].hex()

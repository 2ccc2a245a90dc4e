"""Words of a page that all channels share: plain text, short codes, what is told of an alert. Pure.

Alert text comes from outside. Everywhere it loses control characters and is cut; what a channel's own markup
needs beyond that is the channel's.
"""

import unicodedata
from uuid import UUID

from nightowl_notifier.model import OutgoingPage

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no letter that looks like a digit."""

_CODE_LENGTH = 7
_ELLIPSIS = "…"


def short_code(delivery_id: UUID) -> str:
    """Seven characters that stand for a delivery in a text message: 35 of its random bits."""
    value = delivery_id.int
    return "".join(_ALPHABET[value >> 5 * place & 31] for place in reversed(range(_CODE_LENGTH)))


def reference(delivery_id: UUID) -> str:
    """How a text message names its delivery; a look-up searches for exactly this."""
    return f"(ref {short_code(delivery_id)})"


def one_line(text: str) -> str:
    """The text without line breaks, control and formatting characters."""
    return _visible(" ".join(text.split()))


def cut(text: str, limit: int) -> str:
    """At most `limit` characters, with an ellipsis where something is missing."""
    return text if len(text) <= limit else text[: limit - 1] + _ELLIPSIS


def lines(text: str) -> str:
    """The text with its line breaks, each line without control and formatting characters."""
    return "\n".join(one_line(each) for each in text.splitlines())


def as_written(text: str) -> str:
    """The text with its line breaks, indentation and tabs, for commands: without control and formatting characters."""
    return "\n".join("\t".join(map(_visible, each.split("\t"))).rstrip() for each in text.splitlines()).strip("\n")


def _visible(text: str) -> str:
    if text.isprintable():  # nearly all text is, and looking at each character is a third of making a message
        return text
    return "".join(each for each in text if unicodedata.category(each) not in {"Cc", "Cf", "Cs", "Co", "Cn"})


def heading(page: OutgoingPage) -> str:
    """`[CRITICAL] `, after the mark of a repeat; what concerns no alert has no severity."""
    if page.is_test:
        return "NightOwl: "
    return f"{'REPEAT: ' if page.is_repeat else ''}[{page.severity.upper()}] "


def told_fields(page: OutgoingPage) -> dict[str, str]:
    """What is told of an alert beside its title: source, since when, how often, its labels by name."""
    rows = {"source": page.source, "since": f"{page.first_fired_at:%Y-%m-%d %H:%M:%S} UTC"}
    rows |= {"seen": f"{page.occurrence_count} times"} if page.occurrence_count > 1 else {}
    labels = {key: value for key, value in sorted(page.labels.items()) if value and key != "alertname"}
    return rows | labels


def footing(page: OutgoingPage) -> str:
    """Which page of which alert this is, and what the mark of a repeat means."""
    ref = f"ref {short_code(page.delivery_id)}" + ("" if page.is_test else f" · alert {page.alert_id}")
    return f"sent again: nobody can say whether the last message arrived · {ref}" if page.is_repeat else ref

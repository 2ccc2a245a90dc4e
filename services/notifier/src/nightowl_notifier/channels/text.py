"""Words of a page: plain text, short codes, and Slack's blocks built as trees. Pure.

Alert text comes from outside. In Slack's markup it is escaped, so that it can neither mention a channel nor
hide a link; everywhere it loses control characters and is cut to the provider's limits.
"""

import unicodedata
from uuid import UUID

from slack_sdk.models.blocks import Block, ContextBlock, MarkdownTextObject, SectionBlock

from nightowl_notifier.model import OutgoingPage

SMS_CHARACTERS = 320
SLACK_TEXT_CHARACTERS = 3_000
SLACK_FIELD_CHARACTERS = 2_000
SLACK_FIELDS = 10

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no letter that looks like a digit."""

_CODE_LENGTH = 7
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
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
    spaced = " ".join(text.split())
    return "".join(each for each in spaced if unicodedata.category(each) not in {"Cc", "Cf", "Cs", "Co", "Cn"})


def cut(text: str, limit: int) -> str:
    """At most `limit` characters, with an ellipsis where something is missing."""
    return text if len(text) <= limit else text[: limit - 1] + _ELLIPSIS


def escape(text: str, limit: int) -> str:
    """Slack's three special characters as entities, at most `limit` characters in all; no entity is ever cut."""
    pieces = [_ENTITIES.get(each, each) for each in text]
    if sum(map(len, pieces)) <= limit:
        return "".join(pieces)
    kept, room = [], limit - 1
    for piece in pieces:
        room -= len(piece)
        if room < 0:
            break
        kept.append(piece)
    return "".join(kept) + _ELLIPSIS


def sms_text(page: OutgoingPage) -> str:
    """`[CRITICAL] title (ref 7CHARS)`, at most 320 characters; the reference is never cut."""
    head = f"{'REPEAT: ' if page.is_repeat else ''}[{page.severity.upper()}] "
    tail = f" {reference(page.delivery_id)}"
    return head + cut(one_line(page.title), SMS_CHARACTERS - len(head) - len(tail)) + tail


def slack_text(page: OutgoingPage) -> str:
    """The notification's text, in Slack's markup."""
    head = f"{'REPEAT: ' if page.is_repeat else ''}[{page.severity.upper()}] "
    return head + escape(one_line(page.title), SLACK_TEXT_CHARACTERS - len(head))


def slack_blocks(page: OutgoingPage) -> list[Block]:
    """The message's body as Block Kit."""
    blocks: list[Block] = [SectionBlock(text=_markdown(slack_text(page)))]
    if page.description:
        blocks.append(SectionBlock(text=_markdown(escape(page.description, SLACK_TEXT_CHARACTERS))))
    blocks.append(SectionBlock(fields=[_markdown(each) for each in _fields(page)]))
    blocks.append(ContextBlock(elements=[_markdown(_context(page))]))
    return blocks


def _markdown(text: str) -> MarkdownTextObject:
    """`verbatim`: Slack looks for no links, names or mentions in the text."""
    return MarkdownTextObject(text=text, verbatim=True)


def _fields(page: OutgoingPage) -> list[str]:
    rows = {"source": page.source, "since": f"{page.first_fired_at:%Y-%m-%d %H:%M:%S} UTC"}
    rows |= {"seen": f"{page.occurrence_count} times"} if page.occurrence_count > 1 else {}
    labels = {key: value for key, value in sorted(page.labels.items()) if value and key != "alertname"}
    together = list((rows | labels).items())[:SLACK_FIELDS]
    return [f"*{escape(one_line(key), 200)}*\n{escape(one_line(value), 1_500)}" for key, value in together]


def _context(page: OutgoingPage) -> str:
    ref = f"ref {short_code(page.delivery_id)} · alert {page.alert_id}"
    return f"sent again: nobody can say whether the last message arrived · {ref}" if page.is_repeat else ref

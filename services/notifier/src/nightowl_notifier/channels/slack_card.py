"""The message of an alert in Slack: what it says, which buttons it has, and its digest. Pure.

Blocks are built as trees. Alert text loses control characters, is escaped, so that it can neither mention a channel nor
hide a link, and is cut to what Slack takes. The message shows a state, so it is made from the alert as it stands now.
"""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from urllib.parse import urlsplit
from uuid import UUID

import msgspec

from nightowl_alerting.model import TIMED, Card
from nightowl_alerting.transitions import REPEAT_MILESTONES
from nightowl_notifier.channels.slack_blocks import Tree, actions, button, context, fields, section
from nightowl_notifier.channels.text import footing, heading, lines, one_line, short_code
from nightowl_notifier.model import OutgoingPage

TEXT_CHARACTERS = 3_000
FIELD_CHARACTERS = 2_000
FIELDS = 10
EXCERPT_CHARACTERS = 600
URL_CHARACTERS = 3_000
NAME_CHARACTERS = 80

ACKNOWLEDGE, RESOLVE, ESCALATE = "nightowl_acknowledge", "nightowl_resolve", "nightowl_escalate"
RUNBOOK, OPEN, KNOWLEDGE = "nightowl_runbook", "nightowl_open", "nightowl_knowledge"
FOLLOWED = frozenset({RUNBOOK, OPEN})
"""Buttons that the browser follows: Slack tells us of the press, and there is nothing to answer."""

_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_ESCAPES = str.maketrans(_ENTITIES)
_ELLIPSIS = "…"
_MARKS = {"critical": "🔴", "major": "🟠", "warning": "🟡", "info": "🔵"}
_MATCHES = {"fingerprint": "the same problem", "pattern": "fits an error pattern", "text": "similar words"}
_RUNBOOK_ANNOTATIONS = ("runbook_url", "runbook")


class Rendered(msgspec.Struct, frozen=True, kw_only=True):
    """A message as it is sent. `digest` tells two apart that show different things."""

    text: str
    blocks: list[Tree]
    digest: str


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """Which message of an alert this is: of which tenant and page, and whether it may be the page's second one.

    `open_url` is where the front end shows it, None where nobody knows the public address.
    """

    tenant: str
    delivery_id: UUID
    is_repeat: bool
    open_url: str | None = None


def render(card: Card, message: Shown) -> Rendered:
    """The message as it should be now."""
    return _rendered(card_text(card, message), card_blocks(card, message))


def notice(page: OutgoingPage) -> Rendered:
    """A message that concerns no alert: nothing in it can be pressed."""
    text = heading(page) + escape(one_line(page.title), TEXT_CHARACTERS)
    return _rendered(text, [section(text), context(footing(page))])


def escape(text: str, limit: int) -> str:
    """Slack's three special characters as entities, at most `limit` characters in all; no entity is ever cut."""
    escaped = text.translate(_ESCAPES)
    if len(escaped) <= limit:
        return escaped
    kept, room = [], limit - 1
    for each in text:
        piece = _ENTITIES.get(each, each)
        room -= len(piece)
        if room < 0:
            break
        kept.append(piece)
    return "".join(kept) + _ELLIPSIS


def name_of(text: str) -> str:
    """A name, short and harmless."""
    return escape(one_line(text), NAME_CHARACTERS)


def button_value(tenant: str, alert_id: UUID, delivery_id: UUID | None) -> str:
    """What a pressed button says: `<tenant>:<alert id>:<delivery id or ->`."""
    return f"{tenant}:{alert_id}:{delivery_id or '-'}"


def card_text(card: Card, message: Shown) -> str:
    """What a notification and a screen reader say."""
    head = f"{'REPEAT: ' if message.is_repeat else ''}[{card.severity.upper()}] "
    tail = "" if card.status == "firing" and card.snoozed_until is None else f" ({_state_word(card)})"
    return head + escape(one_line(card.title), TEXT_CHARACTERS - len(head) - len(tail)) + tail


def card_blocks(card: Card, message: Shown) -> list[Tree]:
    """The message's body as Block Kit."""
    blocks = [section(_headline(card, message)), section("\n".join(_state_lines(card)))]
    described = escape(lines(card.description or "").strip(), TEXT_CHARACTERS)
    if described:
        blocks.append(section(described))
    blocks.append(fields(_fields(card)))
    if card.fix_title:
        blocks.append(section(_known_fix(card)))
    buttons = _buttons(card, message)
    if buttons:
        blocks.append(actions(buttons))
    blocks.append(context(_footing(card, message)))
    return blocks


def at(moment: datetime) -> str:
    """A moment in words."""
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC"


def _rendered(text: str, blocks: list[Tree]) -> Rendered:
    body = msgspec.json.encode([text, blocks])
    return Rendered(text=text, blocks=blocks, digest=hashlib.sha256(body).hexdigest()[:32])


def _headline(card: Card, message: Shown) -> str:
    mark = "✅" if card.status == "resolved" else _MARKS.get(card.severity, "⚪")
    head = f"{'REPEAT: ' if message.is_repeat else ''}{mark} *{escape(card.severity.upper(), 20)}* "
    return head + escape(one_line(card.title), TEXT_CHARACTERS - len(head))


def _state_word(card: Card) -> str:
    if card.status == "resolved":
        return "resolved"
    return "snoozed" if card.snoozed_until is not None else card.status


def _state_lines(card: Card) -> list[str]:
    """Where the alert stands, in one or two lines."""
    if card.status == "resolved":
        return _resolved_lines(card)
    if card.snoozed_until is not None:
        return [f"*Snoozed* until {at(card.snoozed_until)}", *_owner(card)]
    if card.status == "investigating":
        return [f"*Investigating*: {_actor(card)}", *_asked(card)]
    if card.status == "acknowledged":
        return [f"*Acknowledged* by {_actor(card)}", *_asked(card)]
    return [f"*Firing*{_climb(card)}", *_asked(card)]


def _resolved_lines(card: Card) -> list[str]:
    by = name_of(card.resolved_by.name) if card.resolved_by else "somebody"
    when = f" at {at(card.resolved_at)}" if card.resolved_at else ""
    told = escape(lines(card.resolution), EXCERPT_CHARACTERS) if card.resolution else ""
    return [f"*Resolved* by {by}{when}", *([told] if told else [])]


def _actor(card: Card) -> str:
    by = name_of(card.acknowledged_by.name) if card.acknowledged_by else "somebody"
    return f"{by} at {at(card.acknowledged_at)}" if card.acknowledged_at else by


def _owner(card: Card) -> list[str]:
    return [f"Acknowledged by {_actor(card)}"] if card.acknowledged_by else []


def _asked(card: Card) -> list[str]:
    return [f"Asked to look after it: {name_of(card.assignee)}"] if card.assignee else []


def _climb(card: Card) -> str:
    """How far the escalation has come."""
    match card.escalation_state:
        case "exhausted":
            return ": every tier was paged and nobody has taken it"
        case "muted" | "none":
            return f": {escape(one_line(card.escalation_reason), 300)}"
        case _:
            return f", escalated to tier {card.tier}" if card.tier > 1 else ""


def _fields(card: Card) -> list[str]:
    rows = {"source": card.source, "since": at(card.first_fired_at)}
    seen = max((each for each in REPEAT_MILESTONES if each <= card.occurrence_count), default=0)
    rows |= {"seen": f"at least {seen} times"} if seen else {}
    rows |= {"paged": ", ".join(card.paged)} if card.paged else {}
    told = {key: value for key, value in sorted(card.labels.items()) if value and key != "alertname"}
    together = list(rows.items()) + [pair for pair in told.items() if pair[0] not in rows]
    return [f"*{escape(one_line(key), 200)}*\n{escape(one_line(value), 1_500)}" for key, value in together[:FIELDS]]


def _known_fix(card: Card) -> str:
    how = _MATCHES.get(card.match_kind or "")
    head = f"💡 *Known fix*{f' ({how})' if how else ''}: {escape(one_line(card.fix_title or ''), 300)}"
    solution = escape(lines(card.fix_solution or ""), EXCERPT_CHARACTERS)
    runbook = f"Runbook: {escape(one_line(card.fix_runbook), 300)}" if card.fix_runbook else ""
    return "\n".join(each for each in (head, solution, runbook) if each)


def _buttons(card: Card, message: Shown) -> Sequence[Tree]:
    """Those that the state allows."""
    value = button_value(message.tenant, card.alert_id, message.delivery_id)
    buttons = []
    if card.status == "firing":
        buttons.append(button("Acknowledge", action_id=ACKNOWLEDGE, value=value, style="primary"))
    if card.status != "resolved":
        buttons.append(button("Resolve", action_id=RESOLVE, value=value))
    if card.status == "firing" and card.escalation_state in TIMED:
        buttons.append(button("Escalate", action_id=ESCALATE, value=value, style="danger"))
    address = runbook_address(card.annotations)
    if address is not None:
        buttons.append(button("Runbook", action_id=RUNBOOK, url=address, value=value))
    if message.open_url is not None:
        buttons.append(button("Open", action_id=OPEN, url=message.open_url, value=value))
    return buttons


def runbook_address(annotations: Mapping[str, str]) -> str | None:
    """The runbook's address that the sender told, if it is one that a browser opens."""
    for name in _RUNBOOK_ANNOTATIONS:
        address = annotations.get(name, "").strip()
        if _is_web_address(address):
            return address
    return None


def _is_web_address(address: str) -> bool:
    if not 0 < len(address) <= URL_CHARACTERS or not address.isprintable() or set(address) & set(' <>"\\|'):
        return False
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname) and "@" not in parts.netloc


def _footing(card: Card, message: Shown) -> str:
    ref = f"ref {short_code(message.delivery_id)} · alert {card.alert_id}"
    again = "sent again: nobody can say whether the last message arrived · " if message.is_repeat else ""
    return again + ref

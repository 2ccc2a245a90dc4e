"""The forms that Slack shows: how an alert was resolved, and the entry that it becomes. Pure."""

from typing import Any, get_type_hints

import msgspec
from slack_sdk.models.blocks import (
    Block,
    CheckboxesElement,
    InputBlock,
    InputInteractiveElement,
    Option,
    PlainTextInputElement,
    PlainTextObject,
    StaticSelectElement,
)
from slack_sdk.models.views import View as Modal

from nightowl_alerting.knowledge.model import MAX_LINE, MAX_TITLE, IncidentContent, Promotion
from nightowl_notifier.api.slack.telling import aside, safe, section
from nightowl_notifier.api.slack.wire import KNOWLEDGE_VIEW, RESOLVE_VIEW, Note, View
from nightowl_notifier.channels.text import cut, one_line
from nightowl_notifier.model import AlertCard

INPUT_CHARACTERS = 3_000
"""Slack takes no more in one field."""

SEVERITIES = ("info", "warning", "major", "critical")
RESOLUTION, REMEMBER = "resolution", "remember"
_TEXTS = (("symptoms", "Symptoms"), ("root_cause", "Root cause"), ("solution", "What helped"))
_TYPES = get_type_hints(Promotion, include_extras=True)
_WORDS = {
    "title": "1 to 500 characters",
    "severity": "one of the list",
    "tags": "at most 100, each of 1 to 200 characters",
}

Json = dict[str, Any]


def resolve_form(card: AlertCard, note: Note) -> Json:
    """Asks what helped, and whether to keep it; an alert that is known already is not asked about that."""
    blocks: list[Block] = [
        section(f"*{safe(card.title)}*"),
        _input(RESOLUTION, "What helped?", _text(RESOLUTION, limit=INPUT_CHARACTERS, multiline=True), optional=True),
    ]
    if card.incident_id is None:
        option = Option(value=REMEMBER, text=PlainTextObject(text="Add to the knowledge base"))
        box = CheckboxesElement(action_id=REMEMBER, options=[option])
        blocks.append(_input(REMEMBER, "Knowledge base", box, optional=True))
    else:
        blocks.append(aside(f"Known as: {safe(card.known_as or '')}"))
    return _modal(RESOLVE_VIEW, "Resolve the alert", blocks, note, submit="Resolve")


def knowledge_form(draft: IncidentContent, note: Note) -> Json:
    """The entry as the alert tells it, to be mended. Its fingerprint stays."""
    title = _text("title", limit=MAX_TITLE, initial=draft.title)
    category = _text("category", limit=MAX_LINE, initial=draft.category or "")
    tags = _text("tags", limit=INPUT_CHARACTERS, initial=", ".join(draft.tags))
    blocks: list[Block] = [_input("title", "Title", title)]
    for name, label in _TEXTS:
        element = _text(name, limit=INPUT_CHARACTERS, initial=getattr(draft, name), multiline=True)
        blocks.append(_input(name, label, element, optional=True))
    blocks += [
        _input("category", "Category", category, optional=True),
        _input("tags", "Tags, with commas between them", tags, optional=True),
        _input("severity", "Severity", _severities(draft.severity)),
        aside(f"Fingerprint: {safe(', '.join(draft.fingerprints), 500)}"),
    ]
    return _modal(KNOWLEDGE_VIEW, "Knowledge base", blocks, note, submit="Save")


def notice(text: str) -> Json:
    """A window that only says something. What it quotes must be `safe` already."""
    view = Modal(
        type="modal",
        title=PlainTextObject(text="NightOwl"),
        close=PlainTextObject(text="Close"),
        blocks=[section(text)],
    )
    return {**view.to_dict()}


def read_entry(view: View) -> tuple[Promotion | None, dict[str, str]]:
    """What somebody wrote instead of the draft, or what is wrong with it: block → reason."""
    tags = [each.strip() for each in view.read("tags").split(",") if each.strip()]
    given: Json = {name: view.read(name) for name in ("title", "severity", "symptoms", "root_cause", "solution")}
    given |= {"category": view.read("category") or None, "tags": tags}
    wrong = {name: reason for name, value in given.items() if (reason := _wrong(name, value)) is not None}
    return (None, wrong) if wrong else (msgspec.convert(given, Promotion), {})


def _wrong(name: str, value: object) -> str | None:
    try:
        msgspec.convert(value, _TYPES[name])
    except msgspec.ValidationError as error:
        return _WORDS.get(name, str(error))
    return None


def _modal(callback_id: str, title: str, blocks: list[Block], note: Note, *, submit: str) -> Json:
    view = Modal(
        type="modal",
        callback_id=callback_id,
        title=PlainTextObject(text=title),
        submit=PlainTextObject(text=submit),
        close=PlainTextObject(text="Cancel"),
        blocks=blocks,
        private_metadata=msgspec.json.encode(note).decode(),
    )
    return {**view.to_dict()}


def _input(name: str, label: str, element: InputInteractiveElement, *, optional: bool = False) -> InputBlock:
    return InputBlock(block_id=name, label=PlainTextObject(text=label), element=element, optional=optional)


def _text(name: str, *, limit: int, initial: str = "", multiline: bool = False) -> PlainTextInputElement:
    shown = cut(initial if multiline else one_line(initial), limit)
    return PlainTextInputElement(action_id=name, multiline=multiline, max_length=limit, initial_value=shown or None)


def _severities(chosen: str) -> StaticSelectElement:
    options = [Option(value=each, text=PlainTextObject(text=each)) for each in SEVERITIES]
    initial = next((each for each in options if each.value == chosen), None)
    return StaticSelectElement(action_id="severity", options=options, initial_option=initial)

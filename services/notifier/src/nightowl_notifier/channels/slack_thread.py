"""What a thread tells of an alert: one post per line of the timeline, and the question that ends it. Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec

from nightowl_alerting.cards.model import Post
from nightowl_alerting.model import Card
from nightowl_notifier.channels import slack_blocks
from nightowl_notifier.channels.slack_blocks import Tree
from nightowl_notifier.channels.slack_card import (
    KNOWLEDGE,
    at,
    button_value,
    escape,
    name_of,
)
from nightowl_notifier.channels.text import lines, one_line

QUESTION = "Add to knowledge base?"
REPEAT = "REPEAT: "
WORDS_CHARACTERS = 1_300
"""Of a comment, of a resolution and of a reason: together they stay below what a section takes."""


def post_text(post: Post, names: Mapping[str, str], *, is_repeat: bool = False) -> str:
    """The post in words. A post that may have arrived before is marked."""
    told = _sentence(post, names)
    reason = post.evidence.get("reason")
    if isinstance(reason, str) and reason:
        told += f"\n{escape(lines(reason), WORDS_CHARACTERS)}"
    return (REPEAT if is_repeat else "") + told


def post_blocks(post: Post, text: str, card: Card, *, tenant: str) -> list[Tree] | None:
    """The post's body, where words are not enough: the question after the end of an alert that nobody knows of."""
    if post.kind != "resolved" or card.fix_title is not None or card.status != "resolved":
        return None
    value = button_value(tenant, card.alert_id, None)
    button = slack_blocks.button("Add to knowledge base", action_id=KNOWLEDGE, value=value)
    return [
        slack_blocks.section(text),
        slack_blocks.section(f"No incident is known for this. {QUESTION}"),
        slack_blocks.actions([button]),
    ]


def _sentence(post: Post, names: Mapping[str, str]) -> str:  # noqa: C901, PLR0912  # long: a table
    who, told = name_of(post.actor.name), post.evidence
    match post.kind:
        case "acknowledged":
            return f"✋ Acknowledged by {who}."
        case "investigating":
            return f"🔍 {who} is working on it."
        case "unacknowledged":
            return f"↩️ {who} has given it back: it is firing again."
        case "snoozed":
            return f"💤 Snoozed until {_moment(told.get('until'))} by {who}."
        case "unsnoozed":
            return f"⏰ No longer snoozed: {_words(told.get('why')) or who}."
        case "assigned":
            return _assigned(told.get("assignee_id"), who, names)
        case "handed_over":
            return f"🤝 Handed over to {_name(told.get('user_id'), names)} by {who}."
        case "escalated":
            return f"📣 {_tier(told)}: paged {_people(told.get('recipients'), names)}."
        case "nobody_to_page":
            return f"📣 {_tier(told)}: there was nobody to page."
        case "escalated_by_hand":
            return f"📣 {who} asks for the next tier."
        case "exhausted":
            return f"🚨 Every tier was paged and nobody has taken it. Told: {_people(told.get('told'), names)}."
        case "rerouted":
            return f"🔀 {who} has put it under another policy."
        case "resolved":
            return _resolved(told.get("resolution"), who)
        case "reopened":
            return f"🔁 Opened again by {who}."
        case "commented":
            return f"💬 {who}: {escape(lines(str(told.get('text', ''))), WORDS_CHARACTERS)}"
        case "severity_changed":
            return f"Severity: {_words(told.get('from'))} → {_words(told.get('to'))}."
        case "repeated":
            return f"Seen {_words(told.get('occurrence_count'))} times."
        case _:
            return f"{_words(post.kind)} ({who})"


def _assigned(assignee: object, who: str, names: Mapping[str, str]) -> str:
    if assignee is None:
        return f"👤 {who}: nobody is asked to look after it any more."
    return f"👤 {who} asks {_name(assignee, names)} to look after it."


def _resolved(resolution: object, who: str) -> str:
    told = f"\n{escape(lines(resolution), WORDS_CHARACTERS)}" if isinstance(resolution, str) and resolution else ""
    return f"✅ Resolved by {who}.{told}"


def _tier(told: Mapping[str, object]) -> str:
    tier = told.get("tier")
    if not isinstance(tier, int):
        return "Escalated"
    return f"Escalated to tier {tier + 1}" if tier > 0 else "Tier 1"


def _people(recipients: object, names: Mapping[str, str]) -> str:
    """`user:<id> over <channel>` and the like, with names."""
    told = [str(each) for each in recipients] if isinstance(recipients, Sequence) else []
    return ", ".join(_person(each, names) for each in told[:20]) or "nobody"


def _person(recipient: str, names: Mapping[str, str]) -> str:
    kind_and_id, over, channel = recipient.partition(" over ")
    _, _, ref = kind_and_id.partition(":")
    return f"{_name(ref, names)}{over}{name_of(channel)}"


def _name(ref: object, names: Mapping[str, str]) -> str:
    return name_of(names.get(str(ref), str(ref)))


def _words(value: object) -> str:
    return escape(one_line(str(value)), 300) if value is not None else ""


def _moment(value: object) -> str:
    try:
        return at(msgspec.convert(value, datetime))
    except msgspec.ValidationError:
        return _words(value)

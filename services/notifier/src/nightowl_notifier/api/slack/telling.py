"""What people are told in Slack: Block Kit as trees, every text escaped and bounded. Pure."""

from collections.abc import Sequence
from typing import Any

import msgspec
from slack_sdk.models.blocks import Block, ContextBlock, DividerBlock, MarkdownTextObject, SectionBlock

from nightowl_notifier.channels.slack_card import escape
from nightowl_notifier.channels.text import one_line

LINE_CHARACTERS = 300
SECTION_CHARACTERS = 2_900
MOST_BLOCKS = 45
"""Slack takes 50."""

COMMANDS = (
    ("search <words>", "what the knowledge base says"),
    ("oncall [roster]", "who is on call now"),
    ("roster [name]", "the next shifts"),
    ("ack [code]", "take the alert that you were paged for, or that of a code"),
    ("resolve [code] [what helped]", "end it"),
    ("help", "this"),
)


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """An answer: its plain words, escaped, and how it looks."""

    text: str
    blocks: list[Block]

    @property
    def ephemeral(self) -> dict[str, Any]:
        """As the body of an answer that only the asker sees; the message that was pressed stays."""
        return {"response_type": "ephemeral", "replace_original": False, **self.content}

    @property
    def content(self) -> dict[str, Any]:
        """Text and blocks as JSON."""
        return {"text": self.text, "blocks": [each.to_dict() for each in self.blocks]}


def safe(text: str, limit: int = LINE_CHARACTERS) -> str:
    """One line of somebody's text: no mention, no link, no control character, bounded."""
    return escape(one_line(text), limit)


def say(text: str) -> Told:
    """A plain sentence of ours. What it quotes must be `safe` already."""
    return Told(text=text, blocks=[section(text)])


def section(text: str) -> SectionBlock:
    """A paragraph of text that is safe already. `verbatim`: Slack looks for no names or links in it."""
    return SectionBlock(text=MarkdownTextObject(text=text, verbatim=True))


def aside(text: str) -> ContextBlock:
    """A paragraph in small print."""
    return ContextBlock(elements=[MarkdownTextObject(text=text, verbatim=True)])


def listed(head: str, parts: Sequence[Sequence[Block]], *, foot: str | None = None) -> Told:
    """A head line and several parts with a line between them."""
    blocks: list[Block] = [section(head)]
    for part in parts:
        if len(blocks) + len(part) + 2 > MOST_BLOCKS:
            break
        blocks += [DividerBlock(), *part]
    return Told(text=head, blocks=blocks if foot is None else [*blocks, aside(foot)])


def help_text(*, unknown: str = "") -> Told:
    """What can be asked."""
    head = "This is what can be asked of NightOwl:"
    if unknown:
        head = f"“{safe(unknown)}” is not known here. {head}"
    rows = "\n".join(f"`/nightowl {escape(usage, 100)}`: {meaning}" for usage, meaning in COMMANDS)
    return Told(text=head, blocks=[section(f"{head}\n{rows}")])


def which_tenant(slugs: Sequence[str], *, example: str) -> Told:
    """Somebody is known in several tenants, and did not say which one is meant."""
    named = ", ".join(f"`@{each}`" for each in slugs[:20])
    return say(f"You are known in several tenants: {named}. Say which one, such as `/nightowl @{slugs[0]} {example}`.")


NOT_SERVED = "This Slack app does not serve that tenant."
UNKNOWN_PERSON = (
    "NightOwl does not know you. Ask an admin to set your Slack id in your profile there, or to give your profile the "
    "e-mail address that you have in Slack."
)
READ_ONLY = "Your role in NightOwl is readonly: you may look, and an engineer may do this."
SUSPENDED = "This tenant is suspended in NightOwl: nothing can be changed."
NOT_NOW = "That was not possible just now. Please try again; the escalation goes on."
FAILED = "Something went wrong inside NightOwl. The escalation goes on; use another way to answer."
WORKING = "This takes a moment; the answer comes here."
OLD_BUTTON = "This button is not known any more. Open the alert in NightOwl."
GONE = "This alert is not there any more."

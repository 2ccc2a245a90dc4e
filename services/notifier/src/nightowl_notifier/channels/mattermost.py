"""Mattermost by incoming webhook. Alert text is escaped: it mentions nobody, links nowhere and formats nothing."""

import re

import msgspec

from nightowl_alerting.paging import AttemptResult
from nightowl_common.guarded import GuardedClient, HttpAnswer
from nightowl_notifier.channels.endpoints import Endpoints, Load, Post, cannot_tell, classify
from nightowl_notifier.channels.text import cut, footing, heading, lines, one_line, told_fields
from nightowl_notifier.model import LookUp, OutgoingPage

PROVIDER = "mattermost"
TITLE_CHARACTERS = 500
DESCRIPTION_CHARACTERS = 4_000
FIELD_CHARACTERS = 300
FIELDS = 15

_MARKUP = re.compile(r"([\\`*_{}\[\]()#+\-.!|>~])")
"""What a backslash takes the meaning from, in every dialect."""

_ACTIVE = re.compile(r"([@<&]|:(?=//))")
"""What begins a mention, a tag, an entity or an address."""

_BREAK = "\u200b"
"""Without width: behind such a sign it keeps it from beginning anything, and a person sees no difference."""


class Mattermost:
    """Posts to endpoints of the kind `mattermost`."""

    def __init__(self, client: GuardedClient, *, load: Load) -> None:
        self._endpoints = Endpoints(client, kind=PROVIDER, load=load)

    @property
    def name(self) -> str:
        """Mattermost."""
        return PROVIDER

    async def send(self, page: OutgoingPage) -> AttemptResult:
        """Posts once."""
        body = msgspec.json.encode({"text": markdown(page)})
        answer = await self._endpoints.post(page, lambda _endpoint: Post(body=body))
        return classify(answer, page, provider=PROVIDER) if isinstance(answer, HttpAnswer) else answer

    async def find(self, _page: OutgoingPage) -> LookUp:
        """An incoming webhook cannot read."""
        return cannot_tell()


def markdown(page: OutgoingPage) -> str:
    """The message's text."""
    parts = [f"**{escape(heading(page) + cut(one_line(page.title), TITLE_CHARACTERS))}**"]
    if page.description:
        parts.append(escape(cut(lines(page.description), DESCRIPTION_CHARACTERS)))
    shown = list(told_fields(page).items())[:FIELDS]
    parts.append("\n".join(f"{_field(name)}: {_field(value)}" for name, value in shown))
    parts.append(escape(footing(page)))
    return "\n\n".join(parts)


def escape(text: str) -> str:
    """Markdown's signs stand behind a backslash; mentions, tags, entities and addresses are broken."""
    return _ACTIVE.sub(rf"\1{_BREAK}", _MARKUP.sub(r"\\\1", text))


def _field(text: str) -> str:
    return escape(cut(one_line(text), FIELD_CHARACTERS))

"""Microsoft Teams by incoming webhook: an Adaptive Card. Text stands in text runs, which know no markup at all."""

from typing import Any

import msgspec

from nightowl_alerting.paging import AttemptResult
from nightowl_common.guarded import GuardedClient, HttpAnswer
from nightowl_notifier.channels.endpoints import Endpoints, Load, Post, cannot_tell, classify, rate_limited
from nightowl_notifier.channels.text import cut, footing, heading, lines, one_line, told_fields
from nightowl_notifier.channels.transport import retry_after_seconds
from nightowl_notifier.model import LookUp, OutgoingPage

PROVIDER = "teams"
CARD = "application/vnd.microsoft.card.adaptive"
TITLE_CHARACTERS = 500
DESCRIPTION_CHARACTERS = 4_000
FIELD_CHARACTERS = 300
FIELDS = 15
"""With the lengths above, a card stays below the 28 KB that Teams takes."""

_THROTTLED = b"returned HTTP error 429"
_OK = 200


class Teams:
    """Posts to endpoints of the kind `teams`."""

    def __init__(self, client: GuardedClient, *, load: Load) -> None:
        self._endpoints = Endpoints(client, kind=PROVIDER, load=load)

    @property
    def name(self) -> str:
        """Teams."""
        return PROVIDER

    async def send(self, page: OutgoingPage) -> AttemptResult:
        """Posts once."""
        body = msgspec.json.encode(card(page))
        answer = await self._endpoints.post(page, lambda _endpoint: Post(body=body))
        if not isinstance(answer, HttpAnswer):
            return answer
        if answer.status == _OK and _THROTTLED in answer.body:  # the older kind of connector says it so
            return rate_limited(retry_after_seconds(None), provider=PROVIDER)
        return classify(answer, page, provider=PROVIDER)

    async def find(self, _page: OutgoingPage) -> LookUp:
        """An incoming webhook cannot read."""
        return cannot_tell()


def card(page: OutgoingPage) -> dict[str, Any]:
    """The message."""
    blocks = [_text(heading(page) + cut(one_line(page.title), TITLE_CHARACTERS), weight="Bolder")]
    if page.description:
        described = cut(lines(page.description), DESCRIPTION_CHARACTERS)
        blocks += [_text(each) for each in described.split("\n") if each]
    blocks += [
        _text(f"{cut(one_line(name), FIELD_CHARACTERS)}: {cut(one_line(value), FIELD_CHARACTERS)}")
        for name, value in list(told_fields(page).items())[:FIELDS]
    ]
    blocks.append(_text(footing(page), isSubtle=True))
    content = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": blocks,
    }
    return {"type": "message", "attachments": [{"contentType": CARD, "contentUrl": None, "content": content}]}


def _text(text: str, **look: object) -> dict[str, Any]:
    return {"type": "RichTextBlock", "inlines": [{"type": "TextRun", "text": text, **look}]}

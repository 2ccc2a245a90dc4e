"""Slack: `chat.postMessage` to a person or a channel, and finding a message again by its metadata.

Blocks are built as trees. Alert text is escaped, so that it can neither mention a channel nor hide a link.

Every message carries the delivery id in its metadata, so that an attempt whose answer was lost can be proved.
The SDK's own retries are off: trying again is decided by the delivery's state, not inside one call.
"""

from collections.abc import Mapping
from typing import Literal

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.models.blocks import Block, ContextBlock, MarkdownTextObject, SectionBlock
from slack_sdk.models.metadata import Metadata
from slack_sdk.web.async_client import AsyncWebClient

from nightowl_alerting.paging import AttemptResult, Failed, FailureReason, Sent, Unclear
from nightowl_common import clock
from nightowl_notifier.channels.text import footing, heading, one_line, told_fields
from nightowl_notifier.channels.transport import BROKEN, after_broken_connection, retry_after_seconds
from nightowl_notifier.model import CannotTell, Found, LookUp, NotFound, OutgoingPage
from nightowl_notifier.telemetry import SLACK_NOTIFICATIONS

PROVIDER = "slack"
EVENT_TYPE = "nightowl_page"
LOOK_BACK_SECONDS = 60
"""Looked at beyond the page's age, for clocks that differ."""

PAGE_SIZE = 200
MAX_PAGES = 5

SLACK_TEXT_CHARACTERS = 3_000
SLACK_FIELD_CHARACTERS = 2_000
SLACK_FIELDS = 10
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_ELLIPSIS = "…"

_REASONS = {
    FailureReason.UNAUTHORIZED: frozenset(
        {
            "access_denied", "account_inactive", "ekm_access_denied", "invalid_auth", "missing_scope", "no_permission",
            "not_allowed_token_type", "not_authed", "org_login_required", "team_access_not_granted", "token_expired",
            "token_revoked", "two_factor_setup_required",
        }
    ),
    FailureReason.BAD_ADDRESS: frozenset(
        {
            "cannot_dm_bot", "channel_not_found", "is_archived", "messages_tab_disabled", "not_in_channel",
            "user_disabled", "user_not_found", "users_not_found",
        }
    ),
    FailureReason.RATE_LIMITED: frozenset({"ratelimited", "rate_limited"}),
    FailureReason.UNAVAILABLE: frozenset({"request_timeout", "service_unavailable", "team_added_to_org"}),
}  # fmt: skip
_TEMPORARY = frozenset({FailureReason.RATE_LIMITED, FailureReason.UNAVAILABLE})
_HALF_DONE = frozenset({"fatal_error", "internal_error"})
"""Slack's own words: some of it may have happened."""

_TOO_MANY = 429
_SERVER_ERROR = 500


def open_client(*, token: str, base_url: str, session: aiohttp.ClientSession) -> AsyncWebClient:
    """The SDK's client without its retries."""
    return AsyncWebClient(token=token, base_url=base_url, session=session, retry_handlers=[])


class Slack:
    """`kind` is `dm` for a person's id, `channel` for a channel's."""

    def __init__(self, client: AsyncWebClient, *, kind: Literal["dm", "channel"]) -> None:
        self._client = client
        self._kind = kind

    @property
    def name(self) -> str:
        """Slack."""
        return PROVIDER

    async def send(self, page: OutgoingPage) -> AttemptResult:
        """Posts once."""
        try:
            answer = await self._client.chat_postMessage(
                channel=page.address,
                text=slack_text(page),
                blocks=slack_blocks(page),
                metadata=_metadata(page),
                parse="none",
                unfurl_links=False,
                unfurl_media=False,
            )
        except SlackApiError as error:
            return classify(error)
        except (*BROKEN, SlackClientError) as error:
            return after_broken_connection(error, provider=PROVIDER)
        SLACK_NOTIFICATIONS.labels(self._kind).inc()
        return Sent(provider=PROVIDER, provider_id=f"{answer['channel']}:{answer['ts']}")

    async def find(self, page: OutgoingPage) -> LookUp:
        """Reads the conversation back to when the page was queued."""
        try:
            return await self._search(page)
        except (*BROKEN, SlackClientError, KeyError) as error:
            return CannotTell(detail=f"history: {_error_word(error)}")

    async def _search(self, page: OutgoingPage) -> LookUp:
        conversation = await self._conversation(page.address)
        oldest = clock.utc_now().timestamp() - page.age_seconds - LOOK_BACK_SECONDS
        cursor: str | None = None
        for _ in range(MAX_PAGES):
            answer = await self._client.conversations_history(
                channel=conversation,
                oldest=f"{oldest:.6f}",
                include_all_metadata=True,
                limit=PAGE_SIZE,
                cursor=cursor,
            )
            for message in answer["messages"]:
                if _delivery_in(message) == str(page.delivery_id):
                    return Found(provider_id=f"{conversation}:{message['ts']}")
            cursor = (answer.get("response_metadata") or {}).get("next_cursor") or None
            if cursor is None:
                return NotFound()
        return CannotTell(detail=f"history: more than {PAGE_SIZE * MAX_PAGES} messages since")

    async def _conversation(self, address: str) -> str:
        """A person's direct conversation has an id of its own."""
        if self._kind == "channel":
            return address
        opened = await self._client.conversations_open(users=[address])
        conversation: str = opened["channel"]["id"]
        return conversation


def classify(error: SlackApiError) -> Failed | Unclear:
    """What an answer that is not `ok` means for the page."""
    status, headers = _status_and_headers(error)
    word = _error_word(error)
    if status == _TOO_MANY or word in _REASONS[FailureReason.RATE_LIMITED]:
        return Failed(
            provider=PROVIDER,
            reason=FailureReason.RATE_LIMITED,
            is_permanent=False,
            detail=word,
            retry_after_seconds=retry_after_seconds(headers),
        )
    if status >= _SERVER_ERROR or word in _HALF_DONE or word == "unreadable":
        return Unclear(provider=PROVIDER, detail=f"{status} {word}")
    reason = next((each for each, words in _REASONS.items() if word in words), FailureReason.REJECTED)
    return Failed(provider=PROVIDER, reason=reason, is_permanent=reason not in _TEMPORARY, detail=word)


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


def slack_text(page: OutgoingPage) -> str:
    """The notification's text, in Slack's markup."""
    head = heading(page)
    return head + escape(one_line(page.title), SLACK_TEXT_CHARACTERS - len(head))


def slack_blocks(page: OutgoingPage) -> list[Block]:
    """The message's body as Block Kit."""
    blocks: list[Block] = [SectionBlock(text=_markdown(slack_text(page)))]
    if page.description:
        blocks.append(SectionBlock(text=_markdown(escape(page.description, SLACK_TEXT_CHARACTERS))))
    blocks.append(SectionBlock(fields=[_markdown(each) for each in _fields(page)]))
    blocks.append(ContextBlock(elements=[_markdown(footing(page))]))
    return blocks


def _markdown(text: str) -> MarkdownTextObject:
    """`verbatim`: Slack looks for no links, names or mentions in the text."""
    return MarkdownTextObject(text=text, verbatim=True)


def _fields(page: OutgoingPage) -> list[str]:
    together = list(told_fields(page).items())[:SLACK_FIELDS]
    return [f"*{escape(one_line(key), 200)}*\n{escape(one_line(value), 1_500)}" for key, value in together]


def _metadata(page: OutgoingPage) -> Metadata:
    payload = {"delivery_id": str(page.delivery_id), "alert_id": str(page.alert_id)}
    return Metadata(event_type=EVENT_TYPE, event_payload=payload)


def _delivery_in(message: Mapping[str, object]) -> object:
    metadata = message.get("metadata")
    if not isinstance(metadata, Mapping) or metadata.get("event_type") != EVENT_TYPE:
        return None
    payload = metadata.get("event_payload")
    return payload.get("delivery_id") if isinstance(payload, Mapping) else None


def _status_and_headers(error: SlackApiError) -> tuple[int, object]:
    """The SDK hands over its own answer, or the connection's when the body was not JSON."""
    answer = error.response
    status: int = getattr(answer, "status_code", None) or getattr(answer, "status", None) or 0
    return status, getattr(answer, "headers", None)


def _error_word(error: Exception) -> str:
    """Slack's word for what went wrong, `unreadable` for an answer without one."""
    if not isinstance(error, SlackApiError):
        return type(error).__name__
    body = getattr(error.response, "data", None)
    word = body.get("error") if isinstance(body, Mapping) else None
    return str(word)[:100] if word else "unreadable"

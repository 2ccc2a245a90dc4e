"""Slack: `chat.postMessage` to a person or a channel, and finding a message again by its metadata.

What a message says is `slack_card`'s. Every message carries the delivery id in its metadata, so that an attempt whose
answer was lost can be proved. The SDK's own retries are off: trying again is decided by the delivery's state, not
inside one call.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Literal
from uuid import UUID

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from nightowl_alerting.model import Board, Card
from nightowl_alerting.paging import AttemptResult, Failed, FailureReason, Sent, Unclear
from nightowl_common import clock
from nightowl_notifier.channels.links import PageLinks
from nightowl_notifier.channels.slack_card import Rendered, Shown, notice, render
from nightowl_notifier.channels.transport import BROKEN, after_broken_connection, retry_after_seconds
from nightowl_notifier.model import CannotTell, Found, LookUp, NotFound, OutgoingPage
from nightowl_notifier.telemetry import SLACK_NOTIFICATIONS

PROVIDER = "slack"
EVENT_TYPE = "nightowl_page"
LOOK_BACK_SECONDS = 60
"""Looked at beyond the page's age, for clocks that differ."""

PAGE_SIZE = 200
MAX_PAGES = 5

THREAD_IS_GONE = frozenset(
    {"thread_not_found", "message_not_found", "cannot_reply_to_message", "invalid_thread_ts", "invalid_ts_latest"}
)
"""Slack's words for a thread that cannot be answered."""

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
            "cannot_dm_bot", "channel_not_found", "is_archived", "is_inactive", "messages_tab_disabled",
            "not_in_channel", "user_disabled", "user_not_found", "users_not_found",
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


ClientOf = Callable[[str], Awaitable[AsyncWebClient | None]]
"""The client of a tenant's workspace; None when it has none that can be used."""


class Slack:
    """`kind` is `dm` for a person's id, `channel` for a channel's.

    The first page of an alert in a channel begins a thread. Later ones are replies that the channel is shown as well.
    """

    def __init__(self, client: AsyncWebClient, *, kind: Literal["dm", "channel"], links: PageLinks) -> None:
        self._client = client
        self._kind = kind
        self._links = links

    @property
    def name(self) -> str:
        """Slack."""
        return PROVIDER

    async def send(self, page: OutgoingPage) -> AttemptResult:
        """Posts once. A reply that the thread surely did not take, because it is gone, is posted by itself."""
        board = page.board or Board(card=card_of(page))  # one that tells of many, and a test, say all by themselves
        shown = shown_as(page, open_url=self._links.alert_url(page))
        message = notice(page) if page.is_test else render(board.card, shown)
        result = await self._post(page, message, thread_ts=board.thread_ts)
        if board.thread_ts is not None and isinstance(result, Failed) and result.detail in THREAD_IS_GONE:
            result = await self._post(page, message, thread_ts=None)
        if isinstance(result, Sent):
            SLACK_NOTIFICATIONS.labels(self._kind).inc()
        return result

    async def _post(self, page: OutgoingPage, message: Rendered, *, thread_ts: str | None) -> AttemptResult:
        answer = await call(
            self._client.chat_postMessage(
                channel=page.address,
                text=message.text,
                blocks=message.blocks,
                metadata=metadata(page.delivery_id, page.alert_id),
                thread_ts=thread_ts,
                reply_broadcast=True if thread_ts else None,
                parse="none",
                unfurl_links=False,
                unfurl_media=False,
            )
        )
        if isinstance(answer, Failed | Unclear):
            return answer
        provider_id = f"{answer['channel']}:{answer['ts']}"
        return Sent(provider=PROVIDER, provider_id=provider_id, shown=message.digest, thread_ts=thread_ts)

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


async def call(request: Awaitable[AsyncSlackResponse]) -> AsyncSlackResponse | Failed | Unclear:
    """Slack's answer, or what the lack of one means."""
    try:
        return await request
    except SlackApiError as error:
        return classify(error)
    except (*BROKEN, SlackClientError) as error:
        return after_broken_connection(error, provider=PROVIDER)


def classify(error: SlackApiError) -> Failed | Unclear:
    """What an answer that is not `ok` means for a message."""
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


def card_of(page: OutgoingPage) -> Card:
    """The alert as the page alone tells it."""
    return Card(
        alert_id=page.alert_id,
        status="firing",
        severity=page.severity,
        source=page.source,
        title=page.title,
        description=page.description,
        labels=page.labels,
        occurrence_count=page.occurrence_count,
        first_fired_at=page.first_fired_at,
        escalation_state="pending",
        escalation_reason="",
    )


def shown_as(page: OutgoingPage, *, open_url: str | None) -> Shown:
    """Which message of the alert a page is."""
    return Shown(tenant=page.tenant, delivery_id=page.delivery_id, is_repeat=page.is_repeat, open_url=open_url)


def metadata(delivery_id: UUID, alert_id: UUID) -> dict[str, object]:
    """What travels unseen with a page's message; an edit sends it again."""
    payload = {"delivery_id": str(delivery_id), "alert_id": str(alert_id)}
    return {"event_type": EVENT_TYPE, "event_payload": payload}


def _delivery_in(message: Mapping[str, object]) -> object:
    told = message.get("metadata")
    if not isinstance(told, Mapping) or told.get("event_type") != EVENT_TYPE:
        return None
    payload = told.get("event_payload")
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

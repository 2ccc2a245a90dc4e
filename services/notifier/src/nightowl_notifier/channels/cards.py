"""Cards brought up to date: every message of an alert shows its present state, and its threads tell what happened.

As for pages: the right to work is a claim in the database (lease and fencing token), Slack is called outside of any
transaction, what came of it is committed. An edit may be done twice without harm. A post is marked before it is sent,
so that whoever finds the mark knows that it may have arrived, and looks. Nothing here can hold a page up: holds and
slots are its own, and a wait that Slack asks for is kept by this tenant's cards alone.
"""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import timedelta
from uuid import UUID

from slack_sdk.web.async_client import AsyncWebClient

from nightowl_alerting import store as kernel
from nightowl_alerting.cards import store as cards
from nightowl_alerting.cards.model import Edited, Ended, MessageRef, Outcome, Post, Posted, Work
from nightowl_alerting.paging import Failed, FailureReason, Unclear
from nightowl_common import clock
from nightowl_common.db import Database
from nightowl_common.logs import get_logger
from nightowl_notifier import telemetry
from nightowl_notifier.channels import slack
from nightowl_notifier.channels.dispatch import DEFAULT_HOLD_SECONDS, Holds
from nightowl_notifier.channels.links import PageLinks, path_of_alert
from nightowl_notifier.channels.slack_card import Shown, render
from nightowl_notifier.channels.slack_thread import post_blocks, post_text

log = get_logger(__name__)

EVENT_TYPE = "nightowl_post"
PAUSE_SECONDS = 1.0
"""Between two passes over a card: what changes meanwhile is one edit."""

LONGEST_WAIT_SECONDS = 300.0
MAX_FAILURES = 100
"""About eight hours of waits. Then the card is left as it is until its alert changes again."""

MAX_LOOKS = 3
"""Looks for a post that may have arrived; when all of them fail, it is posted again and says so."""

TRANSACTIONS = 3
"""At once, of all cards of a process: the database's connections are there for pages first."""

_HOLD = "cards"
Trouble = Failed | Unclear


class CardKeeper:
    """Pays cards of one process. Any number of these may run side by side."""

    def __init__(
        self,
        database: Database,
        client_of: slack.ClientOf,
        *,
        links: PageLinks,
        lease_seconds: float,
        provider_timeout_seconds: float,
    ) -> None:
        self._database = database
        self._client_of = client_of
        self._links = links
        self._lease_seconds = lease_seconds
        self._working_seconds = lease_seconds - 2 * provider_timeout_seconds
        self._holds = Holds()
        self._room = asyncio.Semaphore(TRANSACTIONS)

    async def keep(self, tenant: str, alert_id: UUID) -> None:
        """One pass over an alert's card: edits, and the next post of each thread.

        Raises:
            TransientError: the database cannot be used; the card's timer stays.
        """
        client = await self._client_of(tenant)
        async with self._room, self._database.tenant_tx(tenant) as tx:
            seconds = self._holds.seconds_left(tenant, _HOLD, now=await tx.now())
            if seconds > 0:
                await kernel.postpone_timer(tx, "card", alert_id, seconds=seconds)
                return
            work = await cards.claim(tx, tenant, alert_id, lease_seconds=self._lease_seconds)
        if work is None:
            return
        outcome = _given_up(work, "not_configured") if client is None else await self._work(client, tenant, work)
        async with self._room, self._database.tenant_tx(tenant) as tx:
            if not await cards.finish(tx, tenant, work, outcome):
                log.warning("card_result_late", tenant=tenant, alert_id=str(alert_id))

    async def _work(self, client: AsyncWebClient, tenant: str, work: Work) -> Outcome:
        until = clock.monotonic_seconds() + self._working_seconds
        one = _Pass(client, tenant, work, open_url=self._links.front_end(path_of_alert(work.alert_id)), until=until)
        await one.run()
        if one.trouble is not None and _is_asked_to_wait(one.trouble):
            await self._hold(tenant, one.trouble)
        return one.outcome()

    async def _hold(self, tenant: str, trouble: Trouble) -> None:
        telemetry.HOLDS.labels(_HOLD).inc()
        async with self._database.global_tx() as tx:
            until = await tx.now() + timedelta(seconds=_wait_seconds(trouble, failures=0))
        self._holds.hold(tenant, _HOLD, until=until)


class _Pass:
    """One pass over one card; ends at the first trouble, and when its time is over."""

    def __init__(
        self, client: AsyncWebClient, tenant: str, work: Work, *, open_url: str | None, until: float
    ) -> None:  # fmt: skip
        self._client = client
        self._tenant = tenant
        self._work = work
        self._open_url = open_url
        self._until = until
        self._edited: list[Edited] = []
        self._ended: list[Ended] = []
        self._posted: dict[tuple[str, UUID], Posted] = {}
        self._is_cut = False
        self.trouble: Trouble | None = None

    async def run(self) -> None:
        for ref in self._work.refs:
            if self._may_go_on():
                await self._edit(ref)
        for post in self._work.posts:
            if self._may_go_on():
                await self._tell(post)
            elif not post.is_unclear:
                self._note(Posted(post=post, status="owed"))

    def outcome(self) -> Outcome:
        failures = 0 if self.trouble is None else self._work.failures + 1
        posted = list(self._posted.values())
        reason = _reason_to_give_up(self.trouble, failures)
        if reason is not None:
            log.error("card_given_up", alert_id=str(self._work.alert_id), reason=reason)
            given_up = _given_up(self._work, reason, besides=self._posted)
            return Outcome(
                edited=self._edited, ended=self._ended, posted=[*posted, *given_up.posted], is_done=True, failures=0,
                pause_seconds=PAUSE_SECONDS,
            )  # fmt: skip
        wait = PAUSE_SECONDS if self.trouble is None else _wait_seconds(self.trouble, failures=failures)
        is_done = self.trouble is None and not self._is_cut
        return Outcome(
            edited=self._edited, ended=self._ended, posted=posted, is_done=is_done, failures=failures,
            pause_seconds=wait,
        )  # fmt: skip

    def _may_go_on(self) -> bool:
        self._is_cut = self._is_cut or clock.monotonic_seconds() > self._until
        return self.trouble is None and not self._is_cut

    def _note(self, posted: Posted) -> None:
        self._posted[posted.post.conversation, posted.post.entry_id] = posted

    async def _edit(self, ref: MessageRef) -> None:
        work = self._work
        shown = Shown(
            tenant=self._tenant, delivery_id=ref.delivery_id, is_repeat=ref.is_repeat, open_url=self._open_url
        )  # fmt: skip
        message = render(work.card, shown)
        if message.digest == ref.shown:
            return
        answer = await slack.call(
            self._client.chat_update(
                channel=ref.conversation,
                ts=ref.ts,
                text=message.text,
                blocks=message.blocks,
                metadata=slack.metadata(ref.delivery_id, work.alert_id),
                parse="none",
            )
        )
        telemetry.CARD_CALLS.labels("edit", _word(answer)).inc()
        if isinstance(answer, Failed) and _is_over(answer):
            self._ended.append(Ended(ref=ref, reason=answer.detail or str(answer.reason)))
        elif isinstance(answer, Failed | Unclear):
            self.trouble = answer
        else:
            self._edited.append(Edited(ref=ref, shown=message.digest))

    async def _tell(self, post: Post) -> None:
        is_repeat = False
        if post.is_unclear:
            found = await self._find(post)
            if isinstance(found, str):
                self._note(Posted(post=post, status="posted", ts=found))
                return
            if found is not None and not self._settles(post, found):
                return
            is_repeat = found is not None
        await self._post(post, is_repeat=is_repeat)

    def _settles(self, post: Post, trouble: Trouble) -> bool:
        """Whether it is posted though nobody can say if it has arrived before: when looking has failed often enough."""
        if isinstance(trouble, Failed) and _is_over(trouble):
            self._note(_lost(post, trouble))
            return False
        if _is_asked_to_wait(trouble) or self._work.failures < MAX_LOOKS:
            self.trouble = trouble
            return False
        return True

    async def _post(self, post: Post, *, is_repeat: bool) -> None:
        text = post_text(post, self._work.names, is_repeat=is_repeat)
        answer = await slack.call(
            self._client.chat_postMessage(
                channel=post.conversation,
                thread_ts=post.thread_ts,
                text=text,
                blocks=post_blocks(post, text, self._work.card, tenant=self._tenant),
                metadata={"event_type": EVENT_TYPE, "event_payload": {"entry_id": str(post.entry_id)}},
                parse="none",
                unfurl_links=False,
                unfurl_media=False,
            )
        )
        telemetry.CARD_CALLS.labels("post", _word(answer)).inc()
        match answer:
            case Failed() if _is_over(answer):
                self._note(_lost(post, answer))
            case Failed():
                self.trouble = answer
                self._note(Posted(post=post, status="owed"))
            case Unclear():
                self.trouble = answer
            case _:
                self._note(Posted(post=post, status="posted", ts=answer["ts"]))

    async def _find(self, post: Post) -> str | Trouble | None:
        """The message of a post that may have arrived: its `ts`, None when it is surely not there."""
        cursor: str | None = None
        for _ in range(slack.MAX_PAGES):
            answer = await slack.call(
                self._client.conversations_replies(
                    channel=post.conversation,
                    ts=post.thread_ts,
                    include_all_metadata=True,
                    limit=slack.PAGE_SIZE,
                    cursor=cursor,
                )
            )
            telemetry.CARD_CALLS.labels("look", _word(answer)).inc()
            if isinstance(answer, Failed | Unclear):
                return answer
            ts = _ts_of(answer["messages"], post.entry_id)
            cursor = (answer.get("response_metadata") or {}).get("next_cursor") or None
            if ts is not None or cursor is None:
                return ts
        return Unclear(provider=slack.PROVIDER, detail="the thread is too long to look through")


def _ts_of(messages: Sequence[Mapping[str, object]], entry_id: UUID) -> str | None:
    for message in messages:
        metadata = message.get("metadata")
        if isinstance(metadata, Mapping) and metadata.get("event_type") == EVENT_TYPE:
            payload = metadata.get("event_payload")
            if isinstance(payload, Mapping) and payload.get("entry_id") == str(entry_id):
                return str(message["ts"])
    return None


def _given_up(work: Work, reason: str, *, besides: Mapping[tuple[str, UUID], Posted] | None = None) -> Outcome:
    """Nothing more can be done for now: posts are lost, messages stay as they are until the alert changes again."""
    settled = besides or {}
    lost = [
        Posted(post=post, status="failed", reason=reason)
        for post in work.posts
        if (post.conversation, post.entry_id) not in settled
    ]
    return Outcome(posted=lost, is_done=True, failures=0, pause_seconds=PAUSE_SECONDS)


def _lost(post: Post, answer: Failed) -> Posted:
    """A post that Slack refuses for good; the whole thread, when it is the thread that is gone."""
    reason = answer.detail or str(answer.reason)
    is_gone = answer.reason is FailureReason.BAD_ADDRESS or reason in slack.THREAD_IS_GONE
    return Posted(post=post, status="failed", reason=reason, thread_is_gone=is_gone)


def _is_over(answer: Failed) -> bool:
    """Refused for good, and not because of who we are: a token can be mended, and then it goes on."""
    return answer.is_permanent and answer.reason is not FailureReason.UNAUTHORIZED


def _is_asked_to_wait(trouble: Trouble) -> bool:
    return isinstance(trouble, Failed) and trouble.reason is FailureReason.RATE_LIMITED


def _reason_to_give_up(trouble: Trouble | None, failures: int) -> str | None:
    if isinstance(trouble, Failed) and trouble.is_permanent:
        return trouble.detail or str(trouble.reason)
    return "too many failures" if failures >= MAX_FAILURES else None


def _wait_seconds(trouble: Trouble, *, failures: int) -> float:
    if isinstance(trouble, Failed) and trouble.reason is FailureReason.RATE_LIMITED:
        return trouble.retry_after_seconds or DEFAULT_HOLD_SECONDS
    return min(LONGEST_WAIT_SECONDS, float(2 ** min(failures, 10)))


def _word(answer: object) -> str:
    match answer:
        case Failed(reason=reason):
            return str(reason)
        case Unclear():
            return str(FailureReason.UNCLEAR)
        case _:
            return "ok"

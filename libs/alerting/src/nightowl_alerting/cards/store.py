"""The only SQL that writes what Slack shows of alerts: messages, threads, posts, and the work on them."""

import re
from collections.abc import Sequence
from uuid import UUID

import msgspec

from nightowl_alerting import store
from nightowl_alerting.cards.model import NOISY_KINDS, TOLD_KINDS, Ended, MessageRef, Outcome, Post, Posted, Work
from nightowl_alerting.model import Board, Card, Change, Claim, Entry, Timer
from nightowl_alerting.paging import NOTIFIER, Sent, SentPage
from nightowl_common.db import Tx, load_queries

SQL = load_queries(__package__)

PROVIDER = "slack"
CHANNELS = frozenset({"slack_dm", "slack_channel"})
ROOM = "slack_channel"
SETTLED_SECONDS = 1.0
"""A message that has just been posted is not edited sooner."""

_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


async def owe(tx: Tx, tenant: str, changes: Sequence[Change]) -> None:
    """What Slack shows of changed alerts is out of date from this commit on. Repeats that show nothing new are free."""
    changed = [each.after.id for each in changes if _shows(each)]
    if changed:
        await tx.execute(SQL["owe"], changed, tenant)


def _shows(change: Change) -> bool:
    before, after = change.before, change.after
    if before is None:
        return False
    return bool(change.entries) or (before.title, before.description) != (after.title, after.description)


async def load_boards(tx: Tx, claims: Sequence[Claim]) -> dict[UUID, Board]:
    """What claimed pages need beside themselves, by delivery, of those that go to Slack."""
    shown = [each for each in claims if each.channel in CHANNELS and not each.bundle]  # one for many says all by itself
    if not shown:
        return {}
    alert_ids = sorted({each.alert_id for each in shown})
    begun = {row["alert_id"] for row in await tx.fetch(SQL["begin_work"], alert_ids)}
    cards = await load_cards(tx, alert_ids)  # a statement of its own: it sees who held an alert before
    boards = {}
    for each in shown:
        is_first = each.alert_id in begun
        begun.discard(each.alert_id)
        if each.alert_id in cards:
            thread_ts = None if is_first or each.channel != ROOM else await load_thread(tx, each.alert_id, each.address)
            boards[each.delivery_id] = Board(card=cards[each.alert_id], thread_ts=thread_ts, is_first=is_first)
    return boards


async def note_sent(tx: Tx, tenant: str, pages: Sequence[SentPage]) -> None:
    """Pages have become messages in Slack: their cards have one more each, and are looked at once more in a second.

    The first message to a person needs no second look when the alert is still what the message shows.
    """
    shown = [each for each in pages if each.sent.provider == PROVIDER and all(_place(each.sent))]
    if not shown:
        return
    rows = await tx.fetch(SQL["settle_work"], sorted({each.claim.alert_id for each in shown}), SETTLED_SECONDS)
    unchanged = {row["alert_id"] for row in rows if row["wanted"] == 0}
    again = {
        each.claim.alert_id
        for each in shown
        if not (_is_first_to_person(each.claim) and each.claim.alert_id in unchanged)
    }
    if again:
        await tx.execute(SQL["insert_work"], sorted(again), SETTLED_SECONDS)
        await tx.execute(SQL["owe"], sorted(again), tenant)
    await tx.execute(SQL["insert_refs"], [_ref(each) for each in shown])
    for page in shown:
        claim, (conversation, ts) = page.claim, _place(page.sent)
        if claim.channel == ROOM and page.sent.thread_ts is None:
            thread = (claim.alert_id, conversation, claim.address, ts, claim.delivery_id, not page.sent.found)
            await tx.execute(SQL["insert_thread"], *thread)


def _place(sent: Sent) -> tuple[str, str]:
    """The conversation and the message in it."""
    conversation, _, ts = (sent.provider_id or "").partition(":")
    return conversation, ts


def _ref(page: SentPage) -> dict[str, object]:
    conversation, ts = _place(page.sent)
    return {
        "conversation": conversation, "ts": ts, "alert_id": page.claim.alert_id,
        "delivery_id": page.claim.delivery_id, "thread_ts": page.sent.thread_ts, "shown": page.sent.shown,
    }  # fmt: skip


def _is_first_to_person(claim: Claim) -> bool:
    """In a channel the card also opens a thread."""
    return claim.board is not None and claim.board.is_first and claim.channel != ROOM


async def load_cards(tx: Tx, alert_ids: Sequence[UUID]) -> dict[UUID, Card]:
    """Alerts as people see them, by id."""
    rows = await tx.fetch(SQL["load_cards"], list(alert_ids))
    return {row["alert_id"]: msgspec.convert(dict(row), Card) for row in rows}


async def load_thread(tx: Tx, alert_id: UUID, address: str) -> str | None:
    """The first message of an alert's thread in a channel."""
    ts: str | None = await tx.fetchval(SQL["load_thread"], alert_id, address)
    return ts


async def load_due(tx: Tx, *, limit: int, without: Sequence[str]) -> list[Timer]:
    """Cards that are due, of all tenants but some; not locked."""
    return [msgspec.convert(dict(row), Timer) for row in await tx.fetch(SQL["load_due"], limit, list(without))]


async def claim(tx: Tx, tenant: str, alert_id: UUID, *, lease_seconds: float) -> Work | None:
    """The right to bring a card up to date, with all that there is to do, and the timer at the lease's end.

    None when somebody else has it, when the alert is being changed, or when there is no such card any more.
    """
    if not await tx.fetchval(SQL["hold_alert"], alert_id):
        if not await tx.fetchval(SQL["card_exists"], alert_id):
            await store.delete_timers(tx, "card", [alert_id])
        return None
    claimed = await tx.fetchrow(SQL["claim"], alert_id, lease_seconds)
    card = None if claimed is None else (await load_cards(tx, [alert_id])).get(alert_id)
    if claimed is None or card is None:
        return None
    await tx.execute(SQL["set_timer"], alert_id, tenant)
    await tx.execute(SQL["owe_posts"], alert_id, list(TOLD_KINDS), list(NOISY_KINDS))
    refs = [msgspec.convert(dict(row), MessageRef) for row in await tx.fetch(SQL["load_refs"], alert_id)]
    posts = [msgspec.convert(dict(row), Post) for row in await tx.fetch(SQL["take_posts"], alert_id)]
    names = await _load_names(tx, posts)
    return Work(alert_id=alert_id, card=card, refs=refs, posts=posts, names=names, **dict(claimed))


async def _load_names(tx: Tx, posts: Sequence[Post]) -> dict[str, str]:
    spoken_of = {found for post in posts for found in _UUID.findall(msgspec.json.encode(post.evidence).decode())}
    if not spoken_of:
        return {}
    rows = await tx.fetch(SQL["load_names"], [UUID(each) for each in sorted(spoken_of)])
    return {row["id"]: row["name"] for row in rows}


async def finish(tx: Tx, tenant: str, work: Work, outcome: Outcome) -> bool:
    """Writes what a pass came to; false when the right to it was lost, and nothing is written.

    The timer goes when all is told and shown and nothing has changed meanwhile.
    """
    pass_over = (work.alert_id, work.token, outcome.failures, outcome.pause_seconds)
    wanted: int | None = await tx.fetchval(SQL["finish"], *pass_over)
    if wanted is None:
        return False
    for each in outcome.edited:
        await tx.execute(SQL["set_shown"], each.ref.conversation, each.ref.ts, each.shown)
    for ended in outcome.ended:
        await _end(tx, work, ended)
    for posted in outcome.posted:
        await _set_post(tx, work, posted)
    is_over = outcome.is_done and wanted == work.wanted
    if is_over and not await tx.fetchval(SQL["posts_are_left"], work.alert_id):
        await store.delete_timers(tx, "card", [work.alert_id])
    else:
        await tx.execute(SQL["set_timer"], work.alert_id, tenant)
    return True


async def _end(tx: Tx, work: Work, ended: Ended) -> None:
    ref = ended.ref
    await tx.execute(SQL["end_ref"], ref.conversation, ref.ts, ended.reason)
    evidence: dict[str, object] = {
        "delivery_id": str(ref.delivery_id), "conversation": ref.conversation, "ts": ref.ts, "reason": ended.reason,
    }  # fmt: skip
    await store.insert_entries(tx, [(work.alert_id, Entry(kind="message_lost", actor=NOTIFIER, evidence=evidence))])


async def _set_post(tx: Tx, work: Work, posted: Posted) -> None:
    post = posted.post
    if posted.thread_is_gone:
        await tx.execute(SQL["end_thread"], work.alert_id, post.conversation, posted.reason)
        evidence: dict[str, object] = {"conversation": post.conversation, "reason": posted.reason}
        await store.insert_entries(tx, [(work.alert_id, Entry(kind="thread_lost", actor=NOTIFIER, evidence=evidence))])
        return
    key = (work.alert_id, post.conversation, post.entry_id)
    await tx.execute(SQL["set_post"], *key, posted.status, posted.ts, posted.reason)

"""The only SQL that writes what Slack shows of alerts: messages, threads, posts, and the work on them."""

import re
from collections.abc import Sequence
from uuid import UUID

import msgspec

from nightowl_alerting import store
from nightowl_alerting.cards.model import NOISY_KINDS, TOLD_KINDS, Ended, MessageRef, Outcome, Post, Posted, Work
from nightowl_alerting.model import Board, Card, Change, Claim, Entry, Timer
from nightowl_alerting.paging import NOTIFIER, Sent
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


async def load_board(tx: Tx, claim: Claim) -> Board | None:
    """What a claimed page needs beside itself, when it goes to Slack."""
    if claim.channel not in CHANNELS or claim.bundle:  # a message for many says all by itself
        return None
    is_first = await tx.fetchval(SQL["begin_work"], claim.alert_id) is not None
    card = await load_card(tx, claim.alert_id)  # a statement of its own: it sees who held the alert before
    if card is None:
        return None
    thread_ts = None if is_first or claim.channel != ROOM else await load_thread(tx, claim.alert_id, claim.address)
    return Board(card=card, thread_ts=thread_ts, is_first=is_first)


async def note_sent(tx: Tx, tenant: str, claim: Claim, sent: Sent) -> None:
    """A page has become a message in Slack: the card has one more, and is looked at once more in a second.

    The first message to a person needs no second look when the alert is still what the message shows.
    """
    conversation, _, ts = (sent.provider_id or "").partition(":")
    if sent.provider != PROVIDER or not ts:
        return
    if not (_is_first_to_person(claim) and await _is_unchanged(tx, claim)):
        await tx.execute(SQL["insert_work"], claim.alert_id, SETTLED_SECONDS)
        await tx.execute(SQL["owe"], [claim.alert_id], tenant)
    ref = (conversation, ts, claim.alert_id, claim.delivery_id, sent.thread_ts, sent.shown)
    await tx.execute(SQL["insert_ref"], *ref)
    if claim.channel == ROOM and sent.thread_ts is None:
        thread = (claim.alert_id, conversation, claim.address, ts, claim.delivery_id, not sent.found)
        await tx.execute(SQL["insert_thread"], *thread)


def _is_first_to_person(claim: Claim) -> bool:
    """In a channel the card also opens a thread."""
    return claim.board is not None and claim.board.is_first and claim.channel != ROOM


async def _is_unchanged(tx: Tx, claim: Claim) -> bool:
    wanted: int | None = await tx.fetchval(SQL["settle_work"], claim.alert_id, SETTLED_SECONDS)
    return wanted == 0


async def load_card(tx: Tx, alert_id: UUID) -> Card | None:
    """An alert as people see it."""
    row = await tx.fetchrow(SQL["load_card"], alert_id)
    return None if row is None else msgspec.convert(dict(row), Card)


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
    card = None if claimed is None else await load_card(tx, alert_id)
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

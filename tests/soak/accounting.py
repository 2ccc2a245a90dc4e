"""The account at the end: what was accepted has been handled, and what people received is what was owed."""

import time
from collections import Counter, defaultdict
from datetime import datetime
from uuid import UUID

from ageing import Pages
from installation import EVENTS_PATH, Installation
from recording import Account
from traffic import Traffic

from nightowl_common import clock
from nightowl_common.bus import BusUnavailableError
from nightowl_contracts import subjects
from nightowl_contracts.topology import CONSUMERS, INGEST, Header

REST_SECONDS = 180.0
MESSAGE_ID = "Nats-Msg-Id"
TAKEN = {"sent", "delivered"}

_LEFT = """
SELECT (SELECT count(*) FROM public.outbox) AS outbox, (SELECT count(*) FROM public.ingest_spool) AS spool,
    (SELECT count(*) FROM public.timers WHERE due_at <= public.clock_now() + interval '5 minutes' AND kind <> 'heartbeat') AS timers,
    (SELECT count(*) FROM deliveries WHERE status IN ('queued', 'sending')) AS pages,
    (SELECT count(*) FROM webhook_deliveries WHERE due_at IS NOT NULL) AS posts
"""
_OPEN = "SELECT id FROM alerts WHERE status <> 'resolved'"
_PAGES = "SELECT id, status, bundled_into IS NULL AS is_own FROM deliveries"
_POSTS = "SELECT id, status FROM webhook_deliveries"
_HANDLED = """
SELECT r.message, cardinality(i.dispositions) AS alerts
FROM unnest($1::uuid[], $2::text[]) AS r (event_id, message)
JOIN public.inbox AS i ON i.event_id = r.event_id AND i.consumer = 'enrichment'
WHERE i.event_id >= $3 AND i.event_id <= $4
"""


async def settle_accounts(house: Installation, traffic: Traffic, pages: Pages, *, since: datetime) -> Account:
    """Resolves what is open, waits until nothing is left to do, and compares."""
    account = Account()
    began = time.monotonic()
    await _resolve_all(house)
    account.left = await _rest(house)
    account.seconds_to_rest = None if account.left else time.monotonic() - began
    for tenancy in house.tenants:
        slug = tenancy.slug
        receipts = traffic.receipts[slug]
        account.accepted += sum(receipts.values())
        account.unhandled += await _unhandled(house, slug, receipts, since=since)
        async with house.database.tenant_tx(slug) as tx:
            pages.pages |= {row["id"]: (row["status"], row["is_own"]) for row in await tx.fetch(_PAGES)}
            pages.posts |= {row["id"]: row["status"] for row in await tx.fetch(_POSTS)}
        async with house.processes.client(tenancy.team.key) as client:
            account.findings += [
                f"{slug}: rule {each.rule}, {each.subject}: {each.detail}" for each in await client.unaccounted()
            ]
    _compare(account, house, pages)
    return account


async def _resolve_all(house: Installation) -> None:
    for tenancy in house.tenants:
        async with house.database.tenant_tx(tenancy.slug) as tx:
            open_ids = [row["id"] for row in await tx.fetch(_OPEN)]
        async with house.processes.client(tenancy.team.key) as client:
            for alert_id in open_ids:
                await client.call("PATCH", f"/alerts/{alert_id}/resolve")  # 409: its source has just ended it


async def _rest(house: Installation) -> dict[str, int]:
    deadline = time.monotonic() + REST_SECONDS
    while (left := await _left(house)) and time.monotonic() < deadline:
        await clock.sleep(0.5)
    return left


async def _left(house: Installation) -> dict[str, int]:
    left: Counter[str] = Counter()
    try:
        for consumer in CONSUMERS:
            left[f"lag of {consumer.name}"] = await house.bus.lag(consumer) or 0
    except BusUnavailableError:
        left["bus"] = 1
    for tenancy in house.tenants:
        async with house.database.tenant_tx(tenancy.slug) as tx:
            left.update(dict(await tx.fetchrow(_LEFT) or {}))
    return {what: count for what, count in left.items() if count}


async def _unhandled(house: Installation, tenant: str, receipts: dict[str, int], *, since: datetime) -> int:
    """Alerts of accepted calls that have no disposition in the inbox, found by way of the stream that was to hold them."""
    scanned = await house.bus.scan(INGEST, subject=subjects.ingest(tenant), since=since)
    ids = [UUID(each.headers[Header.EVENT_ID]) for each in scanned]
    messages = [each.headers[MESSAGE_ID].partition(":")[0] for each in scanned]
    handled: Counter[str] = Counter()
    async with house.database.global_tx() as tx:
        for row in await tx.fetch(_HANDLED, ids, messages, min(ids), max(ids)) if ids else ():
            handled[row["message"]] += row["alerts"]
    return sum(max(0, alerts - handled[receipt]) for receipt, alerts in receipts.items())


def _compare(account: Account, house: Installation, pages: Pages) -> None:
    seen: dict[UUID, list[bool]] = defaultdict(list)
    paged: set[UUID] = set()
    for fake in house.fakes:
        for each in fake.received:
            if each.delivery_id is not None:
                seen[each.delivery_id].append(each.is_repeat)
                if EVENTS_PATH not in each.to:  # a subscription that was removed has taken its posts along
                    paged.add(each.delivery_id)
    owed = {page for page, (status, is_own) in pages.pages.items() if status in TAKEN and is_own}
    posted = {post for post, status in pages.posts.items() if status == "sent"}
    account.pages, account.posts = len(owed), len(posted)
    account.lost_pages = [str(each) for each in owed if not seen[each]]
    account.doubled_pages = [
        str(each) for each, marks in seen.items() if each in pages.pages and marks.count(False) > 1
    ]
    account.marked_repeats = sum(sum(marks) for each, marks in seen.items() if each in pages.pages)
    account.lost_posts = sum(not seen[each] for each in posted)
    account.doubled_posts = sum(len(seen[each]) > 1 for each in pages.posts if each in seen)
    account.unknown_pages = sum(each not in pages.pages for each in paged)

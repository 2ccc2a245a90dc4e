"""Days that pass in minutes: what has been over for a while is made older, so that retention has its work.

What a tenant keeps is said in days. Six minutes after its end an alert becomes eight days old, and twelve minutes after
its end ten: first payloads and deliveries go, then the alert. Before that, its pages are written down for the account.
"""

import asyncio
from uuid import UUID

from installation import Installation
from traffic import wait

AGE_EVERY = 30.0
YOUNG_MINUTES, OLD_MINUTES = 6, 12

_FIRST = """
WITH over AS (
    SELECT a.id FROM alerts AS a
    WHERE a.status = 'resolved' AND a.resolved_at < now() - make_interval(mins => $1)
        AND a.resolved_at > now() - interval '1 day'
        AND NOT EXISTS (SELECT FROM deliveries AS d WHERE d.alert_id = a.id AND d.status IN ('queued', 'sending'))
    ORDER BY a.id LIMIT 1000 FOR UPDATE SKIP LOCKED
)
UPDATE alerts SET resolved_at = resolved_at - interval '8 days' WHERE id IN (SELECT id FROM over) RETURNING id
"""
_PAGES = """
SELECT id, status, bundled_into IS NULL AS is_own FROM deliveries WHERE alert_id = ANY ($1::uuid[])
"""
_SECOND = """
UPDATE alerts SET resolved_at = resolved_at - interval '2 days'
WHERE status = 'resolved' AND resolved_at < now() - make_interval(days => 8, mins => $1)
    AND resolved_at > now() - interval '9 days'
"""
_POSTS = """
UPDATE webhook_deliveries SET settled_at = settled_at - interval '8 days'
WHERE settled_at < now() - make_interval(mins => $1) AND settled_at > now() - interval '1 day' RETURNING id, status
"""
_REFUSED = "UPDATE rejected_payloads SET received_at = received_at - interval '2 days' WHERE received_at > now() - interval '1 day'"


class Pages:
    """Every page and post that was owed, by its id: its status, and whether it had a message of its own."""

    def __init__(self) -> None:
        self.pages: dict[UUID, tuple[str, bool]] = {}
        self.posts: dict[UUID, str] = {}


async def age(house: Installation, pages: Pages, stop: asyncio.Event) -> None:
    """Until told to stop."""
    while not stop.is_set():
        await wait(stop, AGE_EVERY)
        for tenancy in house.tenants:
            async with house.database.tenant_tx(tenancy.slug) as tx:
                aged = [row["id"] for row in await tx.fetch(_FIRST, YOUNG_MINUTES)]
                for row in await tx.fetch(_PAGES, aged):
                    pages.pages[row["id"]] = (row["status"], row["is_own"])
                await tx.execute(_SECOND, OLD_MINUTES)
                for row in await tx.fetch(_POSTS, YOUNG_MINUTES):
                    pages.posts[row["id"]] = row["status"]
                await tx.execute(_REFUSED)

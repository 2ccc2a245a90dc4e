"""Events to subscriptions: claim → post → settle, each event by itself.

As for pages, the right to post is a claim in the database, the receiver is called outside of any transaction, and what
came of it is committed before anything else is said. A post that nobody knows the end of is made again, under the same
`Idempotency-Key`. These transactions have few slots, so that a storm of events leaves the pool to the pages.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from nightowl_alerting.webhooks import posting
from nightowl_alerting.webhooks.model import (
    Again,
    Answered,
    ClaimedDelivery,
    Move,
    PostResult,
    Refused,
    Unclear,
    Unreachable,
)
from nightowl_common import clock
from nightowl_common.db import Tx
from nightowl_common.errors import TransientError
from nightowl_common.guarded import GuardedClient, RefusedTargetError, UnresolvedError
from nightowl_common.logs import get_logger
from nightowl_common.outbox import Outbox
from nightowl_notifier import telemetry
from nightowl_notifier.channels.endpoints import JSON
from nightowl_notifier.channels.transport import BROKEN, NEVER_CONNECTED, retry_after_seconds
from nightowl_notifier.channels.webhook import sign
from nightowl_notifier.model import Subscriber

log = get_logger(__name__)

DATABASE_SLOTS = 2


class Poster:
    """Posts what one subscription after the other is owed. Any number of posts may run at once."""

    def __init__(self, outbox: Outbox, client: GuardedClient, *, lease_seconds: float) -> None:
        self._outbox = outbox
        self._client = client
        self._lease_seconds = lease_seconds
        self._slots = asyncio.Semaphore(DATABASE_SLOTS)

    async def post_next(self, to: Subscriber) -> bool:
        """Posts the oldest due event; false when none is due.

        Raises:
            TransientError: the database cannot be used; the timer stays.
        """
        started = clock.monotonic_seconds()
        async with self._tx(to.tenant) as tx:
            claimed = await posting.claim(tx, to.tenant, to.subscription_id, lease_seconds=self._lease_seconds)
            is_void = claimed is not None and await posting.drop_if_void(tx, claimed)
        if claimed is None:
            return False
        if not is_void:
            result = await self._post(claimed)
            move = await self._finish(to.tenant, claimed, result, started=started)
            _tell(to.tenant, claimed, result, move, seconds=clock.monotonic_seconds() - started)
        return True

    async def _post(self, claimed: ClaimedDelivery) -> PostResult:
        body, message_id, timestamp = claimed.body.encode(), str(claimed.id), str(int(clock.utc_now().timestamp()))
        headers = {
            **JSON,
            "Idempotency-Key": message_id,
            "webhook-id": message_id,
            "webhook-timestamp": timestamp,
            "webhook-signature": sign(claimed.secret, message_id=message_id, timestamp=timestamp, body=body),
        }
        try:
            answer = await self._client.post(claimed.url, body=body, headers=headers)
        except (RefusedTargetError, UnresolvedError, *BROKEN) as error:
            return _after(error)
        except Exception as error:
            log.exception("webhook_failed", delivery_id=str(claimed.id))
            return Unclear(detail=f"failed: {type(error).__name__}")
        return Answered(status=answer.status, retry_after_seconds=retry_after_seconds(answer.headers))

    async def _finish(
        self, tenant: str, claimed: ClaimedDelivery, result: PostResult, *, started: float
    ) -> Move | None:
        """Writes a known result, again and again while the lease holds."""
        attempt = 0
        while True:
            attempt += 1
            try:
                async with self._tx(tenant) as tx:
                    return await posting.finish(tx, tenant, claimed, result)
            except TransientError as error:
                if clock.monotonic_seconds() - started > self._lease_seconds:
                    raise
                log.warning("webhook_not_committed", attempt=attempt, error=error.detail)
                await clock.sleep(clock.backoff_seconds(attempt, first=0.1, cap=2.0))

    @asynccontextmanager
    async def _tx(self, tenant: str) -> AsyncIterator[Tx]:
        async with self._slots, self._outbox.tenant_tx(tenant) as tx:
            yield tx


def _after(error: Exception) -> PostResult:
    """What an error says about the post. What is told of it is its kind, never the address."""
    match error:
        case RefusedTargetError():
            return Refused(detail=f"refused: {error}")
        case UnresolvedError():
            return Unreachable(detail=f"no address: {error}")
        case _ if isinstance(error, NEVER_CONNECTED):
            return Unreachable(detail=f"no connection: {type(error).__name__}")
        case _:
            return Unclear(detail=f"no answer: {type(error).__name__}")


def _tell(tenant: str, claimed: ClaimedDelivery, result: PostResult, move: Move | None, *, seconds: float) -> None:
    word = "late" if move is None else str(move.__struct_config__.tag)
    telemetry.WEBHOOK_POSTS.labels(word).inc()
    log.info(
        "webhook_attempt", tenant=tenant, delivery_id=str(claimed.id), subscription_id=str(claimed.subscription_id),
        event_type=claimed.event_type, attempt=claimed.attempts, result=word,
        status=result.status if isinstance(result, Answered) else None,
        again_in_seconds=move.seconds if isinstance(move, Again) else None, ms=round(seconds * 1000, 1),
    )  # fmt: skip

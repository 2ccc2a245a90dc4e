"""Redis as a cache that may vanish: every failure reads as a miss and is counted, never raised.

No decision may rest on what is in here; the database decides.
"""

from collections.abc import Mapping

import redis.asyncio as redis
from redis.exceptions import RedisError

from nightowl_common.telemetry.metrics import CACHE_FAILURES

WAIT_SECONDS = 0.25
CONNECTIONS = 16
"""Of one process. A pool never closes what it has opened: without a bound of ours it would keep as many as were once
used at the same moment, and beyond its own bound it fails at once where a wait of a millisecond is enough."""


class Cache:
    """String keys to bytes, with a time to live. Keys start with the tenant's slug."""

    def __init__(self, url: str) -> None:
        self._client: redis.Redis = redis.Redis.from_pool(
            redis.BlockingConnectionPool.from_url(
                url, max_connections=CONNECTIONS, timeout=WAIT_SECONDS, socket_timeout=WAIT_SECONDS,
                socket_connect_timeout=WAIT_SECONDS,
            )
        )  # fmt: skip

    async def close(self) -> None:
        """Closes the connections."""
        await self._client.aclose()

    async def get(self, key: str) -> bytes | None:
        """The value, or None when there is none or the cache is away."""
        try:
            value = await self._client.get(key)
        except (RedisError, OSError, TimeoutError):
            CACHE_FAILURES.inc()
            return None
        return value.encode() if isinstance(value, str) else value

    async def put(self, key: str, value: bytes, *, seconds: int) -> None:
        """Keeps a value for a while, if the cache is there."""
        try:
            await self._client.set(key, value, ex=seconds)
        except (RedisError, OSError, TimeoutError):
            CACHE_FAILURES.inc()

    async def add(self, amounts: Mapping[str, int], *, seconds: int) -> list[int] | None:
        """Adds to counts that processes share and that are kept for so long; the sums, or None when it is away."""
        pipe = self._client.pipeline(transaction=False)
        for key, amount in amounts.items():
            pipe.incrby(key, amount)
            pipe.expire(key, seconds)
        try:
            answers = await pipe.execute()
        except (RedisError, OSError, TimeoutError):
            CACHE_FAILURES.inc()
            return None
        return [int(each) for each in answers[::2]]

    async def is_up(self) -> bool:
        """For the status page only: readiness never depends on the cache."""
        try:
            return bool(await self._client.ping())
        except (RedisError, OSError, TimeoutError):
            return False

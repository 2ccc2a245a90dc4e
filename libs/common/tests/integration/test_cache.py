"""A cache that may vanish."""

import asyncio
import signal

import pytest
from prometheus_client import REGISTRY

from nightowl_common import clock
from nightowl_common.cache import CONNECTIONS, Cache

pytestmark = pytest.mark.integration


def failures():
    return REGISTRY.get_sample_value("nightowl_cache_failures_total")


@pytest.fixture
async def cache(servers):
    """On the session's Redis."""
    made = Cache(servers.redis_url)
    yield made
    await made.close()


@pytest.fixture
async def own_cache(own_redis):
    """On a Redis that the test may stop."""
    made = Cache(own_redis.url)
    yield made
    await made.close()


async def test_a_value_comes_back(cache, tenant):
    """Any bytes, until it is replaced; a key that was never put is a miss, not a failure."""
    before, key = failures(), f"{tenant}:k"

    assert await cache.get(key) is None
    for value in (b"", bytes(range(256))):
        await cache.put(key, value, seconds=60)
        assert await cache.get(key) == value

    assert await cache.is_up()
    assert failures() == before


async def test_a_value_does_not_stay_longer_than_asked(cache, tenant):
    """Redis itself forgets it."""
    await cache.put(f"{tenant}:k", b"v", seconds=7)

    assert 5 <= await cache._client.ttl(f"{tenant}:k") <= 7


@pytest.mark.parametrize("fault", ["killed", "hangs"])
async def test_a_redis_that_is_gone_reads_as_a_miss_and_is_counted(own_redis, own_cache, fault):
    """It never raises, it never takes long, and it works again when Redis is back."""
    await own_cache.put("a:k", b"v", seconds=60)
    before, started = failures(), clock.monotonic_seconds()
    own_redis.kill() if fault == "killed" else own_redis.send(signal.SIGSTOP)

    assert await own_cache.get("a:k") is None
    await own_cache.put("a:k", b"w", seconds=60)
    assert not await own_cache.is_up()

    assert clock.monotonic_seconds() - started < 5
    assert failures() >= before + 2, "other caches of this process count here too"
    own_redis.start() if fault == "killed" else own_redis.send(signal.SIGCONT)
    await own_cache.put("a:k", b"x", seconds=60)
    assert await own_cache.get("a:k") == b"x"


async def test_an_error_of_redis_reads_as_a_miss_too(own_cache):
    """A key of another kind, a full memory: whatever it answers."""
    await own_cache._client.lpush("a:list", "x")
    before = failures()

    assert await own_cache.get("a:list") is None
    assert failures() == before + 1


async def test_many_askers_at_once_share_few_connections(own_cache):
    """They wait for each other for a moment; what a storm has opened would else stay open for ever."""
    await own_cache.put("a:k", b"v", seconds=60)
    before = failures()

    found = await asyncio.gather(*(own_cache.get("a:k") for _ in range(150)))

    assert found.count(b"v") == 150 - (failures() - before) >= 100
    assert (await own_cache._client.info("clients"))["connected_clients"] <= CONNECTIONS

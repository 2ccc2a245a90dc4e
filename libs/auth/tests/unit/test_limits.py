"""How fast a key and a tenant may call, and what processes tell each other about it."""

from uuid import UUID

import pytest

from nightowl_auth import limits
from nightowl_auth.limits import AddressLimiter, Bucket, RateLimiter, Rates
from nightowl_common.errors import TooManyCallsError

KEY, OTHER_KEY = UUID(int=1), UUID(int=2)


class Counts:
    """A shared count in place of Redis; `is_away` as if it had vanished."""

    def __init__(self):
        self.totals = {}
        self.is_away = False

    async def add(self, amounts, *, seconds):
        """As `Cache.add`."""
        if self.is_away:
            return None
        for name, amount in amounts.items():
            self.totals[name] = self.totals.get(name, 0) + amount
        return [self.totals[name] for name in amounts]


@pytest.fixture
def now(monkeypatch):
    """The steady clock, moved by hand."""
    clock = [1_000.0]
    monkeypatch.setattr(limits.clock, "monotonic_seconds", lambda: clock[0])
    return clock


def limiter(counts=None, *, per_key=60, per_tenant=90, own=None, kind="calls"):
    overrides = own or {}
    return RateLimiter(
        kind, Rates(per_key=per_key, per_tenant=per_tenant), overrides=lambda slug: overrides.get(slug, {}),
        cache=counts or Counts(),
    )  # fmt: skip


def taken(made, count, *, tenant="acme", key=KEY):
    """How many of so many calls are let through."""
    through = 0
    for _ in range(count):
        try:
            made.take(tenant, key)
        except TooManyCallsError:
            continue
        through += 1
    return through


def test_a_minutes_worth_may_come_at_once_and_then_it_is_as_fast_as_the_rate(now):
    """60 a minute: 60 at once, then one a second."""
    made = limiter()

    assert taken(made, 100) == 60
    now[0] += 10
    assert taken(made, 100) == 10


def test_a_refusal_says_when_to_come_again(now):
    """After that time there is room for one."""
    made = limiter()
    taken(made, 60)

    with pytest.raises(TooManyCallsError) as refused:
        made.take("acme", KEY)
    now[0] += refused.value.retry_after_seconds

    assert taken(made, 1) == 1


def test_keys_of_a_tenant_share_the_tenants_rate_and_other_tenants_do_not(now):
    """90 a minute for all keys of a tenant."""
    made = limiter()

    assert taken(made, 60) + taken(made, 60, key=OTHER_KEY) == 90
    assert taken(made, 60, tenant="other") == 60


def test_what_is_spent_at_once_is_paid_before_anything_else_goes_through(now):
    """A call of many alerts may overdraw; nobody waits for more than a minute and a second."""
    seat = limiter(per_tenant=0, kind="alerts").seat("acme", KEY)

    seat.charge(100)
    assert seat.wait_seconds(now[0]) == pytest.approx(41)
    seat.charge(1_000_000)
    assert seat.wait_seconds(now[0]) == pytest.approx(61)


def test_zero_is_no_limit(now):
    """Neither for the key nor for the tenant."""
    assert taken(limiter(per_key=0, per_tenant=0), 10_000) == 10_000


async def test_a_tenants_own_limits_go_before_the_installations(now):
    """Also when they come while its callers are known."""
    own = {"acme": {"key_calls_per_minute": 5}}
    made = limiter(own=own)
    assert taken(made, 100) == 5

    own["acme"] = {"key_calls_per_minute": 50}
    await made.share()
    now[0] += 60

    assert taken(made, 100) == 50


async def test_processes_that_share_allow_the_rate_together(now):
    """What one has let through, the other takes off."""
    counts = Counts()
    one, two = limiter(counts), limiter(counts)
    taken(one, 1), taken(two, 1)
    await one.share()
    await two.share()
    await one.share()

    taken(one, 40)
    await one.share()
    await two.share()

    assert taken(two, 100) == 60 - 1 - 40


async def test_without_redis_each_process_allows_the_rate_by_itself(now):
    """And what was not told is told when it is back, without refusing anything for the time in between."""
    counts = Counts()
    one, two = limiter(counts), limiter(counts)
    counts.is_away = True
    taken(one, 60), taken(two, 10)
    for each in (one, two):
        await each.share()
    now[0] += 60
    counts.is_away = False

    assert taken(two, 60) == 60


async def test_counts_that_nobody_looked_at_for_long_refuse_nothing(now):
    """An idle process does not pay at once for all that others did meanwhile."""
    counts = Counts()
    one, two = limiter(counts), limiter(counts)
    taken(one, 1), taken(two, 1)
    for each in (one, two):
        await each.share()
    for _ in range(30):
        now[0] += 1
        taken(one, 1)
        await one.share()

    taken(two, 1)
    await two.share()

    assert taken(two, 59) == 59


async def test_who_is_idle_is_forgotten(now):
    """Memory is bounded by who calls, not by who ever called."""
    made = limiter()
    taken(made, 1)
    await made.share()
    now[0] += limits.IDLE_SECONDS + 1

    await made.share()

    assert not made._buckets
    assert not made._seats


async def test_names_of_shared_counts_begin_with_the_tenant(now):
    """No count of one tenant is read by another."""
    counts = Counts()
    made = limiter(counts)
    taken(made, 1)

    await made.share()

    assert set(counts.totals) == {f"acme:rate:calls:{KEY}", "acme:rate:calls:all"}


def test_an_address_has_so_many_attempts_a_minute(now):
    """Another address has its own, and the memory of addresses is bounded."""
    made = AddressLimiter(3)

    for _ in range(3):
        made.take("192.0.2.1")
    with pytest.raises(TooManyCallsError):
        made.take("192.0.2.1")
    for number in range(limits.MAX_ADDRESSES + 10):
        made.take(f"192.0.2.{number}.x")

    with pytest.raises(TooManyCallsError):
        made.take("192.0.2.1")
    assert len(made._buckets) <= limits.MAX_ADDRESSES


def test_a_bucket_never_holds_more_than_a_minute(now):
    """However long nobody came."""
    bucket = Bucket(60, 0)

    bucket.wait_seconds(1_000_000)
    bucket.charge(60)

    assert bucket.wait_seconds(1_000_000) > 0

"""Which messages share a transaction, and which tenants keep their plans."""

from types import SimpleNamespace

from hypothesis import given
from hypothesis import strategies as st

from nightowl_enrichment.engine import PlannedTenants
from nightowl_enrichment.handlers.batching import lanes, parts

CALLS = st.lists(st.tuples(st.sampled_from("abcde"), st.integers(0, 50)), max_size=40)


def delivered(calls):
    return [
        SimpleNamespace(number=number, event=SimpleNamespace(tenant=tenant, data=SimpleNamespace(alerts=[None] * size)))
        for number, (tenant, size) in enumerate(calls)
    ]


@given(calls=CALLS, count=st.integers(1, 4))
def test_lanes_share_no_tenant_and_keep_its_order(calls, count):
    """Nothing is left out, and what is told of a tenant stays in the order in which it came."""
    messages = delivered(calls)

    made = lanes(messages, count)

    assert sorted(each.number for lane in made for each in lane) == [each.number for each in messages]
    assert len(made) <= count
    assert all(made)
    tenants = [{each.event.tenant for each in lane} for lane in made]
    assert sum(map(len, tenants)) == len({tenant for tenant, _ in calls})
    for lane in made:
        for tenant in "abcde":
            numbers = [each.number for each in lane if each.event.tenant == tenant]
            assert numbers == sorted(numbers)


def test_lanes_are_of_about_the_same_length():
    """A busy tenant has one to itself when the others together send less."""
    made = lanes(delivered([("a", 1)] * 6 + [("b", 1)] * 2 + [("c", 1)] * 3), 2)

    assert [len(lane) for lane in made] == [6, 5]


@given(calls=CALLS)
def test_parts_are_bounded_and_whole(calls):
    """More than so many alerts are in one only when a single message has them."""
    messages = delivered(calls)

    made = list(parts(messages, 100))

    assert [each for part in made for each in part] == messages
    assert all(len(part) == 1 or sum(len(each.event.data.alerts) for each in part) <= 100 for part in made)


def test_the_first_tenants_keep_their_plans():
    """Whoever comes when there is no more room gets it when it is given out again."""
    planned = PlannedTenants(2, seconds=300)

    assert [planned.holds(each, now=1000) for each in "abcab"] == [True, True, False, True, True]
    assert not planned.holds("c", now=1300)
    assert [planned.holds(each, now=1301) for each in "cab"] == [True, True, False]

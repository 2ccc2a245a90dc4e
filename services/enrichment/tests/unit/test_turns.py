"""In which order transactions write what they were told of a tenant."""

import asyncio
from types import SimpleNamespace

import pytest

from nightowl_enrichment.handlers.turns import Turn, Turns


def told(tenant: str, *fingerprints: str, call: str = ""):
    alerts = [SimpleNamespace(fingerprint=each) for each in fingerprints]
    event = SimpleNamespace(id=call or object(), tenant=tenant, data=SimpleNamespace(alerts=alerts))
    return SimpleNamespace(event=event)


async def is_waiting(turn: Turn) -> bool:
    """Whether it has not come, given every chance to."""
    coming = asyncio.create_task(turn.come())
    await asyncio.sleep(0)
    coming.cancel()
    return not coming.done()


async def test_a_turn_comes_when_all_earlier_ones_of_its_tenants_are_over():
    """In whatever order they end; other tenants' are nothing to it."""
    turns = Turns()
    first, second = turns.take([told("a", "x")]), turns.take([told("b", "x")])
    turns.take([told("c", "x")])
    third = turns.take([told("a", "y"), told("b", "y")])

    assert not await is_waiting(first)
    second.end()
    assert await is_waiting(third)
    assert not third.has_come
    first.end()
    assert not await is_waiting(third)
    assert third.has_come


async def test_one_that_ends_early_lets_nobody_pass_those_before_it():
    """A transaction with nothing to write ends at once, and the one after it still waits for the first."""
    turns = Turns()
    first, empty, last = (turns.take([told("a", fingerprint)]) for fingerprint in "xyz")

    empty.end()

    assert await is_waiting(last)
    first.end()
    assert not await is_waiting(last)


@pytest.mark.parametrize(
    ("later", "is_entangled"),
    [
        (told("a", "x"), True),
        (told("a", "y", "x"), True),
        (told("a", call="first"), True),
        (told("a", "y"), False),
        (told("b", "x"), False),
    ],
    ids=["its alert", "among others", "its call", "another alert", "another tenant"],
)
def test_what_an_earlier_one_holds_is_not_read_before_it_is_over(later, is_entangled):
    """The same alert or the same call; it is free again with the end of the earlier one."""
    turns = Turns()
    first, second = turns.take([told("a", "x", call="first")]), turns.take([later])

    assert second.is_entangled == is_entangled
    first.end()
    assert not second.is_entangled


def test_a_turn_ends_with_its_work_whatever_happens():
    """What failed holds up nobody."""
    turns = Turns()
    first, second = turns.take([told("a", "x")]), turns.take([told("a", "x")])

    with pytest.raises(LookupError), first:
        raise LookupError

    assert second.has_come


def test_what_is_over_is_forgotten():
    """A process deals out turns for weeks."""
    turns = Turns()
    for _ in range(3):
        turns.take([told("a", "x")]).end()

    last = turns.take([told("a", "x")])

    assert last.has_come
    assert turns._running == [last]

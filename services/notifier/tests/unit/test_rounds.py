"""Rounds: who goes with whom, and what a failure means for the others. No database."""

import asyncio

import pytest

from nightowl_common.errors import PermanentError, TransientError
from nightowl_notifier.channels.rounds import Rounds


class Book:
    """Stands in for the database: notes each transaction, and can be held or refuse."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, list[int]]] = []
        self.is_free = asyncio.Event()
        self.is_free.set()
        self.refuses: dict[int, Exception] = {}

    async def take(self, tenant, asked):
        """Answers each with its double."""
        self.taken.append((tenant, list(asked)))
        await self.is_free.wait()
        for each in asked:
            if each in self.refuses:
                raise self.refuses[each]
        return [2 * each for each in asked]


async def begun(book: Book, count: int) -> None:
    """So many transactions have begun."""
    async with asyncio.timeout(20):
        while len(book.taken) < count:
            await asyncio.sleep(0)


async def test_what_comes_while_a_round_runs_goes_together_into_the_next():
    """The first does not wait for others; each gets its own answer."""
    book = Book()
    rounds = Rounds(book.take, gather_seconds=0)
    book.is_free.clear()

    first = asyncio.create_task(rounds.ask("acme", 1))
    await begun(book, 1)
    others = [asyncio.create_task(rounds.ask("acme", each)) for each in (2, 3, 4)]
    await asyncio.sleep(0)
    book.is_free.set()

    assert await asyncio.gather(first, *others) == [2, 4, 6, 8]
    assert book.taken == [("acme", [1]), ("acme", [2, 3, 4])]


async def test_a_tenant_whose_round_stands_still_holds_up_nobody_else():
    """Rounds of different tenants run side by side."""
    book = Book()
    rounds = Rounds(book.take, gather_seconds=0)
    book.is_free.clear()
    held = asyncio.create_task(rounds.ask("acme", 1))
    await begun(book, 1)
    other = asyncio.create_task(rounds.ask("other", 2))
    await begun(book, 2)
    book.is_free.set()

    assert (await other, await held) == (4, 2)


async def test_one_that_cannot_be_written_spoils_no_other():
    """When a round fails by itself, each is tried alone and only the bad one raises."""
    book = Book()
    rounds = Rounds(book.take, gather_seconds=0)
    book.refuses = {2: PermanentError("bad")}
    answers = await asyncio.gather(*(rounds.ask("acme", each) for each in (1, 2, 3)), return_exceptions=True)

    assert answers[0] == 2
    assert isinstance(answers[1], PermanentError)
    assert answers[2] == 6
    assert book.taken[0] == ("acme", [1, 2, 3])


async def test_a_database_that_is_away_is_told_to_all_at_once():
    """Nobody is tried alone: it would fail as well, one time-out after the other."""
    book = Book()
    rounds = Rounds(book.take, gather_seconds=0)
    book.refuses = {1: TransientError("away")}
    answers = await asyncio.gather(*(rounds.ask("acme", each) for each in (1, 2)), return_exceptions=True)

    assert [type(each) for each in answers] == [TransientError, TransientError]
    assert len(book.taken) == 1
    assert await rounds.ask("acme", 3) == 6  # and the next round is tried as if nothing had been


async def test_somebody_who_stops_waiting_leaves_the_others_their_answers():
    """A cancelled page is written with its round all the same."""
    book = Book()
    rounds = Rounds(book.take, gather_seconds=0)
    book.is_free.clear()
    gone, stays = (asyncio.create_task(rounds.ask("acme", each)) for each in (1, 2))
    await begun(book, 1)
    gone.cancel()
    with pytest.raises(asyncio.CancelledError):
        await gone
    book.is_free.set()

    assert await stays == 4

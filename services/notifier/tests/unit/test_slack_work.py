"""What takes longer than Slack waits goes on, and nothing of it is lost or runs away."""

import asyncio

import pytest

from nightowl_notifier.api.slack import work
from nightowl_notifier.api.slack.work import BusyError, Workbench


class Late:
    """Takes late results."""

    def __init__(self) -> None:
        self.results: list[object] = []
        self.came = asyncio.Event()

    async def __call__(self, result: object) -> None:
        """Keeps one."""
        self.results.append(result)
        self.came.set()


async def at_once() -> str:
    return "done"


async def test_what_is_done_in_time_is_the_answer():
    """Nothing is told later."""
    late = Late()

    assert await Workbench(seconds=60).within(at_once(), late=late) == "done"
    assert late.results == []


async def test_what_takes_longer_is_told_later():
    """It goes on after the answer."""
    late, go = Late(), asyncio.Event()

    async def slowly() -> str:
        await go.wait()
        return "done"

    assert await Workbench(seconds=0.01).within(slowly(), late=late) is None
    go.set()
    await late.came.wait()
    assert late.results == ["done"]


async def test_an_error_in_time_is_the_askers_and_a_late_one_is_logged():
    """Neither takes the service down."""
    bench, late, go = Workbench(seconds=0.01), Late(), asyncio.Event()

    async def badly() -> str:
        raise ValueError("bad")

    async def badly_and_late() -> str:
        await go.wait()
        raise ValueError("bad")

    with pytest.raises(ValueError, match="bad"):
        await Workbench(seconds=60).within(badly(), late=late)
    assert await bench.within(badly_and_late(), late=late) is None
    go.set()
    await bench.close()
    assert late.results == []


async def test_no_more_is_begun_than_can_be_kept(monkeypatch):
    """A database that hangs does not fill the memory."""
    monkeypatch.setattr(work, "MOST_AT_HAND", 2)
    bench, late, go = Workbench(seconds=0.01), Late(), asyncio.Event()

    async def slowly() -> str:
        await go.wait()
        return "done"

    for _ in range(2):
        assert await bench.within(slowly(), late=late) is None
    with pytest.raises(BusyError):
        await bench.within(slowly(), late=late)
    go.set()
    await bench.close()
    assert late.results == ["done", "done"]


async def test_who_no_longer_waits_does_not_stop_what_was_begun():
    """Slack hangs up: the acknowledgement is written all the same."""
    bench, late, began, go = Workbench(seconds=60), Late(), asyncio.Event(), asyncio.Event()

    async def slowly() -> str:
        began.set()
        await go.wait()
        return "done"

    asking = asyncio.create_task(bench.within(slowly(), late=late))
    await began.wait()
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    go.set()
    await bench.close()
    assert late.results == ["done"]


async def test_what_never_ends_is_given_up_when_the_service_stops(monkeypatch):
    """The process ends all the same."""
    monkeypatch.setattr(work, "CLOSE_SECONDS", 0.01)
    bench, late, ended = Workbench(seconds=0.01), Late(), asyncio.Event()

    async def never() -> str:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()
        return "done"

    assert await bench.within(never(), late=late) is None
    await bench.close()
    await ended.wait()
    assert late.results == []

"""Background loops are kept alive and stopped together."""

import asyncio

import pytest
from prometheus_client import REGISTRY

from nightowl_common import clock, loops
from nightowl_common.errors import TransientError
from nightowl_common.loops import Loops


@pytest.fixture
async def running():
    """Loops, stopped at the end."""
    made = Loops()
    yield made
    await made.close()


@pytest.fixture
def waits(monkeypatch):
    """Back-offs take no time; the list holds how often each was asked for."""
    asked = []

    def backoff(attempt, **_given):
        asked.append(attempt)
        return 0.001

    monkeypatch.setattr(clock, "backoff_seconds", backoff)
    return asked


def failures_of(name):
    return REGISTRY.get_sample_value("nightowl_loop_failures_total", {"loop": name}) or 0


@pytest.mark.parametrize("error", [RuntimeError("bug"), TransientError("away")])
async def test_a_loop_that_fails_is_started_again_with_a_growing_back_off(running, waits, error):
    """Whatever it raised, and each failure is counted."""
    runs, done, before = 0, asyncio.Event(), failures_of("flaky")

    async def flaky():
        nonlocal runs
        runs += 1
        if runs <= 4:
            raise error
        done.set()
        await running.stop.wait()

    running.start("flaky", flaky)
    await asyncio.wait_for(done.wait(), 20)

    assert waits == [1, 2, 3, 4]
    assert failures_of("flaky") == before + 4


@pytest.mark.parametrize(("error", "longest"), [(TransientError("away"), 1.0), (RuntimeError("bug"), 5.0)])
async def test_what_is_away_is_asked_again_sooner_than_what_is_broken(running, monkeypatch, error, longest):
    """When a database is back, timers are due: nobody may sleep for seconds then."""
    asked, done = [], asyncio.Event()

    def backoff(_attempt, *, cap, **_given):
        asked.append(cap)
        return 0.001

    async def flaky():
        if asked:
            done.set()
            await running.stop.wait()
        raise error

    monkeypatch.setattr(clock, "backoff_seconds", backoff)
    running.start("flaky", flaky)
    await asyncio.wait_for(done.wait(), 20)

    assert asked == [longest]


async def test_a_loop_that_ran_long_starts_its_back_off_anew(running, waits, monkeypatch):
    """A failure an hour later has nothing to do with the last one."""
    now, runs, done = 0.0, 0, asyncio.Event()
    monkeypatch.setattr(clock, "monotonic_seconds", lambda: now)

    async def flaky():
        nonlocal now, runs
        runs += 1
        if runs == 3:
            now += clock.LONG_SECONDS + 1
        if runs <= 4:
            raise RuntimeError
        done.set()
        await running.stop.wait()

    running.start("flaky", flaky)
    await asyncio.wait_for(done.wait(), 20)

    assert waits == [1, 2, 1, 2]


async def test_a_loop_outlives_any_number_of_failures(running, monkeypatch):
    """A database that is away for hours must not end the sweepers for good: the real back-off is asked."""
    attempts, done = 0, asyncio.Event()
    monkeypatch.setattr(clock, "wait_for_event", lambda _event, _seconds: asyncio.sleep(0))

    async def flaky():
        nonlocal attempts
        attempts += 1
        if attempts < 3_000:
            raise TransientError
        done.set()
        await running.stop.wait()

    running.start("flaky", flaky)

    await asyncio.wait_for(done.wait(), 20)


async def test_a_failing_loop_leaves_the_others_alone(running, waits):
    """Each is on its own."""
    turns, done = 0, asyncio.Event()

    async def broken():
        raise RuntimeError

    async def job():
        nonlocal turns
        turns += 1
        if turns == 5:
            done.set()

    running.start("broken", broken)
    running.every("job", 0.001, job)

    await asyncio.wait_for(done.wait(), 20)


async def test_a_failing_turn_does_not_end_a_series(running, waits):
    """The job is run again after its back-off."""
    turns, done = 0, asyncio.Event()

    async def job():
        nonlocal turns
        turns += 1
        if turns == 2:
            raise RuntimeError
        if turns == 4:
            done.set()

    running.every("job", 0.001, job)

    await asyncio.wait_for(done.wait(), 20)


async def test_stop_ends_all_and_lets_them_finish():
    """What a loop has in hand is completed; a pause between two turns is cut short."""
    made, finished, turned = Loops(), [], asyncio.Event()

    async def careful():
        await made.stop.wait()
        await asyncio.sleep(0)
        finished.append("careful")

    async def job():
        turned.set()

    made.start("careful", careful)
    made.every("hourly", 3600, job)
    await turned.wait()
    await asyncio.wait_for(made.close(), 8)

    assert finished == ["careful"]
    assert all(task.done() and not task.cancelled() for task in made._tasks)


async def test_stop_does_not_wait_for_a_back_off():
    """A loop that has failed is not started once more only to be stopped."""
    made, failed = Loops(), asyncio.Event()
    runs = 0

    async def broken():
        nonlocal runs
        runs += 1
        failed.set()
        raise RuntimeError

    made.start("broken", broken)
    await failed.wait()
    await asyncio.wait_for(made.close(), 0.15)

    assert runs == 1


async def test_a_loop_that_ignores_stop_is_cancelled(monkeypatch):
    """After a while, and closing returns."""
    monkeypatch.setattr(loops, "STOP_SECONDS", 0.05)
    made, started, ended = Loops(), asyncio.Event(), asyncio.Event()

    async def deaf():
        started.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    made.start("deaf", deaf)
    await started.wait()
    await asyncio.wait_for(made.close(), 8)

    assert ended.is_set()


async def test_closing_without_loops_is_fine():
    """A service may fail before it has any."""
    await Loops().close()

"""One process's wall clock, moved while it runs."""

import subprocess
import sys
from contextlib import contextmanager

import pytest

from nightowl_testkit.host_clock import HostClock

SAYS = """
import sys
from nightowl_testkit.host_clock import begin
begin(sys.argv[1])
import time
from nightowl_common import clock
from nightowl_common.ids import made_at, new_id
for _ in sys.stdin:
    print(time.time(), clock.utc_now().timestamp(), made_at(new_id()).timestamp(), time.monotonic(), flush=True)
"""
"""Says what its clocks show, for each line that it gets."""


@contextmanager
def a_process(path):
    with subprocess.Popen(
        [sys.executable, "-c", SAYS, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:

        def shown():
            process.stdin.write("\n")
            process.stdin.flush()
            return [float(each) for each in process.stdout.readline().split()]

        yield shown
        process.stdin.close()


def test_a_step_moves_all_that_a_process_takes_for_the_time_and_not_the_steady_clock(tmp_path):
    """Forward, back beyond where it was, and both at once; a new id is of the moved time."""
    clock = HostClock(tmp_path / "clock")
    with a_process(tmp_path / "clock") as shown:
        shown_at_first = shown()
        for ahead in (3600, -3600, 0):
            clock.step(ahead)
            *walls, steady = shown()
            since = steady - shown_at_first[-1]
            assert walls == pytest.approx([shown_at_first[0] + ahead + since] * 3, abs=0.5)


def test_a_slew_moves_it_little_by_little(tmp_path, monkeypatch):
    """Half of it after half of the time; a step ends it."""
    steady = iter([1000, 1000, 1000, 1050, 1100, 5000, 5000, 5000, 5000])
    monkeypatch.setattr("nightowl_testkit.host_clock.time.monotonic", lambda: next(steady))
    clock = HostClock(tmp_path / "clock")

    clock.slew(10, over=100)

    assert [clock.ahead for _ in range(4)] == [0, 5, 10, 10]
    clock.step(-3600)
    assert clock.ahead == -3600

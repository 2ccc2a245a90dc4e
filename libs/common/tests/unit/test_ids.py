"""UUIDv7: layout, order, and the moment inside."""

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from uuid import RFC_4122, UUID

from hypothesis import given
from hypothesis import strategies as st

from nightowl_common import ids
from nightowl_common.ids import id_at, made_at, new_id

START = datetime(1971, 1, 1, tzinfo=UTC)
MOMENTS = st.integers(0, 228 * 365 * 86_400_000_000).map(lambda after: START + timedelta(microseconds=after))


def to_the_millisecond(moment: datetime) -> datetime:
    return moment - timedelta(microseconds=moment.microsecond % 1000)


def test_a_new_id_has_the_layout_of_a_uuid_v7():
    """Version and variant are where RFC 9562 wants them."""
    for _ in range(1_000):
        made = new_id()

        assert (made.version, made.variant) == (7, RFC_4122)


def test_new_ids_are_unique_and_made_now():
    """Ten thousand in a row: no double, and the moment inside is the present."""
    before = to_the_millisecond(datetime.now(UTC))

    made = [new_id() for _ in range(10_000)]

    assert len(set(made)) == len(made)
    assert all(before <= made_at(each) <= datetime.now(UTC) for each in made)


@given(at=st.integers(10**18, 4 * 10**18), later=st.integers(250, 10**9))
def test_ids_sort_by_the_time_they_were_made_also_within_a_millisecond(at, later):
    """Steps of 250 ns are told apart, whatever the random bits are."""
    with_clock = iter([at, at + later])

    class Clock:
        time_ns = staticmethod(lambda: next(with_clock))

    original, ids.time = ids.time, Clock
    try:
        first, second = new_id(), new_id()
    finally:
        ids.time = original

    assert first < second
    assert str(first) < str(second)


@given(MOMENTS, st.integers(0, 2**80))
def test_the_moment_of_an_id_comes_back_to_the_millisecond(moment, tail):
    """`made_at` undoes `id_at`; never a millisecond too early."""
    made = id_at(moment, tail)

    assert made_at(made) == to_the_millisecond(moment)
    assert (made.version, made.variant) == (7, RFC_4122)


def test_no_whole_millisecond_is_lost():
    """Floats get one in two hundred wrong, so a thousand in a row are looked at."""
    moments = [datetime(2026, 3, 1, 3, 0, 1, tzinfo=UTC) + timedelta(milliseconds=each) for each in range(1_000)]

    assert [made_at(id_at(each, 7)) for each in moments] == moments


def test_a_forked_process_makes_other_ids():
    """Parent and child start from one state of everything."""
    code = (
        "import os; from nightowl_common.ids import new_id; new_id();"
        " os.fork() and os.wait(); print(new_id().int & (1 << 62) - 1)"
    )

    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=30)

    parent, child = ended.stdout.split()
    assert parent != child


@given(MOMENTS, st.integers(0, 2**62 - 1), st.integers(0, 2**62 - 1))
def test_an_id_at_a_moment_depends_on_nothing_else(moment, one, other):
    """The same tail gives the same id, another tail another."""
    assert id_at(moment, one) == id_at(moment, one)
    assert (id_at(moment, one) == id_at(moment, other)) == (one == other)


def test_the_moment_is_read_from_the_first_48_bits():
    """The example of RFC 9562, appendix A.6."""
    assert made_at(UUID("017f22e2-79b0-7cc3-98c4-dc0c0c07398f")) == datetime(2022, 2, 22, 19, 22, 22, tzinfo=UTC)

"""Trace context."""

import re

import pytest

from nightowl_common.telemetry import new_trace, trace_of

GIVEN = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def test_a_trace_is_taken_over():
    """The caller's trace goes on."""
    assert trace_of(GIVEN) == GIVEN


@pytest.mark.parametrize(
    "hostile",
    [
        None,
        "",
        "00-",
        GIVEN[:-1],
        GIVEN + "\n",
        GIVEN.upper(),
        "ff" + GIVEN[2:],
        "00-" + "\xe9" * 52,
        GIVEN[:-2] + "\r\n",
    ],
)
def test_what_is_no_trace_is_replaced(hostile):
    """It would travel in headers of messages, which take ASCII without line breaks."""
    made = trace_of(hostile)

    assert made != hostile
    assert re.fullmatch(r"00-[0-9a-f]{32}-[0-9a-f]{16}-00", made)


def test_new_traces_differ():
    """Each is random."""
    assert new_trace() != new_trace()

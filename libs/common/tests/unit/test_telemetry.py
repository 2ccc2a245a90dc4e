"""Trace context, and tenants as labels."""

import re
from uuid import UUID

import pytest

from nightowl_common.telemetry import TenantLabel, current_trace, given_trace, span, spans

GIVEN = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def test_a_trace_is_taken_over():
    """The caller's trace goes on."""
    assert given_trace(GIVEN) == GIVEN


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
        f"00-{'0' * 32}-{'1' * 16}-01",
        f"00-{'1' * 32}-{'0' * 16}-01",
    ],
)
def test_what_is_no_trace_counts_for_nothing(hostile):
    """It would travel in headers of messages, which take ASCII without line breaks."""
    assert given_trace(hostile) is None


def test_a_request_begins_a_trace_of_its_own():
    """Each is random, and says that no spans are made of it."""
    with span("one", kind="server") as one:
        assert current_trace() == one.trace
    with span("two", kind="server") as two:
        pass

    assert one.trace != two.trace
    assert re.fullmatch(r"00-[0-9a-f]{32}-[0-9a-f]{16}-00", one.trace)
    assert current_trace() is None


def test_a_trace_can_be_given_its_id():
    """So a receipt finds its trace."""
    receipt = UUID("0197b7a0-0000-7000-8000-000000000001")

    with span("receive", kind="server", trace_id=receipt) as received:
        pass

    assert received.trace.split("-")[1] == receipt.hex


def test_work_goes_on_in_the_trace_around_it():
    """Without a parent of its own, and without a request there is no trace at all."""
    with span("outer", GIVEN), span("inner") as inner:
        assert inner.trace == GIVEN
    with span("alone") as alone:
        assert alone.trace is None


def test_work_for_several_traces_belongs_to_each():
    """In order; one without a trace does not get another one's."""
    with spans("batch", [GIVEN, None, GIVEN.replace("b7", "c7")], kind="consumer") as opened:
        assert [each.trace for each in opened] == [GIVEN, None, GIVEN.replace("b7", "c7")]
        assert current_trace() == GIVEN


def test_tenants_are_labels_up_to_a_bound():
    """The first get series of their own, all others share one."""
    label = TenantLabel(2)

    assert [label.of(each) for each in ("a", "b", "c", "a", "d")] == ["a", "b", "(other)", "a", "(other)"]
    assert not TenantLabel(0).is_on

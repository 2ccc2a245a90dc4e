"""What a replay compares, and what it says of it."""

from datetime import UTC, datetime
from uuid import UUID

import msgspec
import pytest
from click.testing import CliRunner

from nightowl_cli.main import cli
from nightowl_cli.replay.comparing import compare
from nightowl_cli.replay.model import Outcome, Pair, Played, Sorted, Span
from nightowl_cli.replay.telling import lines

SPAN = Span(tenant="acme", since=datetime(2026, 1, 1, tzinfo=UTC), until=datetime(2026, 1, 2, tzinfo=UTC))
EVENT = UUID(int=1)
RECEIPT = UUID(int=2)


def an_outcome(**overrides) -> Outcome:
    fields = {
        "fingerprint": "disk", "title": "DiskFull", "receipt_id": str(RECEIPT), "index": 0, "severity": "critical",
        "service": None, "routes": [], "policy": "Platform v1", "incident": None, "grouped_by": None, "muted_by": [],
        "pages": ["cycle 1 tier 1: Alice over sms"],
    }  # fmt: skip
    return Outcome(**(fields | overrides))


def a_run(*, disposition: str = "opened", **overrides) -> Played:
    sorted_one = Sorted(event_id=EVENT, receipt_id=RECEIPT, index=0, fingerprint="disk", disposition=disposition)
    return Played(messages=1, sorted=[sorted_one], **overrides)


def found(*, was, would_be, played=None, carried=frozenset(), dispositions=None):
    return compare(
        SPAN,
        played or a_run(),
        carried=carried,
        dispositions={(EVENT, 0): "opened"} if dispositions is None else dispositions,
        was=was,
        would_be=would_be,
    )


def test_the_same_is_no_difference() -> None:
    """And that is said in words."""
    result = found(was=[an_outcome()], would_be=[an_outcome()])

    assert result.differences == []
    assert result.opened == result.pages == Pair(was=1, would_be=1)
    assert list(lines(result))[-1] == "no difference"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("severity", "major"), ("service", "payments"), ("routes", ["a"]), ("policy", None), ("incident", "Disk full"),
        ("grouped_by", "by cluster"), ("muted_by", ["silence"]), ("pages", []),
    ],
)  # fmt: skip
def test_each_field_of_an_alert_is_compared(field, value) -> None:
    """With what it was and what it would be."""
    was = an_outcome()

    [difference] = found(was=[was], would_be=[msgspec.structs.replace(was, **{field: value})]).differences

    assert (difference.field, difference.was, difference.would_be) == (field, getattr(was, field), value)


def test_an_alert_on_one_side_only_is_a_difference() -> None:
    """Opened then and not now, or the other way round."""
    [gone] = found(was=[an_outcome()], would_be=[]).differences
    [new] = found(was=[], would_be=[an_outcome()]).differences

    assert (gone.field, gone.was, gone.would_be) == ("opened", True, False)
    assert (new.field, new.was, new.would_be) == ("opened", False, True)


def test_another_disposition_is_a_difference_and_a_forgotten_one_is_counted() -> None:
    """The inbox remembers 72 h."""
    same = [an_outcome()]

    [difference] = found(was=same, would_be=same, played=a_run(disposition="repeated")).differences
    forgotten = found(was=same, would_be=same, dispositions={})

    assert (difference.field, difference.was, difference.would_be) == ("disposition", "opened", "repeated")
    assert (forgotten.forgotten, forgotten.differences) == (1, [])


def test_what_was_open_before_and_what_no_message_opened_is_left_out() -> None:
    """A shadow begins empty, and misses no heartbeats."""
    carried = found(was=[], would_be=[an_outcome()], carried=frozenset({"disk"}))
    missed = found(was=[an_outcome(receipt_id=str(UUID(int=9)))], would_be=[])

    assert (carried.differences, carried.carried, missed.differences) == ([], 1, [])


def test_a_message_that_breaks_the_code_is_told() -> None:
    """It is what a replay before an upgrade is for."""
    result = found(was=[], would_be=[], played=Played(messages=1, failures={"e": "ValueError: no"}))

    assert "FAILED    message e: ValueError: no" in list(lines(result))


@pytest.mark.parametrize("since", ["yesterday", "2026-11-25T10:00"])
def test_a_time_without_an_offset_is_refused(since) -> None:
    """Two people in two zones would mean two spans."""
    outcome = CliRunner().invoke(cli, ["replay", "--tenant", "acme", "--from", since, "--to", "2026-11-25T11:00Z"])

    assert outcome.exit_code == 2
    assert since in outcome.output

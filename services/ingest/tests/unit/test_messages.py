"""One call becomes messages that the stream takes."""

from datetime import UTC, datetime

from nightowl_common.ids import new_id
from nightowl_contracts import Actor, ReceivedAlert, RejectedAlert, decode_event
from nightowl_contracts.topology import Header
from nightowl_ingest.engine import Call, cut_messages
from nightowl_ingest.engine.messages import MAX_MESSAGE_BYTES
from nightowl_ingest.model import Reading


def a_call():
    return Call(
        receipt_id=new_id(),
        tenant="acme",
        key_id=new_id(),
        actor=Actor(kind="api_key", id="k", name="k"),
        source="generic",
        at=datetime(2026, 1, 1, tzinfo=UTC),
        trace="00-01995d6f3c4e7a109d2b5f1f0c9e4a77-9d2b5f1f0c9e4a77-00",
    )


def alerts(count, **changes):
    return [
        ReceivedAlert(index=index, fingerprint="f", status="firing", severity="info", title="t", **changes)
        for index in range(count)
    ]


def indexes(messages):
    batches = [decode_event(each.body).data for each in messages]
    return [each.index for batch in batches for each in [*batch.alerts, *batch.rejected]]


def test_at_most_fifty_items_travel_together():
    """All of them travel, each once, and every message counts its own."""
    bad = [RejectedAlert(index=n, reason="r", field="$", raw="") for n in range(120, 130)]
    call = a_call()

    messages = cut_messages(call, Reading(alerts=alerts(120), rejected=bad), new_id=new_id)

    assert [each.alerts for each in messages] == [50, 50, 30]
    assert indexes(messages) == list(range(130))
    assert [each.message_id for each in messages] == [f"{call.receipt_id}:{n}" for n in range(3)]
    assert len({each.event_id for each in messages}) == 3


def test_large_alerts_are_spread_over_messages_that_fit():
    """The stream refuses messages over 2 MiB; nothing of a call may depend on luck."""
    messages = cut_messages(a_call(), Reading(alerts=alerts(40, description="x" * 100_000)), new_id=new_id)

    assert len(messages) > 1
    assert all(len(each.body) <= MAX_MESSAGE_BYTES for each in messages)
    assert indexes(messages) == list(range(40))


def test_nothing_to_say_is_no_message():
    """An empty group is answered, not published."""
    assert cut_messages(a_call(), Reading(alerts=[]), new_id=new_id) == []


def test_a_message_carries_its_ids_and_trace():
    """The broker's key, the consumers' key, the number of items and who wants to hear."""
    (message,) = cut_messages(a_call(), Reading(alerts=alerts(2)), new_id=new_id)

    sent = message.for_bus(reply_to="nightowl.reply.x")

    assert (sent.stream, sent.subject, sent.id) == ("INGEST", "nightowl.ingest.acme", message.message_id)
    assert sent.headers == {
        Header.EVENT_ID: str(decode_event(message.body).id),
        Header.ALERTS: "2",
        Header.TRACE: message.trace,
        Header.REPLY_TO: "nightowl.reply.x",
    }

"""One webhook call to messages for the stream: at most 50 items each, and small enough for the broker."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

import msgspec

from nightowl_common.spool import IngestMessage
from nightowl_contracts import Actor, AlertsReceived, ReceivedAlert, ReceivedBatch, RejectedAlert, encode_event
from nightowl_contracts.ingest import MAX_ALERTS_PER_MESSAGE
from nightowl_ingest.model import Reading

MAX_MESSAGE_BYTES = 1_900_000
"""The stream takes 2 MiB, headers included."""

MAX_ALERT_BYTES = 1_800_000
"""Of one alert in a message of its own. What is read is at most 1 MiB, but `1e15` becomes 1000000000000000.0."""

Item = ReceivedAlert | RejectedAlert


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """What all messages of one webhook call share. `at` is the receiving host's time."""

    receipt_id: UUID
    tenant: str
    key_id: UUID
    actor: Actor
    source: str
    at: datetime
    trace: str


def cut_messages(call: Call, reading: Reading, *, new_id: Callable[[], UUID]) -> list[IngestMessage]:
    """The messages that carry all items of a reading; none when there is no item."""
    messages: list[IngestMessage] = []
    items: list[Item] = [*reading.alerts, *reading.rejected]
    for start in range(0, len(items), MAX_ALERTS_PER_MESSAGE):
        _append(messages, call, items[start : start + MAX_ALERTS_PER_MESSAGE], new_id=new_id)
    return messages


def _append(messages: list[IngestMessage], call: Call, items: list[Item], *, new_id: Callable[[], UUID]) -> None:
    """Adds the message of these items, halved for as long as it is too large."""
    event_id = new_id()
    body = encode_event(_event(call, items, event_id))
    if len(body) > MAX_MESSAGE_BYTES and len(items) > 1:
        middle = len(items) // 2
        _append(messages, call, items[:middle], new_id=new_id)
        _append(messages, call, items[middle:], new_id=new_id)
        return
    messages.append(
        IngestMessage(
            message_id=f"{call.receipt_id}:{len(messages)}",
            tenant=call.tenant,
            event_id=event_id,
            alerts=len(items),
            body=body,
            trace=call.trace,
        )
    )


def _event(call: Call, items: list[Item], event_id: UUID) -> AlertsReceived:
    batch = ReceivedBatch(
        receipt_id=call.receipt_id,
        source=call.source,
        alerts=[each for each in items if isinstance(each, ReceivedAlert)],
        rejected=[each for each in items if isinstance(each, RejectedAlert)],
        key_id=call.key_id,
    )
    return AlertsReceived(id=event_id, tenant=call.tenant, at=call.at, actor=call.actor, trace=call.trace, data=batch)

"""What stands in messages: events that can be read, their alerts, and what is rejected of them."""

from collections.abc import Sequence
from uuid import UUID

import msgspec
from nats.aio.msg import Msg

from nightowl_alerting.transitions import Received
from nightowl_common.ids import id_at, new_id
from nightowl_common.inbox import Handled
from nightowl_contracts import AlertsReceived, UnreadableEventError, decode_event
from nightowl_contracts.topology import Header
from nightowl_enrichment.model import Delivered


def read(body: bytes) -> AlertsReceived:
    """The event in a message.

    Raises:
        UnreadableEventError: there is none, or one of another kind.
    """
    event = decode_event(body)
    if not isinstance(event, AlertsReceived):
        raise UnreadableEventError(f"{type(event).__name__} does not belong on this stream")
    return event


def decode(messages: Sequence[Msg]) -> tuple[list[Delivered], list[tuple[Msg, str]]]:
    """Those that can be read, and the others with the reason why not."""
    delivered: list[Delivered] = []
    unreadable: list[tuple[Msg, str]] = []
    for message in messages:
        try:
            delivered.append(Delivered(message, read(message.data)))
        except UnreadableEventError as error:
            unreadable.append((message, str(error)))
    return delivered, unreadable


def traced(event: AlertsReceived, trace: str | None) -> AlertsReceived:
    """The event as a part of this trace."""
    return event if event.trace == trace else msgspec.structs.replace(event, trace=trace)


def received_of(events: Sequence[AlertsReceived]) -> list[Received]:
    """All alerts of the events, in order."""
    return [
        Received(
            alert=alert,
            source=event.data.source,
            receipt_id=event.data.receipt_id,
            new_id=new_id(),
            at=event.at,
            trace=event.trace,
            key_id=event.data.key_id,
        )
        for event in events
        for alert in event.data.alerts
    ]


def rejected_rows(event: AlertsReceived) -> list[dict[str, object]]:
    """Its alerts that ingest could not read, as rows."""
    return [
        {
            "receipt_id": event.data.receipt_id,
            "item": each.index,
            "source": event.data.source,
            "field": each.field,
            "reason": each.reason,
            "raw": each.raw,
            "received_at": event.at,
        }
        for each in event.data.rejected
    ]


def rejected_whole(message: Msg) -> Handled:
    """The disposition of a message that cannot be handled, from its headers; a foreign one without them gets an id
    made from its place in the stream, so that burying it twice is one burial.
    """
    headers = message.headers or {}
    place = message.metadata
    try:
        event_id = UUID(headers[Header.EVENT_ID])
        alerts = int(headers[Header.ALERTS])
    except (KeyError, ValueError):
        event_id, alerts = id_at(place.timestamp, place.sequence.stream), 1
    return Handled(
        event_id=event_id,
        tenant=message.subject.rpartition(".")[2],
        indexes=list(range(alerts)),
        dispositions=["rejected"] * alerts,
        alert_ids=[None] * alerts,
    )

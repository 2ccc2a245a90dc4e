"""Bytes to events and back. The only place that knows the wire format is JSON."""

from typing import get_args

import msgspec

from nightowl_contracts.alerts import (
    AlertAcknowledged,
    AlertAssigned,
    AlertCommented,
    AlertEscalated,
    AlertExhausted,
    AlertGrouped,
    AlertInvestigating,
    AlertOpened,
    AlertReopened,
    AlertRepeated,
    AlertResolved,
    AlertSnoozed,
    AlertSuppressed,
    AlertUnacknowledged,
    AlertUnsnoozed,
    AlertUnsuppressed,
)
from nightowl_contracts.deliveries import (
    DeliveryDelivered,
    DeliveryFailed,
    DeliveryQueued,
    DeliverySent,
    DeliverySuperseded,
)
from nightowl_contracts.envelope import Envelope
from nightowl_contracts.incidents import IncidentArchived, IncidentCreated, IncidentMerged, IncidentUpdated
from nightowl_contracts.ingest import AlertsReceived
from nightowl_contracts.pages import PageRequested
from nightowl_contracts.policies import PolicyChanged
from nightowl_contracts.rosters import LeaveChanged, OncallHandoff, RosterChanged
from nightowl_contracts.rules import RuleChanged
from nightowl_contracts.subscriptions import SubscriptionChanged

AnyEvent = (
    AlertsReceived
    | AlertOpened
    | AlertRepeated
    | AlertAcknowledged
    | AlertResolved
    | AlertEscalated
    | AlertExhausted
    | AlertAssigned
    | AlertCommented
    | AlertInvestigating
    | AlertReopened
    | AlertSnoozed
    | AlertUnacknowledged
    | AlertUnsnoozed
    | AlertGrouped
    | AlertSuppressed
    | AlertUnsuppressed
    | DeliveryQueued
    | DeliverySent
    | DeliveryDelivered
    | DeliveryFailed
    | DeliverySuperseded
    | IncidentCreated
    | IncidentUpdated
    | IncidentMerged
    | IncidentArchived
    | RuleChanged
    | RosterChanged
    | LeaveChanged
    | OncallHandoff
    | PolicyChanged
    | SubscriptionChanged
    | PageRequested
)

_encoder = msgspec.json.Encoder()
_decoder: msgspec.json.Decoder[AnyEvent] = msgspec.json.Decoder(AnyEvent)


class UnreadableEventError(ValueError):
    """The bytes are not an event that this version knows."""


def encode_event(event: AnyEvent) -> bytes:
    """The event as JSON."""
    return _encoder.encode(event)


def decode_event(body: bytes) -> AnyEvent:
    """The event in `body`.

    Raises:
        UnreadableEventError: not JSON, an unknown tag, a wrong type, or nested too deep (Python's
            decoder reports that as a RecursionError).
    """
    try:
        return _decoder.decode(body)
    except (msgspec.DecodeError, msgspec.ValidationError, RecursionError, UnicodeDecodeError) as error:
        message = f"not a readable event: {error}"
        raise UnreadableEventError(message) from error


def event_types() -> dict[str, type[Envelope]]:
    """Tag → Struct of all events."""
    return {str(kind.__struct_config__.tag): kind for kind in get_args(AnyEvent)}

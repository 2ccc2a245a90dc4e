"""What NightOwl's services say to each other: events, subjects, streams and consumers.

Shapes only, never behaviour; needs msgspec and nothing else, so that any program can import it.
The wire format is JSON. Evolution rules (docs/architecture/events.md): new fields have defaults,
types never change, unknown fields are skipped; `examples/` holds golden payloads that prove it.
"""

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
    AlertSummary,
    AlertSuppressed,
    AlertUnacknowledged,
    AlertUnsnoozed,
    AlertUnsuppressed,
)
from nightowl_contracts.codec import AnyEvent, UnreadableEventError, decode_event, encode_event, event_types
from nightowl_contracts.deliveries import (
    DeliveryDelivered,
    DeliveryFailed,
    DeliveryQueued,
    DeliverySent,
    DeliverySummary,
    DeliverySuperseded,
)
from nightowl_contracts.envelope import Actor, Envelope
from nightowl_contracts.incidents import (
    IncidentArchived,
    IncidentCreated,
    IncidentMerged,
    IncidentSummary,
    IncidentUpdated,
)
from nightowl_contracts.ingest import (
    AgentReport,
    AlertsReceived,
    AlertStatus,
    ReceivedAlert,
    ReceivedBatch,
    RejectedAlert,
    Severity,
)
from nightowl_contracts.pages import PageRequested, RequestedPage
from nightowl_contracts.replies import BatchHandled, Outcome
from nightowl_contracts.rosters import LeaveChanged, LeaveSummary, RosterChanged, RosterSummary
from nightowl_contracts.rules import ChangedRule, RuleChanged

__all__ = [
    "Actor",
    "AgentReport",
    "AlertAcknowledged",
    "AlertAssigned",
    "AlertCommented",
    "AlertEscalated",
    "AlertExhausted",
    "AlertGrouped",
    "AlertInvestigating",
    "AlertOpened",
    "AlertReopened",
    "AlertRepeated",
    "AlertResolved",
    "AlertSnoozed",
    "AlertStatus",
    "AlertSummary",
    "AlertSuppressed",
    "AlertUnacknowledged",
    "AlertUnsnoozed",
    "AlertUnsuppressed",
    "AlertsReceived",
    "AnyEvent",
    "BatchHandled",
    "ChangedRule",
    "DeliveryDelivered",
    "DeliveryFailed",
    "DeliveryQueued",
    "DeliverySent",
    "DeliverySummary",
    "DeliverySuperseded",
    "Envelope",
    "IncidentArchived",
    "IncidentCreated",
    "IncidentMerged",
    "IncidentSummary",
    "IncidentUpdated",
    "LeaveChanged",
    "LeaveSummary",
    "Outcome",
    "PageRequested",
    "ReceivedAlert",
    "ReceivedBatch",
    "RejectedAlert",
    "RequestedPage",
    "RosterChanged",
    "RosterSummary",
    "RuleChanged",
    "Severity",
    "UnreadableEventError",
    "decode_event",
    "encode_event",
    "event_types",
]

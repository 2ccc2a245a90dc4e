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
from nightowl_contracts.policies import ChangedPolicy, PolicyChanged
from nightowl_contracts.replies import BatchHandled, Outcome
from nightowl_contracts.rosters import (
    HandoffSummary,
    LeaveChanged,
    LeaveSummary,
    OncallHandoff,
    RosterChanged,
    RosterSummary,
)
from nightowl_contracts.rules import ChangedRule, RuleChanged
from nightowl_contracts.subscriptions import ChangedSubscription, SubscriptionChanged

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
    "ChangedPolicy",
    "ChangedRule",
    "ChangedSubscription",
    "DeliveryDelivered",
    "DeliveryFailed",
    "DeliveryQueued",
    "DeliverySent",
    "DeliverySummary",
    "DeliverySuperseded",
    "Envelope",
    "HandoffSummary",
    "IncidentArchived",
    "IncidentCreated",
    "IncidentMerged",
    "IncidentSummary",
    "IncidentUpdated",
    "LeaveChanged",
    "LeaveSummary",
    "OncallHandoff",
    "Outcome",
    "PageRequested",
    "PolicyChanged",
    "ReceivedAlert",
    "ReceivedBatch",
    "RejectedAlert",
    "RequestedPage",
    "RosterChanged",
    "RosterSummary",
    "RuleChanged",
    "Severity",
    "SubscriptionChanged",
    "UnreadableEventError",
    "decode_event",
    "encode_event",
    "event_types",
]

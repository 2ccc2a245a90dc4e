"""Events about one entry of the knowledge base: `nightowl.event.<tenant>.incident.<verb>`."""

from uuid import UUID

import msgspec

from nightowl_contracts.envelope import Envelope
from nightowl_contracts.ingest import Severity


class IncidentSummary(msgspec.Struct, frozen=True, kw_only=True):
    """The incident as it stands after the event.

    `revision` rises with every change: a reader that holds a higher one ignores the event. `merged_into_id` names the
    incident that answers in its place.
    """

    incident_id: UUID
    revision: int
    status: str
    severity: Severity
    title: str
    fingerprints: list[str] = []
    merged_into_id: UUID | None = None


class IncidentCreated(Envelope, frozen=True, kw_only=True, tag="incident.created.v1"):
    """An entry was written, by a person, an import or from what an agent did."""

    data: IncidentSummary


class IncidentUpdated(Envelope, frozen=True, kw_only=True, tag="incident.updated.v1"):
    """Its content has changed."""

    data: IncidentSummary


class IncidentMerged(Envelope, frozen=True, kw_only=True, tag="incident.merged.v1"):
    """It has become part of another one, which `merged_into_id` names."""

    data: IncidentSummary


class IncidentArchived(Envelope, frozen=True, kw_only=True, tag="incident.archived.v1"):
    """It no longer answers for anything; what refers to it still finds it."""

    data: IncidentSummary

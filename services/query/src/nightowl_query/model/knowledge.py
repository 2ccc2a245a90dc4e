"""The knowledge base as the API shows it: lists, hits, runbooks, exports. Incidents themselves are the kernel's."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec

from nightowl_alerting.knowledge.model import (
    NO_NUL,
    HistoryEntry,
    Incident,
    IncidentContent,
    Line,
    Lines,
    PatternResult,
    Patterns,
    Span,
    Title,
    Vote,
)
from nightowl_common.errors import NotFoundError
from nightowl_contracts import Actor, Severity
from nightowl_query.model.base import Page, ServiceRef


class RunbookNotFoundError(NotFoundError):
    """There is no such runbook."""

    code = "runbook_not_found"


class IncidentPage(Page, frozen=True, kw_only=True):
    """Incidents, newest first."""

    items: list[Incident]


class Highlight(msgspec.Struct, frozen=True, kw_only=True):
    """An excerpt of a field in plain text, never HTML, and where the words are that were looked for."""

    field: Literal["title", "symptoms", "root_cause", "solution"]
    text: str
    spans: list[Span]


class SearchHit(msgspec.Struct, frozen=True, kw_only=True):
    """A found incident; a higher `rank` is better."""

    incident: Incident
    rank: float
    highlights: list[Highlight]


class SearchPage(Page, frozen=True, kw_only=True):
    """The best hits first. `total` stops counting where ranking does; `is_total_capped` says that there may be more."""

    items: list[SearchHit]
    is_total_capped: bool


class SimilarIncident(msgspec.Struct, frozen=True, kw_only=True):
    """An incident about something alike; a higher `rank` is better."""

    incident: Incident
    rank: float


class SimilarPage(Page, frozen=True, kw_only=True):
    """The most alike first."""

    items: list[SimilarIncident]


class CountedResolution(msgspec.Struct, frozen=True, kw_only=True):
    """An alert that an incident was counted for: who ended it, after how many minutes, and what they wrote."""

    alert_id: UUID
    title: str
    severity: Severity
    service: ServiceRef | None
    resolved_at: datetime
    resolved_by: Actor
    minutes: float
    resolution: str | None


class CountedResolutionPage(Page, frozen=True, kw_only=True):
    """The newest first, without alerts that are open again. `total` counts these items."""

    items: list[CountedResolution]


class VotePage(Page, frozen=True, kw_only=True):
    """What people say of an alert's answer, the newest first, 100 at most; `mine` is the caller's own."""

    items: list[Vote]
    mine: Vote | None


class HistoryPage(Page, frozen=True, kw_only=True):
    """All changes, newest first."""

    items: list[HistoryEntry]


class PatternTrial(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A pasted payload (any JSON, or a text), and patterns to try beside those that are stored."""

    payload: object
    patterns: Patterns = []


class PatternMatch(msgspec.Struct, frozen=True, kw_only=True):
    """A stored incident whose pattern fits the payload."""

    incident_id: UUID
    title: str
    pattern: str


class PatternReport(msgspec.Struct, frozen=True, kw_only=True):
    """What the patterns found. `text` is what they were tried against; spans are offsets in it."""

    text: str
    results: list[PatternResult]
    incidents: list[PatternMatch]


class RunbookContent(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What people write, in markdown."""

    title: Title
    markdown: Annotated[str, msgspec.Meta(max_length=50_000, pattern=NO_NUL)] = ""
    category: Line | None = None
    tags: Lines = []
    is_template: bool = False


class Runbook(msgspec.Struct, frozen=True, kw_only=True):
    """Steps for people. `revision` is the ETag."""

    id: UUID
    title: str
    markdown: str
    category: str | None
    tags: list[str]
    is_template: bool
    revision: int
    created_at: datetime
    updated_at: datetime


class RunbookPage(Page, frozen=True, kw_only=True):
    """Runbooks, newest first."""

    items: list[Runbook]


class RunbookTemplate(msgspec.Struct, frozen=True, kw_only=True):
    """A runbook to start from: one that comes with NightOwl (`slug`) or one of the tenant's own (`runbook_id`)."""

    slug: str | None
    runbook_id: UUID | None
    title: str
    category: str | None
    tags: list[str]
    markdown: str


class TemplatePage(Page, frozen=True, kw_only=True):
    """Those that come with NightOwl first."""

    items: list[RunbookTemplate]


class ImportedRunbook(RunbookContent, frozen=True, kw_only=True, forbid_unknown_fields=False):
    """A runbook of an export; fields that only describe it are passed over."""

    id: UUID


class ImportedIncident(IncidentContent, frozen=True, kw_only=True, forbid_unknown_fields=False):
    """An incident of an export; statistics and revisions are passed over."""

    id: UUID | None = None


class KnowledgeImport(msgspec.Struct, frozen=True, kw_only=True):
    """What an export gave out, or what another system knows."""

    version: Literal[1] = 1
    runbooks: Annotated[list[ImportedRunbook], msgspec.Meta(max_length=1_000)] = []
    incidents: Annotated[list[ImportedIncident], msgspec.Meta(max_length=1_000)] = []


class ImportReport(msgspec.Struct, frozen=True, kw_only=True):
    """What became of the items. `skipped`: merged into another one here."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    skipped: int = 0


class KnowledgeExport(msgspec.Struct, frozen=True, kw_only=True):
    """The whole knowledge base."""

    version: Literal[1]
    runbooks: list[Runbook]
    incidents: list[Incident]

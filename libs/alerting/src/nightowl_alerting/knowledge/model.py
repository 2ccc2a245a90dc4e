"""The knowledge base: what may be written, what is kept, and what can go wrong.

Limits keep every search vector below Postgres' own bound and every regular expression within a small program.
"""

from datetime import datetime
from typing import Annotated, Literal, Protocol
from uuid import UUID

import msgspec
from msgspec import UNSET, UnsetType

from nightowl_common.errors import ConflictError, NotFoundError
from nightowl_contracts import Actor, Severity

MAX_LINE, MAX_TITLE, MAX_BODY = 200, 500, 20_000
"""Characters."""

NO_NUL = r"^[^\x00]*\Z"
Line = Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_LINE, pattern=NO_NUL)]
Title = Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_TITLE, pattern=NO_NUL)]
Body = Annotated[str, msgspec.Meta(max_length=MAX_BODY, pattern=NO_NUL)]
Fingerprint = Annotated[str, msgspec.Meta(min_length=1, max_length=500, pattern=NO_NUL)]
Pattern = Annotated[str, msgspec.Meta(min_length=1, max_length=500, pattern=NO_NUL)]
Link = Annotated[str, msgspec.Meta(max_length=1_000, pattern=r"^https?://[^\s\x00]+\Z")]
Lines = Annotated[list[Line], msgspec.Meta(max_length=100)]
Fingerprints = Annotated[list[Fingerprint], msgspec.Meta(max_length=500)]
Patterns = Annotated[list[Pattern], msgspec.Meta(max_length=50)]


class IncidentNotFoundError(NotFoundError):
    """There is no such incident."""

    code = "incident_not_found"


class FingerprintTakenError(ConflictError):
    """Another incident answers for this fingerprint."""

    code = "fingerprint_taken"


class IncidentMergedError(ConflictError):
    """The incident is part of another one now; change that one."""

    code = "incident_merged"


class MergeConflictError(ConflictError):
    """Both have a text of their own: say which one stays."""

    code = "merge_conflict"


class NothingKnownError(ConflictError):
    """Nothing is known for the alert, so nothing can have helped."""

    code = "nothing_known"


class AnswerChangedError(ConflictError):
    """What is known for the alert has just become another incident; look at it, then vote."""

    code = "answer_changed"


class IncidentContent(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What people write. `error_patterns` are regular expressions (RE2), tried against an alert's texts."""

    title: Title
    severity: Severity
    fingerprints: Fingerprints = []
    category: Line | None = None
    tags: Lines = []
    services: Lines = []
    clusters: Lines = []
    namespaces: Lines = []
    symptoms: Body = ""
    error_patterns: Patterns = []
    root_cause: Body = ""
    solution: Body = ""
    postmortem_url: Link | None = None
    runbook_id: UUID | None = None


class Promotion(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an incident made from an alert says instead of the draft; a field that is left out stays as drafted."""

    title: Title | UnsetType = UNSET
    severity: Severity | UnsetType = UNSET
    fingerprints: Fingerprints | UnsetType = UNSET
    category: Line | UnsetType | None = UNSET
    tags: Lines | UnsetType = UNSET
    services: Lines | UnsetType = UNSET
    clusters: Lines | UnsetType = UNSET
    namespaces: Lines | UnsetType = UNSET
    symptoms: Body | UnsetType = UNSET
    error_patterns: Patterns | UnsetType = UNSET
    root_cause: Body | UnsetType = UNSET
    solution: Body | UnsetType = UNSET
    postmortem_url: Link | UnsetType | None = UNSET
    runbook_id: UUID | UnsetType | None = UNSET


class Incident(msgspec.Struct, frozen=True, kw_only=True):
    """An entry of the knowledge base. `revision` is the ETag; statistics come from resolved alerts and leave it alone.

    `helped_count` and `unhelpful_count` are the votes of people who had one of its alerts.
    A merged incident stays under its old id; `merged_into_id` names the one that answers in its place.
    """

    id: UUID
    title: str
    fingerprints: list[str]
    severity: Severity
    category: str | None
    tags: list[str]
    services: list[str]
    clusters: list[str]
    namespaces: list[str]
    symptoms: str
    error_patterns: list[str]
    root_cause: str
    solution: str
    postmortem_url: str | None
    runbook_id: UUID | None
    origin: Literal["person", "agent", "import"]
    status: Literal["active", "archived", "merged"]
    merged_into_id: UUID | None
    resolution_count: int
    last_resolved_at: datetime | None
    last_resolved_by: Actor | None
    avg_resolution_mins: float | None
    helped_count: int
    unhelpful_count: int
    revision: int
    created_at: datetime
    updated_at: datetime


class VoteContent(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whether what was known for an alert helped, and a word why."""

    helped: bool
    reason: Line | None = None


class Vote(msgspec.Struct, frozen=True, kw_only=True):
    """What one who had an alert says of the answer: `incident_id` is what was known for the alert then."""

    incident_id: UUID
    voter: Actor
    helped: bool
    reason: str | None
    at: datetime


class Span(msgspec.Struct, frozen=True, kw_only=True):
    """A part of a text, half open, counted in Unicode characters from 0."""

    start: int
    end: int


class HistoryEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One change. `diff` is field → [before, after] of the fields that changed."""

    id: int
    revision: int
    at: datetime
    actor: Actor
    action: Literal["created", "updated", "merged", "archived", "restored"]
    diff: dict[str, object]


Choice = Literal["target", "source", "both"]
MergeField = Literal[
    "title", "severity", "category", "symptoms", "root_cause", "solution", "postmortem_url", "runbook_id"
]


class MergeOrder(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which incident becomes part of this one, and which of two differing values stays.

    Symptoms, root cause and solution must be chosen when both have one (`both`: one below the other); for the other
    fields the target's value stays unless chosen otherwise.
    """

    source_id: UUID
    choices: dict[MergeField, Choice] = {}


class Removal(msgspec.Struct, frozen=True, kw_only=True):
    """Deleted when nothing referred to it, else archived."""

    outcome: Literal["deleted", "archived"]


class PatternResult(msgspec.Struct, frozen=True, kw_only=True):
    """What one pattern found; `error` says why it is none."""

    pattern: str
    error: str | None
    spans: list[Span]


class Subject(msgspec.Struct, frozen=True, kw_only=True):
    """An alert as far as an incident can be written from it. `service` is a name."""

    title: str
    severity: Severity
    fingerprint: str
    description: str | None
    resolution: str | None
    labels: dict[str, str]
    annotations: dict[str, str]
    service: str | None


class Author(Protocol):
    """Who changes the knowledge base, and of which tenant."""

    @property
    def tenant(self) -> str:
        """The tenant's slug."""

    @property
    def actor(self) -> Actor:
        """Whom history and audit log name."""

"""Errors, and what every answer shares."""

from uuid import UUID

import msgspec

from nightowl_common.errors import ConflictError, InvalidError, NotFoundError


class RosterNotFoundError(NotFoundError):
    """There is no such roster."""

    code = "roster_not_found"


class PolicyNotFoundError(NotFoundError):
    """There is no such escalation policy."""

    code = "policy_not_found"


class BadCursorError(InvalidError):
    """The cursor is not one that this list gave out."""

    code = "bad_cursor"


class BadPatternError(InvalidError):
    """A label pattern is not a regular expression."""

    code = "bad_pattern"


class BulkJobNotFoundError(NotFoundError):
    """There is no such bulk job."""

    code = "bulk_job_not_found"


class KeyReusedError(ConflictError):
    """This Idempotency-Key was used for another request."""

    code = "idempotency_key_reused"


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """The list envelope. `total` counts everything that the filter lets through, on all pages."""

    next_cursor: str | None
    total: int


class ServiceRef(msgspec.Struct, frozen=True, kw_only=True):
    """The service that an alert belongs to."""

    id: UUID
    name: str


class UserRef(msgspec.Struct, frozen=True, kw_only=True):
    """A person, by name."""

    id: UUID
    display_name: str

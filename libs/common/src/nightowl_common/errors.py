"""The error tree. The class names the remedy; the edges (web, bus) map it once each.

NightOwlError
├── InvalidError        422  the caller's input, field by field
├── UnauthenticatedError 401
├── ForbiddenError      403
├── NotFoundError       404
├── ConflictError       409  the thing has changed, or is in another state
├── TooLargeError       413
├── TooManyCallsError   429  come again later
├── TransientError      503  try again: bus → nak with delay
└── PermanentError      500  never try again: bus → dead letter
"""

from typing import ClassVar

import msgspec


class FieldProblem(msgspec.Struct, frozen=True, kw_only=True):
    """What is wrong with one field; `field` is a JSON path such as `$.alerts[3].labels`."""

    field: str
    reason: str


class NightOwlError(Exception):
    """Base of all our errors; a subclass's docstring is its default message."""

    code: ClassVar[str] = "internal"
    status: ClassVar[int] = 500
    is_told: ClassVar[bool] = True
    """False where `detail` may hold hosts, values or statements: callers then get the default message."""

    retry_after_seconds: int | None = None
    """When to come again; None where the status alone says it."""

    def __init__(self, detail: str | None = None, *, fields: list[FieldProblem] | None = None) -> None:
        self.detail = detail or self.default_detail()
        self.fields = fields or []
        super().__init__(self.detail)

    @classmethod
    def default_detail(cls) -> str:
        """What the error means, without its circumstances."""
        return (cls.__doc__ or "").strip()


class InvalidError(NightOwlError):
    """The request is not valid."""

    code = "invalid"
    status = 422


class MalformedError(NightOwlError):
    """The body cannot be read at all."""

    code = "malformed"
    status = 400


class UnauthenticatedError(NightOwlError):
    """A valid API key is needed."""

    code = "unauthenticated"
    status = 401


class ForbiddenError(NightOwlError):
    """This key or person may not do that."""

    code = "forbidden"
    status = 403


class NotFoundError(NightOwlError):
    """There is no such thing."""

    code = "not_found"
    status = 404


class ConflictError(NightOwlError):
    """It is in a state that does not allow this."""

    code = "conflict"
    status = 409


class StaleRevisionError(NightOwlError):
    """It has changed since it was read; read it again."""

    code = "stale_revision"
    status = 412


class TooLargeError(NightOwlError):
    """The body is too large."""

    code = "too_large"
    status = 413


class TooManyCallsError(NightOwlError):
    """Too many calls; come again after the time in `Retry-After`."""

    code = "too_many_calls"
    status = 429

    def __init__(self, detail: str | None = None, *, retry_after_seconds: int) -> None:
        super().__init__(detail)
        self.retry_after_seconds = retry_after_seconds


class TransientError(NightOwlError):
    """Not possible at this moment; try again."""

    code = "unavailable"
    status = 503


class PermanentError(NightOwlError):
    """This can never succeed."""

    code = "permanent"
    status = 500

"""What channels to somebody's HTTP endpoint share: finding it, posting to it, and what its answer means.

Such an endpoint has no look-up. A page of which nobody can say whether it arrived is posted again under the same
`Idempotency-Key`, marked as a repeat.
"""

from collections.abc import Awaitable, Callable, Mapping
from uuid import UUID

import msgspec

from nightowl_alerting.paging import AttemptResult, Failed, FailureReason, Sent, Unclear
from nightowl_common.errors import TransientError
from nightowl_common.guarded import GuardedClient, HttpAnswer, RefusedTargetError, UnresolvedError
from nightowl_notifier.channels.transport import BROKEN, after_broken_connection, retry_after_seconds
from nightowl_notifier.model import CannotTell, Endpoint, LookUp, OutgoingPage

Load = Callable[[str, UUID], Awaitable[Endpoint | None]]
"""An endpoint of a tenant; None when there is none. Raises TransientError."""

JSON = {"Content-Type": "application/json"}

_REASONS = {
    401: FailureReason.UNAUTHORIZED,
    403: FailureReason.UNAUTHORIZED,
    404: FailureReason.BAD_ADDRESS,
    410: FailureReason.BAD_ADDRESS,
}
_OK, _REDIRECTION = 200, 300
_TOO_MANY = 429
_SERVER_ERROR = 500


class Post(msgspec.Struct, frozen=True, kw_only=True):
    """A request to an endpoint, beside its address."""

    body: bytes
    headers: Mapping[str, str] = {}


class Endpoints:
    """Posts pages to endpoints of one kind: the channel's name."""

    def __init__(self, client: GuardedClient, *, kind: str, load: Load) -> None:
        self._client = client
        self._kind = kind
        self._load = load

    async def post(self, page: OutgoingPage, make: Callable[[Endpoint], Post]) -> HttpAnswer | Failed | Unclear:
        """Posts once. The address is checked each time."""
        try:
            endpoint = await self._load(page.tenant, UUID(page.address))
        except TransientError as error:
            return self._failed(FailureReason.UNAVAILABLE, error.detail, is_permanent=False)
        except ValueError:
            return self._failed(FailureReason.BAD_ADDRESS, "not an endpoint")
        if endpoint is None or endpoint.kind != self._kind:
            return self._failed(FailureReason.BAD_ADDRESS, "no such endpoint")
        return await self._send(endpoint.url, make(endpoint), delivery_id=page.delivery_id)

    async def _send(self, url: str, post: Post, *, delivery_id: UUID) -> HttpAnswer | Failed | Unclear:
        headers = {**JSON, "Idempotency-Key": str(delivery_id), **post.headers}
        try:
            return await self._client.post(url, body=post.body, headers=headers)
        except RefusedTargetError as error:
            return self._failed(FailureReason.BAD_ADDRESS, f"refused: {error}")
        except UnresolvedError as error:
            return self._failed(FailureReason.UNAVAILABLE, f"no address: {error}", is_permanent=False)
        except BROKEN as error:
            return after_broken_connection(error, provider=self._kind)

    def _failed(self, reason: FailureReason, detail: str, *, is_permanent: bool = True) -> Failed:
        return Failed(provider=self._kind, reason=reason, is_permanent=is_permanent, detail=detail)


def classify(answer: HttpAnswer, page: OutgoingPage, *, provider: str) -> AttemptResult:
    """What an answer means for the page. The provider's id is the delivery's: nobody gives it another."""
    if _OK <= answer.status < _REDIRECTION:
        return Sent(provider=provider, provider_id=str(page.delivery_id), detail=str(answer.status))
    if answer.status == _TOO_MANY:
        return rate_limited(retry_after_seconds(answer.headers), provider=provider)
    if answer.status >= _SERVER_ERROR:
        return Unclear(provider=provider, detail=str(answer.status))
    reason = _REASONS.get(answer.status, FailureReason.REJECTED)
    return Failed(provider=provider, reason=reason, is_permanent=True, detail=str(answer.status))


def rate_limited(seconds: float, *, provider: str) -> Failed:
    """The endpoint asks for patience."""
    return Failed(
        provider=provider,
        reason=FailureReason.RATE_LIMITED,
        is_permanent=False,
        detail="429",
        retry_after_seconds=seconds,
    )


def cannot_tell() -> LookUp:
    """The answer of every endpoint to a look-up."""
    return CannotTell(detail="an endpoint cannot be asked")

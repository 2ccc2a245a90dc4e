"""What a channel can do."""

from typing import Protocol

from nightowl_alerting.paging import AttemptResult, Failed, FailureReason
from nightowl_notifier.model import CannotTell, LookUp, OutgoingPage


class Channel(Protocol):
    """A way to reach somebody. Both calls answer within the provider time-out and never raise for what a provider does.

    `name` is the provider's: it goes into the delivery, its attempts and the timeline.
    """

    @property
    def name(self) -> str:
        """The provider."""
        ...

    async def send(self, page: OutgoingPage) -> AttemptResult:
        """Tries once. `Failed` only when the provider surely did not take it; in doubt, `Unclear`."""
        ...

    async def find(self, page: OutgoingPage) -> LookUp:
        """Whether the provider has taken this page in an attempt whose answer was lost."""
        ...


class NotConfigured:
    """Stands in for a channel without a provider: pages fail at once, so that the next contact method is used."""

    def __init__(self, channel: str) -> None:
        self._channel = channel

    @property
    def name(self) -> str:
        """No provider."""
        return "none"

    async def send(self, _page: OutgoingPage) -> AttemptResult:
        """Fails for good."""
        detail = f"no {self._channel} provider is configured"
        return Failed(provider=self.name, reason=FailureReason.NOT_CONFIGURED, is_permanent=True, detail=detail)

    async def find(self, _page: OutgoingPage) -> LookUp:
        """A provider that was configured once may have taken it."""
        return CannotTell(detail=f"no {self._channel} provider is configured any more")

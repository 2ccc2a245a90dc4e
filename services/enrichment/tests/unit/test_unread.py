"""When ingest is told that what it publishes reaches nobody."""

import pytest

from nightowl_common.bus import BusUnavailableError
from nightowl_contracts import subjects
from nightowl_enrichment.jobs import tell_if_unread


class Asked:
    """A bus whose consumer has so many messages, does not exist, or does not answer."""

    def __init__(self, answer: int | BusUnavailableError | None) -> None:
        self.hints: list[str] = []
        self._answer = answer

    async def lag(self, _consumer: object, *, timeout_seconds: float) -> int | None:
        """As `Bus.lag`."""
        if isinstance(self._answer, BusUnavailableError):
            raise self._answer
        return self._answer

    async def hint(self, subject: str) -> None:
        """As `Bus.hint`."""
        self.hints.append(subject)


@pytest.mark.parametrize(
    ("answer", "told"),
    [(0, []), (5_000, []), (None, [subjects.HINT_UNREAD]), (BusUnavailableError(), [subjects.HINT_UNREAD])],
    ids=["quiet", "behind", "no consumer", "no leader"],
)
async def test_ingest_is_told_when_the_consumer_does_not_answer_and_not_when_it_is_behind(answer, told):
    """A backlog is enrichment's to work off: going round it would only cost more."""
    bus = Asked(answer)

    await tell_if_unread(bus)

    assert bus.hints == told

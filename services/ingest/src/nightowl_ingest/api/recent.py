"""What this process has published lately, for the case that the stream holds it and gives it to nobody. Pure."""

from collections import deque

from nightowl_common.spool import IngestMessage

KEPT_SECONDS = 3.0
"""Longer than it takes until somebody notices that nothing is read."""

KEPT_MESSAGES = 2_000
KEPT_BYTES = 8 * 1024**2


class Recent:
    """The newest messages that fit. Times are seconds of any steady clock."""

    def __init__(self) -> None:
        self._kept: deque[tuple[float, IngestMessage]] = deque()
        self._size = 0

    def note(self, message: IngestMessage, now: float) -> None:
        """The stream has it."""
        self._kept.append((now, message))
        self._size += len(message.body)
        while len(self._kept) > KEPT_MESSAGES or self._size > KEPT_BYTES or self._kept[0][0] < now - KEPT_SECONDS:
            self._size -= len(self._kept.popleft()[1].body)

    def take(self, now: float) -> list[IngestMessage]:
        """What is young enough, oldest first; it is not kept any longer."""
        taken = [message for at, message in self._kept if at >= now - KEPT_SECONDS]
        self._kept.clear()
        self._size = 0
        return taken

"""Dead letters: finding them, reading one, and handing it back after its reason is mended.

Handing back has an order: forget the rejection and commit, publish the original bytes, delete the dead letter. A crash
in between leaves the dead letter, and handing it back again changes nothing that was handled.
"""

import contextlib
from datetime import datetime, timedelta
from uuid import UUID

import msgspec
from nats.errors import Error as NatsError
from nats.js.errors import Error as JetStreamError
from nats.js.errors import NotFoundError as NatsNotFoundError

from nightowl_common import clock
from nightowl_common.bus import Bus, BusUnavailableError, Message
from nightowl_contracts import subjects
from nightowl_contracts.topology import DLQ, Header

SIZE = "Nats-Msg-Size"
"""What the broker calls the size of a body that it leaves out."""

_BUS_ERRORS = (NatsError, JetStreamError, TimeoutError, OSError)


class DeadLetter(msgspec.Struct, frozen=True, kw_only=True):
    """A message that could not be handled, without its body. `subject` and `place` (in `stream`) are where it was."""

    sequence: int
    stream: str
    subject: str
    place: int
    reason: str
    buried_at: datetime
    size_bytes: int
    event_id: UUID | None

    @property
    def tenant(self) -> str | None:
        """Whose it is: the third word of every subject of ours; None for a subject that is not ours."""
        match self.subject.split("."):
            case [subjects.PREFIX, _, tenant, *_]:
                return tenant
            case _:
                return None


async def find(bus: Bus, *, tenant: str | None = None) -> list[DeadLetter]:
    """All that are kept, oldest first; of one tenant or of all.

    Raises:
        BusUnavailableError: the broker did not answer.
    """
    since = clock.utc_now() - timedelta(seconds=DLQ.max_age_seconds)
    scanned = await bus.scan(DLQ, subject=subjects.dlq("*"), since=since)
    letters = [
        _read(each.sequence, each.subject, each.headers, at=each.stored_at, size=int(each.headers.get(SIZE, "0")))
        for each in scanned
    ]
    return [each for each in letters if tenant is None or each.tenant == tenant]


async def load(bus: Bus, sequence: int) -> tuple[DeadLetter, Message] | None:
    """One by its number, and the message that handing it back publishes; None when it is not there, or no more.

    Raises:
        BusUnavailableError: the broker did not answer.
    """
    try:
        stored = await bus.jetstream.get_msg(DLQ.name, sequence)
    except NatsNotFoundError:
        return None
    except _BUS_ERRORS as error:
        raise BusUnavailableError(f"{DLQ.name} cannot be read: {type(error).__name__}") from error
    headers, body = {key: str(value) for key, value in (stored.headers or {}).items()}, stored.data or b""
    letter = _read(sequence, stored.subject or "", headers, at=stored.time or clock.utc_now(), size=len(body))
    kept = {k: v for k, v in headers.items() if k not in {Header.ORIGIN, Header.REASON} and not k.startswith("Nats-")}
    again = Message(stream=letter.stream, subject=letter.subject, id=f"dlq:{sequence}", body=body, headers=kept)
    return letter, again


async def hand_back(bus: Bus, letter: DeadLetter, message: Message) -> None:
    """Publishes the original and deletes the dead letter. The rejection must be forgotten and committed before.

    Raises:
        BusUnavailableError: the broker did not answer. The dead letter may still be there, and be handed back again.
    """
    await bus.publish(message, timeout_seconds=5)
    try:
        with contextlib.suppress(NatsNotFoundError):  # somebody else has handed it back at the same time
            await bus.jetstream.delete_msg(DLQ.name, letter.sequence)
    except _BUS_ERRORS as error:
        raise BusUnavailableError(f"{letter.sequence} was handed back and not deleted") from error


def _read(sequence: int, kept_at: str, headers: dict[str, str], *, at: datetime, size: int) -> DeadLetter:
    subject, _, place = headers.get(Header.ORIGIN, "?").partition(" ")
    return DeadLetter(
        sequence=sequence,
        stream=kept_at.rpartition(".")[2],
        subject=subject,
        place=int(place) if place.isdecimal() else 0,
        reason=headers.get(Header.REASON, "?"),
        buried_at=at,
        size_bytes=size,
        event_id=_event_id(headers),
    )


def _event_id(headers: dict[str, str]) -> UUID | None:
    """None for a message that is not ours; nothing was noted under an id of its own."""
    try:
        return UUID(headers.get(Header.EVENT_ID, ""))
    except ValueError:
        return None

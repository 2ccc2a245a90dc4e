"""What is kept of what was published lately."""

from nightowl_common.ids import new_id
from nightowl_common.spool import IngestMessage
from nightowl_ingest.api.recent import KEPT_BYTES, KEPT_MESSAGES, KEPT_SECONDS, Recent


def a_message(size: int = 1) -> IngestMessage:
    return IngestMessage(
        message_id=str(new_id()), tenant="acme", event_id=new_id(), alerts=1, body=b"x" * size, trace=None
    )


def test_it_gives_what_is_young_once_and_in_order():
    """What is older was read long ago."""
    recent, messages = Recent(), [a_message() for _ in range(3)]
    for at, message in enumerate(messages):
        recent.note(message, float(at))

    assert recent.take(1.0 + KEPT_SECONDS) == messages[1:]
    assert recent.take(1.0 + KEPT_SECONDS) == []


def test_it_holds_so_many_messages_and_so_many_bytes():
    """The newest: a storm costs no more memory than that."""
    many, large = Recent(), Recent()
    messages = [a_message() for _ in range(KEPT_MESSAGES + 1)]
    for message in messages:
        many.note(message, 0.0)
    bodies = [a_message(KEPT_BYTES // 3) for _ in range(5)]
    for message in bodies:
        large.note(message, 0.0)

    assert many.take(0.0) == messages[1:]
    assert large.take(0.0) == bodies[2:]

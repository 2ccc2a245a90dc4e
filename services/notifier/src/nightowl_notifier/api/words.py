"""What people are told after they answered a page, and what is noted of it."""

from typing import assert_never

from nightowl_alerting.answers import (
    Answer,
    Escalated,
    EscalatedBefore,
    NobodyLeft,
    Over,
    Taken,
    TakenBefore,
    Unknown,
)
from nightowl_common.logs import get_logger
from nightowl_notifier import telemetry
from nightowl_notifier.channels.callbacks import Reference

log = get_logger(__name__)

TRY_AGAIN = "This could not be recorded just now. The escalation goes on."


def outcome(answer: Answer) -> str:
    """One or two plain sentences, to be read or heard."""
    match answer:
        case Taken():
            return "Acknowledged. The escalation has stopped."
        case TakenBefore(by=by):
            return f"This was acknowledged already, by {by}. Nobody else is paged."
        case Escalated():
            return "Escalated. The next tier is paged now."
        case EscalatedBefore():
            return "The next tier was paged already."
        case NobodyLeft():
            return "There is no further tier to page."
        case Over():
            return "This alert is resolved already."
        case Unknown():
            return "This page is not known any more."
        case _:
            assert_never(answer)


def note(reference: Reference, answer: Answer, *, over: str) -> None:
    """One line and one count."""
    word = str(answer.__struct_config__.tag)
    telemetry.ANSWERS.labels(over, word).inc()
    log.info("answer", tenant=reference.tenant, delivery_id=str(reference.delivery_id), over=over, outcome=word)

"""What people are told after they answered a page."""

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

"""When a code is sent, and what a wrong one is told. Pure."""

from nightowl_common.errors import FieldProblem
from nightowl_query.model.contact_codes import (
    MAX_CODES_TO_ADDRESS,
    MAX_CODES_TO_PERSON,
    SentCodes,
    TooManyCodesError,
    VerifiedAlreadyError,
    WrongCodeError,
)
from nightowl_query.model.contacts import BrowserContactError, ContactMethod


def require_unproved(method: ContactMethod) -> None:
    """Does nothing when a code can prove the contact method.

    Raises:
        BrowserContactError: a browser proves itself when it is added, and one that ended is added again.
        VerifiedAlreadyError: it is verified.
    """
    if method.kind == "push":
        raise BrowserContactError
    if method.is_verified:
        raise VerifiedAlreadyError


def require_room(sent: SentCodes) -> None:
    """Does nothing when one more code may be sent.

    Raises:
        TooManyCodesError: not yet; it says when.
    """
    waits = [sent.person_seconds] if sent.to_person >= MAX_CODES_TO_PERSON else []
    waits += [sent.address_seconds] if sent.to_address >= MAX_CODES_TO_ADDRESS else []
    if waits:
        raise TooManyCodesError(retry_after_seconds=max(1, *waits))


def wrong_code(tries_left: int) -> WrongCodeError:
    """How many tries are left, in words."""
    left = {0: "ask for a new one", 1: "one try is left"}.get(tries_left, f"{tries_left} tries are left")
    return WrongCodeError(fields=[FieldProblem(field="$.code", reason=f"not the code that was sent; {left}")])

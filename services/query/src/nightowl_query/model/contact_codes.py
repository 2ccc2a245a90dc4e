"""Codes by which people prove their own contact methods."""

from typing import Annotated
from uuid import UUID

import msgspec

from nightowl_common.errors import ConflictError, ForbiddenError, InvalidError, TooManyCallsError

CODE_HOURS = 24
MAX_CODES_TO_PERSON = 10
MAX_CODES_TO_ADDRESS = 5
"""So many codes in so many hours; to an address whoever asks for them, so that no stranger is flooded."""

MAX_TRIES = 5


class NotYourAddressError(ForbiddenError):
    """Only the person themself proves an address with a code; a manager marks it as verified instead."""

    code = "not_your_address"


class VerifiedAlreadyError(ConflictError):
    """The address is verified already."""

    code = "verified_already"


class TooManyCodesError(TooManyCallsError):
    """Too many codes were sent within a day; come again later, or ask a manager to mark the address as verified."""

    code = "too_many_codes"


class NoCodeError(ConflictError):
    """No code waits here: none was sent, it is older than ten minutes, or was used, or mistyped too often."""

    code = "no_code"


class WrongCodeError(InvalidError):
    """This is not the code that was sent."""

    code = "wrong_code"


class TypedCode(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The six digits that have arrived."""

    code: Annotated[str, msgspec.Meta(pattern=r"^[0-9]{6}\Z")]


class SentCodes(msgspec.Struct, frozen=True, kw_only=True):
    """How many codes were sent within the hours that count, and in how many seconds one of them no longer does."""

    to_person: int
    person_seconds: int
    to_address: int
    address_seconds: int


class WaitingCode(msgspec.Struct, frozen=True, kw_only=True):
    """A code that somebody may have: the test page that brought it, its hash, the tries left after this one."""

    page_id: UUID
    code_hash: str
    tries_left: int

"""When one more code may be sent."""

import pytest

from nightowl_query.engine.contact_codes import require_room
from nightowl_query.model.contact_codes import (
    MAX_CODES_TO_ADDRESS,
    MAX_CODES_TO_PERSON,
    SentCodes,
    TooManyCodesError,
)


def sent(to_person: int, to_address: int) -> SentCodes:
    return SentCodes(to_person=to_person, person_seconds=100, to_address=to_address, address_seconds=7_000)


def test_there_is_room_below_both_limits() -> None:
    """One less than each is not too many."""
    require_room(sent(MAX_CODES_TO_PERSON - 1, MAX_CODES_TO_ADDRESS - 1))


@pytest.mark.parametrize(
    ("to_person", "to_address", "wait"),
    [
        (MAX_CODES_TO_PERSON, 0, 100),
        (0, MAX_CODES_TO_ADDRESS, 7_000),
        (MAX_CODES_TO_PERSON, MAX_CODES_TO_ADDRESS, 7_000),
    ],
)
def test_either_limit_refuses_and_says_until_when(to_person: int, to_address: int, wait: int) -> None:
    """The longer wait of those that apply."""
    with pytest.raises(TooManyCodesError) as refused:
        require_room(sent(to_person, to_address))

    assert refused.value.retry_after_seconds == wait

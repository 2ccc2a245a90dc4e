"""Cursors and pages."""

from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nightowl_query.api.paging import Paging, cut, decode_cursor, encode_cursor
from nightowl_query.model import BadCursorError


class _Row(msgspec.Struct):
    id: UUID


def _rows(count: int) -> list[_Row]:
    return [_Row(UUID(int=number)) for number in range(count, 0, -1)]


async def _never() -> int:
    raise AssertionError("counted though everything was on the first page")


@given(st.uuids())
def test_a_cursor_names_its_row(row_id: UUID) -> None:
    """What goes into a cursor comes out of it, and nothing in it needs escaping in a URL."""
    cursor = encode_cursor(row_id)

    assert decode_cursor(cursor) == row_id
    assert cursor.replace("-", "").replace("_", "").isalnum()


@pytest.mark.parametrize(
    "cursor", ["", "x", "AAAA", "%%%", "é", "AQ" + "A" * 40, str(UUID(int=7)), "AgAAAAAAAAAAAAAAAAAAAAA"]
)
def test_a_foreign_cursor_is_refused(cursor: str) -> None:
    """Anything that was not given out as a cursor is the caller's mistake."""
    with pytest.raises(BadCursorError) as caught:
        decode_cursor(cursor)

    assert caught.value.status == 422
    assert caught.value.fields[0].field == "cursor"


async def test_the_last_page_has_no_cursor() -> None:
    """A list that fits its page ends there and is counted by its length."""

    async def rows(limit: int) -> list[_Row]:
        return _rows(3)[:limit]

    found = await cut(Paging(limit=3, after=None), rows, count=_never)

    assert (len(found.items), found.next_cursor, found.total) == (3, None, 3)


async def test_a_full_page_points_at_its_last_row() -> None:
    """When there is more, the cursor names the last row that was shown."""

    async def rows(limit: int) -> list[_Row]:
        return _rows(9)[:limit]

    async def count() -> int:
        return 9

    found = await cut(Paging(limit=4, after=None), rows, count=count)

    assert len(found.items) == 4
    assert found.next_cursor == encode_cursor(found.items[-1].id)
    assert found.total == 9

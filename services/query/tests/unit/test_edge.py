"""Times and revisions in requests."""

from datetime import UTC, datetime

import pytest

from nightowl_common.errors import InvalidError, StaleRevisionError
from nightowl_query.api.edge import etag, moment, require_revision


@pytest.mark.parametrize("if_match", [None, "*", '"7"', '"6", "7"', ' "7" '])
def test_a_current_revision_passes(if_match: str | None) -> None:
    """No condition, any revision, or the current one among several."""
    require_revision(if_match, 7)


@pytest.mark.parametrize("if_match", ['"6"', "7", 'W/"7"', "", '"77"'])
def test_another_revision_is_stale(if_match: str) -> None:
    """An older one, a weak one, or none at all."""
    with pytest.raises(StaleRevisionError):
        require_revision(if_match, 7)


def test_the_tag_is_the_quoted_version() -> None:
    """Strong and quoted, as RFC 9110 wants it."""
    assert etag(7) == '"7"'


@pytest.mark.parametrize(
    "value", [datetime(2026, 1, 1), datetime(1969, 1, 1, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC)]
)
def test_a_time_that_cannot_be_meant_is_refused(value: datetime) -> None:
    """Without an offset it is ambiguous; far out, zone arithmetic would overflow."""
    with pytest.raises(InvalidError) as caught:
        moment(value, field="at")

    assert caught.value.fields[0].field == "at"

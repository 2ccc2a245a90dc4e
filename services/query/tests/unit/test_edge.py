"""Times and revisions in requests; what handlers depend on."""

import asyncio
from datetime import UTC, datetime
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from httpx import ASGITransport, AsyncClient
from litestar import Litestar, get
from litestar.di import NamedDependency, Provide

from nightowl_common.errors import InvalidError, StaleRevisionError
from nightowl_query.api.edge import etag, moment, provide_in_turn, read, require_revision


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


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("null", datetime), ("null", UUID), ("null", bool), ("0", datetime), ("1800000000", datetime), ("", UUID),
        ("yes", bool),
    ],
)  # fmt: skip
def test_a_parameter_is_never_taken_for_something_else(
    value: str, kind: type[datetime] | type[UUID] | type[bool]
) -> None:
    """`null` is not absent, and a number is not a time."""
    with pytest.raises(InvalidError) as caught:
        read(value, kind, field="it")

    assert caught.value.fields[0].field == "it"


def test_a_parameter_is_read_as_its_kind() -> None:
    """What is absent stays so."""
    assert read("2026-01-01T00:00:00Z", datetime, field="at") == datetime(2026, 1, 1, tzinfo=UTC)
    assert read("01995d6f-3c51-7b32-8e44-0a6a1b7c8d90", UUID, field="id") == UUID(
        "01995d6f-3c51-7b32-8e44-0a6a1b7c8d90"
    )
    assert (read("true", bool, field="is"), read("false", bool, field="is")) == (True, False)
    assert read(None, bool, field="is") is None


def _task() -> str:
    current = asyncio.current_task()
    assert current is not None
    return current.get_name()


@get("/tasks", dependencies={"first": Provide(_task, sync_to_thread=False)}, sync_to_thread=False)
def tasks(first: NamedDependency[str], second: NamedDependency[str]) -> list[str]:
    """In which tasks its dependencies and itself ran."""
    return [first, second, _task()]


async def test_what_a_handler_depends_on_is_provided_without_a_task_for_each() -> None:
    """Litestar by itself makes one for each, which costs more than all that they do."""
    second = {"second": Provide(partial(_task), sync_to_thread=False)}
    alone: Any = Litestar([tasks], dependencies=second, openapi_config=None)
    app: Any = provide_in_turn(Litestar([tasks], dependencies=second, openapi_config=None))

    answers = []
    for each in (alone, app):
        async with AsyncClient(transport=ASGITransport(each), base_url="http://test") as client:
            answers.append((await client.get("/tasks")).json())

    assert len(set(answers[0])) > 1
    assert len(set(answers[1])) == 1

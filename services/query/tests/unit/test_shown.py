"""What lists remember of alerts: by tenant and version, never more than is allowed, and made from what the versions name."""

import re
from importlib.resources import files
from typing import Any, cast
from uuid import UUID

import msgspec
import pytest

from nightowl_common.db import Record, Tx
from nightowl_query import store
from nightowl_query.store import shown
from nightowl_query.store.shown import ShownAlerts

ONE, TWO, GONE = (UUID(int=number) for number in (1, 2, 3))
_TABLE = re.compile(r"\b(?:FROM|JOIN) ([a-z_.]+)")


class Reading:
    """Stands for the table: titles by id, and the ids of each time that alerts were read."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, **titles: str) -> None:
        self.titles = {ONE: titles.get("one", "1"), TWO: titles.get("two", "2")}
        self.asked: list[list[UUID]] = []
        self.remembering = ShownAlerts()
        monkeypatch.setattr(shown, "load_alerts", self._load)

    async def _load(self, _tx: Tx, alert_ids: list[UUID]) -> list[Any]:
        self.asked.append(alert_ids)
        made = msgspec.defstruct("Alert", [("id", UUID), ("title", str)])
        return [made(each, self.titles[each]) for each in alert_ids if each in self.titles]

    async def titles_of(self, tenant: str, **versions: str) -> list[str]:
        """As a list of `one`, `gone` and `two` in these versions shows them."""
        ids = {"one": ONE, "two": TWO, "gone": GONE}
        found = [{"id": ids[name], "version": version} for name, version in versions.items()]
        read = await self.remembering.read(cast("Tx", None), tenant, cast("list[Record]", found))
        return [msgspec.json.decode(each)["title"] for each in read]


@pytest.fixture
def reading(monkeypatch: pytest.MonkeyPatch) -> Reading:
    """Two alerts."""
    return Reading(monkeypatch)


async def test_only_what_is_not_known_in_its_version_is_read(reading: Reading) -> None:
    """In the order of the list; a version of before is known still, and what is gone is left out."""
    assert await reading.titles_of("acme", two="a", gone="a", one="a") == ["2", "1"]
    assert await reading.titles_of("acme", one="a", two="a") == ["1", "2"]
    reading.titles[TWO] = "changed"

    assert await reading.titles_of("acme", one="a", two="b") == ["1", "changed"]
    assert reading.asked == [[TWO, GONE, ONE], [TWO]]


async def test_nothing_is_known_across_tenants(reading: Reading) -> None:
    """Not even the same id in the same version."""
    assert await reading.titles_of("acme", one="a") == ["1"]
    reading.titles[ONE] = "theirs"

    assert await reading.titles_of("other", one="a") == ["theirs"]
    assert await reading.titles_of("acme", one="a") == ["1"]


async def test_what_is_remembered_has_a_bound(reading: Reading, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond it all is forgotten, and right all the same; what is larger by itself is not remembered."""
    size = len(msgspec.json.encode({"id": ONE, "title": "1"}))
    monkeypatch.setattr(shown, "MOST_BYTES", 3 * size)
    for number in range(50):
        assert await reading.titles_of("acme", one=str(number), two=str(number)) == ["1", "2"]
        assert reading.remembering.bytes_held <= 3 * size
    asked = len(reading.asked)

    reading.titles[ONE] = "large" * size
    assert await reading.titles_of("acme", one="new") == await reading.titles_of("acme", one="new")
    assert reading.remembering.bytes_held <= 3 * size
    assert len(reading.asked) == asked + 2


def test_a_version_names_every_table_that_an_alert_is_made_from() -> None:
    """Whoever shows more of an alert says here what that depends on."""
    texts = [files(store).joinpath(name).read_text() for name in ("alert_columns.sql", "alert_versions.sql")]
    columns, versions = ({*_TABLE.findall(text)} for text in texts)

    assert columns == versions == {"services", "public.timers", "alert_groups", "users", "incidents", "runbooks"}
    assert texts[1].count(".xmin") == len(versions), "of each, and of the alert itself, but for the timer's only column"

"""What each statement costs, as Postgres itself logs it: every service, every sweeper, and no list of them to keep."""

import asyncio
import contextlib
import re
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path
from statistics import median
from typing import TypeVar

import msgspec
from bench import Bench
from figures import Hot
from profiles import TOP

ROOT = Path(__file__).parents[2]
MARK = "<bench "
SHOWN = 70
OFTEN = 5

_NAMED = re.compile(r"^-- name: (\w+)\s*$", re.MULTILINE)
_INCLUDE = re.compile(r"^-- include: (\S+)\s*$", re.MULTILINE)
_ENTRY = re.compile(
    r"<bench (?P<who>[^>]*)> LOG:  duration: (?P<ms>[\d.]+) ms  (?P<step>parse|bind|execute|statement)(?P<rest>.*)",
    re.DOTALL,
)
_PREPARED = re.compile(r"^ \S+: ")

_ON = (
    f"ALTER SYSTEM SET log_line_prefix = '{MARK}%a> '",
    "ALTER SYSTEM SET log_parameter_max_length = 0",
    "ALTER SYSTEM SET log_min_duration_statement = 0",
    "SELECT pg_reload_conf()",
)
_OFF = ("ALTER SYSTEM RESET log_min_duration_statement", "SELECT pg_reload_conf()")
_ALL_KNOW_SECONDS = 0.5


class Spent(msgspec.Struct, frozen=True, kw_only=True):
    """On one statement, in ms: the median of all times, and all of them together."""

    median: float
    total: float
    times: int


@contextlib.asynccontextmanager
async def logged(bench: Bench) -> AsyncIterator[dict[str, Spent]]:
    """As long as it lasts, Postgres logs; afterwards: `service: statement` → what was spent on it."""
    log = bench.stack.postgres.log
    async with bench.sql() as connection:
        for each in _ON:
            await connection.execute(each)
        await asyncio.sleep(_ALL_KNOW_SECONDS)
        start = log.stat().st_size
        spent: dict[str, Spent] = {}
        try:
            yield spent
        finally:
            for each in _OFF:
                await connection.execute(each)
    with log.open("rb") as file:
        file.seek(start)
        spent |= _spent(file.read().decode(errors="replace"))


def _spent(text: str) -> dict[str, Spent]:
    """Planning (bind) and running (execute) of a prepared statement count together; parsing happens once."""
    known = dict(_named_queries())
    steps: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for entry in text.split(MARK)[1:]:
        found = _ENTRY.match(MARK + entry)
        if found is None or found["step"] == "parse" or not found["who"].startswith("nightowl-"):
            continue
        words = _plain(_PREPARED.sub("", found["rest"]).removeprefix(": "))
        name = known.get(words, words[:SHOWN])
        steps[f"{found['who'].removeprefix('nightowl-')}: {name}"][found["step"]].append(float(found["ms"]))
    return {
        name: Spent(
            median=sum(median(times) for times in each.values()),
            total=sum(sum(times) for times in each.values()),
            times=max(len(times) for times in each.values()),
        )
        for name, each in steps.items()
    }


def hottest(section: str, spent: Mapping[str, Spent], file: Path) -> Hot:
    """Which statements the database's time went to; all of them are written to the file."""
    total = sum(each.total for each in spent.values()) or 1.0
    ranked = sorted(spent.items(), key=lambda each: -each[1].total)
    file.write_text(
        "".join(
            f"{each.total / total:6.1%}  {each.total:9,.0f} ms  {each.times:7,} times  {each.median:8.2f} ms  {name}\n"
            for name, each in ranked
        )
    )
    functions = {f"{name} ({each.times:,} times)": each.total / total for name, each in ranked[:TOP]}
    return Hot(section=section, process="statements", file=str(file), functions=functions)


def _named_queries() -> Iterator[tuple[str, str]]:
    for file in ROOT.glob("*/*/src/**/*.sql"):
        _before, *rest = _NAMED.split(_with_includes(file))
        for name, body in zip(rest[::2], rest[1::2], strict=True):
            yield _plain(body), name


def _with_includes(file: Path) -> str:
    return _INCLUDE.sub(lambda line: file.with_name(line[1]).read_text(), file.read_text())


def _plain(statement: str) -> str:
    """Without comments and layout."""
    return " ".join(re.sub(r"--[^\n]*", "", statement).split()).removesuffix(";")


def often(spent: Mapping[str, Spent]) -> dict[str, float]:
    """Statement → ms, of those that ran often enough for a median; a connection's first questions are none of them."""
    return {name: each.median for name, each in spent.items() if each.times >= OFTEN}


T = TypeVar("T")


def together(steps: Mapping[str, Mapping[str, T]]) -> dict[str, dict[str, T]]:
    """Size → name → cost, turned round; only what was seen at every size."""
    everywhere = set.intersection(*(set(each) for each in steps.values()))
    return {name: {size: costs[name] for size, costs in steps.items()} for name in sorted(everywhere)}

"""`./dev bench`: figures beside the ceilings of the same machine, taken in the same run. Never a test: machines are noisy.

A measurement that fails says so in the table, the others go on, and the program ends with 1. A missed target is no
failure. `docs/performance.md` says how figures are taken.
"""

import argparse
import asyncio
import datetime as dt
import importlib
import os
import platform
import subprocess
import sys
import time
import traceback
from collections.abc import Awaitable, Callable
from pathlib import Path

import bench as benches
import ceilings
import knowledge
import listing
import msgspec
import pages
import pipeline
import profiles
import reads
import statements
import table
import tenants
import timers
import tracing
import up
from bench import QUICK, Bench, Sizes
from figures import Hot, Machine, Report, Row, Section
from growth import Growth

ROOT = Path(__file__).parents[2]
AT_MOST_SECONDS = 900.0

Measure = Callable[[Bench], Awaitable[list[Row]]]


class Measurement(msgspec.Struct, frozen=True, kw_only=True):
    """What it needs running, and how it is measured. Some cannot be done twice on one stack, for a profile."""

    measure: Measure
    needs: tuple[str, ...] = ()
    is_repeatable: bool = True
    is_usual: bool = True


async def _paints(bench: Bench) -> list[Row]:
    """A browser's driver is loaded for whoever asks for it."""
    rows: list[Row] = await importlib.import_module("paints").paints(bench)
    return rows


GROWTH = Growth()
_WORKERS = ("ingest", "enrichment", "escalation")
TABLE = {
    "ceilings": Measurement(measure=ceilings.measure, is_repeatable=False),
    "ingest": Measurement(measure=pipeline.ingest, needs=("ingest",)),
    "ingest10": Measurement(measure=pipeline.ingest10, needs=("ingest",)),
    "tracing": Measurement(measure=tracing.tracing, is_repeatable=False),
    "latency": Measurement(measure=pipeline.latency, needs=_WORKERS),
    "pipeline": Measurement(measure=pipeline.pipeline, needs=_WORKERS),
    "pipeline20": Measurement(measure=pipeline.pipeline20, needs=_WORKERS),
    "knowledge": Measurement(measure=knowledge.enrichment, needs=_WORKERS),
    "pages": Measurement(measure=pages.pages, needs=(*_WORKERS, "notifier")),
    "timers": Measurement(measure=timers.timers, needs=_WORKERS),
    "kills": Measurement(measure=timers.kills, needs=_WORKERS),
    "search": Measurement(measure=knowledge.search, needs=("query",)),
    "reads": Measurement(measure=reads.reads, needs=("query",)),
    "growth": Measurement(measure=GROWTH.measure, is_repeatable=False),
    "list": Measurement(measure=listing.listing, needs=("query",), is_repeatable=False),
    "tenants": Measurement(measure=tenants.tenants, is_repeatable=False),
    "up": Measurement(measure=up.up, is_repeatable=False),
    "web": Measurement(measure=_paints, is_repeatable=False, is_usual=False),
}


async def main(options: argparse.Namespace) -> int:
    """Starts a stack of its own, measures, prints a table, writes JSON."""
    names = options.only or [name for name, each in TABLE.items() if each.is_usual]
    load_before, sections, hot = os.getloadavg()[0], list[Section](), list[Hot]()
    async with benches.opened(_sizes(options)) as bench:
        servers = await bench.servers()
        for name in names:
            print(f"measuring {name}", flush=True)
            section = await _measure(bench, name)
            sections.append(section)
            print("\n".join(table.lines_of(section)), flush=True)
            is_wanted = bool(options.only) or any(row.verdict == "missed" for row in section.rows)
            if options.profile and is_wanted and TABLE[name].is_repeatable:
                hot += await _profile(bench, name, options.profile)
            machine = _machine(load_before, servers)
            report = Report(machine=machine, sizes=str(_sizes(options)), sections=sections, hot=hot)
            options.json.write_bytes(report.json())  # after each, so that whoever is interrupted has what is there
    print(f"\n{table.text(report)}\n\nwritten to {options.json}")
    if options.report:
        table.fill(options.report, report)
        print(f"written to {options.report}")
    return int(report.has_failed)


async def _measure(bench: Bench, name: str) -> Section:
    """Whatever goes wrong is this measurement's row, and the next one finds fresh services."""
    started, before = time.perf_counter(), bench.use()
    try:
        rows = await _rows(bench, name)
    except Exception as error:  # noqa: BLE001  # an edge: the table tells it, and so does the exit code
        traceback.print_exc()
        print("\n".join(bench.last_words()), file=sys.stderr)
        words = " ".join(str(error).split())[:300]
        rows = [Row(what=name, value=None, unit="", failed=f"{type(error).__name__}: {words}")]
        await bench.stop()
    return Section(
        name=name, rows=rows, curves=GROWTH.curves if name == "growth" else [], others=before.others(bench.use()),
        seconds=time.perf_counter() - started,
    )  # fmt: skip


async def _rows(bench: Bench, name: str) -> list[Row]:
    async with asyncio.timeout(AT_MOST_SECONDS):
        await bench.need(*TABLE[name].needs)
        return await TABLE[name].measure(bench)


async def _profile(bench: Bench, name: str, folder: Path) -> list[Hot]:
    """Once more, looked into; its figures are thrown away, because being looked into costs."""
    print(f"measuring {name} again, for its profile", flush=True)
    try:
        await bench.need(*TABLE[name].needs)
        async with profiles.recorded(folder.absolute(), name, bench.services) as hot, statements.logged(bench) as spent:
            await _rows(bench, name)
        hot.append(statements.hottest(name, spent, folder / f"{name}-statements.txt"))
    except Exception:  # noqa: BLE001  # an edge, as above: the figures are there without a profile
        traceback.print_exc()
        await bench.stop()
        return []
    return hot


def _sizes(options: argparse.Namespace) -> Sizes:
    given = {name: getattr(options, name) for name in ("seconds", "alerts", "tenants")}
    return msgspec.structs.replace(
        QUICK if options.quick else Sizes(), **{name: value for name, value in given.items() if value is not None}
    )


def _machine(load_before: float, servers: str) -> Machine:
    commit = subprocess.run(
        ["git", "describe", "--always", "--dirty"], cwd=ROOT, check=False, capture_output=True, text=True
    ).stdout.strip()
    return Machine(
        at=dt.datetime.now(dt.UTC).strftime("%Y-%m-%d %H:%M UTC"), commit=commit or "unknown",
        kind=platform.machine(), cores=os.cpu_count() or 1, python=platform.python_version(), servers=servers,
        load_before=load_before, load_after=os.getloadavg()[0],
    )  # fmt: skip


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="./dev bench", description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--only", action="append", choices=list(TABLE), help="one measurement; may be given again")
    parser.add_argument("--quick", action="store_true", help="all of it in minutes: short windows, small sizes")
    parser.add_argument("--seconds", type=float, help="length of a window under load (default 5)")
    parser.add_argument(
        "--alerts", type=int, help="alerts of `list`, and the last step of `growth` (default 1,000,000)"
    )
    parser.add_argument("--tenants", type=int, help="tenants of `tenants` (default 1,000)")
    parser.add_argument(
        "--profile", type=Path, nargs="?", const=Path("profiles"), metavar="FOLDER",
        help="what misses its target, or was asked for by name, runs again under py-spy (default folder: profiles)",
    )  # fmt: skip
    parser.add_argument("--json", type=Path, default=Path("bench.json"), help="where the JSON goes")
    parser.add_argument("--report", type=Path, metavar="PAGE", help="a page whose marked region is written anew")
    return parser


if __name__ == "__main__":
    sys.exit(asyncio.run(main(_parser().parse_args())))

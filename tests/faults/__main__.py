"""`./dev faults`: the fault matrix on real processes. A table; 1 when anything was lost, doubled or broken."""

import argparse
import asyncio
import itertools
import sys
from pathlib import Path

import matrix
import report
from runner import Options, Outcome, run_scenario
from scenario import Scenario

QUICK = Options(per_second=40, seconds=6)


async def main(options: argparse.Namespace) -> int:
    """Runs what is asked for, a line as each row is done."""
    rows = matrix.chosen(only=options.only, quick=options.quick)
    how = Options(per_second=options.rate, seconds=options.seconds, seed=options.seed)
    print(report.line(report.HEAD), flush=True)
    outcomes = await _run(rows, how)
    print(report.line(report.total(outcomes)), flush=True)
    if options.report:
        load = f"{how.per_second:g} alerts/s for {how.seconds:g} s in each row"
        options.report.write_text(report.page(outcomes, command=_command(), load=load), encoding="utf-8")
    return int(any(each.findings for each in outcomes))


async def _run(rows: list[Scenario], how: Options) -> list[Outcome]:
    outcomes = []
    for opens, of_world in itertools.groupby(rows, key=lambda each: each.world):
        async with opens() as world:
            for each in of_world:
                outcome = await run_scenario(world, each, how)
                print(report.line(report.cells(outcome)), *report.findings(outcome), sep="\n", flush=True)
                outcomes.append(outcome)
    return outcomes


def _command() -> str:
    return " ".join(["./dev faults", *sys.argv[1:]])


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./dev faults", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="short loads, and only the rows that need no long ones")
    parser.add_argument(
        "--only", action="append", default=[], metavar="ROW", help="rows of this name (may be repeated)"
    )
    parser.add_argument("--list", action="store_true", help="the rows, and what is expected of each")
    parser.add_argument("--rate", type=float, help="alerts per second (default 200; quick: 40)")
    parser.add_argument("--seconds", type=float, help="how long they flow in each row (default 60; quick: 6)")
    parser.add_argument("--seed", type=int, default=2026, help="where chance begins")
    parser.add_argument("--report", type=Path, metavar="FILE.md", help="write the table as a page")
    options = parser.parse_args()
    options.rate = options.rate or (QUICK.per_second if options.quick else 200)
    options.seconds = options.seconds or (QUICK.seconds if options.quick else 60)
    return options


if __name__ == "__main__":
    asked = _parse()
    if asked.list:
        for each in matrix.ROWS:
            print(f"{each.name:32} {each.row}: {each.expected}")
        sys.exit(0)
    sys.exit(asyncio.run(main(asked)))

"""`./dev faults`: the fault matrix on real processes, a line per row. 1 when anything was lost, doubled or broken.

Without options: every row, 200 alerts per second for a minute each. `--rounds N`: random faults instead, from a seed that
is told; a round that fails says the command that plays it again.
"""

import argparse
import asyncio
import itertools
import random
import shlex
import sys
from collections.abc import AsyncIterator, Iterable, Iterator
from pathlib import Path

import matrix
import msgspec
import report
import rounds
from runner import Options, Outcome, run_scenario
from scenario import Scenario

from nightowl_common.logs import silence_logs

QUICK = Options(per_second=40, seconds=6, is_patient=False)
FULL = Options(per_second=200, seconds=60)
MANY = 1_000_000_000


async def main(asked: argparse.Namespace) -> int:
    """Runs what is asked for and says what it came to."""
    silence_logs()
    print(report.line(report.HEAD), flush=True)
    outcomes: list[Outcome] = []
    async for outcome in _outcomes(asked):
        print(report.line(report.cells(outcome)), *report.details(outcome), sep="\n", flush=True)
        if outcome.findings and asked.rounds:
            print(f"    again: {again(asked, outcome.seed)}", flush=True)
        outcomes.append(outcome)
        if asked.report:
            load = f"{asked.rate:g} alerts/s, {asked.seconds:g} s in each row"
            asked.report.write_text(report.page(outcomes, command=_command(), load=load), encoding="utf-8")
        if sum(each.accepted for each in outcomes) >= asked.alerts:
            break
    print(report.line(report.total(outcomes)), flush=True)
    return int(any(each.findings for each in outcomes))


async def _outcomes(asked: argparse.Namespace) -> AsyncIterator[Outcome]:
    """One after the other; rows that need the same world share it."""
    for opens, of_world in itertools.groupby(_plan(asked), key=lambda planned: planned[0].world):
        async with opens() as world:
            for scenario, options in of_world:
                yield await run_scenario(world, scenario, options)


def _plan(asked: argparse.Namespace) -> Iterator[tuple[Scenario, Options]]:
    how = Options(per_second=asked.rate, seconds=asked.seconds, seed=asked.seed, is_patient=not asked.quick)
    if not asked.rounds:
        yield from ((each, how) for each in matrix.chosen(only=asked.only, quick=asked.quick))
        return
    print(f"seed {asked.seed}", flush=True)
    for number in range(asked.rounds):
        options = msgspec.structs.replace(how, seed=asked.seed + number)
        yield rounds.round_of(options.seed, seconds=asked.seconds), options


def again(asked: argparse.Namespace, seed: int) -> str:
    """The command that plays a round again."""
    return f"./dev faults --rounds 1 --seed {seed} --rate {asked.rate:g} --seconds {asked.seconds:g}"


def _command() -> str:
    return shlex.join(["./dev", "faults", *sys.argv[1:]])


def parse(arguments: list[str]) -> argparse.Namespace:
    """The options; what is not given has its default."""
    parser = argparse.ArgumentParser(
        prog="./dev faults", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--quick", action="store_true", help="short loads, and only the rows that prove something in them"
    )
    parser.add_argument(
        "--only", action="append", default=[], metavar="ROW", help="rows of this name (may be repeated)"
    )
    parser.add_argument("--list", action="store_true", help="the rows, and what is expected of each")
    parser.add_argument("--rounds", type=int, metavar="N", help="so many rounds of random faults instead of the rows")
    parser.add_argument("--alerts", type=int, metavar="N", help="rounds until so many alerts were accepted")
    parser.add_argument("--rate", type=float, help="alerts per second (default 200; quick: 40)")
    parser.add_argument("--seconds", type=float, help="how long they flow in each row or round (default 60; quick: 6)")
    parser.add_argument("--seed", type=int, help="where chance begins (default: rows 2026, rounds any)")
    parser.add_argument("--report", type=Path, metavar="FILE.md", help="write the table as a page")
    asked = parser.parse_args(arguments)
    default = QUICK if asked.quick else FULL
    asked.rate = asked.rate or default.per_second
    asked.seconds = asked.seconds or default.seconds
    asked.rounds = asked.rounds or (MANY if asked.alerts else 0)
    asked.alerts = asked.alerts or MANY
    if asked.seed is None:
        asked.seed = random.SystemRandom().randrange(1_000_000) if asked.rounds else default.seed
    return asked


def listing(scenarios: Iterable[Scenario]) -> str:
    """The rows in words."""
    return "\n".join(
        f"{each.name:26}{'quick ' if each.is_quick else '      '}{each.row}: {each.expected}" for each in scenarios
    )


if __name__ == "__main__":
    options = parse(sys.argv[1:])
    if options.list:
        print(listing(matrix.ROWS))
        sys.exit(0)
    sys.exit(asyncio.run(main(options)))

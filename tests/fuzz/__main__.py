"""`./dev fuzz`: every property and the API document, with new examples in each round, until the time is over.

A round is one run of pytest with a seed of its own, which is printed and brings the same examples again. The first
round that finds something is the last one: pytest has said what, made as small as Hypothesis could make it.
"""

import argparse
import random
import subprocess
import sys
import time
from collections.abc import Iterator

MARK = "hypothesis"
"""Put on properties by Hypothesis' own plugin, and by hand where examples are drawn inside a test."""


def main(options: argparse.Namespace) -> int:
    """The exit status of the last round."""
    ends_at = time.monotonic() + options.minutes * 60
    status, seeds = 0, seeds_from(options.seed)
    for done in range(options.rounds or sys.maxsize):
        if status or (done and time.monotonic() >= ends_at):
            break
        seed = next(seeds)
        print(f"round {done + 1}, seed {seed}", flush=True)
        status = subprocess.run(command(seed, options.pytest), check=False).returncode
        if status:
            print(f"again: ./dev fuzz --rounds 1 --seed {seed} {' '.join(options.pytest)}")
    return status


def seeds_from(first: int | None) -> Iterator[int]:
    """The one that was asked for, and any others."""
    if first is not None:
        yield first
    while True:
        yield random.SystemRandom().randrange(2**32)


def command(seed: int, more: list[str]) -> list[str]:
    """All properties in the deep profile; what is in `more` narrows them."""
    profile = ["--hypothesis-profile=deep", f"--hypothesis-seed={seed}", f"--randomly-seed={seed}"]
    return ["pytest", "-q", "-m", MARK, "--timeout=1800", *profile, *more]


def parse() -> argparse.Namespace:
    """The options of the command."""
    parser = argparse.ArgumentParser(prog="./dev fuzz", description=__doc__.partition("\n")[0])
    parser.add_argument("--minutes", type=float, default=10, help="no round begins later (default: 10)")
    parser.add_argument("--rounds", type=int, help="at most so many rounds")
    parser.add_argument("--seed", type=int, help="of the first round (default: any)")
    parser.add_argument("pytest", nargs="*", help="what to narrow it to: folders, files, `-- -k matchers`")
    return parser.parse_args()


if __name__ == "__main__":
    raise SystemExit(main(parse()))

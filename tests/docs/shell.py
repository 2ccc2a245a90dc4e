"""One shell per page, as its reader has one: variables and files that a block makes are there for the next."""

import os
import re
import select
import shlex
import subprocess
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Self

import msgspec

BLOCK_SECONDS, READ_SECONDS = 120, 30
LOOK_SECONDS = 0.2

_MANNERS = r"""
set -uE -o pipefail
trap '__failed=1' ERR
curl() {
  case " $* " in *" -f"*) command curl "$@" ;; *) command curl --fail-with-body --silent --show-error "$@" ;; esac
}
"""
"""What fails is told: an unknown variable, any command of a block, and an answer of 4xx or 5xx."""

_WRITES = re.compile(r"\s(?:-X|-d|--data\S*|-T|--request|-F|--json)\b|\bnightowl\b|>")
"""What changes something, so that it cannot simply be done again."""


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a block."""

    is_done: bool
    printed: str
    errors: str

    def __str__(self) -> str:
        return f"{self.printed}\n{self.errors}".strip()


class Shell:
    """A running bash in a folder of its own."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        self._folder = folder
        self._environment = environment
        self._number = 0

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            ["bash", "--norc", "--noprofile"],
            cwd=self._folder, env=dict(self._environment), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        self._say(_MANNERS)
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()

    def run(self, commands: str, judge: Callable[[str], str | None] = lambda _: None) -> str | None:
        """Runs them to their end; returns what is wrong: that one failed, or what `judge` says of what was printed.

        A reader who looks too early looks again, and so does this, while nothing is changed by it.
        """
        deadline = time.monotonic() + READ_SECONDS
        while True:
            outcome = self._once(commands)
            wrong = judge(outcome.printed) if outcome.is_done else f"it failed:\n{outcome}"
            is_last = not only_reads(commands) or time.monotonic() > deadline or self._process.poll() is not None
            if wrong is None or is_last:
                return wrong
            time.sleep(LOOK_SECONDS)

    def _once(self, commands: str) -> Outcome:
        self._number += 1
        script, printed, errors = (self._folder / f".block-{self._number}.{end}" for end in ("sh", "out", "err"))
        script.write_text(commands)
        paths = [shlex.quote(str(each)) for each in (script, printed, errors)]
        self._say(f"__failed=0; . {paths[0]} >{paths[1]} 2>{paths[2]} </dev/null; echo ended $? $__failed")
        told = self._hear()
        return Outcome(is_done=told == "ended 0 0", printed=printed.read_text(), errors=f"{errors.read_text()}\n{told}")

    def _hear(self) -> str:
        """Its next line; a block that does not end ends with its shell."""
        if self._process.stdout is None or not select.select([self._process.stdout], [], [], BLOCK_SECONDS)[0]:
            self._process.kill()
            return f"did not end within {BLOCK_SECONDS} s"
        return self._process.stdout.readline().strip()

    def _say(self, line: str) -> None:
        if self._process.stdin is not None:
            self._process.stdin.write(line + "\n")
            self._process.stdin.flush()


def only_reads(commands: str) -> bool:
    """Whether they may be done again."""
    return "curl" in commands and _WRITES.search(re.sub(r"'[^']*'|\"[^\"]*\"", "''", commands)) is None


def path_of_programs(python: Path) -> str:
    """`PATH` of a reader: the environment of the checkout, and what the machine has."""
    return os.pathsep.join([str(python.parent), os.environ.get("PATH", os.defpath)])

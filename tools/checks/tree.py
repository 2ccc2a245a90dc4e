"""What all checks share: a finding, the repository's files, and reading them.

Only files that git knows or would add count: what `.gitignore` names is nobody's business here.
"""

import ast
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

TESTS = "tests"
PYTHON_TOPS = ("schemas", "libs", "services", "tools")


@dataclass(frozen=True, order=True)
class Finding:
    """Something against a rule, at a line counted from 1."""

    path: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.message}"


@dataclass(frozen=True)
class Source:
    """A file of the repository; `path` is relative to its root, with forward slashes."""

    root: Path
    path: str

    @property
    def parts(self) -> tuple[str, ...]:
        """The folders on the way, and the file's name."""
        return tuple(self.path.split("/"))

    @property
    def name(self) -> str:
        """The file's name."""
        return self.parts[-1]

    @property
    def folder(self) -> str:
        """Where it lies."""
        return self.path.rpartition("/")[0]

    @property
    def package(self) -> str | None:
        """`ingest` for anything below a package `nightowl_ingest`; None elsewhere."""
        names = [part.removeprefix("nightowl_") for part in self.parts[:-1] if part.startswith("nightowl_")]
        return names[0] if names else None

    @property
    def is_test(self) -> bool:
        """Tests may do what code may not."""
        return TESTS in self.parts[:-1] or self.package == "testkit"

    @property
    def text(self) -> str:
        """Its contents; bytes that are no UTF-8 come out as question marks."""
        return (self.root / self.path).read_text(encoding="utf-8", errors="replace")

    def parse(self) -> ast.Module:
        """The syntax tree of a Python file."""
        return ast.parse(self.text, filename=self.path)

    def finding(self, line: int, message: str) -> Finding:
        """A finding in this file."""
        return Finding(self.path, line, message)


@dataclass(frozen=True)
class Tree:
    """A checkout (or any folder that looks like one)."""

    root: Path

    @cached_property
    def sources(self) -> list[Source]:
        """All files, sorted by path."""
        return [Source(self.root, path) for path in sorted(self._paths()) if (self.root / path).is_file()]

    def python(self) -> Iterator[Source]:
        """Python files of packages and tools, tests and testkit left out."""
        for source in self.sources:
            if source.name.endswith(".py") and source.parts[0] in PYTHON_TOPS and not source.is_test:
                yield source

    def query_files(self) -> Iterator[Source]:
        """Files of named queries: every .sql inside a package."""
        for source in self.sources:
            if source.name.endswith(".sql") and source.package is not None and not source.is_test:
                yield source

    def ending(self, suffix: str) -> Iterator[Source]:
        """Files whose name ends so."""
        return (source for source in self.sources if source.name.endswith(suffix))

    def find(self, path: str) -> Source | None:
        """One file, or None."""
        return next((source for source in self.sources if source.path == path), None)

    def _paths(self) -> set[str]:
        command = ["git", "-C", str(self.root), "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
        if (self.root / ".git").exists():
            listed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
            return set(filter(None, listed.split("\0")))
        return {path.relative_to(self.root).as_posix() for path in self.root.rglob("*") if path.is_file()}


def line_at(text: str, offset: int) -> int:
    """The line of a character, counted from 1."""
    return text.count("\n", 0, offset) + 1


def without_comments(sql: str) -> str:
    """SQL with its comments blanked out, so that offsets and lines stay."""
    return "\n".join(line if "--" not in line else _before_comment(line) for line in sql.split("\n"))


def _before_comment(line: str) -> str:
    """A `--` inside quotes is no comment."""
    start = -1
    while (start := line.find("--", start + 1)) != -1:
        if line.count("'", 0, start) % 2 == 0:
            return line[:start].ljust(len(line))
    return line

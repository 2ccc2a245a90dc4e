"""The release before: the newest commit of this line of history whose migrations are not those of the work tree."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).parents[2]
SCOPES = ("schemas/sql/global", "schemas/sql/tenant")
PARTS = ("schemas", "libs", "services", "tools/cli")


class NoOldReleaseError(Exception):
    """The history does not reach back to other migrations: a shallow clone, or no clone at all."""


class OldRelease:
    """Its code in a folder. `environment` makes a Python of this environment run it, with the same libraries."""

    def __init__(self, commit: str, folder: Path) -> None:
        self.commit = commit
        self.folder = folder
        sources = [each for part in ("schemas", "libs", "services", "tools") for each in folder.glob(f"{part}/*/src")]
        self.environment = {"PYTHONPATH": os.pathsep.join(str(each) for each in sources)}

    async def nightowl(self, *arguments: str, environment: Mapping[str, str]) -> str:
        """Runs a command of it; returns what it says."""
        return await self._python("-m", "nightowl_cli", *arguments, environment=environment)

    async def home(self) -> Path:
        """Where its code is imported from."""
        return Path(await self._python("-c", "import nightowl_sql; print(nightowl_sql.__file__)", environment={}))

    async def _python(self, *arguments: str, environment: Mapping[str, str]) -> str:
        process = await asyncio.create_subprocess_exec(
            sys.executable, *arguments, cwd="/", stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
            env={**os.environ, **environment, **self.environment},
        )  # fmt: skip
        said, _ = await process.communicate()
        assert process.returncode == 0, said.decode()
        return said.decode().strip()


def unpack(folder: Path) -> OldRelease:
    """Puts the old release's code into a folder.

    Raises:
        NoOldReleaseError: there is none in this history.
    """
    commit = _find()
    archive = subprocess.run(_git("archive", commit, *PARTS), check=True, capture_output=True).stdout
    subprocess.run(["tar", "--extract", "--directory", str(folder)], check=True, input=archive)
    return OldRelease(commit, folder)


def _find() -> str:
    ours = {str(path.relative_to(ROOT)) for scope in SCOPES for path in (ROOT / scope).glob("[0-9]*.sql")}
    for changed in ["HEAD", *_lines("log", "--first-parent", "--format=%H^", "--", *SCOPES)]:
        listed = _lines("ls-tree", "-r", "--name-only", "--full-tree", changed, *SCOPES)
        theirs = {each for each in listed if Path(each).name[0].isdigit()}
        if theirs and theirs != ours:
            return changed
    raise NoOldReleaseError(NoOldReleaseError.__doc__)


def _lines(*arguments: str) -> list[str]:
    try:
        done = subprocess.run(_git(*arguments), check=True, capture_output=True, text=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise NoOldReleaseError(f"git cannot tell: {error}") from error
    return done.stdout.split()


def _git(*arguments: str) -> list[str]:
    return ["git", "-C", str(ROOT), *arguments]

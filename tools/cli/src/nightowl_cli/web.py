"""`nightowl web`: the front end, made from `web/` by npm, and only when something in it has changed.

What was made holds a stamp of what it was made from. Two builds of one folder wait for each other.
"""

import fcntl
import hashlib
import os
import signal
import subprocess
import tempfile
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NoReturn

import rich_click as click

from nightowl_cli.node import Node, find_node
from nightowl_common import clock
from nightowl_common.errors import PermanentError
from nightowl_embedded.processes import spawn

ROOT = Path(__file__).parents[4]
SOURCES = ROOT / "web"
DOCUMENT = ROOT / "services/query/src/nightowl_query/openapi.json"
"""The front end's types are generated from it."""

PACKER = Path(__file__).with_name("pack.mjs")

LOOK_SECONDS = 0.05
LAST_LINES = 20

_MADE = frozenset({"node_modules", "dist", "coverage"})
"""Folders of `web/` that are made from the rest."""

_INSTALL = ("ci", "--no-audit", "--no-fund", "--prefer-offline", "--fetch-retries=1", "--fetch-retry-mintimeout=1000")
"""npm alone would ask a registry that does not answer for minutes."""


class NoFrontEndError(PermanentError):
    """The front end cannot be built. The first line of `detail` says why, the rest is what npm said."""

    code = "no_front_end"


async def build(folder: Path = SOURCES) -> Path:
    """The folder of the built front end, which is made anew where it is not what its sources say.

    Raises:
        NoFrontEndError: it cannot be built, or its sources are not here.
        NodeMissingError: there is nothing to build it with.
    """
    if not (folder / "package-lock.json").is_file():
        raise NoFrontEndError(f"{folder} does not hold the front end's sources")
    built = folder / "dist"
    try:
        wanted = _content(folder)
        if _stamp(built) != wanted:
            async with _alone(folder):
                if _stamp(built) != wanted:
                    await _build(folder, find_node(), wanted)
    except OSError as error:
        raise NoFrontEndError(f"{error.filename}: {error.strerror}") from error
    return built


async def install(folder: Path) -> Node:
    """Makes `node_modules` what package-lock.json says; the Node to go on with.

    Raises:
        NoFrontEndError: npm could not.
        NodeMissingError: there is no npm.
    """
    node = find_node()
    async with _alone(folder):
        await _install(folder, node)
    return node


async def show_build() -> None:
    """Builds it, and says where it is."""
    click.echo(f"front end: {await build()}")


async def run(script: str, *options: str, **environment: str) -> NoReturn:
    """Installs what package.json's scripts need, and becomes one of them.

    Raises:
        NoFrontEndError: npm could not install it.
        NodeMissingError: there is no npm.
    """
    node = await install(SOURCES)
    os.chdir(SOURCES)
    command = [*node.npm, "run", "--silent", script, "--", *options]
    os.execvpe(command[0], command, {**node.environment, **environment})  # noqa: S606  (that is its purpose)


async def _build(folder: Path, node: Node, wanted: str) -> None:
    built = folder / "dist"
    await _install(folder, node)
    click.echo("front end: building")
    started = clock.monotonic_seconds()
    _stamp_file(built).unlink(missing_ok=True)
    await _npm(folder, node, "run", "build")
    await _watched([str(node.program), str(PACKER), str(built)], node, what="packing the front end")
    _stamp_file(built).write_text(wanted)
    click.echo(f"front end: built in {clock.monotonic_seconds() - started:.1f} s")


async def _install(folder: Path, node: Node) -> None:
    packages = folder / "node_modules"
    wanted = _digest([folder / "package.json", folder / "package-lock.json"], root=folder)
    if _stamp(packages) == wanted:
        return
    click.echo("front end: installing its packages")
    await _npm(folder, node, *_INSTALL)
    _stamp_file(packages).write_text(wanted)


async def _npm(folder: Path, node: Node, *arguments: str) -> None:
    named = " ".join(each for each in arguments if not each.startswith("-"))
    await _watched([*node.npm, "--prefix", str(folder), *arguments], node, what=f"`npm {named}`")


async def _watched(command: Sequence[str], node: Node, *, what: str) -> None:
    """Runs a command to its end; it ends with us, whatever becomes of us.

    Raises:
        NoFrontEndError: it failed; with its last words.
    """
    with tempfile.TemporaryDirectory(prefix="nightowl-web-") as made:
        log = Path(made) / "log"
        process = spawn(command, log=log, environment={**node.environment, "NO_COLOR": "1"})
        try:
            while process.poll() is None:
                await clock.sleep(LOOK_SECONDS)
        finally:
            _end(process)
        if process.returncode:
            words = log.read_text(errors="replace").strip().splitlines()
            code = next((each.split()[-1] for each in words if each.startswith("npm error code ")), process.returncode)
            raise NoFrontEndError("\n".join([f"{what} failed with code {code}", *words[-LAST_LINES:]]))


def _end(process: subprocess.Popen[bytes]) -> None:
    """With everything that it has started."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@asynccontextmanager
async def _alone(folder: Path) -> AsyncIterator[None]:
    """While nobody else builds there."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        while not _has_locked(handle):
            await clock.sleep(LOOK_SECONDS)
        yield
    finally:
        os.close(handle)


def _has_locked(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _stamp_file(made: Path) -> Path:
    return made / ".made-from"


def _stamp(made: Path) -> str:
    """What it was made from; empty where it is not there, or not whole."""
    path = _stamp_file(made)
    return path.read_text() if path.is_file() else ""


def _content(folder: Path) -> str:
    """Stands for everything that the build reads."""
    outside = [path for path in (DOCUMENT, PACKER) if path.is_file()]
    return _digest([*sorted(_sources(folder)), *outside], root=folder)


def _sources(folder: Path) -> Iterator[Path]:
    for entry in folder.iterdir():
        if entry.name not in _MADE:
            inside = entry.rglob("*") if entry.is_dir() else [entry]
            yield from (path for path in inside if path.is_file() and ".gen." not in path.name)


def _digest(paths: Sequence[Path], *, root: Path) -> str:
    digest = hashlib.sha256()
    for path in paths:
        digest.update(f"{os.path.relpath(path, root)}\0".encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()

"""Carries out the first stage of each Dockerfile in a folder, without a container engine.

What cannot be shown so: the base image, users, and that the root is read-only. It fetches packages, so it is no part of
the tests: `./dev chart rehearsal`.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from containers import DOCKERFILES, is_sent
from workshop import ROOT

from nightowl_cli.routing import SERVICES

STAGE = "build"


def findings() -> Iterator[str]:
    """What goes wrong in a stage, which service does not start from what it leaves, and whether there is a page."""
    with tempfile.TemporaryDirectory(prefix="nightowl-image-") as made:
        folder = Path(made)
        for dockerfile in DOCKERFILES:
            yield from _stage(ROOT / dockerfile, folder)
        yield from _started(folder / "opt" / "nightowl")
        if not (folder / "build" / "web" / "dist" / "index.html").is_file():
            yield "the front end has no page"


def _stage(dockerfile: Path, folder: Path) -> Iterator[str]:
    """Carries out the stage instruction by instruction, until one fails."""
    environment = dict(os.environ)  # how packages are reached from here is the machine's business
    place = folder
    for instruction in _instructions(dockerfile.read_text()):
        word, _, rest = instruction.partition(" ")
        problem = None
        match word:
            case "ENV":
                environment |= dict(each.split("=", 1) for each in rest.split())
            case "WORKDIR":
                place = _inside(folder, rest)
                place.mkdir(parents=True, exist_ok=True)
            case "COPY":
                *sources, target = rest.split()
                for source in sources:
                    into = _inside(folder, target) if target.startswith("/") else place / target
                    _copy(source, into, is_into=target.endswith("/"))
            case "RUN":
                problem = _run(rest, folder, place, environment)
        if problem:
            yield f"{dockerfile.name}: {instruction[:80]}: {problem}"
            return


def _instructions(text: str) -> Iterator[str]:
    lines = re.sub(r"\\\n\s*", "", text).splitlines()
    begin = next(place for place, line in enumerate(lines) if line.endswith(f" AS {STAGE}"))
    for line in lines[begin + 1 :]:
        if line.startswith("FROM "):
            return
        if line and not line.startswith("#"):
            yield line


def _inside(folder: Path, path: str) -> Path:
    return folder / path.lstrip("/")


def _run(script: str, folder: Path, place: Path, environment: dict[str, str]) -> str | None:
    """Its last words if it fails. pip must not install beside what this very process runs on."""
    moved = re.sub(r"(?<=[ =])/(?=opt/|build/)", f"{folder}/", script)
    moved = moved.replace("python -m pip install", "python -m pip install --prefix pip")
    path = f"{place}/pip/bin:{Path(sys.executable).parent}:{environment['PATH']}"
    done = subprocess.run(
        ["sh", "-euc", moved], cwd=place, env={**environment, "PATH": path}, check=False, capture_output=True, text=True
    )
    return (done.stderr + done.stdout)[-1_500:] if done.returncode else None


def _copy(source: str, target: Path, *, is_into: bool) -> None:
    """As COPY does, of what git knows and .dockerignore lets through."""
    listed = subprocess.run(
        ["git", "-C", ROOT, "ls-files", "-z", "--cached", "--others", "--exclude-standard", source],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    for name in filter(is_sent, filter(None, listed.split("\0"))):
        if (ROOT / source).is_dir():
            place = target / Path(name).relative_to(source)
        else:
            place = target / Path(name).name if is_into else target
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, place)


def _started(home: Path) -> Iterator[str]:
    """Each service comes as far as its settings, which says that all it imports is there."""
    if (home / "bin" / "nightowl").is_file():
        size = sum(path.stat().st_size for path in home.rglob("*") if path.is_file()) / 1024**2
        print(f"rehearsal: the environment of the image is {size:.0f} MiB", file=sys.stderr)
    for service in SERVICES:
        done = subprocess.run(
            [home / "bin" / "nightowl", "run", service], env={"PATH": os.defpath}, cwd="/", check=False,
            capture_output=True, text=True,
        )  # fmt: skip
        if done.returncode != 1 or "DATABASE_URL" not in done.stderr:
            yield f"nightowl run {service}: {done.stderr[-1_500:]}"

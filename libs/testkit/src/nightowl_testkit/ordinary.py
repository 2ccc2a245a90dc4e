"""An ordinary user, for tests that run as root: what must work for everybody is run as `nobody`."""

import os
import pwd
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import Any

import msgspec

NAME = "nobody"


class UnreachableError(Exception):
    """No interpreter with this environment's packages can be run by the ordinary user; the message says why."""


class Python(msgspec.Struct, frozen=True, kw_only=True):
    """An interpreter, and the environment variables that it and its children need."""

    path: Path
    environment: dict[str, str]


def identity() -> dict[str, Any]:
    """Arguments of `subprocess` that make the child the ordinary user."""
    account = pwd.getpwnam(NAME)
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}


def give(folder: Path) -> Path:
    """Makes a folder the ordinary user's own."""
    folder.mkdir(parents=True, exist_ok=True)
    os.chown(folder, identity()["user"], identity()["group"])
    return folder


def interpreter(folder: Path) -> Python:
    """A Python that the ordinary user can run and that has this environment's packages and programs.

    That is this one, or where it cannot be reached (in root's home), a copy of it in `folder`.

    Raises:
        UnreachableError: neither can be run.
    """
    path = {"PATH": os.environ["PATH"], "HOME": str(folder)}
    own = Python(path=Path(sys.executable), environment=path)
    if _refusal(own) is None:
        return own
    library = {"LD_LIBRARY_PATH": str(folder / "python" / "lib")}
    made = Python(path=_environment(_copy(folder / "python"), folder / "environment"), environment={**path, **library})
    refusal = _refusal(made)
    if refusal is not None:
        raise UnreachableError(f"{made.path}: {refusal}")
    return made


def _copy(target: Path) -> Path:
    """This Python without its packages; it finds its library by where it lies."""
    home, library = Path(sys.base_prefix), f"lib/python{sys.version_info.major}.{sys.version_info.minor}"
    without = shutil.ignore_patterns("site-packages", "test", "idlelib", "ensurepip", "config-*", "*.a")
    shutil.copytree(home / library, target / library, ignore=without, symlinks=True)
    for shared in home.glob("lib/libpython*.so*"):
        shutil.copy2(shared, target / "lib", follow_symlinks=False)
    (target / "bin").mkdir()
    return Path(shutil.copy2(Path(sys.executable).resolve(), target / "bin"))


def _environment(python: Path, target: Path) -> Path:
    """A virtual environment that borrows this one's packages and programs."""
    subprocess.run([python, "-m", "venv", "--without-pip", target], check=True)
    [packages] = target.glob("lib/python*/site-packages")
    (packages / "borrowed.pth").write_text(f"import site; site.addsitedir({sysconfig.get_path('purelib')!r})\n")
    (target / "bin" / "nats-server").symlink_to(Path(sysconfig.get_path("scripts")) / "nats-server")
    return target / "bin" / "python"


def _refusal(python: Python) -> str | None:
    probe = [str(python.path), "-c", "import nightowl_cli.up, nightowl_query.app, nightowl_embedded"]
    how = {"cwd": "/", "env": python.environment, **identity()}
    try:
        outcome = subprocess.run(probe, capture_output=True, text=True, check=False, **how)
    except PermissionError as error:
        return str(error)
    return None if outcome.returncode == 0 else outcome.stderr[-500:]

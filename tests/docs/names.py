"""What there is to be named: commands, settings, paths of the API, metrics."""

import functools
import importlib
import json
import re
from collections.abc import Iterator
from pathlib import Path

import click
import msgspec
from pages import ROOT

from nightowl_cli import settings as cli_settings
from nightowl_cli.generate_cli_page import commands
from nightowl_cli.main import cli
from nightowl_cli.routing import SERVICES

READ_ELSEWHERE = {
    "NIGHTOWL_URL": "web/vite.config.ts",
    "NIGHTOWL_API_KEY": "tools/cli/src/nightowl_cli/demo_commands.py",
    "NIGHTOWL_ADDRESS": "compose.yaml",
    "NIGHTOWL_ENV_FILE": "compose.yaml",
    "NIGHTOWL_TEST_SERVERS": "libs/testkit/src/nightowl_testkit/servers.py",
}
"""Variables that no settings Struct reads, and the file that does."""

_PARAMETER = re.compile(r"\{[^}]*\}|<[^>]*>|\$\{?\w+\}?|…")
_METRIC = re.compile(r"""["'](nightowl_[a-z_]+)["']""")
_SUFFIXES = ("", "_total", "_bucket", "_sum", "_count", "_created")

Words = tuple[str, ...]


@functools.cache
def known_commands() -> dict[Words, click.Command]:
    """The words behind `nightowl` → command or group."""
    return {path[1:]: command for path, command in commands(cli)}


@functools.cache
def known_settings() -> frozenset[str]:
    """All environment variables that something reads."""
    modules = [cli_settings, *(importlib.import_module(f"nightowl_{name}.settings") for name in SERVICES)]
    structs = [each for module in modules for each in vars(module).values() if _is_struct(each)]
    names = {field.encode_name for struct in structs for field in msgspec.structs.fields(struct)}
    return frozenset(names | {name for name, file in READ_ELSEWHERE.items() if name in (ROOT / file).read_text()})


def _is_struct(thing: object) -> bool:
    return isinstance(thing, type) and issubclass(thing, msgspec.Struct)


@functools.cache
def known_operations() -> dict[str, frozenset[str]]:
    """Path of the API, its parameters as `*` → methods."""
    document = json.loads((ROOT / "services/query/src/nightowl_query/openapi.json").read_text())
    permissions = json.loads((ROOT / "docs/reference/permissions.json").read_text())
    pairs = [(path, method.upper()) for path, item in document["paths"].items() for method in item]
    pairs += [(each["path"], each["method"]) for each in permissions]
    found: dict[str, set[str]] = {}
    for path, method in pairs:
        found.setdefault(plain(path), set()).add(method)
    return {path: frozenset(methods) for path, methods in found.items()}


def plain(path: str) -> str:
    """With `*` for every parameter, without a query."""
    return _PARAMETER.sub("*", path.partition("?")[0]).rstrip("/") or "/"


def methods_of(path: str) -> frozenset[str] | None:
    """The methods of a path as a page writes it; None when there is none. A value may stand for a parameter."""
    wanted = plain(path).split("/")
    found = [methods for known, methods in known_operations().items() if _fits(known.split("/"), wanted)]
    return frozenset().union(*found) if found else None


def begins_a_path(path: str) -> bool:
    """Whether paths lie below it, as pages say of whole parts of the API."""
    wanted = plain(path).split("/")
    return any(_fits(known.split("/")[: len(wanted)], wanted) for known in known_operations())


def _fits(known: list[str], wanted: list[str]) -> bool:
    return len(known) == len(wanted) and all(a in {"*", b} or b == "*" for a, b in zip(known, wanted, strict=True))


@functools.cache
def known_metrics() -> frozenset[str]:
    """Names of all metrics, as a scrape has them."""
    names = {name for source in _sources() for name in _METRIC.findall(source.read_text())}
    return frozenset(name.removesuffix("_total") + suffix for name in names for suffix in _SUFFIXES) | names


def _sources() -> Iterator[Path]:
    for pattern in ("libs/*/src/**/*.py", "services/*/src/**/*.py", "tools/cli/src/**/*.py"):
        yield from ROOT.glob(pattern)


def begins_a_metric(name: str) -> bool:
    """Whether it is a metric, or ends with the `_` behind which several have names of their own."""
    return name in known_metrics() or (name.endswith("_") and any(each.startswith(name) for each in known_metrics()))


@functools.cache
def known_packages() -> frozenset[str]:
    """Names of our Python packages, which look like metrics."""
    return frozenset(path.name for path in ROOT.glob("*/*/src/nightowl_*"))

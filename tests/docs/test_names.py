"""What a page names exists: each `nightowl` command with its options, setting, path of the API with its method, metric."""

import re
from collections.abc import Iterator

import click
import pytest
from names import (
    begins_a_metric,
    begins_a_path,
    known_commands,
    known_packages,
    known_settings,
    methods_of,
)
from pages import SHELL, blocks_of, text_of, told_pages

from nightowl_contracts.canary import CANARY_TENANT

PAGES = told_pages()

_CODE = re.compile(r"(?<!`)(?P<ticks>`{1,2})(?!`)(?P<code>.+?)(?P=ticks)(?!`)", re.DOTALL)
_FENCE = re.compile(r"^ *(?P<fence>```+|~~~+).*?^ *(?P=fence)", re.MULTILINE | re.DOTALL)
_COMMAND = re.compile(
    r"(?:^|[\s`(;|]|\./dev )(?<!-n )(?<!install )(?<!upgrade )nightowl (?P<words>[a-z][^\n|;&>#)`\[]*)"
)
"""Not the name of a namespace or a release, as kubectl and helm are given it."""
_SETTING = re.compile(r"\b(?:NIGHTOWL|OIDC|SLACK|TWILIO)_[A-Z0-9_]*[A-Z0-9]\b")
_OPERATION = re.compile(
    r"\b(?P<methods>(?:GET|POST|PUT|PATCH|DELETE)(?:(?:, | or )(?:GET|POST|PUT|PATCH|DELETE))*) (?P<path>/[^\s`]*)"
)
_PATH = re.compile(r"(?<![\w/.:>-])/api/v1/[^\s`\"')\\|]*")
_METRIC = re.compile(r"\bnightowl_[a-z0-9_]+\b")


def code_of(page: str) -> Iterator[str]:
    """What stands in code: spans, and blocks of commands."""
    yield from (" ".join(match["code"].split()) for match in _CODE.finditer(_FENCE.sub("", text_of(page))))
    yield from (each.text for each in blocks_of(page) if each.language in SHELL)


@pytest.mark.parametrize("page", PAGES)
def test_commands_exist_with_their_options(page: str) -> None:
    """`nightowl tenant create acme --name Acme` is a command, and takes a name."""
    found = [match["words"].strip() for code in code_of(page) for match in _COMMAND.finditer(code)]
    assert [wrong for each in found if (wrong := wrong_with_command(each)) is not None] == []


def wrong_with_command(words: str) -> str | None:
    """Why `nightowl <words>` is no command."""
    command, rest = known_commands()[()], words.split()
    taken: tuple[str, ...] = ()
    while rest and isinstance(command, click.Group):
        taken = (*taken, rest.pop(0))
        if taken not in known_commands():
            return f"there is no `nightowl {' '.join(taken)}`"
        command = known_commands()[taken]
    options = {name for each in command.params for name in (*each.opts, *each.secondary_opts)} | {"--help", "-h"}
    unknown = [word for word in rest if word.startswith("--") and word.partition("=")[0] not in options]
    return f"`nightowl {' '.join(taken)}` has no {', '.join(unknown)}" if unknown else None


@pytest.mark.parametrize("page", PAGES)
def test_settings_exist(page: str) -> None:
    """Every environment variable of ours that is named is read by something."""
    assert set(_SETTING.findall(text_of(page))) - known_settings() == set()


@pytest.mark.parametrize("page", PAGES)
def test_paths_exist_with_their_methods(page: str) -> None:
    """With a method an operation of the API document; without one a path, or the beginning of some."""
    wrong = [each for code in code_of(page) for each in wrong_paths(code)]
    assert wrong == []


def wrong_paths(code: str) -> Iterator[str]:
    """What is no operation, and no path."""
    for match in _OPERATION.finditer(code):
        known = methods_of(_whole(match["path"]))
        for method in re.split(r", | or ", match["methods"]):
            if known is None or method not in known:
                yield f"{method} {match['path']}"
    for match in _PATH.finditer(code):
        if methods_of(match[0]) is None and not begins_a_path(match[0]):
            yield match[0]


def _whole(path: str) -> str:
    """Pages may leave `/api/v1` out, as their `$URL` holds it."""
    return path if methods_of(path) is not None else f"/api/v1{path}"


@pytest.mark.parametrize("page", PAGES)
def test_metrics_exist(page: str) -> None:
    """What looks like a metric is one, or the beginning of some, or a package or the tenant of ours."""
    found = {name for code in code_of(page) for name in _METRIC.findall(code)} - known_packages() - {CANARY_TENANT}
    assert {name for name in found if not begins_a_metric(name)} == set()


@pytest.mark.parametrize(
    ("command", "is_wrong"),
    [
        ("ledger check", False), ("tenant drop acme --yes --slug acme", False), ("ledger mend", True),
        ("tenant drop acme --really", True), ("generate --check", False),
    ],
)  # fmt: skip
def test_a_wrong_command_is_seen(command: str, is_wrong: bool) -> None:  # noqa: FBT001
    """The look at commands itself."""
    assert (wrong_with_command(command) is not None) == is_wrong


@pytest.mark.parametrize(
    ("code", "wrong"),
    [
        ("GET /alerts/{id}", []), ("POST /api/v1/alerts/$ALERT/escalate", []), ("`/api/v1/admin`", []),
        ("PATCH /alerts", ["PATCH /alerts"]), ("/api/v1/nothing", ["/api/v1/nothing"]),
        ("POST, PUT /api/v1/webhooks/grafana", []), ("GET or POST /api/v1/tokens", []),
    ],
)  # fmt: skip
def test_a_wrong_path_is_seen(code: str, wrong: list[str]) -> None:
    """The look at paths itself."""
    assert list(wrong_paths(code)) == wrong

"""The reference of commands, from the parser that reads them."""

import inspect
from collections.abc import Iterator

import click

from nightowl_cli.main import cli
from nightowl_cli.shape_tables import cell

_ABOUT = """\
# Commands

Generated from the parser by `nightowl generate`; do not edit. `nightowl <command> --help` says the same. In a checkout
`./dev nightowl …` makes the environment first. A command ends with 0 when all is well, with 1 and a sentence when it is
not, with 2 when it was called wrongly.
"""


def generated_files() -> dict[str, str]:
    """`docs/reference/cli.md`."""
    lines = [_ABOUT]
    for path, command in commands(cli):
        lines += _command(path, command)
    return {"docs/reference/cli.md": "\n".join(lines)}


Words = tuple[str, ...]


def commands(group: click.Group, path: Words = ("nightowl",)) -> Iterator[tuple[Words, click.Command]]:
    """Every command and group, with the words that call it."""
    yield path, group
    for name in sorted(group.commands):
        command = group.commands[name]
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))
        else:
            yield (*path, name), command


def _command(path: tuple[str, ...], command: click.Command) -> Iterator[str]:
    words = " ".join(path)
    context = click.Context(command, info_name=words)
    yield f"## {words}"
    yield ""
    yield f"`{' '.join([words, *command.collect_usage_pieces(context)])}`"
    yield ""
    yield inspect.cleandoc(command.help or "")
    yield ""
    rows = [record for each in command.params if (record := _record(each, context))]
    if rows:
        yield from ("| option | meaning |", "|---|---|")
        yield from (f"| `{cell(name)}` | {cell(meaning)} |" for name, meaning in rows)
        yield ""


def _record(parameter: click.Parameter, context: click.Context) -> tuple[str, str] | None:
    """How an option is written, and what it does; arguments are told in the text."""
    return parameter.get_help_record(context) if isinstance(parameter, click.Option) else None

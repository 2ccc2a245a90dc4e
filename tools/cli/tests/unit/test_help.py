"""`--help` teaches: every command tells what it is for and names its options."""

import subprocess
import sys
from collections.abc import Iterator

import click
import pytest
from click.testing import CliRunner

from nightowl_cli.main import cli
from nightowl_cli.seed import _STEPS, SQL


def commands(group: click.Group, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Every command and group, with the words that call it."""
    yield path, group
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))
        else:
            yield (*path, name), command


COMMANDS = dict(commands(cli))


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_help_says_what_a_command_is_for_and_names_its_options(path: tuple[str, ...]) -> None:
    """Exit code 0, the docstring's first line, each option and argument."""
    command = COMMANDS[path]

    outcome = CliRunner().invoke(cli, [*path, "--help"], env={"COLUMNS": "200"})

    assert outcome.exit_code == 0
    first_line = (command.help or "").split("\n")[0].replace("`", "")
    assert first_line
    assert first_line in " ".join(outcome.output.split())
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            assert all(name in outcome.output for name in parameter.opts)
            assert parameter.help, f"{path} {parameter.name} does not say what it does"
        else:
            assert (parameter.name or "").upper() in outcome.output
    for name in command.commands if isinstance(command, click.Group) else ():
        assert name in outcome.output


def test_every_command_that_the_design_names_is_there() -> None:
    """No more and no less than what is built."""
    assert {" ".join(path) for path, command in COMMANDS.items() if not isinstance(command, click.Group)} == {
        "up", "run", "migrate", "streams apply", "streams diff", "streams rewind", "seed", "dlq list", "dlq replay", "ledger check",
        "tenant create", "tenant list", "tenant password", "tenant suspend", "tenant resume", "tenant drop",
        "tenant export", "tenant import", "tenant claim", "tenant claims", "audit verify", "secrets new-key",
        "secrets new-vapid-key", "secrets rotate", "replay", "platform-key create", "platform-key list", "platform-key revoke", "canary install",
        "canary remove", "generate", "web build",
        "web dev", "web check", "web test", "web browser",
        "seed-demo", "simulate",
    }  # fmt: skip


def test_every_command_of_the_first_screen_has_a_place_in_its_groups() -> None:
    """A new command must be sorted in, or it would stand alone."""
    import rich_click  # noqa: PLC0415  (what main has set up)

    placed = [name for group in rich_click.rich_click.COMMAND_GROUPS["nightowl"] for name in group["commands"]]
    assert sorted(placed) == sorted(cli.commands)


def test_the_program_itself_answers() -> None:
    """As a process, with the module's name too."""
    outcome = subprocess.run(
        [sys.executable, "-m", "nightowl_cli", "--help"], capture_output=True, text=True, check=False
    )

    assert (outcome.returncode, outcome.stderr) == (0, "")
    assert "Start here" in outcome.stdout


def test_a_wrong_call_is_explained() -> None:
    """Exit code 2 and the reason; nothing is connected to."""
    for arguments, reason in [
        (["run", "kitchen"], "is not one of"),
        (["dlq", "replay"], "give a sequence number or --all"),
        (["dlq", "replay", "1", "--all"], "give a sequence number or --all"),
        (["up", "--port", "70000"], "not in the range"),
        (["streams", "apply", "--replicas", "0"], "not in the range"),
        (["simulate"], "choose --night or --rate"),
        (["simulate", "--rate", "5", "--mix", "1:2"], "three numbers"),
    ]:
        outcome = CliRunner().invoke(cli, arguments, env={"COLUMNS": "200"})
        assert outcome.exit_code == 2
        assert reason in outcome.output


def test_every_named_statement_of_the_seed_is_used_and_leaves_alone_what_is_there() -> None:
    """The steps and the file agree; each statement may run again."""
    assert sorted([*_STEPS, "is_untouched"]) == sorted(SQL)
    for name in _STEPS:
        is_careful = any(words in SQL[name] for words in ("ON CONFLICT", "IS NULL", "WHERE NOT EXISTS"))
        assert is_careful, f"{name} would change what is there"

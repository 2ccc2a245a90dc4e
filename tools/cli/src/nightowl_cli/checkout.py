"""The commands of a checkout: they start servers from wheels, or read and write the sources.

An image has neither, so nothing else of the CLI imports this module, or anything that needs `nightowl_embedded`.
"""

from pathlib import Path

import rich_click as click

from nightowl_cli import generate
from nightowl_cli.running import run
from nightowl_cli.up import UpOptions, up
from nightowl_cli.web_commands import web_group
from nightowl_embedded import EmbeddedError


@click.command("up")
@click.option(
    "--data-dir",
    type=click.Path(path_type=Path),
    default=Path(".nightowl"),
    show_default=True,
    help="Where the embedded servers keep everything. The same folder again: everything is still there.",
)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address of the front door.")
@click.option(
    "--port",
    type=click.IntRange(0, 65_535),
    default=8080,
    show_default=True,
    help="Port of the front door; 0 takes a free one.",
)
def up_command(data_dir: Path, host: str, port: int) -> None:  # fmt: skip
    """Run the whole system here: Postgres, NATS, Redis and all five services.

    Prepares the database on first start, restarts a service that dies, and stops everything with Ctrl-C.
    With `DATABASE_URL`, `NATS_URL` and `REDIS_URL` set, those servers are used instead of embedded ones.
    Without provider keys, pages go to the local outbox, where you can read them.
    """
    run(up(UpOptions(data_dir=data_dir.absolute(), host=host, port=port)), expected=(EmbeddedError,))


@click.command("generate")
@click.option("--check", is_flag=True, help="Change nothing; fail when a generated file is out of date.")
def generate_command(*, check: bool) -> None:
    """Write the generated files: JSON Schemas, API documents, permissions, schema pictures, settings, images, chart."""
    if generate.generate(check=check):
        raise SystemExit(1)


COMMANDS: tuple[click.Command, ...] = (up_command, generate_command, web_group)

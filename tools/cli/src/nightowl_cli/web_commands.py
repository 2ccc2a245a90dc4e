"""The commands of `nightowl web`."""

import rich_click as click

from nightowl_cli import browser, web
from nightowl_cli.running import run
from nightowl_common.errors import NightOwlError


@click.group("web")
def web_group() -> None:
    """The front end in `web/`. Node is taken from the machine, or from its wheel where the machine has none."""


@web_group.command("build")
def web_build() -> None:
    """Build the front end, if anything in it has changed. `up` does the same by itself."""
    run(web.show_build())


@web_group.command("dev", context_settings={"ignore_unknown_options": True})
@click.option(
    "--url",
    envvar="NIGHTOWL_URL",
    default="http://127.0.0.1:8080",
    show_default=True,
    help="The running system that calls go to; also by `NIGHTOWL_URL`.",
)
@click.argument("options", nargs=-1)
def web_dev(url: str, options: tuple[str, ...]) -> None:
    """Show the front end as it is written, on a running `up`. `OPTIONS` are Vite's, such as `--port`."""
    run(web.run("dev", *options, NIGHTOWL_URL=url))


@web_group.command("check")
def web_check() -> None:
    """Types and style of the front end."""
    run(web.run("check"))


@web_group.command("test", context_settings={"ignore_unknown_options": True})
@click.argument("options", nargs=-1)
def web_test(options: tuple[str, ...]) -> None:
    """Tests of the front end's pure code. `OPTIONS` are Vitest's."""
    run(web.run("test", *options))


@web_group.command("browser")
def web_browser() -> None:
    """Name the Chromium that browser tests use; root on Debian gets one installed."""
    try:
        click.echo(browser.ensure())
    except NightOwlError as error:
        raise click.ClickException(error.detail) from error

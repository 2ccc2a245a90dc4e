"""`nightowl migrate`."""

import rich_click as click

from nightowl_cli.connections import postgres
from nightowl_sql import Step
from nightowl_sql import migrate as run_migrations


async def migrate(*, dry_run: bool) -> int:
    """Applies migrations and tells each step; 1 when a tenant failed."""
    async with postgres() as connection:
        report = await run_migrations(connection, dry_run=dry_run, progress=_tell)
    if dry_run:
        for step in report.steps:
            click.echo(f"would apply {step.scope}: {step.name}")
    if not report.steps and not report.failed:
        click.echo("up to date")
    for slug, reason in report.failed.items():
        click.echo(f"FAILED {slug}: {reason}", err=True)
    return 1 if report.failed else 0


def _tell(step: Step) -> None:
    click.echo(f"applied {step.scope}: {step.name}")

"""`nightowl migrate`."""

from contextlib import AsyncExitStack

import rich_click as click

from nightowl_cli.connections import postgres
from nightowl_sql import Step
from nightowl_sql import migrate as run_migrations


async def migrate(*, dry_run: bool, is_pre: bool = False, jobs: int = 1) -> int:
    """Applies migrations, `jobs` tenants side by side, and tells each step; 1 when a tenant failed."""
    async with AsyncExitStack() as stack:
        connection = await stack.enter_async_context(postgres())
        workers = [await stack.enter_async_context(postgres()) for _ in range(jobs - 1)]
        report = await run_migrations(connection, dry_run=dry_run, is_pre=is_pre, progress=_tell, workers=workers)
    if dry_run:
        for step in report.steps:
            click.echo(f"would apply {step.scope}: {step.name}")
    if not report.steps and not report.failed:
        click.echo("up to date")
    for slug, reason in report.failed.items():
        click.echo(f"FAILED {slug}: {reason}", err=True)
    if report.failed:
        click.echo(f"{len(report.failed)} of {report.tenants} tenants failed; run again to resume", err=True)
    return 1 if report.failed else 0


def _tell(step: Step) -> None:
    click.echo(f"applied {step.scope}: {step.name}")

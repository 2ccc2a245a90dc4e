"""`nightowl migrate`."""

from contextlib import AsyncExitStack

import rich_click as click

from nightowl_cli.connections import postgres
from nightowl_sql import Phase, Step
from nightowl_sql import migrate as run_migrations


async def migrate(*, dry_run: bool, jobs: int = 1, phase: Phase | None = None) -> int:
    """Applies migrations of a phase or of both, `jobs` tenants side by side, telling each; 1 when a tenant failed."""
    async with AsyncExitStack() as stack:
        connection = await stack.enter_async_context(postgres())
        workers = [await stack.enter_async_context(postgres()) for _ in range(jobs - 1)]
        report = await run_migrations(
            connection, phase=phase, dry_run=dry_run, progress=_tell, workers=workers
        )  # fmt: skip
    if dry_run:
        for step in report.steps:
            click.echo(f"would apply {step.scope}: {step.name}")
    if not report.steps and not report.failed:
        click.echo("up to date")
    for step in report.ahead:
        click.echo(f"ahead of this version, which works with it: {step.scope}: {step.name}")
    for slug, reason in report.failed.items():
        click.echo(f"FAILED {slug}: {reason}", err=True)
    if report.failed:
        click.echo(f"{len(report.failed)} of {report.tenants} tenants failed; run again to resume", err=True)
    return 1 if report.failed else 0


def _tell(step: Step) -> None:
    click.echo(f"applied {step.scope}: {step.name}")

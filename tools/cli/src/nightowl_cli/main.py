"""`nightowl --help` teaches: every command says what it is for, what it changes and what to do next."""

import importlib
from importlib.util import find_spec
from pathlib import Path

import rich_click as click

from nightowl_cli import (
    audit,
    canary,
    claims,
    dead_letters,
    ledger,
    master_keys,
    platform_keys,
    schema,
    seed,
    standing,
    streams,
    tenants,
)
from nightowl_cli.demo_commands import seed_demo_command, simulate_command
from nightowl_cli.replay import replay_command
from nightowl_cli.routing import SERVICES
from nightowl_cli.running import run
from nightowl_common.errors import NightOwlError

click.rich_click.TEXT_MARKUP = "markdown"
click.rich_click.SHOW_ARGUMENTS = True
click.rich_click.COMMAND_GROUPS = {
    "nightowl": [
        {"name": "Run", "commands": ["up", "run"]},
        {"name": "Prepare", "commands": ["migrate", "streams", "tenant", "platform-key", "canary", "seed"]},
        {"name": "Demonstrate", "commands": ["seed-demo", "simulate"]},
        {"name": "Look after", "commands": ["ledger", "replay", "audit", "secrets", "dlq"]},
        {"name": "Develop", "commands": ["generate", "web"]},
    ]
}

_NEED_NO_SERVERS = {"up", "run", "generate", "web"}


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--data-dir",
    type=click.Path(path_type=Path),
    default=Path(".nightowl"),
    show_default=True,
    help="Of an `up` that runs here: used when no servers are named.",
)
@click.pass_context
def cli(context: click.Context, data_dir: Path) -> None:
    """NightOwl receives alerts, finds who is on call and pages until somebody acknowledges.

    Start here: `nightowl up` runs everything on this machine and prints a line to try.

    The other commands work on the servers named by `DATABASE_URL`, `NATS_URL` and `REDIS_URL`, else on those of the
    `up` that runs in this folder.
    """
    if context.invoked_subcommand not in _NEED_NO_SERVERS:
        standing.find(data_dir)


@cli.command("run")
@click.argument("service", type=click.Choice(SERVICES))
def run_command(service: str) -> None:
    """Run one service as this process, configured by the environment (docs/reference/settings.md)."""
    try:
        importlib.import_module(f"nightowl_{service}.__main__").main()
    except NightOwlError as error:
        raise click.ClickException(error.detail) from error


@cli.command("migrate")
@click.option("--dry-run", is_flag=True, help="Only name what would be applied.")
@click.option(
    "--jobs", type=click.IntRange(1, 32), default=4, show_default=True, help="Tenants side by side, a connection each."
)
@click.option("--post", "is_post", is_flag=True, help="Contract: take away what only older code used.")
def migrate_command(*, dry_run: bool, jobs: int, is_post: bool) -> None:  # fmt: skip
    """Bring the shared schema and every tenant to what this version needs, while the old version still runs.

    When no process of the old version is left, run it with `--post`. An empty database gets everything at once.

    Safe to run again and from several places at once. A tenant that fails is reported and the rest go on; run it
    again to resume.
    """
    run(schema.migrate(dry_run=dry_run, jobs=jobs, phase="post" if is_post else "pre"))


@cli.group("streams")
def streams_group() -> None:
    """Make the broker's streams and consumers what the contracts say."""


@streams_group.command("apply")
@click.option(
    "--replicas", type=click.IntRange(1, 5), default=1, show_default=True, help="Copies of each stream; 3 on a cluster."
)
def streams_apply(replicas: int) -> None:  # fmt: skip
    """Create and update streams and consumers. Changes nothing that is right already."""
    run(streams.apply(replicas=replicas))


@streams_group.command("diff")
def streams_diff() -> None:
    """Show where the broker differs; exit code 1 when it does."""
    run(streams.diff())


@streams_group.command("rewind")
def streams_rewind() -> None:
    """Read INGEST again, 71 h back: after Postgres was restored to a state that is older than the broker's.

    What the database has handled is only acknowledged. The rest opens alerts and pages, late.
    """
    run(streams.rewind())


@cli.group("tenant")
def tenant_group() -> None:
    """Tenants: each has a schema of its own."""


@tenant_group.command("create")
@click.argument("slug")
@click.option("--name", help="Display name; the slug if not given.")
def tenant_create(slug: str, name: str | None) -> None:
    """Create a tenant with an admin API key and a local admin's first password, each shown once."""
    run(tenants.create(slug, name=name or slug))


@tenant_group.command("password")
@click.argument("slug")
@click.option("--username", default=tenants.FIRST_ADMIN, show_default=True, help="The local admin's name.")
def tenant_password(slug: str, username: str) -> None:
    """Give a local admin a new first password, which is shown once.

    Makes the admin if there is none of that name, ends a lock-out, and ends the admin's sessions.
    """
    run(tenants.reset_password(slug, username=username))


@tenant_group.command("list")
def tenant_list() -> None:
    """List all tenants."""
    run(tenants.show())


@tenant_group.command("claims")
def tenant_claims() -> None:
    """List which values of `OIDC_TENANT_CLAIM` stand for which tenant."""
    run(claims.show())


@tenant_group.command("claim")
@click.argument("slug")
@click.argument("value")
@click.option("--remove", "is_removed", is_flag=True, help="Take it away.")
def tenant_claim(slug: str, value: str, *, is_removed: bool) -> None:
    """Say that a value of `OIDC_TENANT_CLAIM` stands for a tenant: whoever's token has it signs in there."""
    run(claims.remove(slug, value) if is_removed else claims.add(slug, value))


@tenant_group.command("suspend")
@click.argument("slug")
def tenant_suspend(slug: str) -> None:
    """Stop a tenant: webhooks and changes are refused (403), nobody is paged. Reading goes on.

    What it owes waits, and is paid when it is resumed. In force at once for pages, within 5 s for calls.
    """
    run(tenants.suspend(slug))


@tenant_group.command("resume")
@click.argument("slug")
def tenant_resume(slug: str) -> None:
    """Let a suspended tenant go on: what still fires pages at once, heartbeats have their whole time again."""
    run(tenants.resume(slug))


@tenant_group.command("export")
@click.argument("slug")
@click.option(
    "--to",
    "path",
    type=click.Path(path_type=Path, dir_okay=False),
    required=True,
    help="The file; one that is there is replaced.",
)
def tenant_export(slug: str, path: Path) -> None:
    """Write a tenant into one file, signed with `NIGHTOWL_EXPORT_KEY`. Suspend it first, to move it.

    Nothing secret is in clear: provider credentials are left out, and so are keys whose calls are signed.
    """
    run(tenants.export(slug, path))


@tenant_group.command("import")
@click.argument("path", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option("--slug", help="Under another slug than it had.")
def tenant_import(path: Path, slug: str | None) -> None:
    """Make a tenant from an exported file, all or nothing. It is suspended: resume it when the other one is dropped.

    Needs the `NIGHTOWL_EXPORT_KEY` that it was signed with, and the same version of NightOwl.
    """
    run(tenants.take_in(path, slug=slug))


@tenant_group.command("drop")
@click.argument("slug")
@click.option("--yes", is_flag=True, help="Really.")
@click.option("--slug", "typed", help="The slug once more; asked for if not given.")
def tenant_drop(slug: str, *, yes: bool, typed: str | None) -> None:
    """Remove a suspended tenant for ever: its schema, its keys, its messages. Export it first.

    Needs --yes, and the slug typed once more.
    """
    if not yes:
        message = "dropping a tenant cannot be undone; add --yes"
        raise click.ClickException(message)
    if (typed if typed is not None else click.prompt("Type the slug once more")) != slug:
        message = "that is another slug; nothing was dropped"
        raise click.ClickException(message)
    run(tenants.drop(slug))


@cli.group("platform-key")
def platform_key_group() -> None:
    """Keys of those who run the installation: they make and suspend tenants, and see nothing inside."""


@platform_key_group.command("create")
@click.argument("description")
def platform_key_create(description: str) -> None:
    """Create a platform key, which is shown once. `DESCRIPTION` is who it is for; tenants see it in their audit log."""
    run(platform_keys.create(description))


@platform_key_group.command("list")
def platform_key_list() -> None:
    """List the platform keys that are not revoked."""
    run(platform_keys.show())


@platform_key_group.command("revoke")
@click.argument("prefix")
def platform_key_revoke(prefix: str) -> None:
    """Revoke the platform key that begins with these 12 characters, at once."""
    run(platform_keys.revoke(prefix))


@cli.group("canary")
def canary_group() -> None:
    """An alert that is fired every minute, goes through everything and pages nobody."""


@canary_group.command("install")
def canary_install() -> None:
    """Make the canary's tenant and let the key of `NIGHTOWL_CANARY_KEY` in. Safe to run again."""
    run(canary.install())


@canary_group.command("remove")
def canary_remove() -> None:
    """Have no canary any more, and so none that is missed."""
    run(canary.remove())


@cli.group("secrets")
def secrets_group() -> None:
    """Master keys, which tenants' provider credentials are sealed under, and the key of web push."""


@secrets_group.command("new-key")
@click.argument("key_id")
def secrets_new_key(key_id: str) -> None:
    """Print a fresh key for `NIGHTOWL_MASTER_KEYS`. It is shown once and stored nowhere."""
    master_keys.new_key(key_id)


@secrets_group.command("new-vapid-key")
def secrets_new_vapid_key() -> None:
    """Print a fresh key for `NIGHTOWL_VAPID_KEY`. Browsers that are paged under another one are lost with it."""
    master_keys.new_vapid_key()


@secrets_group.command("rotate")
def secrets_rotate() -> None:
    """Put all credentials under the first of `NIGHTOWL_MASTER_KEYS`; then the others can be taken out of it.

    Put the new key first and restart query and notifier before. Safe to run again.
    """
    run(master_keys.rotate())


@cli.command("seed")
def seed_command() -> None:
    """Create the development tenant `acme`: people, a service, a roster, a policy and the development key.

    Fills it once: what people have changed or taken away since stays so. The key is public knowledge: never run this
    in production.
    """
    run(seed.seed())


@cli.group("dlq")
def dlq_group() -> None:
    """Dead letters: messages that could not be handled."""


@dlq_group.command("list")
def dlq_list() -> None:
    """List dead letters with their reason."""
    run(dead_letters.show())


@dlq_group.command("replay")
@click.argument("sequence", type=int, required=False)
@click.option("--all", "all_", is_flag=True, help="Every dead letter.")
def dlq_replay(sequence: int | None, *, all_: bool) -> None:
    """Hand a dead letter (or all) to its stream again, after the reason is mended."""
    if (sequence is None) == (not all_):
        message = "give a sequence number or --all"
        raise click.UsageError(message)
    run(dead_letters.replay(sequence))


@cli.group("ledger")
def ledger_group() -> None:
    """Prove that nothing is lost."""


@ledger_group.command("check")
def ledger_check() -> None:
    """Check the conservation rules over all tenants. Prints nothing when every alert and page is accounted for."""
    run(ledger.check())


@cli.group("audit")
def audit_group() -> None:
    """Prove that nobody has changed the audit log."""


@audit_group.command("verify")
@click.option("--tenant", help="Only this one; all tenants if not given.")
@click.option("--known", metavar="SEQ:HASH", help="A mark that an earlier run printed; needs --tenant.")
def audit_verify(tenant: str | None, known: str | None) -> None:
    """Walk the chain of the audit log; name the first row that does not fit, and end with exit code 1.

    Prints a mark per tenant. Keep marks outside of the database: only they show a chain that was made anew.
    """
    if known is not None and tenant is None:
        message = "--known needs --tenant"
        raise click.UsageError(message)
    run(audit.verify(tenant, known=known))


cli.add_command(replay_command)
cli.add_command(seed_demo_command)
cli.add_command(simulate_command)

if find_spec("nightowl_embedded") is not None:  # in an image it is not: servers and sources are elsewhere
    for command in importlib.import_module("nightowl_cli.checkout").COMMANDS:
        cli.add_command(command)

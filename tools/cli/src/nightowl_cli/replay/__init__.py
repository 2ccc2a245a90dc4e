"""`nightowl replay`: a span of real traffic, played again with the rules and the code of today."""

from datetime import datetime

import asyncpg
import msgspec
import rich_click as click

from nightowl_cli.connections import database, nats, postgres
from nightowl_cli.replay.comparing import compare
from nightowl_cli.replay.model import Findings, Span
from nightowl_cli.replay.playing import Player
from nightowl_cli.replay.recorded import (
    load_carried,
    load_deeds,
    load_dispositions,
    load_outcomes,
    read_messages,
)
from nightowl_cli.replay.shadow import copy_rules, shadow_database
from nightowl_cli.replay.telling import lines
from nightowl_cli.running import run
from nightowl_cli.settings import Settings
from nightowl_common.db import Database
from nightowl_common.logs import silence_logs
from nightowl_common.settings import load_settings


class Moment(click.ParamType[datetime]):
    """A time with its offset, such as 2026-11-25T10:00Z."""

    name = "time"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """The time.

        Raises:
            click.BadParameter: it is none, or has no offset.
        """
        try:
            moment = datetime.fromisoformat(str(value))
        except ValueError:
            self.fail(f"{value} is no time; write it like 2026-11-25T10:00Z", param, ctx)
        if moment.tzinfo is None:
            self.fail(f"{value} has no offset; add Z or +01:00", param, ctx)
        return moment


@click.command("replay")
@click.option("--tenant", required=True, help="Whose traffic.")
@click.option("--from", "since", type=Moment(), required=True, help="The first moment, with its offset.")
@click.option("--to", "until", type=Moment(), required=True, help="The moment after the last.")
@click.option("--on", "server", help="Postgres server for the shadow; the installation's own if not given.")
@click.option("--keep", is_flag=True, help="Keep the shadow, to look at it with psql.")
@click.option("--json", "as_json", is_flag=True, help="The whole comparison as one JSON object.")
def replay_command(
    *, tenant: str, since: datetime, until: datetime, server: str | None, keep: bool, as_json: bool
) -> None:  # fmt: skip
    """Play what a tenant received once more, with its rules of now and this version's code, and tell what differs.

    It is played into a shadow: a database of its own, on a clock of its own, without credentials. Nothing is sent, no
    service can start on it, and it is dropped at the end. Exit code 1 when something came out otherwise.
    """
    run(_replay(Span(tenant=tenant, since=since, until=until), server=server, keep=keep, as_json=as_json))


async def _replay(span: Span, *, server: str | None, keep: bool, as_json: bool) -> int:
    if span.since >= span.until:
        message = "--from must be before --to"
        raise click.UsageError(message)
    silence_logs()
    home = server or load_settings(Settings).database_url
    async with database() as production:
        await production.require_tenant(span.tenant)
        async with shadow_database(home, keep=keep, tell=lambda text: click.echo(text, err=True)) as url:
            found = await _play(span, production, url)
    if as_json:
        click.echo(msgspec.json.encode(found).decode())
    else:
        for line in lines(found):
            click.echo(line)
    return 1 if found.differences or found.failures else 0


async def _play(span: Span, production: Database, url: str) -> Findings:
    async with production.tenant_tx(span.tenant) as tx:
        deeds = await load_deeds(tx, span)
    clock = await asyncpg.connect(url)
    shadow = await Database.connect(url, size=2, service="replay")
    try:
        async with postgres() as source:
            await copy_rules(source, clock, span.tenant)
        async with nats() as client:
            messages = read_messages(client.jetstream(), span)
            played = await Player(shadow, clock, url, span).play(messages, deeds)
        async with shadow.tenant_tx(span.tenant) as tx:
            would_be = await load_outcomes(tx, span)
        async with production.tenant_tx(span.tenant) as tx:
            return compare(
                span,
                played,
                carried=await load_carried(tx, span),
                dispositions=await load_dispositions(tx, played.sorted),
                was=await load_outcomes(tx, span),
                would_be=would_be,
            )
    finally:
        await shadow.close()
        await clock.close()

"""`nightowl up`: the whole system on one machine, in one terminal."""

import asyncio
import contextlib
import errno
import os
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from pathlib import Path

import msgspec
import rich_click as click

from nightowl_cli import schema, seed, standing, streams, web
from nightowl_cli.connections import postgres
from nightowl_cli.front import FrontDoor
from nightowl_cli.master_keys import kept_secrets
from nightowl_cli.node import NodeMissingError
from nightowl_cli.nursery import Nursery
from nightowl_cli.routing import SERVICES
from nightowl_cli.settings import ExternalServers, FrontSettings
from nightowl_cli.supervisor import Supervisor
from nightowl_common.settings import load_settings
from nightowl_embedded import EmbeddedError, Server, Stack

_PROVIDERS = {"SLACK_BOT_TOKEN", "TWILIO_ACCOUNT_SID", "NIGHTOWL_SMTP_HOST"}
"""Settings that name one; with any of them missing, its pages go to the local outbox."""


_NO_PAGE = "there is no page for the browser"
_REMEDY = "all else works; `nightowl web build` says more, and the next `up` shows it"
_PATIENCE_SECONDS = 120.0
"""Enough for npm on a slow line; pages must not wait longer for what they do not need."""


class UpOptions(msgspec.Struct, frozen=True, kw_only=True):
    """What the user chose."""

    data_dir: Path
    host: str
    port: int


async def up(options: UpOptions) -> int:
    """Runs until Ctrl-C or SIGTERM."""
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with AsyncExitStack() as exits:
        url, supervisor, servers = await _start(options, exits, stop)
        if not stop.is_set():
            click.echo(_screen(url, options.data_dir))
        await supervisor.watch(stop, servers)
        click.echo("\nstopping")
    click.echo("stopped; everything is kept, and the next `up` goes on from here")
    return 0


async def _start(
    options: UpOptions, exits: AsyncExitStack, stop: asyncio.Event
) -> tuple[str, Supervisor, tuple[Server, ...]]:
    environment = {"NIGHTOWL_MODE": "dev", "NIGHTOWL_LOG_FORMAT": "json", "NIGHTOWL_TRUSTED_PROXIES": _proxies()}
    if not os.environ.keys() >= _PROVIDERS:
        environment["NIGHTOWL_LOCAL_OUTBOX"] = "true"
    logs = options.data_dir / "logs"
    nursery = Nursery(log=logs / "nursery.log")
    exits.callback(nursery.close)
    supervisor = Supervisor(SERVICES, logs=logs, environment=environment, nursery=nursery)
    front = FrontDoor(host=options.host, port=options.port, services=supervisor.urls)
    exits.push_async_callback(front.stop)
    url = await _listen(front, options)
    are_given = _are_servers_given()
    with contextlib.suppress(OSError):  # if its log cannot be written, the stack says so in better words
        nursery.open()
    building = await exits.enter_async_context(_building())
    servers = () if are_given else exits.enter_context(_embedded(options.data_dir, url))
    await _prepare()
    await _show_front_end(building, stop)
    exits.push_async_callback(supervisor.stop)
    if not stop.is_set():
        await supervisor.start()
    return url, supervisor, servers


async def _listen(front: FrontDoor, options: UpOptions) -> str:
    try:
        return await front.start()
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise EmbeddedError(f"port {options.port} is taken; choose another with --port") from error
        raise EmbeddedError(f"cannot listen on {options.host} port {options.port}: {error.strerror}") from error


@asynccontextmanager
async def _building() -> AsyncIterator[asyncio.Task[Path]]:
    """The front end, which is built while the servers start, where it is not the last one still."""
    given = load_settings(FrontSettings).web_dir
    task = asyncio.create_task(_given(given) if given else web.build())
    await asyncio.sleep(0)  # npm is started before the servers, which leave nobody else a turn until they run
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.wait({task})


async def _given(folder: str) -> Path:
    path = Path(folder).absolute()
    if not (path / "index.html").is_file():
        raise web.NoFrontEndError(f"{path} holds no built front end")
    return path


async def _show_front_end(building: asyncio.Task[Path], stop: asyncio.Event) -> None:
    """Hands it to query when it is there; pages go out without one, so nothing here fails and nobody waits long."""
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait({building, stopping}, timeout=_PATIENCE_SECONDS, return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    os.environ.pop("NIGHTOWL_WEB_DIR", None)
    if not building.done():
        if not stop.is_set():
            click.echo(f"{_NO_PAGE}: it was not built within {_PATIENCE_SECONDS:.0f} s; {_REMEDY}")
        return
    try:
        os.environ["NIGHTOWL_WEB_DIR"] = str(building.result())
    except (web.NoFrontEndError, NodeMissingError) as error:
        click.echo(f"{_NO_PAGE}: {error.detail.splitlines()[0]}; {_REMEDY}")


def _proxies() -> str:
    """The front door, and those that the operator has put before it."""
    return str(1 + load_settings(FrontSettings).trusted_proxies)


def _are_servers_given() -> bool:
    """Whether the environment names external servers: all three, or none."""
    external = load_settings(ExternalServers)
    named = [bool(url) for url in (external.database_url, external.nats_url, external.redis_url)]
    if any(named) and not all(named):
        message = "set DATABASE_URL, NATS_URL and REDIS_URL, or none of them"
        raise EmbeddedError(message)
    return all(named)


@contextmanager
def _embedded(data_dir: Path, url: str) -> Iterator[tuple[Server, ...]]:
    """Servers from wheels; the environment says where, and a note for other commands, which also holds our address."""
    with Stack(data_dir) as stack:
        os.environ.update(stack.environment)
        for name, value in kept_secrets(data_dir).items():
            os.environ.setdefault(name, value)
        with standing.noted(data_dir, {**stack.environment, "NIGHTOWL_URL": url}):
            yield stack.servers


async def _prepare() -> None:
    """Migrations and streams always; the development tenant on first start only."""
    await schema.migrate(dry_run=False)
    await streams.apply(replicas=1)
    async with postgres() as connection:
        is_empty = not await connection.fetchval("SELECT EXISTS (SELECT FROM public.tenants)")
    if is_empty:
        await seed.seed()


def _screen(url: str, data_dir: Path) -> str:
    return f"""
  NightOwl is up

  URL      {url}
  API      {url}/api/docs
  API key  {seed.DEV_KEY}  (tenant {seed.TENANT})
  Data     {data_dir}

  Fire an alert:

    curl -s {url}/api/v1/webhooks/alertmanager \\
      -H 'X-API-Key: {seed.DEV_KEY}' -H 'Prefer: wait=1' -d '{{
        "version": "4",
        "alerts": [{{
          "status": "firing",
          "labels": {{"alertname": "HighErrorRate", "severity": "critical", "service": "payments"}},
          "annotations": {{"summary": "5 % of payments fail"}}
        }}]
      }}'

  See whom it pages:  {url}/outbox  (any name, the key as password)

  Ctrl-C stops everything.
"""

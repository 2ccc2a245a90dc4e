"""`nightowl simulate`."""

import time

import msgspec
import rich_click as click

from nightowl_cli.demo.keys import ADMIN, demo_key
from nightowl_cli.simulate.account import close
from nightowl_cli.simulate.calls import Caller
from nightowl_cli.simulate.load import Load, Mix
from nightowl_cli.simulate.night import Night
from nightowl_cli.simulate.people import Staff


class Play(msgspec.Struct, frozen=True, kw_only=True):
    """What is played, and to whom."""

    url: str
    tenant: str
    key: str | None
    speed: float
    rate: float
    seconds: float
    mix: Mix


async def simulate(play: Play) -> int:
    """Plays; 1 when something that was accepted is lost, 2 when a call was refused."""
    number = int(time.time()) % 1_000_000
    async with Caller(play.url, play.key or demo_key(play.tenant, ADMIN)) as caller:
        if play.rate:
            load = Load(caller, mix=play.mix, number=number, tell=click.echo)
            await load.run(rate=play.rate, seconds=play.seconds)
            account = load.account
        else:
            staff = Staff(caller, play.tenant)
            await staff.meet()
            night = Night(caller, staff, speed=play.speed, number=number, tell=click.echo)
            await night.run()
            account = night.account
        told = await close(account)
    click.echo()
    for line in told:
        click.echo(f"  {line}")
    for refusal in account.refused[:5]:
        click.echo(f"  refused: {refusal}")
    return 1 if told.losses else 2 if account.refused else 0


def parse_mix(words: str) -> Mix:
    """`5:3:2`: new, repeated, resolved.

    Raises:
        click.BadParameter: something else.
    """
    try:
        new, repeat, resolve = (float(each) for each in words.split(":"))
    except ValueError as error:
        raise click.BadParameter("three numbers: new:repeat:resolve") from error
    if min(new, repeat, resolve) < 0:
        raise click.BadParameter("weights are not negative")
    return Mix(new=new, repeat=repeat, resolve=resolve)

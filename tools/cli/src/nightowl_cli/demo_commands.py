"""`nightowl seed-demo` and `nightowl simulate`: a past for the demo tenant, and a night through the real webhooks."""

import rich_click as click

from nightowl_cli import seed
from nightowl_cli.demo import seeding
from nightowl_cli.running import run
from nightowl_cli.simulate import command


@click.command("seed-demo")
@click.option(
    "--tenant", default=seed.TENANT, show_default=True, help="Its slug; one that is there must be a demo tenant."
)
@click.option("--seed", "number", type=int, default=1, show_default=True, help="Another number, another history.")
@click.option("--days", type=click.IntRange(2, 366), default=92, show_default=True, help="How long the history is.")
@click.option(
    "--scale",
    type=click.FloatRange(0.05, 20),
    default=1.0,
    show_default=True,
    help="How much goes wrong; 1 is 40 a day.",
)
@click.option("--yes", is_flag=True, help="Do not ask.")
def seed_demo_command(tenant: str, number: int, days: int, scale: float, *, yes: bool) -> None:  # fmt: skip
    """Drop the demo tenant and make it anew, with months of history. Nobody is paged.

    Refuses a tenant that `seed` or `seed-demo` has not made. Local admins keep their passwords. Works beside running
    services; what they hold of the tenant has ten seconds to end. Its keys are public knowledge: never in production.
    """
    asked = seeding.Asked(tenant=tenant, seed=number, days=days, scale=scale)
    if not yes:
        run(seeding.warn(tenant))
        click.confirm(f"Make {tenant} anew?", abort=True)
    run(seeding.seed_demo(asked))


@click.command("simulate")
@click.option("--night", is_flag=True, help="A bad night: an outage, a storm, people who answer, and who cannot.")
@click.option(
    "--speed", type=click.FloatRange(1, 10_000), default=60, show_default=True, help="Minutes of the night per minute."
)
@click.option("--rate", type=click.FloatRange(0, 5_000), default=0, help="A load instead: calls per second.")
@click.option(
    "--seconds", type=click.FloatRange(1, 86_400), default=30, show_default=True, help="How long the load is."
)
@click.option("--mix", default="5:3:2", show_default=True, help="Of a load: new alerts, repeats, resolves.")
@click.option(
    "--url", envvar="NIGHTOWL_URL", show_default=True, default="http://127.0.0.1:8080", help="Where NightOwl answers."
)
@click.option("--tenant", default=seed.TENANT, show_default=True, help="Whose demo keys are used.")
@click.option("--key", envvar="NIGHTOWL_API_KEY", help="Another API key; people of the play have their own.")
def simulate_command(
    *, night: bool, speed: float, rate: float, seconds: float, mix: str, url: str, tenant: str, key: str | None
) -> None:
    """Play alerts through the real webhooks, and say what the system made of them.

    Pages go where those of the tenant go: to the local outbox, or to people. Exit code 1 when something that was
    accepted is lost, 2 when a call was refused.
    """
    if night == bool(rate):
        message = "choose --night or --rate"
        raise click.UsageError(message)
    play = command.Play(
        url=url, tenant=tenant, key=key, speed=speed, rate=rate, seconds=seconds, mix=command.parse_mix(mix)
    )  # fmt: skip
    run(command.simulate(play))

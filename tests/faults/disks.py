"""Rows of full disks. They need a machine where disks may be mounted; elsewhere there are none, and that is said."""

import asyncio
import sys
from collections.abc import Sequence
from functools import partial
from http import HTTPStatus

from oracle import Evidence
from rig import open_with_disks
from scenario import Run, Scenario
from servers_away import every_call_was_answered_2xx

from nightowl_testkit.disk import DiskError, SmallDisk
from nightowl_testkit.servers import temporary_folder

RETRY_AFTER = "retry-after"


async def fill(run: Run, servers: Sequence[str]) -> None:
    """Full from now on; then there is room again, and whoever looks after the servers starts them again.

    A nats-server that could not write takes nothing more until it is started again, and Postgres has ended by itself.
    """
    await run.reach(0.15)
    for name in servers:
        run.world.disks[name].fill()
    if len(servers) > 1:
        await run.reach(0.4)
        await _is_refused_with_a_time(run)
    await run.reach(0.5)
    for name in servers:
        run.world.disks[name].free()
        server = getattr(run.world.servers.stack, name)
        await asyncio.to_thread(server.kill)
        await asyncio.to_thread(server.start)
    run.mark()


async def _is_refused_with_a_time(run: Run) -> None:
    """Nothing can be kept anywhere: 503, and when to come again."""
    async with run.world.services.client(run.teams[0].key) as client:
        answer = await client.call(
            "POST", "/webhooks/alertmanager", body={"alerts": [{"labels": {"alertname": "Full"}}]}
        )
    if answer.status != HTTPStatus.SERVICE_UNAVAILABLE or RETRY_AFTER not in answer.headers:
        run.notes.append(f"with both disks full a call was answered {answer.status}, {dict(answer.headers)}")


def refused_or_accepted(run: Run, _evidence: Evidence) -> Sequence[str]:
    """A 2xx, or word that it must be sent again; nothing else."""
    answers = run.load.webhook_answers
    others = {status: count for status, count in answers.items() if status not in {0, 200, 503}}
    return [
        *([f"answers: {others}; {_last_words(run)}"] if others else []),
        *([] if answers[503] else ["nothing was refused"]),
    ]


def _last_words(run: Run) -> str:
    """The errors that ingest did not expect."""
    logs = [run.world.services[name].log.read_text(errors="replace") for name in run.world.running if "ingest" in name]
    return "\n".join(part[:3000] for log in logs for part in log.split("webhook_failed")[1:3])


def _can_mount() -> bool:
    try:
        with temporary_folder() as folder, SmallDisk(folder / "disk", megabytes=1):
            return True
    except DiskError as error:
        print(f"rows of full disks are left out: {error}", file=sys.stderr)
        return False


ROWS = (
    [
        Scenario(
            name="nats-disk-full",
            row="the disk of NATS is full",
            expected="still 2xx; alerts and pages go by Postgres",
            breaks=partial(fill, servers=("nats",)),
            check=every_call_was_answered_2xx,
            permits=frozenset({"late"}),
            world=open_with_disks,
            least_seconds=20,
        ),
        Scenario(
            name="postgres-disk-full",
            row="the disk of Postgres is full",
            expected="INGEST holds the alerts, still 2xx; timers fire when it is back, each once",
            breaks=partial(fill, servers=("postgres",)),
            check=every_call_was_answered_2xx,
            permits=frozenset({"unprovable repeats", "late"}),
            world=open_with_disks,
            least_seconds=20,
        ),
        Scenario(
            name="both-disks-full",
            row="the disks of NATS and of Postgres are full",
            expected="503 with Retry-After, never a false 2xx; recovered after",
            breaks=partial(fill, servers=("nats", "postgres")),
            check=refused_or_accepted,
            permits=frozenset({"unprovable repeats", "late"}),
            world=open_with_disks,
            least_seconds=20,
        ),
    ]
    if _can_mount()
    else []
)

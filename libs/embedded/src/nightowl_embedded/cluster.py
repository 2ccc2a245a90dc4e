"""NATS of three servers on one machine, as an installation runs it: what is stored is on three of them."""

import contextlib
import json
import time
from collections.abc import Callable
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any, Self

from nightowl_embedded.processes import START_SECONDS, EmbeddedError, free_port
from nightowl_embedded.servers import NatsServer, Routes

_LOOK_SECONDS = 0.05
_ANSWER_SECONDS = 2.0


class NatsCluster:
    """Nodes `nats-1` … `nats-3`, each a server of its own: to be killed, paused, stopped and started one by one.

    `is_durable=False` leaves it to the operating system when messages reach the disk; an installation of three has
    them there before they are acknowledged.
    """

    def __init__(self, folder: Path, *, is_durable: bool = True) -> None:
        ports = tuple(free_port() for _ in range(3))
        self.nodes = tuple(
            NatsServer(
                folder / f"nats-{number}",
                is_durable=is_durable,
                routes=Routes(name=f"nats-{number}", port=port, peers=ports, monitor=free_port()),
            )
            for number, port in enumerate(ports, start=1)
        )

    @property
    def url(self) -> str:
        """All of them: a client connects to any, and to another one when that is gone."""
        return ",".join(node.url for node in self.nodes)

    def start(self) -> None:
        """Starts those that do not run and waits until all have caught up.

        Raises:
            EmbeddedError: one did not start, or they did not come together in time.
        """
        for node in self.nodes:
            node.start()
        self.until_whole()

    def stop(self) -> None:
        """Stops all cleanly."""
        for node in self.nodes:
            node.stop()

    def kill(self) -> None:
        """SIGKILL for all, as near to each other as can be."""
        for node in self.nodes:
            node.kill()

    def until_whole(self) -> None:
        """Waits until there is a leader, and every node has what it shall have.

        Raises:
            EmbeddedError: not in time.
        """
        _until(lambda: all(_asked(node, "healthz") == {"status": "ok"} for node in self.nodes), "did not come together")
        self.meta_leader()

    def meta_leader(self) -> NatsServer:
        """The node that decides about streams; waits for an election.

        Raises:
            EmbeddedError: none within the time.
        """
        return self._led(lambda found: found.get("meta_cluster", {}).get("leader"), "has no leader")

    def leader_of(self, stream: str) -> NatsServer:
        """The node that takes what is published to a stream; waits for an election.

        Raises:
            EmbeddedError: none within the time.
        """

        def named(found: dict[str, Any]) -> str | None:
            streams = (each for account in found.get("account_details", ()) for each in account["stream_detail"])
            return next((each["cluster"].get("leader") for each in streams if each["name"] == stream), None)

        return self._led(named, f"has no leader of {stream}")

    def _led(self, named: Callable[[dict[str, Any]], str | None], trouble: str) -> NatsServer:
        found: list[NatsServer] = []

        def is_led() -> bool:
            running = {node.name: node for node in self.nodes if node.pid is not None}
            names = {named(_asked(node, "jsz?accounts=true&streams=true")) for node in running.values()}
            found[:] = [running[name] for name in names if name in running]
            return len(names) == len(found) == 1

        _until(is_led, trouble)
        return found[0]

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_error: object) -> None:
        self.stop()


def _until(condition: Callable[[], bool], trouble: str) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not condition():
        if time.monotonic() > deadline:
            message = f"NATS of three {trouble} within {START_SECONDS:.0f} s"
            raise EmbeddedError(message)
        time.sleep(_LOOK_SECONDS)


def _asked(node: NatsServer, what: str) -> dict[str, Any]:
    """What its monitoring says; nothing while it cannot be asked, or is not well."""
    with contextlib.closing(HTTPConnection("127.0.0.1", node.monitor, timeout=_ANSWER_SECONDS)) as link:
        try:
            link.request("GET", f"/{what}")
            said: dict[str, Any] = json.loads(link.getresponse().read())
        except (HTTPException, OSError, ValueError):
            return {}
    return said

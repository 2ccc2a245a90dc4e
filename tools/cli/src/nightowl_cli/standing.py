"""Finds the servers of an `up` that runs on this machine, for commands that are told of no others.

`up` notes in its data folder where its servers are, and where it answers itself; the note is gone when they are. It
holds no secret that the folder itself does not hold.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import msgspec

from nightowl_cli.settings import ExternalServers
from nightowl_common.settings import load_settings

NOTE = "servers.json"


@contextmanager
def noted(folder: Path, servers: Mapping[str, str]) -> Iterator[None]:
    """While the body runs, commands find these servers: name of a setting → its value."""
    note = folder / NOTE
    note.touch(mode=0o600)
    note.write_bytes(msgspec.json.format(msgspec.json.encode(servers)))
    try:
        yield
    finally:
        note.unlink(missing_ok=True)


def find(folder: Path) -> None:
    """Points this process at the servers that are noted in the folder, unless the environment names any."""
    external = load_settings(ExternalServers)
    note = folder / NOTE
    if not any((external.database_url, external.nats_url, external.redis_url)) and note.is_file():
        noted = msgspec.json.decode(note.read_bytes(), type=dict[str, str])
        os.environ.update({name: value for name, value in noted.items() if not os.environ.get(name)})

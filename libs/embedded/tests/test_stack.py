"""The embedded servers: data stays, ports are free, one owner per folder, no orphans, root or not."""

import asyncio
import contextlib
import os
import pwd
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import nats
import pytest

from nightowl_embedded import EmbeddedError, Stack, free_port
from nightowl_embedded.processes import Server, spawn
from nightowl_testkit import ordinary
from nightowl_testkit.servers import temporary_folder

pytestmark = pytest.mark.integration

NOBODY = pwd.getpwnam("nobody")
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")

OWNER = """
import sys, time
from pathlib import Path
from nightowl_embedded import Stack
stack = Stack(Path(sys.argv[1]), is_durable=False)
stack.start()
print(*(server.pid for server in stack.servers), stack.postgres.url, flush=True)
sys.stdin.read()
stack.stop()
"""
"""Starts a stack, says pids and address, and stops it when its input ends."""


@pytest.fixture
def folder() -> Iterator[Path]:
    with temporary_folder() as made:
        yield made / "chosen"


def is_gone(pid: int) -> bool:
    """Ended; a zombie has ended too, only nobody has asked for its exit code."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True


def until_gone(pids, *, seconds: float = 10.0) -> None:
    deadline = time.monotonic() + seconds
    while left := [pid for pid in pids if not is_gone(pid)]:
        assert time.monotonic() < deadline, f"still there after {seconds} s: {left}"
        time.sleep(0.02)


def uid_of(pid: int) -> int:
    return Path(f"/proc/{pid}").stat().st_uid


async def query(url: str, statement: str):
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(statement)
    finally:
        await connection.close()


@contextlib.contextmanager
def owner(folder: Path, *, python=sys.executable, **how):
    """A process that owns a stack: (process, pids of the servers, address of Postgres)."""
    with subprocess.Popen(
        [python, "-c", OWNER, folder], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd="/", **how
    ) as process:
        try:
            *pids, url = process.stdout.readline().decode().split()
            yield process, [int(pid) for pid in pids], url
        finally:
            process.kill()


async def test_what_was_written_is_there_after_a_restart(folder):
    """Rows and stored messages, in the chosen folder."""
    with Stack(folder) as stack:
        await query(stack.postgres.url, "CREATE TABLE kept AS SELECT 42 AS answer")
        client = await nats.connect(stack.nats.url)
        await client.jetstream().add_stream(name="KEPT", subjects=["kept"])
        await client.jetstream().publish("kept", b"42")
        await client.close()
        pids = [server.pid for server in stack.servers]
    until_gone(pids, seconds=1)

    with Stack(folder) as stack:
        assert await query(stack.postgres.url, "SELECT answer FROM kept") == 42
        client = await nats.connect(stack.nats.url)
        assert (await client.jetstream().get_msg("KEPT", 1)).data == b"42"
        await client.close()

    assert {"postgres", "nats"} <= {path.name for path in folder.iterdir()}


def test_starting_and_stopping_twice_is_once(folder):
    """A stack that runs is not started again, one that is stopped not stopped."""
    stack = Stack(folder, is_durable=False)
    stack.start()
    pids = [server.pid for server in stack.servers]
    for server in stack.servers:
        server.start()

    assert [server.pid for server in stack.servers] == pids

    stack.stop()
    stack.stop()
    assert [server.pid for server in stack.servers] == [None, None, None]


def test_servers_get_ready_side_by_side(folder, monkeypatch):
    """All run before any is waited for."""
    stack, running, wait = Stack(folder, is_durable=False), [], Server.until_answers

    def noted(server: Server) -> None:
        running.append([each.pid is not None for each in stack.servers])
        wait(server)

    monkeypatch.setattr(Server, "until_answers", noted)
    with stack:
        assert running == [[True, True, True]] * 3


def test_ports_are_free_and_below_those_that_outgoing_connections_take():
    """Nobody listens there, and no connection of this machine can come upon it by chance."""
    for port in {free_port() for _ in range(50)}:
        assert 1024 < port < 32_768
        with contextlib.closing(socket.socket()) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))


def test_a_port_is_given_once_until_its_server_has_had_time_to_start():
    """Not to this process, nor to another; yet the server for which it was asked gets it."""
    port = free_port()

    assert port not in {free_port() for _ in range(90)}
    with contextlib.closing(socket.socket()) as other, pytest.raises(OSError, match="in use"):
        other.bind(("127.0.0.1", port))
    with contextlib.closing(socket.socket()) as server:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        server.bind(("127.0.0.1", port))
        server.listen()


def test_a_second_stack_on_one_folder_is_refused_at_once(folder):
    """Naming the folder; the first one goes on, and its end makes room."""
    with Stack(folder, is_durable=False) as first:
        began = time.monotonic()
        with pytest.raises(EmbeddedError, match=f"{folder} is in use by another running stack"):
            Stack(folder).start()
        assert time.monotonic() - began < 10
        assert all(server.pid for server in first.servers)

    with Stack(folder, is_durable=False):
        pass


def test_servers_end_with_a_parent_that_was_killed(folder):
    """SIGKILL leaves no time to tidy up, and no orphan either."""
    with owner(folder) as (process, pids, _url):
        assert not any(is_gone(pid) for pid in pids)

        process.send_signal(signal.SIGKILL)
        process.wait()

        until_gone(pids, seconds=5)


async def test_after_its_owner_was_killed_the_folder_can_be_used_again_at_once(folder):
    """The next stack waits for the old servers to end: two never write to the same files."""
    with owner(folder) as (process, pids, url):
        await query(url, "CREATE TABLE kept AS SELECT 42 AS answer")
        process.send_signal(signal.SIGKILL)
        process.wait()

        with Stack(folder, is_durable=False) as stack:
            assert all(is_gone(pid) for pid in pids)
            assert await query(stack.postgres.url, "SELECT answer FROM kept") == 42


def test_a_server_that_cannot_start_says_why_and_leaves_nothing_running(folder):
    """Its own words are in the error; the servers that did start are stopped."""
    stack = Stack(folder, is_durable=False)
    with contextlib.closing(socket.socket()) as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind(("127.0.0.1", stack.redis.port))
        taken.listen()

        # Redis is the last; its port is open, but not by it.
        with pytest.raises(EmbeddedError, match=r"(?s)redis did not start.*Address already in use"):
            stack.start()

    assert [server.pid for server in stack.servers] == [None, None, None]
    with Stack(folder, is_durable=False):
        pass


def test_data_of_another_postgres_version_is_refused_in_its_own_words(folder):
    """No guessing: what Postgres says is shown."""
    with Stack(folder, is_durable=False):
        pass
    (folder / "postgres" / "PG_VERSION").write_text("12\n")

    with pytest.raises(EmbeddedError, match=r"(?s)postgres did not start.*incompatible"):
        Stack(folder).start()


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    """One sentence, no traceback."""
    (tmp_path / "file").touch()

    with pytest.raises(EmbeddedError, match=f"cannot use {tmp_path}/file/data as data folder"):
        Stack(tmp_path / "file" / "data").start()


@as_root
async def test_as_root_postgres_runs_as_nobody(folder):
    """It refuses to run as root; no user is made for it."""
    with Stack(folder, is_durable=False) as stack:
        assert uid_of(stack.postgres.pid) == NOBODY.pw_uid
        assert await query(stack.postgres.url, "SELECT 1") == 1


@as_root
def test_as_root_a_folder_that_nobody_can_enter_is_named(tmp_path):
    """With the way out."""
    closed = tmp_path / "closed"
    closed.mkdir()
    for path in (closed, *(each for each in tmp_path.parents if "pytest" in each.name)):
        path.chmod(0o700)

    with pytest.raises(EmbeddedError, match=r"the user nobody, who cannot enter .*; choose another data folder"):
        Stack(closed / "data").start()


@as_root
async def test_an_ordinary_user_can_run_it(folder):
    """Everything belongs to that user."""
    try:
        python = ordinary.interpreter(folder.parent)
    except ordinary.UnreachableError as error:
        pytest.skip(str(error))
    ordinary.give(folder)

    with owner(folder, python=python.path, env=python.environment, **ordinary.identity()) as (process, pids, url):
        assert {uid_of(pid) for pid in pids} == {NOBODY.pw_uid}
        assert await query(url, "SELECT 1") == 1
        process.stdin.close()
        assert await asyncio.to_thread(process.wait, 20) == 0

    until_gone(pids, seconds=1)


def test_what_a_process_says_goes_to_its_log(tmp_path):
    """All of it, in the file that was named."""
    log = tmp_path / "said.log"
    process = spawn([sys.executable, "-c", "print('hello')"], log=log)

    assert process.wait(10) == 0
    assert log.read_text() == "hello\n"

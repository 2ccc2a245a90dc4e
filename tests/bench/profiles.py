"""py-spy on the services while a measurement runs: a speedscope file each, and the top functions as text.

Where the kernel lets nobody look into another process (ptrace), it says so and measures on.
"""

import asyncio
import contextlib
import signal
import sys
import sysconfig
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import msgspec
from figures import Hot

RATE = 100
"""Samples per second, of threads that hold the interpreter: one that waits for the network shows nothing."""

TOP = 15
SHOWN = 5


class _Frame(msgspec.Struct):
    name: str
    file: str | None = None


class _Shared(msgspec.Struct):
    frames: list[_Frame]


class _Profile(msgspec.Struct):
    samples: list[list[int]]
    weights: list[float]


class _Speedscope(msgspec.Struct):
    shared: _Shared
    profiles: list[_Profile]


@contextlib.asynccontextmanager
async def recorded(folder: Path, section: str, processes: Mapping[str, int]) -> AsyncIterator[list[Hot]]:
    """As long as it lasts, the processes are looked into; afterwards the list says where their time went."""
    folder.mkdir(parents=True, exist_ok=True)
    files = {name: folder / f"{section}-{name}.speedscope.json" for name in processes}
    spies = [await _spy(pid, files[name]) for name, pid in processes.items()]
    hot: list[Hot] = []
    try:
        yield hot
    finally:
        for spy in spies:
            with contextlib.suppress(ProcessLookupError):
                spy.send_signal(signal.SIGINT)
        for spy in spies:
            _out, said = await spy.communicate()
            if spy.returncode:
                print(f"py-spy: {said.decode(errors='replace').strip()}", file=sys.stderr)
        hot += [_read(section, name, file) for name, file in files.items() if file.exists()]
        for each in hot:
            Path(each.file).with_suffix("").with_suffix(".txt").write_text(_text(each))


async def _spy(pid: int, file: Path) -> asyncio.subprocess.Process:
    program = Path(sysconfig.get_path("scripts")) / "py-spy"
    return await asyncio.create_subprocess_exec(
        program, "record", "--pid", str(pid), "--rate", str(RATE), "--gil", "--format", "speedscope", "--output", file,
        stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip


def _read(section: str, process: str, file: Path) -> Hot:
    """Time by the function that was running itself; what it called counts there."""
    recording = msgspec.json.decode(file.read_bytes(), type=_Speedscope)
    spent: Counter[str] = Counter()
    for profile in recording.profiles:
        for stack, weight in zip(profile.samples, profile.weights, strict=True):
            if stack:
                frame = recording.shared.frames[stack[-1]]
                spent[f"{frame.name} ({Path(frame.file or '').name})"] += weight  # type: ignore[assignment]
    total = sum(spent.values()) or 1
    functions = {name: weight / total for name, weight in spent.most_common(TOP)}
    return Hot(section=section, process=process, file=str(file), functions=functions)


def _text(hot: Hot) -> str:
    return "".join(f"{share:6.1%}  {name}\n" for name, share in hot.functions.items())


def shown(hot: Hot) -> str:
    """The first few, in a line."""
    return ", ".join(f"{name} {share:.0%}" for name, share in list(hot.functions.items())[:SHOWN])

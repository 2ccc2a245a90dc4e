"""What the processors and the memory are used for, as the kernel counts it: of processes, with all their children.

Wall time lies on a machine that others use too; time on the processor does so much less.
"""

import os
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec

TICK = os.sysconf("SC_CLK_TCK")
MIB = 1024.0
"""In kB, the unit of the kernel."""


class Memory(msgspec.Struct, frozen=True, kw_only=True):
    """Of a process and its children, MiB. `shared_out` counts each shared page by its share (PSS)."""

    resident: float
    shared_out: float


class Use(msgspec.Struct, frozen=True, kw_only=True):
    """A reading of the clocks: of the machine, of ourselves, and of each process by name, in processor seconds."""

    at: float
    machine: float
    ours: float
    named: dict[str, float]

    def each(self, later: "Use", units: float) -> dict[str, float]:
        """µs per unit of work from this reading to a later one, of processes that are in both."""
        return {
            name: 1e6 * (later.named[name] - seconds) / units
            for name, seconds in self.named.items()
            if name in later.named and units
        }

    def others(self, later: "Use") -> float:
        """The share of all processors that others took between the two."""
        possible = (later.at - self.at) * (os.cpu_count() or 1)
        return max(0.0, ((later.machine - self.machine) - (later.ours - self.ours)) / possible) if possible else 0.0


def read(processes: Mapping[str, int]) -> Use:
    """The clocks now; `processes` are names of process ids, whose children count with them."""
    counts = dict(_counts())
    family: dict[int, list[int]] = {}
    for pid, (parent, _own, _reaped) in counts.items():
        family.setdefault(parent, []).append(pid)
    return Use(
        at=time.perf_counter(),
        machine=_machine(),
        ours=_tree(os.getpid(), counts, family),
        named={
            **{name: _tree(pid, counts, family) for name, pid in processes.items() if pid in counts},
            "load": time.process_time(),
        },
    )


def memory(pid: int) -> Memory:
    """Of a process with its children."""
    parents = {each: parent for each, (parent, _own, _reaped) in _counts()}
    family = {pid}
    while more := {each for each, parent in parents.items() if parent in family} - family:
        family |= more
    sizes = [_smaps(each) for each in family]
    return Memory(
        resident=sum(each.get("Rss", 0.0) for each in sizes) / MIB,
        shared_out=sum(each.get("Pss", 0.0) for each in sizes) / MIB,
    )


def children(pid: int) -> dict[int, str]:
    """Process id → command line, of the direct children."""
    found = {}
    for each, (parent, _own, _reaped) in _counts():
        if parent == pid:
            found[each] = Path(f"/proc/{each}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    return found


def _tree(pid: int, counts: Mapping[int, tuple[int, float, float]], family: Mapping[int, list[int]]) -> float:
    _parent, own, reaped = counts.get(pid, (0, 0.0, 0.0))
    return own + reaped + sum(_tree(child, counts, family) for child in family.get(pid, ()))


def _counts() -> Iterator[tuple[int, tuple[int, float, float]]]:
    """Process id → (parent, its own seconds, those of children that have ended)."""
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        user, system, gone_user, gone_system = (int(each) for each in fields[11:15])
        yield int(folder.name), (int(fields[1]), (user + system) / TICK, (gone_user + gone_system) / TICK)


def _machine() -> float:
    """Busy seconds of all processors: everything but idle and waiting for the disk."""
    fields = [int(each) for each in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]]
    return (sum(fields) - fields[3] - fields[4]) / TICK


def _smaps(pid: int) -> dict[str, float]:
    """KB by the kernel's words; nothing of a process that has ended."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]
    except (FileNotFoundError, ProcessLookupError):
        return {}
    return {name: float(rest.split()[0]) for name, _, rest in (line.partition(":") for line in lines)}

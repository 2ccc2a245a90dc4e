"""What a process costs, read from /proc."""

import os
import time
from pathlib import Path

MIB = 1024 * 1024
_TICKS = os.sysconf("SC_CLK_TCK")


class Meter:
    """Reads one process after the other, those that run in one place; CPU is counted from look to look of the same process."""

    def __init__(self) -> None:
        self._pid: int | None = None
        self._ticks, self._at = 0, 0.0

    def look(self, pid: int | None) -> dict[str, float]:
        """Memory, descriptors, threads, CPU; nothing when it does not run."""
        try:
            if pid is None:
                return {}
            fields = _stat(pid)
            descriptors = sum(1 for _ in Path(f"/proc/{pid}/fd").iterdir())
            told = {**memory_of(pid), "descriptors": float(descriptors), "threads": float(fields[17])}
            return told | self._cpu(pid, _ticks_of(fields))
        except (FileNotFoundError, ProcessLookupError):
            return {}

    def look_at_family(self, pid: int | None) -> dict[str, float]:
        """Postgres: its own memory is what is not shared, over all of its processes. Children that end take no CPU along."""
        if pid is None:
            return {}
        total: dict[str, float] = {"anonymous_mib": 0.0, "processes": 0.0}
        ticks = 0
        for each in (pid, *_children(pid)):
            try:
                total["anonymous_mib"] += memory_of(each)["anonymous_mib"]
                fields = _stat(each)
            except (FileNotFoundError, ProcessLookupError, KeyError):
                continue
            total["processes"] += 1
            ticks += _ticks_of(fields) + (int(fields[13]) + int(fields[14]) if each == pid else 0)
        return total | self._cpu(pid, ticks)

    def _cpu(self, pid: int, ticks: int) -> dict[str, float]:
        now = time.monotonic()
        known, spent, took = self._pid == pid, ticks - self._ticks, now - self._at
        self._pid, self._ticks, self._at = pid, ticks, now
        return {"cpu_percent": max(0.0, spent / _TICKS / took * 100)} if known and took > 0 else {}


def memory_of(pid: int) -> dict[str, float]:
    """RSS, PSS and anonymous memory in MiB.

    Raises:
        FileNotFoundError, ProcessLookupError: it is gone.
    """
    rows = dict(
        line.split(":", 1) for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:] if ":" in line
    )
    found = {name: float(value.split()[0]) / 1024 for name, value in rows.items()}
    return {"rss_mib": found["Rss"], "pss_mib": found["Pss"], "anonymous_mib": found["Anonymous"]}


def _stat(pid: int) -> list[str]:
    """The fields behind the name, from the third of proc(5) on."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def _ticks_of(fields: list[str]) -> int:
    return int(fields[11]) + int(fields[12])


def _children(pid: int) -> list[int]:
    return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]

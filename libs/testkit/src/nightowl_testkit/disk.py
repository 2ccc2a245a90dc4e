"""A small disk that a test can fill up and free again: memory, mounted over a folder. Only root may mount."""

import errno
import os
import subprocess
from pathlib import Path
from typing import Self


class DiskError(Exception):
    """This machine lets us mount nothing; the message holds its words."""


class SmallDisk:
    """`with SmallDisk(folder, megabytes=64) as disk:` mounts over an empty folder until the end.

    Whoever writes there must have ended by then; what still holds a file keeps it, and nobody finds it any more.
    """

    def __init__(self, folder: Path, *, megabytes: int) -> None:
        self.folder = folder
        self._megabytes = megabytes
        self._ballast = folder / "ballast"

    def fill(self) -> None:
        """From now on nobody can write one byte more."""
        with self._ballast.open("ab") as file:
            while (free := _free_bytes(self.folder)) > 0:
                try:
                    os.posix_fallocate(file.fileno(), os.fstat(file.fileno()).st_size, free)
                except OSError as error:
                    if error.errno != errno.ENOSPC:
                        raise

    def free(self) -> None:
        """There is room again."""
        self._ballast.unlink(missing_ok=True)

    def __enter__(self) -> Self:
        self.folder.mkdir(parents=True, exist_ok=True)
        _run("mount", "-t", "tmpfs", "-o", f"size={self._megabytes}m,mode=755", "nightowl-tests", str(self.folder))
        return self

    def __exit__(self, *_error: object) -> None:
        _run("umount", "--lazy", str(self.folder))


def _free_bytes(folder: Path) -> int:
    state = os.statvfs(folder)
    return state.f_bavail * state.f_frsize


def _run(*command: str) -> None:
    try:
        subprocess.run(command, check=True, capture_output=True, text=True)
    except FileNotFoundError as error:
        raise DiskError(f"there is no {command[0]}") from error
    except subprocess.CalledProcessError as error:
        raise DiskError(error.stderr.strip()) from error

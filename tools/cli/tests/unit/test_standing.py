"""Commands find the `up` that runs on the machine, unless they are told of other servers."""

import os

import pytest

from nightowl_cli import standing

NAMED = {"DATABASE_URL": "postgres://here", "NATS_URL": "nats://here", "REDIS_URL": "redis://here"}


@pytest.fixture(autouse=True)
def nothing_named(monkeypatch):
    """No servers in the environment, before and after."""
    for name in NAMED:
        monkeypatch.setenv(name, "")  # so that whatever a test sets is taken back
        monkeypatch.delenv(name)


def test_noted_servers_are_found_while_they_run(tmp_path):
    """And not afterwards; nobody else may read the note."""
    with standing.noted(tmp_path, NAMED):
        assert (tmp_path / standing.NOTE).stat().st_mode & 0o777 == 0o600
        standing.find(tmp_path)

    assert {name: os.environ[name] for name in NAMED} == NAMED
    assert list(tmp_path.iterdir()) == []


def test_named_servers_come_first(tmp_path, monkeypatch):
    """Whichever of them is named."""
    monkeypatch.setenv("NATS_URL", "nats://elsewhere")
    with standing.noted(tmp_path, NAMED):
        standing.find(tmp_path)

    assert os.environ["NATS_URL"] == "nats://elsewhere"
    assert "DATABASE_URL" not in os.environ


def test_an_address_that_was_chosen_stays(tmp_path, monkeypatch):
    """Of `up` itself, which is noted beside its servers."""
    monkeypatch.setenv("NIGHTOWL_URL", "http://chosen")
    with standing.noted(tmp_path, {**NAMED, "NIGHTOWL_URL": "http://noted"}):
        standing.find(tmp_path)

    assert os.environ["NIGHTOWL_URL"] == "http://chosen"
    assert os.environ["DATABASE_URL"] == NAMED["DATABASE_URL"]


def test_no_note_is_no_error(tmp_path):
    """Then the command says what it needs."""
    standing.find(tmp_path)

    assert "DATABASE_URL" not in os.environ

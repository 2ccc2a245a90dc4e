"""Log lines: one JSON object each, and no secret in them."""

import json
import logging
import sys
from unittest.mock import Mock

import pytest
import structlog

from nightowl_common.logs import configure_logs, get_logger


@pytest.fixture
def lines(capsys):
    """Configures logging, reads what was written, and puts everything back at the end."""
    root = logging.getLogger()
    handlers, level, configuration = root.handlers[:], root.level, structlog.get_config()
    root.handlers = []

    def configured(form="json", level="info"):
        configure_logs(service="query", level=level, form=form)

        def read():
            return capsys.readouterr().out.splitlines()

        return read

    yield configured
    structlog.contextvars.clear_contextvars()
    structlog.configure(**configuration)
    root.handlers = handlers
    root.setLevel(level)


def test_a_line_is_one_json_object(lines):
    """With the event, its level, a UTC time, the service, and what was bound; line breaks stay inside."""
    read = lines()

    with structlog.contextvars.bound_contextvars(tenant="acme"):
        get_logger("a").info("request", path="/a\nb", status=200)

    [line] = [json.loads(each) for each in read()]
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "event": "request", "level": "info", "service": "query", "tenant": "acme", "path": "/a\nb", "status": 200
    }  # fmt: skip


def test_the_standard_library_logs_through_the_same_lines(lines):
    """What libraries say is JSON too."""
    read = lines()

    logging.getLogger("library").warning("took %d s", 3)

    [line] = [json.loads(each) for each in read()]
    assert (line["event"], line["level"], line["service"]) == ("took 3 s", "warning", "query")


def test_lines_below_the_level_are_not_written(lines):
    """Nor what noisy libraries tell."""
    read = lines(level="warning")

    get_logger("b").info("request")
    logging.getLogger("nats").info("chatter")

    assert read() == []


@pytest.mark.parametrize("form", ["json", "text"])
@pytest.mark.parametrize(
    "key", ["token", "slack_token", "API_KEY", "Authorization", "password", "client_secret", "database_url"]
)
def test_secrets_are_redacted(lines, form, key):
    """A value under a name that says secret is never written, in either form."""
    read = lines(form)

    get_logger("c").info("started", **{key: "hush-hush", "port": 80})

    [line] = read()
    assert "hush-hush" not in line
    assert "80" in line


def test_a_bound_secret_is_redacted(lines):
    """Context counts as well as keywords."""
    read = lines()

    with structlog.contextvars.bound_contextvars(token="hush-hush"):
        get_logger("d").info("started")

    assert "hush-hush" not in "".join(read())


@pytest.mark.parametrize("logger", ["ours", "library"])
def test_an_exception_is_inside_its_line(lines, logger):
    """A traceback after the line would be many lines that no parser reads."""
    read = lines()

    try:
        int("boom\nboom")
    except ValueError:
        get_logger("e").exception("failed") if logger == "ours" else logging.getLogger("lib").exception("failed")

    [line] = [json.loads(each) for each in read()]
    assert line["event"] == "failed"
    assert line["exception"].startswith("Traceback")
    assert "ValueError: invalid literal" in line["exception"]


def test_an_exception_is_shown_in_text(lines):
    """For people it comes after the line."""
    read = lines("text")

    try:
        int("boom")
    except ValueError:
        get_logger("f").exception("failed")

    first, *rest = read()
    assert "failed" in first
    assert any("ValueError: invalid literal" in each for each in rest)


@pytest.mark.parametrize("value", [{1: "a"}, object(), b"\xff", "\ud800", 1 << 80, {"a", "b"}])
def test_whatever_is_told_becomes_a_line(lines, value):
    """A value that JSON has no word for must not cost the line, let alone whoever writes it."""
    read = lines()

    get_logger("g").info("told", value=value)

    [line] = [json.loads(each) for each in read()]
    assert line["event"] == "told"
    assert "value" in line


def test_nobody_fails_because_nobody_reads(lines, monkeypatch):
    """A full disk or a closed pipe loses the line and nothing else."""
    lines()
    monkeypatch.setattr(sys.stdout, "write", Mock(side_effect=BrokenPipeError))

    get_logger("h").info("request")

    sys.stdout.write.assert_called_once()

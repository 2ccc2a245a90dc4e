"""`up` is a command like the others, and carries nothing of theirs."""

import subprocess
import sys

import pytest


def said(*command: str) -> subprocess.CompletedProcess:
    return subprocess.run([sys.executable, *command], capture_output=True, text=True, check=False)


def test_up_imports_no_service_framework_and_no_cache():
    """A second of processor time, and memory for as long as it runs."""
    ran = said("-c", "import sys, nightowl_cli.checkout; print(*sys.modules)")

    assert {"litestar", "redis", "nightowl_auth"}.isdisjoint(ran.stdout.split())
    assert "nightowl_cli.up" in ran.stdout.split()


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        (["up", "--port", "many"], 2, "'many' is not a valid integer"),
        (["up", "--help"], 0, "Run the whole system here"),
        (["upp"], 2, "No such command 'upp'"),
    ],
)
def test_up_answers_as_a_command_of_the_cli(options, code, words):
    """Wrong options, help, and a command that is none."""
    ran = said("-m", "nightowl_cli", *options)

    assert ran.returncode == code
    assert words in ran.stdout + ran.stderr

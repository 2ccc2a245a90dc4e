"""Severity words."""

import pytest

from nightowl_ingest.engine.severity import resolve_severity


@pytest.mark.parametrize(
    ("words", "severity"),
    [
        (["critical", "crit", "fatal", "emergency", "page", "P1", " CRITICAL "], "critical"),
        (["major", "high", "error", "p2"], "major"),
        (["warning", "warn", "minor", "medium", "P3"], "warning"),
        (["info", "low", "none", "notice", "debug", "P4", "p5"], "info"),
    ],
)
def test_known_words(words, severity):
    """In any case of letters."""
    assert {resolve_severity(word) for word in words} == {severity}


def test_an_unknown_word_pages():
    """Better a page too many than an outage nobody heard of."""
    assert resolve_severity("sev-zero-ish") == "major"


def test_no_word_is_a_warning():
    """The sender had no opinion."""
    assert {resolve_severity(None), resolve_severity(""), resolve_severity("  ")} == {"warning"}


def test_a_tenants_own_words_go_first():
    """In any case of letters; what they do not name is as for everybody."""
    own = {"sev1": "critical", "error": "warning"}

    assert resolve_severity(" SEV1 ", own) == "critical"
    assert resolve_severity("error", own) == "warning"
    assert resolve_severity("fatal", own) == "critical"
    assert resolve_severity("sev2", own) == "major"
    assert resolve_severity(None, own) == "warning"

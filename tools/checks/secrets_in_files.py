"""No file holds a secret that somebody could use.

Looks for the forms that secrets of known providers have, for private keys, and for passwords inside URLs. Real-looking
values that tests, examples and manuals need are in `ALLOWED`, each with its reason: the file, and how the value begins.
"""

import re
from collections.abc import Iterator

from tree import Finding, Source, Tree, line_at

FORMS = {
    "a private key": r"-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----",
    "a Slack token": r"\bxox[abeoprs]-[0-9A-Za-z]{8,}-[0-9A-Za-z-]{8,}",
    "a Slack webhook": r"hooks\.slack\.com/services/T[0-9A-Z]{6,}/B[0-9A-Z]{6,}/[0-9A-Za-z]{16,}",
    "a Twilio account or key": r"\b(?:AC|SK)[0-9a-f]{32}\b",
    "a GitHub token": r"\b(?:gh[opsu]_[0-9A-Za-z]{36}|github_pat_[0-9A-Za-z_]{40,})",
    "an AWS key": r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b",
    "a Google key": r"\bAIza[0-9A-Za-z_-]{35}\b",
    "a NightOwl key": r"\bow[p]?_[0-9a-f]{8,9}[0-9A-Za-z_-]{43}\b",
    "a JSON web token": r"\beyJ[0-9A-Za-z_-]{10,}\.eyJ[0-9A-Za-z_-]{10,}\.[0-9A-Za-z_-]{20,}",
    "a password in a URL": r"\b[a-z][a-z0-9+.-]{2,}://[^\s/:@'\"<>{}$]+:(?P<password>[^\s/:@'\"<>{}$]{6,})@[0-9A-Za-z.-]+",
}

ALLOWED: dict[tuple[str, str], str] = {
    ("services/query/src/nightowl_query/api/examples.py", "xoxb-0123456"): "an example in the API document",
    ("services/query/src/nightowl_query/openapi.json", "xoxb-0123456"): "the same example, generated",
    ("services/query/tests/integration/test_endpoints.py", "https://user"): "a URL that the API must refuse",
    ("services/notifier/tests/unit/test_slack_card.py", "https://user"): "a runbook address that no message may show",
}
"""(path, beginning of what is found) → why it is no secret."""

SKIPPED = (".png", ".ico", ".woff2", ".lock", ".svg")
_FORMS = {what: re.compile(form) for what, form in FORMS.items()}


def check(tree: Tree) -> Iterator[Finding]:
    """Whatever looks like a secret and is not allowed, in every file that git knows."""
    for source in tree.sources:
        if not source.name.endswith(SKIPPED):
            yield from _in(source)


def _in(source: Source) -> Iterator[Finding]:
    text = source.text
    for what, form in _FORMS.items():
        for found in form.finditer(text):
            if not _is_allowed(source, found[0]):
                shown = found[0][:12]
                yield source.finding(line_at(text, found.start()), f"{what} ({shown}…); take it out, and revoke it")


def _is_allowed(source: Source, value: str) -> bool:
    return any(source.path == path and value.startswith(start) for path, start in ALLOWED)

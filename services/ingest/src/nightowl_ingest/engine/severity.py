"""Severity words to ours.

Two choices, made for the person on call. A word that nobody knows becomes `major`: better a page too many than an
outage nobody heard of. No word at all becomes `warning`: the sender had no opinion, and a person will see it.
"""

from collections.abc import Mapping

from nightowl_contracts import Severity
from nightowl_contracts.ingest import SEVERITY_WORDS

MISSING: Severity = "warning"
UNKNOWN: Severity = "major"
NO_WORDS: Mapping[str, Severity] = {}

_SEVERITIES = {word: severity for severity, words in SEVERITY_WORDS.items() for word in words}


def resolve_severity(word: str | None, own: Mapping[str, Severity] = NO_WORDS) -> Severity:
    """Our severity for a sender's word, in any case of letters; `own` are the tenant's words, which go first."""
    if word is None:
        return MISSING
    if own:
        named = own.get(word.strip().lower())
        if named is not None:
            return named
    found = _SEVERITIES.get(word)
    if found is not None:
        return found
    plain = word.strip().lower()
    return _SEVERITIES.get(plain, UNKNOWN) if plain else MISSING

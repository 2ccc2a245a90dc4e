"""Search words in, excerpts out."""

import re

import msgspec

from nightowl_alerting.knowledge.model import Span

START, STOP = "\ue000", "\ue001"
"""Private-use characters around found words: the statement takes them out of the text before it puts them in."""

_EITHER = re.compile(r"(?:^|\s)or\s", re.IGNORECASE)
_LAST_WORD = re.compile(r"(?:^|(?<=\s))(\w{2,})\Z")


class Words(msgspec.Struct, frozen=True, kw_only=True):
    """`whole` as a web search reads it; `begun` may be the beginning of a word."""

    whole: str
    begun: str | None


def split_words(asked: str) -> Words:
    """The last word is still being typed, unless it stands in quotes, is excluded or is followed by a space.

    Beside an `or` it is a whole word: there it is one of the alternatives, and narrows nothing.
    """
    is_plain = asked.count('"') % 2 == 0 and _EITHER.search(asked) is None
    found = _LAST_WORD.search(asked) if is_plain else None
    if found is None or found[1].lower() == "or":
        return Words(whole=asked, begun=None)
    return Words(whole=asked[: found.start(1)], begun=found[1])


def read_excerpt(marked: str) -> tuple[str, list[Span]]:
    """The plain text of an excerpt and where its found words are."""
    parts: list[str] = []
    spans: list[Span] = []
    length = 0
    for piece in marked.split(START):
        word, stop, rest = piece.partition(STOP)
        if stop:
            spans.append(Span(start=length, end=length + len(word)))
        parts += [word, rest]
        length += len(word) + len(rest)
    return "".join(parts), spans

"""What somebody meant with a key, a spoken word or a text message. Pure.

Speech counts only when the whole utterance is an answer: a mailbox that says "press one" must not acknowledge.
"""

import re
from collections.abc import Sequence

from nightowl_alerting.answers import Word
from nightowl_notifier.model import Chosen, CodeNeeded, NothingOpen, PhonePage, Reply, Selection, UnknownCode

LONGEST_REPLY = 40
"""Characters. Longer texts are not meant for us (an automatic reply), and two machines must not talk for ever."""

_KEYS: dict[str, Word] = {"1": "acknowledge", "2": "escalate"}
_SPOKEN: dict[str, Word] = {
    "acknowledge": "acknowledge",
    "acknowledged": "acknowledge",
    "one": "acknowledge",
    "1": "acknowledge",
    "escalate": "escalate",
    "two": "escalate",
    "2": "escalate",
}
_TEXTED: dict[str, Word] = {
    "ACK": "acknowledge",
    "ACKNOWLEDGE": "acknowledge",
    "1": "acknowledge",
    "ESC": "escalate",
    "ESCALATE": "escalate",
    "2": "escalate",
}
_REPLY = re.compile(r"\W*(?P<word>[A-Z]+|[12])(?:[\W_]+(?:REF\W*)?(?P<code>[0-9A-Z]{7}))?\W*")
_LOOK_ALIKES = str.maketrans("OIL", "011")


def word_in_call(*, digits: str, speech: str) -> Word | None:
    """What was pressed, else what was said; None when it is no answer."""
    if digits:
        return _KEYS.get(digits)
    return _SPOKEN.get(" ".join(re.sub(r"[^\w\s]", "", speech).casefold().split()))


def read_reply(text: str) -> Reply | None:
    """`ACK` or `ESC`, with or without the code of a page; None when it is neither."""
    found = _REPLY.fullmatch(text.strip().upper())
    word = None if found is None else _TEXTED.get(found["word"])
    if found is None or word is None:
        return None
    code = found["code"]
    return Reply(word=word, code=None if code is None else code.translate(_LOOK_ALIKES))


def select_page(pages: Sequence[PhonePage], code: str | None) -> Selection:
    """The page that is meant, of those that went to one number, newest first.

    Without a code it must be clear: one open alert in all tenants together, however often it was paged.
    """
    if code is not None:
        named = [page for page in pages if page.code == code]
        return Chosen(page=named[0]) if len(named) == 1 else UnknownCode()
    newest = {(page.tenant, page.alert_id): page for page in reversed(pages) if page.is_open}
    match sorted(newest.values(), key=lambda page: page.delivery_id, reverse=True):
        case []:
            return NothingOpen()
        case [page]:
            return Chosen(page=page)
        case several:
            return CodeNeeded(pages=several)

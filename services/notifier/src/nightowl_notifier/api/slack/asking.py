"""What somebody typed: a slash command, or words after a mention. Pure."""

import re
from uuid import UUID

import msgspec

from nightowl_notifier.channels.text import one_line

MAX_WORDS = 200
MAX_NOTES = 3_000

_TENANT = re.compile(r"@(?P<slug>[a-z][a-z0-9_]{0,40})(?:\s+|\Z)")
_MENTION = re.compile(r"\A\s*<@[A-Z0-9]+(?:\|[^>]*)?>[\s:,]*")
_CODE = re.compile(r"(?:ref\W*)?(?P<code>[0-9A-Za-z]{7})\Z", re.IGNORECASE)
_LOOK_ALIKES = str.maketrans("OIL", "011")
_ENTITIES = {"&lt;": "<", "&gt;": ">", "&amp;": "&"}


class Search(msgspec.Struct, frozen=True, kw_only=True, tag="search"):
    """What is known about some words?"""

    words: str


class OnCall(msgspec.Struct, frozen=True, kw_only=True, tag="oncall"):
    """Who is on call now? On all rosters when none is named."""

    roster: str


class Acknowledge(msgspec.Struct, frozen=True, kw_only=True, tag="ack"):
    """Take an alert: that of a code, of an id, or the only one."""

    ref: str


class Resolve(msgspec.Struct, frozen=True, kw_only=True, tag="resolve"):
    """End an alert: the first word may name it, the rest says what helped."""

    text: str


class Shifts(msgspec.Struct, frozen=True, kw_only=True, tag="roster"):
    """The next shifts."""

    roster: str


class Help(msgspec.Struct, frozen=True, kw_only=True, tag="help"):
    """What can be asked; `unknown` is a word that is none of it."""

    unknown: str = ""


Ask = Search | OnCall | Acknowledge | Resolve | Shifts | Help


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked, and of which tenant; None: not said."""

    tenant: str | None
    ask: Ask


def read_command(command: str, text: str) -> Asked:
    """`/nightowl [@tenant] <word> …`, or a command of the word's own name."""
    name = command.removeprefix("/").casefold()
    tenant, rest = _split_tenant(plain(text))
    word = "" if name == "nightowl" else name.removeprefix("nightowl-")
    if not word:
        word, _, rest = rest.partition(" ")
        inner, rest = _split_tenant(rest.strip())
        tenant = tenant or inner
    return Asked(tenant=tenant, ask=_ask(word.casefold(), rest.strip()))


def read_mention(text: str) -> Asked:
    """Words to the app, after its name or without."""
    return read_command("/nightowl", _MENTION.sub("", text))


def plain(text: str) -> str:
    """Slack's three entities as characters, lines as they are."""
    for entity, character in _ENTITIES.items():
        text = text.replace(entity, character)
    return text.replace("\x00", "").strip()


def read_code(word: str) -> str | None:
    """The short code of a page as it is kept; None when it is none."""
    found = _CODE.fullmatch(word.strip("()[].,;"))
    return None if found is None else found["code"].upper().translate(_LOOK_ALIKES)


def read_id(word: str) -> UUID | None:
    """The id of an alert."""
    try:
        return UUID(word)
    except ValueError:
        return None


def _split_tenant(text: str) -> tuple[str | None, str]:
    found = _TENANT.match(text)
    return (None, text) if found is None else (found["slug"], text[found.end() :])


def _ask(word: str, rest: str) -> Ask:
    match word:
        case "search":
            return Search(words=one_line(rest)[:MAX_WORDS])
        case "oncall" | "on-call":
            return OnCall(roster=one_line(rest)[:MAX_WORDS])
        case "ack" | "acknowledge":
            return Acknowledge(ref=one_line(rest)[:MAX_WORDS])
        case "resolve":
            return Resolve(text=rest[:MAX_NOTES])
        case "roster" | "rosters":
            return Shifts(roster=one_line(rest)[:MAX_WORDS])
        case "" | "help":
            return Help()
        case _:
            return Help(unknown=one_line(word)[:40])

"""Which alert somebody means. Pure. Without a code it must be clear; nothing is guessed."""

from collections.abc import Collection, Sequence
from uuid import UUID

import msgspec

from nightowl_notifier.api.slack.asking import read_code, read_id
from nightowl_notifier.api.slack.telling import Told, safe, say
from nightowl_notifier.channels.text import short_code
from nightowl_notifier.model import OpenPage

LISTED = 5


class Target(msgspec.Struct, frozen=True, kw_only=True):
    """An alert, and the page by which it is meant. None: its id was named."""

    alert_id: UUID
    delivery_id: UUID | None


def choose(pages: Sequence[OpenPage], ref: str, *, verb: str, statuses: Collection[str]) -> Target | Told:
    """The alert of a code or an id; without one, the only alert in one of the states that paged who asks.

    `pages` are newest first.
    """
    if ref:
        return by_reference(pages, ref) or say(f"No open alert has the code “{safe(ref, 60)}”.")
    mine = {page.alert_id: page for page in reversed(pages) if page.is_mine and page.status in statuses}
    match list(mine.values()):
        case []:
            return say(f"No page to you waits for that. Name an alert by its code: `/nightowl {verb} CODE`.")
        case [page]:
            return Target(alert_id=page.alert_id, delivery_id=page.delivery_id)
        case several:
            newest = sorted(several, key=lambda page: page.delivery_id, reverse=True)[:LISTED]
            rows = [
                f"`/nightowl {verb} {short_code(page.delivery_id)}`: {safe(page.title, 150)}" for page in newest
            ]  # fmt: skip
            return say("\n".join([f"{len(several)} alerts are open. Which one?", *rows]))


def by_reference(pages: Sequence[OpenPage], ref: str) -> Target | None:
    """The alert that a word names; None when it names none."""
    alert_id, code = read_id(ref), read_code(ref)
    if alert_id is not None:
        return Target(alert_id=alert_id, delivery_id=None)
    named = [page for page in pages if code is not None and short_code(page.delivery_id) == code]
    return Target(alert_id=named[0].alert_id, delivery_id=named[0].delivery_id) if len(named) == 1 else None

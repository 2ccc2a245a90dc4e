"""A comparison in words."""

from collections.abc import Iterator

from nightowl_cli.replay.model import Difference, Findings

MOST = 50
"""Differences that are told one by one; `--json` has all."""


def lines(found: Findings) -> Iterator[str]:
    """From what was played to each difference."""
    span = found.span
    yield f"{span.tenant}, {span.since.isoformat()} to {span.until.isoformat()}: was → would be"
    yield f"played    {found.messages} messages, {found.deeds} deeds of people, {found.deeds_left_out} not possible"
    yield f"left out  {found.carried} fingerprints open before, {found.forgotten} dispositions forgotten since (72 h)"
    yield f"opened    {found.opened.was} → {found.opened.would_be}"
    yield f"pages     {found.pages.was} → {found.pages.would_be}"
    yield from (f"{name:<9} {pair.was} → {pair.would_be}" for name, pair in found.dispositions.items())
    yield from (f"FAILED    message {event_id}: {reason}" for event_id, reason in found.failures.items())
    yield from (_line(each) for each in found.differences[:MOST])
    if len(found.differences) > MOST:
        yield f"and {len(found.differences) - MOST} more differences; --json has all"
    if not found.differences and not found.failures:
        yield "no difference"


def _line(each: Difference) -> str:
    return f"{each.title} ({each.fingerprint})\t{each.field}: {_words(each.was)} → {_words(each.would_be)}"


def _words(value: object) -> str:
    match value:
        case None | []:
            return "-"
        case True | False:
            return "yes" if value else "no"
        case list():
            return ", ".join(str(each) for each in value)
        case _:
            return str(value)

"""What came out otherwise. Pure."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from uuid import UUID

from nightowl_cli.replay.model import Difference, Findings, Outcome, Pair, Played, Sorted, Span

COMPARED = ("severity", "service", "routes", "policy", "incident", "grouped_by", "muted_by", "pages")

Dispositions = Mapping[tuple[UUID, int], str]
"""What production made of a received alert, by event and place in the call."""


def compare(
    span: Span,
    played: Played,
    *,
    carried: frozenset[str],
    dispositions: Dispositions,
    was: Sequence[Outcome],
    would_be: Sequence[Outcome],
) -> Findings:
    """Production against the shadow, alert by alert.

    Left out is what was open before the span, and what no played message opened: a missed heartbeat, a gap in a roster.
    """
    receipts = {str(each.receipt_id) for each in played.sorted}
    ours = [each for each in was if each.fingerprint not in carried and each.receipt_id in receipts]
    theirs = [each for each in would_be if each.fingerprint not in carried]
    received = [each for each in played.sorted if each.fingerprint not in carried]
    known = [each for each in received if (each.event_id, each.index) in dispositions]
    return Findings(
        span=span,
        messages=played.messages,
        deeds=played.deeds,
        deeds_left_out=played.left_out,
        carried=len(carried),
        forgotten=len(received) - len(known),
        dispositions=_counts(known, dispositions),
        opened=Pair(was=len(ours), would_be=len(theirs)),
        pages=Pair(was=_pages(ours), would_be=_pages(theirs)),
        failures=played.failures,
        differences=[*_otherwise_sorted(known, dispositions), *_otherwise_opened(ours, theirs)],
    )


def _counts(known: Sequence[Sorted], dispositions: Dispositions) -> dict[str, Pair]:
    was = Counter(dispositions[each.event_id, each.index] for each in known)
    would_be = Counter(each.disposition for each in known)
    return {name: Pair(was=was[name], would_be=would_be[name]) for name in sorted(was | would_be)}


def _pages(outcomes: Sequence[Outcome]) -> int:
    return sum(len(each.pages) for each in outcomes)


def _otherwise_sorted(known: Sequence[Sorted], dispositions: Dispositions) -> Iterator[Difference]:
    for each in known:
        before = dispositions[each.event_id, each.index]
        if before != each.disposition:
            title = f"received alert {each.event_id}:{each.index}"
            yield Difference(
                title=title, fingerprint=each.fingerprint, field="disposition", was=before, would_be=each.disposition
            )


def _otherwise_opened(was: Sequence[Outcome], would_be: Sequence[Outcome]) -> Iterator[Difference]:
    before = {(each.receipt_id, each.index): each for each in was}
    after = {(each.receipt_id, each.index): each for each in would_be}
    for key in [*before, *(key for key in after if key not in before)]:
        if key not in after:
            yield _only(before[key], was=True)
        elif key not in before:
            yield _only(after[key], was=False)
        else:
            yield from _otherwise(before[key], after[key])


def _only(outcome: Outcome, *, was: bool) -> Difference:
    return Difference(
        title=outcome.title, fingerprint=outcome.fingerprint, field="opened", was=was, would_be=not was
    )  # fmt: skip


def _otherwise(was: Outcome, would_be: Outcome) -> Iterator[Difference]:
    for field in COMPARED:
        before, after = getattr(was, field), getattr(would_be, field)
        if before != after:
            yield Difference(title=was.title, fingerprint=was.fingerprint, field=field, was=before, would_be=after)

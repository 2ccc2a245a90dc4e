"""One message for many pages: how many, and the first few by severity, with their codes. Pure.

Channels need to know nothing of it: what they get is a page whose title and description tell of all.
"""

from collections.abc import Sequence

import msgspec

from nightowl_alerting.model import SEVERITY_RANK, Folded
from nightowl_contracts import Severity
from nightowl_notifier.channels.text import cut, one_line, short_code
from nightowl_notifier.model import OutgoingPage

NAMED_IN_TITLE = 3
NAMED_IN_TEXT = 10
TITLE_CHARACTERS = 60
ANSWERS = "An answer to this message means the first one; the codes name the others."


def as_bundle(page: OutgoingPage, others: Sequence[Folded], *, severity: Severity) -> OutgoingPage:
    """The page with the words of all; the page itself when there are no others."""
    if not others:
        return page
    first = Folded(delivery_id=page.delivery_id, alert_id=page.alert_id, title=page.title, severity=severity)
    told = [first, *sorted(others, key=lambda each: (-SEVERITY_RANK[each.severity], each.delivery_id))]
    worst = max((each.severity for each in told), key=lambda each: SEVERITY_RANK[each])
    return msgspec.structs.replace(
        page,
        severity=worst,
        title=_spoken(told) if page.channel == "phone" else _title(told),
        description="\n".join([*_lines(told), ANSWERS]),
        is_repeat=page.is_repeat or any(each.is_repeat for each in others),
        labels={"alerts": str(len(told))},
        occurrence_count=1,
        is_bundle=True,
    )


def _title(told: Sequence[Folded]) -> str:
    named = [f"{_short(each)} ({short_code(each.delivery_id)})" for each in told[1:NAMED_IN_TITLE]]
    return f"{len(told)} alerts: {'; '.join([_short(told[0]), *named])}{_more(told, NAMED_IN_TITLE)}"


def _spoken(told: Sequence[Folded]) -> str:
    return f"{len(told)} alerts wait for you. Your answer means the first: {_short(told[0])}"


def _lines(told: Sequence[Folded]) -> list[str]:
    named = [
        f"[{each.severity.upper()}] {_short(each)} (ref {short_code(each.delivery_id)} · alert {each.alert_id})"
        for each in told[:NAMED_IN_TEXT]
    ]
    rest = len(told) - NAMED_IN_TEXT
    return [*named, f"and {rest} more in NightOwl"] if rest > 0 else named


def _short(page: Folded) -> str:
    return cut(one_line(page.title), TITLE_CHARACTERS)


def _more(told: Sequence[Folded], named: int) -> str:
    return f" and {len(told) - named} more" if len(told) > named else ""

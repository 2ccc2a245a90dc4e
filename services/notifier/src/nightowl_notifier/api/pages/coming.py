"""Whom the escalation calls next if nobody takes the alert: by the code that pages, in the words of the page link."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice
from uuid import UUID

import msgspec

from nightowl_alerting.calm.quiet import quiet_until
from nightowl_alerting.linked import LinkedPage
from nightowl_alerting.targets.ahead import Ahead, look_ahead
from nightowl_alerting.targets.model import Staff, urgency_of
from nightowl_alerting.targets.simulate import Rung
from nightowl_common.logs import get_logger
from nightowl_common.outbox import Outbox
from nightowl_contracts import Severity

log = get_logger(__name__)

SPAN = timedelta(days=1)
"""Of rosters. The next rung that pages anybody is the one that is due, or follows it at once."""

MOST_RUNGS = 500
EVERYBODY = {"channel": "the channel", "endpoint": "an endpoint"}


class NextTier(msgspec.Struct, frozen=True, kw_only=True, tag="tier"):
    """Who is called, the first one at `at`. `tier` counts from 1; `is_same`: only the page's own recipient, again."""

    tier: int
    names: list[str]
    at: datetime
    is_same: bool


class LastWord(msgspec.Struct, frozen=True, kw_only=True, tag="last"):
    """No tier is left: at `at` the admins are told that nobody has taken the alert."""

    names: list[str]
    at: datetime


class NobodyNext(msgspec.Struct, frozen=True, kw_only=True, tag="nobody"):
    """Nobody is called as things stand, and why."""

    reason: str


class NotKnown(msgspec.Struct, frozen=True, kw_only=True, tag="not_known"):
    """It could not be worked out."""


Coming = NextTier | LastWord | NobodyNext | NotKnown


async def find_coming(page: LinkedPage, tenant: str, *, outbox: Outbox) -> Coming:
    """Who is next. Never raises: in a transaction of its own, so that nothing of it stands between a person and Ack."""
    if page.alert.escalation_state != "pending":
        return NobodyNext(reason=page.alert.escalation_reason)
    try:
        async with outbox.tenant_tx(tenant) as tx:
            ahead = await look_ahead(tx, page.alert, due_at=page.due_at, span=SPAN)
            return NotKnown() if ahead is None else first_call(ahead, page)
    except Exception:  # whoever was woken takes the alert, also where nobody can say who is next
        log.exception("coming_not_known", tenant=tenant, alert_id=str(page.alert.id))
        return NotKnown()


def first_call(ahead: Ahead, page: LinkedPage) -> Coming:
    """The first coming rung that calls anybody. Pure."""
    rung = next((each for each in islice(ahead.rungs, MOST_RUNGS) if each.resolved.recipients), None)
    if rung is None:
        return NobodyNext(reason="nobody is left who could be called")
    calls = sorted(_calls(rung, ahead.staff, page.alert.severity), key=lambda call: call[0])
    names = list(dict.fromkeys(name for _, name in calls))
    if rung.is_end:
        return LastWord(names=names, at=calls[0][0])
    is_same = all(each.recipient == page.recipient for each in rung.resolved.recipients)
    return NextTier(tier=rung.tier + 1, names=names, at=calls[0][0], is_same=is_same)


def _calls(rung: Rung, staff: Staff, severity: Severity) -> Iterator[tuple[datetime, str]]:
    """When whom: after the delay of their own rules, and after quiet hours where those hold."""
    for each in rung.resolved.recipients:
        at = rung.at + timedelta(minutes=each.delay_minutes)
        kind, _, ref = each.recipient.partition(":")
        if kind != "user":
            yield at, EVERYBODY.get(kind, kind)
            continue
        person = staff.people[UUID(ref)]
        is_quiet = urgency_of(severity) == "low"
        quiet = quiet_until(person.quiet_hours, timezone=person.timezone, at=at) if is_quiet else None
        yield quiet or at, person.name

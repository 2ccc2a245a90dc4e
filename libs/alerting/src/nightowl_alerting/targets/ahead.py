"""What an open alert's escalation does next if nobody takes it: read here, worked out by the code that pages."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import msgspec

from nightowl_alerting.model import TIMED, Alert
from nightowl_alerting.targets.model import Staff
from nightowl_alerting.targets.parsing import rosters_of
from nightowl_alerting.targets.simulate import Rung, climb
from nightowl_alerting.targets.store import load_book, load_policies, load_staff
from nightowl_alerting.targets.timetable import Timetable
from nightowl_common.db import Tx


class Ahead(msgspec.Struct, frozen=True, kw_only=True):
    """The coming rungs, the next one first, and the people whom they name."""

    rungs: Iterator[Rung]
    staff: Staff


async def look_ahead(tx: Tx, alert: Alert, *, due_at: datetime | None, span: timedelta) -> Ahead | None:
    """The rungs of an alert whose next tier is due at `due_at`; None when no tier is pending. Writes nothing.

    Who is on call is known for `span` from the first rung on; later rungs are answered as at its end.
    """
    if due_at is None or alert.escalation_state not in TIMED or alert.policy_id is None or alert.policy_version is None:
        return None
    [policy] = (await load_policies(tx, [(alert.policy_id, alert.policy_version)])).values()
    start = max(await tx.now(), due_at)
    roster_ids = rosters_of(policy)
    book = await load_book(tx, roster_ids, start=start, end=start + span)
    timetable = Timetable(book, roster_ids, start=start, end=start + span)
    staff = await load_staff(tx)
    rungs = climb(alert, policy, staff=staff, duty_at=lambda when: timetable.duty(policy, when), start=start)
    return Ahead(rungs=rungs, staff=staff)

"""Beats among what was received, and misses: both in the transaction of the alerts that they end or open.

Lock order: heartbeats by id, then alerts. A miss comes from its timer and does not wait for the heartbeat.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from nightowl_alerting import heartbeats as rules
from nightowl_alerting import store as kernel
from nightowl_alerting.heartbeats import Heartbeat
from nightowl_alerting.model import Disposition, Timer
from nightowl_alerting.transitions import Received
from nightowl_common import clock
from nightowl_common.db import Tx
from nightowl_common.ids import new_id
from nightowl_enrichment import store
from nightowl_enrichment.engine import find_beats
from nightowl_enrichment.handlers.matching import Matcher, Tally
from nightowl_enrichment.handlers.receiving import receive
from nightowl_enrichment.model import Beat, Watched

BEAT = "beat:"
"""What begins the names of beats in a tally."""


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """What became of beats: dispositions by position, ends of alerts to receive, rows of those that nobody knows."""

    dispositions: Mapping[int, Disposition] = {}
    returned: Sequence[Received] = ()
    rejected: Sequence[Mapping[str, object]] = ()


async def take_beats(
    tx: Tx, tenant: str, received: Sequence[Received], watched: Sequence[Watched], *, tally: Tally
) -> Taken:
    """Finds the beats, moves their heartbeats' deadlines, and says which alerts are over."""
    beats = find_beats(received, watched)
    if not beats:
        return Taken()
    found = await store.lock_heartbeats(
        tx,
        names=sorted({each.name for each in beats if each.name is not None}),
        ids=sorted({each.heartbeat_id for each in beats if each.heartbeat_id is not None}),
    )
    newest = _newest(beats, received, found)
    returned = await _hear(tx, tenant, found, newest, tally=tally)
    known = {each.name for each in found}
    unknown = {each.position for each in beats if each.name is not None and each.name not in known}
    tally[BEAT + "unknown"] += len(unknown)
    return Taken(
        dispositions={each.position: "rejected" if each.position in unknown else "suppressed" for each in beats},
        returned=returned,
        rejected=[_unknown_row(received[position]) for position in sorted(unknown)],
    )


async def miss(tx: Tx, timer: Timer, *, matcher: Matcher) -> bool:
    """Judges a due timer that this transaction holds; true when an alert opened, or would have."""
    heartbeat = await store.lock_heartbeat_or_skip(tx, timer.ref)
    if heartbeat is None and await store.heartbeat_exists(tx, timer.ref):
        return False
    match rules.judge(heartbeat, now=await tx.now()):
        case rules.Settled():
            await kernel.delete_timers(tx, "heartbeat", [timer.ref])
        case rules.Awaited(due_at=due_at):
            await kernel.upsert_timers(tx, [msgspec.structs.replace(timer, due_at=due_at)])
        case rules.Missed() as missed:
            await _open(tx, timer.tenant, missed, matcher=matcher)
            return True
    return False


async def _open(tx: Tx, tenant: str, missed: rules.Missed, *, matcher: Matcher) -> None:
    received = rules.as_received(missed.after, missed.alert, new_id=new_id(), at=await tx.now())
    await store.update_heartbeats(tx, [missed.after])
    await receive(tx, tenant, [received], await store.load_rules(tx), matcher=matcher, tally=Counter())
    await kernel.delete_timers(tx, "heartbeat", [missed.after.id])


def _newest(beats: Sequence[Beat], received: Sequence[Received], found: Sequence[Heartbeat]) -> dict[UUID, Received]:
    """The newest beat of each heartbeat."""
    ids = {each.name: each.id for each in found}
    newest: dict[UUID, Received] = {}
    for beat in beats:
        heartbeat_id = beat.heartbeat_id if beat.name is None else ids.get(beat.name)
        each = received[beat.position]
        if heartbeat_id is not None and (heartbeat_id not in newest or each.at > newest[heartbeat_id].at):
            newest[heartbeat_id] = each
    return newest


async def _hear(
    tx: Tx, tenant: str, found: Sequence[Heartbeat], newest: Mapping[UUID, Received], *, tally: Tally
) -> list[Received]:
    changed: list[Heartbeat] = []
    returned: list[Received] = []
    now, host_now = await tx.now(), clock.utc_now()
    for heartbeat in found:
        beat = newest[heartbeat.id]
        match rules.hear(heartbeat, at=_moment(beat, now=now, host_now=host_now), now=now):
            case rules.Old():
                tally[BEAT + "old"] += 1
            case rules.Noted(after=after):
                tally[BEAT + "noted"] += 1
                changed.append(after)
            case rules.InTime(after=after):
                tally[BEAT + "in_time"] += 1
                changed.append(after)
            case rules.Returned(after=after):
                tally[BEAT + "returned"] += 1
                changed.append(after)
                returned.append(_returned(beat, heartbeat, after))
    await store.update_heartbeats(tx, changed)
    timers = [rules.timer_of(each, tenant) for each in changed]
    await kernel.upsert_timers(tx, [each for each in timers if each is not None])
    return returned


def _returned(beat: Received, before: Heartbeat, after: Heartbeat) -> Received:
    """The end of the miss, however long the beat was on its way: that it ends it has been judged."""
    alert, at = rules.returned_alert(after), before.missed_at or beat.at
    return msgspec.structs.replace(beat, alert=alert, source=rules.SOURCE, new_id=new_id(), at=max(beat.at, at))


def _moment(beat: Received, *, now: datetime, host_now: datetime) -> datetime:
    """When it was heard, by the database's clock. The hosts' clocks only tell how long it was on its way."""
    return now - max(host_now - beat.at, timedelta())


def _unknown_row(received: Received) -> dict[str, object]:
    name = received.alert.labels.get(rules.LABEL, "")
    return {
        "receipt_id": received.receipt_id,
        "item": received.alert.index,
        "source": rules.SOURCE,
        "field": "name",
        "reason": f"there is no heartbeat called {name}",
        "raw": name,
        "received_at": received.at,
    }

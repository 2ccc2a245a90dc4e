"""Resolved alerts become knowledge: statistics of a known incident, a question to people, or an agent's own entry.

decode → transaction → inbox → load → decide → apply → outbox → commit → ack. An alert counts once for an incident,
however often it is resolved or told of. Incidents are locked before alerts, as a merge does it.
"""

from collections.abc import Sequence
from typing import Literal, NamedTuple
from uuid import UUID

from nats.aio.msg import Msg

from nightowl_alerting.knowledge.changes import promote_alert
from nightowl_alerting.knowledge.model import IncidentContent
from nightowl_alerting.model import Entry
from nightowl_alerting.store import insert_entries
from nightowl_alerting.transitions import NOBODY
from nightowl_common import clock, inbox
from nightowl_common.bus import Bus, BusUnavailableError
from nightowl_common.db import Tx, UnknownTenantError
from nightowl_common.errors import PermanentError, TransientError
from nightowl_common.inbox import Handled
from nightowl_common.logs import get_logger
from nightowl_common.outbox import Outbox
from nightowl_contracts import (
    Actor,
    AlertResolved,
    UnreadableEventError,
    decode_event,
)
from nightowl_enrichment import store, telemetry
from nightowl_enrichment.engine import learn
from nightowl_enrichment.model import ResolvedAlert
from nightowl_enrichment.settings import Settings

log = get_logger(__name__)

CONSUMER = "knowledge"


class Teacher(NamedTuple):
    """Whose work an entry was written from: the knowledge base names it as the author."""

    tenant: str
    actor: Actor


Outcome = Literal["counted", "counted_before", "learned", "wanted", "nothing"]


class Learner:
    """Handles `alert.resolved`. One per process."""

    def __init__(self, *, outbox: Outbox, bus: Bus, settings: Settings) -> None:
        self._outbox = outbox
        self._bus = bus
        self._settings = settings

    async def on_messages(self, messages: Sequence[Msg]) -> None:
        """Learns from each and acknowledges it."""
        for message in messages:
            await self._handle(message)

    async def _handle(self, message: Msg) -> None:
        attempts = message.metadata.num_delivered
        try:
            await self.on_resolved(_decode(message))
            await message.ack()
        except (PermanentError, UnknownTenantError) as error:
            await self._bury(message, reason=error.detail)
        except TransientError as error:
            log.warning("lesson_delayed", attempts=attempts, error=error.detail)
            await message.nak(delay=clock.backoff_seconds(attempts))
        except Exception as error:
            log.exception("lesson_failed", attempts=attempts)
            if attempts >= self._settings.max_attempts:
                await self._bury(message, reason=f"{type(error).__name__}: {error}")
            else:
                await message.nak(delay=clock.backoff_seconds(attempts))

    async def on_resolved(self, event: AlertResolved) -> None:
        """Learns from one alert, once per event."""
        async with self._outbox.tenant_tx(event.tenant) as tx:
            if await inbox.load_handled(tx, CONSUMER, [event.id]):
                return
            alert_id = event.data.alert_id
            alert = await store.load_resolved(tx, alert_id)
            outcome: Outcome = "nothing" if alert is None else await _learn(tx, event.tenant, alert)
            handled = Handled(
                event_id=event.id, tenant=event.tenant, indexes=[0], dispositions=[outcome], alert_ids=[alert_id]
            )
            await inbox.insert_handled(tx, CONSUMER, [handled])
        telemetry.LESSONS.labels(outcome).inc()

    async def _bury(self, message: Msg, *, reason: str) -> None:
        log.error("lesson_buried", subject=message.subject, reason=reason)
        try:
            await self._bus.dead_letter(message, reason=reason)
        except BusUnavailableError:
            await message.nak(delay=clock.backoff_seconds(message.metadata.num_delivered))


def _decode(message: Msg) -> AlertResolved:
    try:
        event = decode_event(message.data)
    except UnreadableEventError as error:
        raise PermanentError(str(error)) from error
    if not isinstance(event, AlertResolved):
        raise PermanentError(f"{type(event).__name__} does not belong on this consumer")
    return event


async def _learn(tx: Tx, tenant: str, alert: ResolvedAlert) -> Outcome:
    match learn(alert):
        case UUID() as incident_id:
            return "counted" if await store.count_resolution(tx, alert, incident_id) else "counted_before"
        case IncidentContent() as lesson:
            who = Teacher(tenant, alert.resolved_by)
            written = await promote_alert(tx, who, alert.id, lesson, origin="agent")
            await store.count_resolution(tx, alert, written.id)
            return "learned"
        case "wanted":
            evidence: dict[str, object] = {"resolution": alert.resolution, "fingerprint": alert.fingerprint}
            await insert_entries(tx, [(alert.id, Entry(kind="knowledge_wanted", actor=NOBODY, evidence=evidence))])
            return "wanted"
        case "nothing":
            return "nothing"

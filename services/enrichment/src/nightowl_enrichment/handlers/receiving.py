"""How what was received becomes alerts, whoever received it: routed, grouped, matched, written in one transaction."""

from collections.abc import Sequence
from uuid import UUID

from nightowl_alerting import groups, lifecycle
from nightowl_alerting.heartbeats import SOURCE
from nightowl_alerting.model import Change, Disposition, Verb
from nightowl_alerting.noise.matchers import subject_of
from nightowl_alerting.noise.model import Subject
from nightowl_alerting.noise.routing import choose_route
from nightowl_alerting.transitions import Received
from nightowl_common.db import Tx
from nightowl_contracts import AlertsReceived
from nightowl_enrichment.handlers.matching import Matcher, Tally
from nightowl_enrichment.model import TenantRules

DUE = "due"
"""In a tally: changes after which a timer may be due at once."""

_CALM: frozenset[Verb] = frozenset({"opened", "repeated", "grouped"})


def meets_others(events: Sequence[AlertsReceived], rules: TenantRules) -> bool:
    """Whether what becomes of them depends on more than their own fingerprints: on heartbeats, or on groups."""
    return bool(rules.grouping or rules.watched) or any(each.data.source == SOURCE for each in events)


async def receive(
    tx: Tx,
    tenant: str,
    received: Sequence[Received],
    rules: TenantRules,
    *,
    matcher: Matcher,
    tally: Tally,
) -> list[tuple[Disposition, UUID | None]]:
    """Each one's disposition, in order.

    Raises:
        RacedError: another worker opened one of them, or began its group, first; nothing may be committed.
    """

    async def annotate(changes: Sequence[Change]) -> Sequence[Change]:
        grouped = await groups.join(tx, changes, rules.grouping, now=await tx.now())
        annotated = await matcher.annotate(tx, tenant, grouped, tally=tally)
        tally[DUE] += sum(_makes_due(each) for each in annotated)
        return annotated

    return await lifecycle.receive(
        tx, tenant, received, route=lambda each: choose_route(_subject(each), rules.routing), annotate=annotate
    )


def _makes_due(change: Change) -> bool:
    """It sets the timer of its own escalation, or ends what may have muted others."""
    return change.due_at is not None or not _CALM.issuperset(change.verbs)


def _subject(received: Received) -> Subject:
    alert = received.alert
    return subject_of(alert.labels, severity=alert.severity, source=received.source, title=alert.title)

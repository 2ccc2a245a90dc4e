"""What the people of Acme say when they are asked whether an entry helped."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from nightowl_alerting.model import Entry
from nightowl_cli.demo.rows import Rows
from nightowl_enrichment.model import ResolvedAlert

_HELPED_BUT_EVERY = 5
_WORDS = ("The cause was another one this time.", "The second step no longer works.")


def cast_votes(
    rows: Rows, incident_id: UUID, title: str, helped: Sequence[ResolvedAlert], *, now: datetime
) -> list[bool]:  # fmt: skip
    """Two of three people who ended an alert answer, the first of them always, now and then with a no.

    Returns the answers.
    """
    votes: list[bool] = []
    by_people = [alert for alert in helped if alert.resolved_by.kind == "user"]
    for place, alert in enumerate(by_people):
        if (place + 1) % 3:
            votes.append((place + 1) % _HELPED_BUT_EVERY != 0)
            reason = None if votes[-1] else _WORDS[place % len(_WORDS)]
            told = {"incident_id": str(incident_id), "title": title, "helped": votes[-1], "reason": reason}
            _cast(rows, alert, told, at=min(alert.resolved_at + timedelta(minutes=1), now))
    return votes


def _cast(rows: Rows, alert: ResolvedAlert, told: dict[str, object], *, at: datetime) -> None:
    who = alert.resolved_by
    rows.add(
        "alert_votes", alert_id=alert.id, voter_id=f"{who.kind}:{who.id}", incident_id=UUID(str(told["incident_id"])),
        voter=who, helped=told["helped"], reason=told["reason"], at=at,
    )  # fmt: skip
    rows.entry(alert.id, at, Entry(kind="voted", actor=who, evidence=told))
    changes = {name: [None, told[name]] for name in ("helped", "reason", "incident_id") if told[name] is not None}
    rows.audit(at, who, "voted", "alert", alert.id, **changes)

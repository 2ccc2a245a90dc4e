"""What is open now at Acme: every state of an alert, and nothing that would page anybody before the month is over."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from nightowl_alerting.actions import Acknowledge, Assign, Comment, Investigate, Snooze
from nightowl_cli.demo.calendar import Case
from nightowl_cli.demo.catalogue import problem, signal
from nightowl_cli.demo.lives import Line
from nightowl_cli.demo.people import People

_TEXT = "Their desk says that a link of theirs is down. Payments are tried again, nothing is lost."
_LATE = "The load is running again, step 4 of 9. Reports will be late this morning."


def open_cases(people: People, now: datetime) -> Iterator[tuple[Case, list[Line]]]:
    """Each with what people have done about it. None of them has an end."""
    until = now + timedelta(hours=18)
    snoozed = Snooze(until=until, reason="The zone moves on Monday")
    scripts = {
        "CardGatewayTimeouts": [_taken(2.5), _line(6, Investigate()), _line(9, Comment(text=_TEXT))],
        "KafkaConsumerLag": [_taken(4)],
        "HighLatencyP99": [_taken(3)],
        "FreshnessSLO": [_taken(12), _line(31, Comment(text=_LATE))],
        "QueueDepth": [_line(20, Assign(assignee_id=people.ids["henrik"]), "carol")],
        "CertificateExpiresSoon": [_line(60, snoozed, "jonas")],
    }
    for name, instance, minutes in _OPEN:
        at, found = now - timedelta(minutes=minutes), signal(problem(name), instance)
        yield Case(signal=found, at=at, ends=now + timedelta(days=1)), scripts.get(name, [])


_OPEN = (
    ("CardGatewayTimeouts", 0, 26), ("KafkaConsumerLag", 1, 48), ("HighLatencyP99", 1, 17), ("FreshnessSLO", 0, 150),
    ("BackupTooOld", 1, 170), ("TokenServiceSlow", 0, 40), ("InventorySyncBehind", 1, 130), ("QueueDepth", 0, 75),
    ("CertificateExpiresSoon", 2, 1300), ("DiskWillFillIn4Hours", 1, 190), ("DiskWillFillIn4Hours", 3, 35),
    ("JobFailed", 2, 200), ("PrometheusTargetMissing", 4, 22), ("CloudQuotaNearLimit", 1, 2000),
    ("GpuTemperatureHigh", 2, 90), ("SwitchPortErrors", 3, 600),
)  # fmt: skip
"""What, which of them, and since how many minutes."""


def _line(
    minutes: float, command: Acknowledge | Assign | Comment | Investigate | Snooze, handle: str | None = None
) -> Line:
    return Line(minutes=minutes, command=command, handle=handle)


def _taken(minutes: float) -> Line:
    return _line(minutes, Acknowledge())

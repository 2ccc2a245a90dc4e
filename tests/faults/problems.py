"""What is wrong somewhere, how senders tell of it, and what is written down when it was accepted."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec
from world import name_of_service

from nightowl_common import clock
from nightowl_testkit.builders import a_generic_payload, an_alertmanager_alert, an_alertmanager_payload

Kind = Literal["fires", "repeats", "resolves"]


class Problem(msgspec.Struct, kw_only=True):
    """Something that is wrong somewhere. `name` is its label `problem`, by which it is known everywhere."""

    name: str
    tenant: str
    severity: str
    via: str
    person: int
    source: str
    starts_at: datetime


class Accepted(msgspec.Struct, frozen=True, kw_only=True):
    """One alert of a call that was answered 2xx. `sent_at` is the first try."""

    tenant: str
    receipt_id: UUID
    index: int
    problem: str
    kind: Kind
    severity: str
    sent_at: datetime
    at: datetime


def payload_of(source: str, call: Sequence[tuple[Kind, Problem]]) -> bytes:
    """What a sender posts."""
    if source == "generic":
        return msgspec.json.encode(_generic(*call[0]))
    return msgspec.json.encode(an_alertmanager_payload(*(_of_alertmanager(*each) for each in call)))


def _generic(kind: Kind, problem: Problem) -> dict[str, object]:
    return a_generic_payload(
        title=problem.name, severity=problem.severity, status="resolved" if kind == "resolves" else "firing",
        fingerprint=problem.name, labels=_labels(problem),
    )  # fmt: skip


def _of_alertmanager(kind: Kind, problem: Problem) -> dict[str, object]:
    is_over = kind == "resolves"
    return an_alertmanager_alert(
        problem.name, severity=problem.severity, status="resolved" if is_over else "firing",
        labels=_labels(problem), starts_at=problem.starts_at, ends_at=clock.utc_now() if is_over else None,
    )  # fmt: skip


def _labels(problem: Problem) -> dict[str, str]:
    return {"problem": problem.name, "service": name_of_service(problem.via, problem.person)}

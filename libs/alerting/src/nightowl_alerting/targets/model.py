"""What a tier is resolved with: the people, their contact methods and rules, and who is on call."""

from collections.abc import Mapping, Sequence
from typing import Literal
from uuid import UUID

import msgspec

from nightowl_alerting.calm.model import QuietHours
from nightowl_alerting.model import Recipient
from nightowl_contracts import Severity
from nightowl_oncall import OnCall

Urgency = Literal["high", "low"]
Problem = Literal["nobody", "unreachable", "unknown"]
Place = Literal["primary", "secondary"]


class UnknownTargetError(ValueError):
    """The words are no target."""


class Seat(msgspec.Struct, frozen=True, kw_only=True):
    """Who is on call on a roster; None: the roster that the policy names."""

    roster_id: UUID | None
    place: Place


class Lead(msgspec.Struct, frozen=True, kw_only=True):
    """The lead whom the policy names."""


class Named(msgspec.Struct, frozen=True, kw_only=True):
    """One person, on call or not."""

    user_id: UUID


class Channel(msgspec.Struct, frozen=True, kw_only=True):
    """A chat channel, whoever reads it."""

    channel_id: str


class Endpoint(msgspec.Struct, frozen=True, kw_only=True):
    """An address outside that pages are posted to."""

    endpoint_id: UUID


Target = Seat | Lead | Named | Channel | Endpoint


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """A channel of a person's rule, so many minutes after the page."""

    channel: str
    delay_minutes: int = 0


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """An active user and where they can be reached: channel → address; `rules` say in which order and when.

    `quiet_hours` are on the clock of `timezone`.
    """

    user_id: UUID
    name: str
    is_admin: bool
    contact_methods: Mapping[str, str]
    rules: Mapping[Urgency, Sequence[Step]] = {}
    timezone: str = "UTC"
    quiet_hours: QuietHours | None = None


class Staff(msgspec.Struct, frozen=True, kw_only=True):
    """A tenant's people, the channel that `slack_channel` pages go to, and its endpoints: id → channel."""

    people: Mapping[UUID, Person]
    slack_channel: str | None = None
    endpoints: Mapping[UUID, str] = {}


class Duty(msgspec.Struct, frozen=True, kw_only=True):
    """What a policy's targets mean at an instant: its roster, its lead, and who is on call on each roster it names.

    A roster that is missing from `on_call` cannot be read.
    """

    roster_id: UUID | None = None
    lead_id: UUID | None = None
    on_call: Mapping[UUID, OnCall] = {}


class Behind(msgspec.Struct, frozen=True, kw_only=True):
    """What one target came to: its person, if any, the pages to them, and what is wrong with it, if anything.

    `on_call` is what a roster answered, where the target asks one.
    """

    target: str
    said: str
    person: Person | None = None
    pages: Sequence[Recipient] = ()
    problem: Problem | None = None
    on_call: OnCall | None = None


class Resolved(msgspec.Struct, frozen=True, kw_only=True):
    """Whom a tier pages, and what was behind each target. `is_fallback`: nobody was, so the admins are paged."""

    recipients: list[Recipient]
    behind: list[Behind]
    is_fallback: bool = False

    @property
    def why(self) -> list[str]:
        """One line of evidence per target."""
        lines = [f"{each.target}: {each.said}" for each in self.behind]
        if self.is_fallback:
            lines.append(f"nobody behind any target: {len(self.recipients)} page(s) to the admins instead")
        return lines

    @property
    def chosen(self) -> list[dict[str, object]]:
        """Each person whom a target came to, and by what; of one on call also by which roster and override."""
        return [_choice(each) for each in self.behind if each.person is not None]


def _choice(behind: Behind) -> dict[str, object]:
    assert behind.person is not None, "asked for those with a person alone"
    choice: dict[str, object] = {
        "target": behind.target, "user_id": str(behind.person.user_id), "name": behind.person.name, "why": behind.said,
    }  # fmt: skip
    found = behind.on_call
    if found is not None:
        ids = {"roster_id": found.roster_id, "override_id": found.override_id}
        choice |= {"source": found.source, **{name: None if each is None else str(each) for name, each in ids.items()}}
        choice["skipped"] = [str(each) for each in found.skipped]
        # while an override or a pin stands, the first in turn who is not the primary anyway comes second
        second = found.secondary if found.source in {"override", "pin"} else None
        choice["second"] = None if second is None else str(second)
    return choice


def urgency_of(severity: Severity) -> Urgency:
    """Critical and major are of high urgency."""
    return "high" if severity in {"critical", "major"} else "low"

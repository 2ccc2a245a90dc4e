"""Subject names. A tenant's slug and a channel's name are single tokens by construction."""

PREFIX = "nightowl"

HINT_TIMERS = f"{PREFIX}.hint.timers"
"""Core NATS, nothing kept: a timer was written that may be due before a sleeping worker wakes."""

HINT_UNREAD = f"{PREFIX}.hint.unread"
"""Core NATS, nothing kept: what INGEST holds reaches no enrichment at this moment, so it has to go another way."""


def ingest(tenant: str) -> str:
    """Where `AlertsReceived` of a tenant go."""
    return f"{PREFIX}.ingest.{tenant}"


def event(tenant: str, tag: str) -> str:
    """Where an event goes: `alert.opened.v1` becomes `nightowl.event.<tenant>.alert.opened`."""
    noun, verb, _version = tag.split(".")
    return f"{PREFIX}.event.{tenant}.{noun}.{verb}"


def page(tenant: str, channel: str, *, is_critical: bool = False) -> str:
    """Where the hint of a page on a channel goes."""
    return f"{PREFIX}.page.{tenant}.{channel}{'.critical' if is_critical else ''}"


def dlq(stream: str) -> str:
    """Where a message that can never be handled goes, with its original bytes."""
    return f"{PREFIX}.dlq.{stream}"


def reply(instance: str) -> str:
    """Core NATS, nothing kept: where one ingest process hears what became of the alerts it sent."""
    return f"{PREFIX}.reply.{instance}"

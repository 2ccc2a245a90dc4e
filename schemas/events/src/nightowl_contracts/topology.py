"""Streams and consumers as data. `nightowl streams apply` makes the broker look like this.

All streams are limits-retained and file-stored: history stays for replay, and no consumer can make
another lose messages. The deduplication window covers publish retries (seconds); what is handled
twice beyond it is told apart by the inbox.
"""

import msgspec

SECOND = 1
MINUTE = 60 * SECOND
DAY = 24 * 60 * MINUTE

CHANNELS = ("slack_dm", "slack_channel", "sms", "phone", "email", "push", "webhook", "mattermost", "teams")
"""Everything `notify_via` can say. One consumer each: a slow channel never delays another."""


class Stream(msgspec.Struct, frozen=True, kw_only=True):
    """A JetStream stream. Times in seconds, sizes in bytes."""

    name: str
    subjects: tuple[str, ...]
    max_age_seconds: int
    promise: str
    duplicate_window_seconds: int = 2 * MINUTE
    max_bytes: int = 8 * 1024**3
    max_message_bytes: int = 2 * 1024**2


class Consumer(msgspec.Struct, frozen=True, kw_only=True):
    """A durable pull consumer, explicit acks, no delivery limit: giving up is our decision, never the broker's."""

    name: str
    stream: str
    filter_subject: str
    promise: str
    ack_wait_seconds: int = 30
    max_ack_pending: int = 5_000


INGEST = Stream(
    name="INGEST",
    subjects=("nightowl.ingest.*",),
    max_age_seconds=7 * DAY,
    promise="Every accepted webhook call, until enrichment has committed it, then kept for replay.",
)
EVENTS = Stream(
    name="EVENTS",
    subjects=("nightowl.event.*.*.*",),
    max_age_seconds=30 * DAY,
    promise="What happened to alerts, deliveries, incidents and rosters, published after commit through the outbox.",
)
PAGES = Stream(
    name="PAGES",
    subjects=("nightowl.page.*.*", "nightowl.page.*.*.critical"),
    max_age_seconds=1 * DAY,
    promise="Hints that a delivery row waits; the row is the obligation.",
)
DLQ = Stream(
    name="DLQ",
    subjects=("nightowl.dlq.*",),
    max_age_seconds=30 * DAY,
    promise="Messages that can never be handled: original bytes, and the reason in headers.",
)

STREAMS = (INGEST, EVENTS, PAGES, DLQ)

ENRICHMENT = Consumer(
    name="enrichment",
    stream="INGEST",
    filter_subject="nightowl.ingest.*",
    promise="Gives every received alert its disposition.",
    ack_wait_seconds=4,  # what a dead process had in hand waits so long; a living one says that it goes on
    max_ack_pending=10_000,
)

KNOWLEDGE = Consumer(
    name="knowledge",
    stream="EVENTS",
    filter_subject="nightowl.event.*.alert.resolved",
    promise="Learns from every resolved alert.",
)

WEBHOOKS = Consumer(
    name="webhooks",
    stream="EVENTS",
    filter_subject="nightowl.event.*.*.*",
    promise="Owes every event to the subscriptions of its tenant that want it.",
)

THREADS = Consumer(
    name="threads",
    stream="EVENTS",
    filter_subject="nightowl.event.*.alert.*",
    promise="Makes the messages of changed alerts be brought up to date at once.",
)


def notifier_consumer(channel: str, *, is_critical: bool = False) -> Consumer:
    """The consumer that sends pages of one channel; those of critical alerts have one of their own."""
    if is_critical:
        return Consumer(
            name=f"notifier-{channel}-critical",
            stream="PAGES",
            filter_subject=f"nightowl.page.*.{channel}.critical",
            promise=f"Sends pages of critical alerts over {channel}, whatever else waits there.",
            ack_wait_seconds=60,
        )
    return Consumer(
        name=f"notifier-{channel}",
        stream="PAGES",
        filter_subject=f"nightowl.page.*.{channel}",
        promise=f"Sends pages over {channel}.",
        ack_wait_seconds=60,
    )


NOTIFIER = tuple(notifier_consumer(each, is_critical=critical) for each in CHANNELS for critical in (False, True))
CONSUMERS = (ENRICHMENT, KNOWLEDGE, WEBHOOKS, THREADS, *NOTIFIER)


class Header:
    """Header names on our messages, beside NATS' own."""

    MESSAGE_ID = "Nats-Msg-Id"
    EVENT_ID = "Nightowl-Event-Id"
    ALERTS = "Nightowl-Alerts"
    REPLY_TO = "Nightowl-Reply-To"
    REASON = "Nightowl-Reason"
    ORIGIN = "Nightowl-Origin"
    TRACE = "traceparent"

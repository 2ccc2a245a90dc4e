"""Streams and consumers as data, made real: what the broker lacks, and how it is mended.

Services only compare and refuse to start on drift; `nightowl streams apply` changes things.
"""

from datetime import timedelta

import msgspec
import nats
from nats.aio.client import Client
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy, RetentionPolicy, StorageType, StreamConfig
from nats.js.client import JetStreamContext
from nats.js.errors import NotFoundError as NatsNotFoundError

from nightowl_common import clock
from nightowl_contracts.topology import CONSUMERS, STREAMS, Consumer, Stream

REPLAY_HORIZON = timedelta(hours=71)
"""A consumer made anew starts this far back: within the 72 h in which the inbox remembers what was handled."""


class Drift(msgspec.Struct, frozen=True, kw_only=True):
    """A stream or consumer that is missing or configured otherwise than the contracts say."""

    name: str
    field: str
    wanted: str
    found: str


async def diff_topology(js: JetStreamContext, *, replicas: int | None = None) -> list[Drift]:
    """Where the broker differs from the contracts. With `replicas` None, the replica count is not compared."""
    drifts: list[Drift] = []
    for stream in STREAMS:
        try:
            found_stream = (await js.stream_info(stream.name)).config
        except NatsNotFoundError:
            drifts.append(Drift(name=stream.name, field="", wanted="a stream", found="missing"))
            continue
        wanted = _stream_config(stream, replicas or found_stream.num_replicas or 1)
        drifts += _compare(stream.name, wanted, found_stream, _STREAM_FIELDS)
    for consumer in CONSUMERS:
        try:
            found_consumer = (await js.consumer_info(consumer.stream, consumer.name)).config
        except NatsNotFoundError:
            drifts.append(Drift(name=consumer.name, field="", wanted="a consumer", found="missing"))
            continue
        drifts += _compare(consumer.name, _consumer_config(consumer), found_consumer, _CONSUMER_FIELDS)
    return drifts


async def apply_topology(js: JetStreamContext, *, replicas: int = 1) -> list[Drift]:
    """Creates and updates streams and consumers; returns what differed before."""
    drifts = await diff_topology(js, replicas=replicas)
    missing = {drift.name for drift in drifts if not drift.field}
    differing = {drift.name for drift in drifts} - missing
    for stream in STREAMS:
        if stream.name in missing:
            await js.add_stream(_stream_config(stream, replicas))
        elif stream.name in differing:
            await js.update_stream(_stream_config(stream, replicas))
    for consumer in CONSUMERS:
        if consumer.name in missing | differing or consumer.stream in missing:
            await restore_consumer(js, consumer)
    return drifts


async def restore_consumer(js: JetStreamContext, consumer: Consumer) -> None:
    """Creates a consumer, or updates the one there.

    A new one starts `REPLAY_HORIZON` back, never at the stream's beginning: older messages may have left
    the inbox and would be handled a second time.
    """
    try:
        current = (await js.consumer_info(consumer.stream, consumer.name)).config
    except NatsNotFoundError:
        config = _consumer_config(consumer)
        config.deliver_policy = DeliverPolicy.BY_START_TIME
        config.opt_start_time = clock.utc_now() - REPLAY_HORIZON
    else:
        config = _consumer_config(consumer)
        config.deliver_policy = current.deliver_policy
        config.opt_start_time = current.opt_start_time
        config.opt_start_seq = current.opt_start_seq
    await js.add_consumer(consumer.stream, config)


_STREAM_FIELDS = (
    "subjects", "retention", "storage", "max_age", "duplicate_window", "max_bytes", "max_msg_size", "num_replicas"
)  # fmt: skip
_CONSUMER_FIELDS = ("ack_policy", "ack_wait", "max_deliver", "max_ack_pending", "filter_subject")


def _compare(name: str, wanted: object, found: object, fields: tuple[str, ...]) -> list[Drift]:
    return [
        Drift(name=name, field=field, wanted=str(getattr(wanted, field)), found=str(getattr(found, field)))
        for field in fields
        if getattr(wanted, field) != getattr(found, field)
    ]


def _stream_config(stream: Stream, replicas: int) -> StreamConfig:
    return StreamConfig(
        name=stream.name,
        description=stream.promise,
        subjects=list(stream.subjects),
        retention=RetentionPolicy.LIMITS,
        storage=StorageType.FILE,
        max_age=float(stream.max_age_seconds),
        duplicate_window=float(stream.duplicate_window_seconds),
        max_bytes=stream.max_bytes,
        max_msg_size=stream.max_message_bytes,
        num_replicas=replicas,
        allow_direct=True,
    )


def _consumer_config(consumer: Consumer) -> ConsumerConfig:
    return ConsumerConfig(
        durable_name=consumer.name,
        description=consumer.promise,
        deliver_policy=DeliverPolicy.ALL,
        ack_policy=AckPolicy.EXPLICIT,
        ack_wait=float(consumer.ack_wait_seconds),
        max_deliver=-1,
        max_ack_pending=consumer.max_ack_pending,
        filter_subject=consumer.filter_subject,
    )


async def connect_plain(url: str) -> Client:
    """A bare connection for tools that run once: each server is tried twice, then the client's error is raised."""

    async def quiet(_error: Exception) -> None:
        """The client's default prints tracebacks; what fails is raised where it is awaited."""

    return await nats.connect(
        servers=url.split(","),
        connect_timeout=5,
        allow_reconnect=False,
        max_reconnect_attempts=1,  # counts for the first connection too; the default is 60, at 2 s each
        reconnect_time_wait=0.1,
        error_cb=quiet,
    )

"""Enrichment's loops: consuming INGEST, and learning from resolved alerts."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from nats.aio.msg import Msg

from nightowl_common.bus import Bus
from nightowl_common.health import Heartbeat
from nightowl_contracts.topology import ENRICHMENT, KNOWLEDGE

PARTITIONS_SECONDS = 600.0
"""How often the inbox's partitions are looked after; each holds an hour."""

LESSONS_AT_ONCE = 100


async def run_consumer(
    bus: Bus,
    on_messages: Callable[[Sequence[Msg]], Awaitable[None]],
    *,
    batch: int,
    stop: asyncio.Event,
    heartbeat: Heartbeat,
) -> None:
    """Consumes INGEST until told to stop."""
    await bus.consume(ENRICHMENT, on_messages, stop=stop, beat=heartbeat.beat, batch=batch)


async def run_learning(
    bus: Bus, on_messages: Callable[[Sequence[Msg]], Awaitable[None]], *, stop: asyncio.Event
) -> None:
    """Consumes resolved alerts until told to stop. Readiness does not depend on it: learning can wait."""
    await bus.consume(KNOWLEDGE, on_messages, stop=stop, beat=lambda: None, batch=LESSONS_AT_ONCE)

"""Streams and consumers on a real broker are what the contracts say, and new consumers start where the inbox begins."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from nats.js.api import DeliverPolicy
from nats.js.client import JetStreamContext

from nightowl_common import clock
from nightowl_common.streams import REPLAY_HORIZON, apply_topology, connect_plain, diff_topology, restore_consumer
from nightowl_contracts.topology import CONSUMERS, ENRICHMENT, EVENTS, INGEST, STREAMS
from nightowl_embedded import NatsServer

pytestmark = pytest.mark.integration

INBOX_REMEMBERS = timedelta(hours=72)


@pytest_asyncio.fixture(loop_scope="session")
async def js(tmp_path: Path) -> AsyncIterator[JetStreamContext]:
    """A broker of this test's own, without streams."""
    server = NatsServer(tmp_path / "nats")
    server.start()
    client = await connect_plain(server.url)
    yield client.jetstream()
    await client.close()
    server.stop()


async def test_an_empty_broker_lacks_everything_and_is_made_right(js: JetStreamContext) -> None:
    """Every stream and consumer is named as missing, then made, then there is nothing left to say."""
    wanted = {each.name for each in STREAMS} | {each.name for each in CONSUMERS}

    assert {drift.name for drift in await diff_topology(js)} == wanted
    await apply_topology(js)

    assert await diff_topology(js) == []
    assert await apply_topology(js) == []


async def test_drift_is_named_field_by_field_and_mended(js: JetStreamContext) -> None:
    """What somebody changed by hand is found and put back, without losing messages."""
    await apply_topology(js)
    await js.publish("nightowl.event.acme.alert.opened", b"{}", stream=EVENTS.name)
    config = (await js.stream_info(EVENTS.name)).config
    config.max_age = 60.0
    config.duplicate_window = 30.0
    await js.update_stream(config)
    consumer = (await js.consumer_info(INGEST.name, ENRICHMENT.name)).config
    consumer.ack_wait = 5.0
    await js.add_consumer(INGEST.name, consumer)

    drifts = {(drift.name, drift.field) for drift in await diff_topology(js)}
    await apply_topology(js)

    assert drifts == {("EVENTS", "max_age"), ("EVENTS", "duplicate_window"), ("enrichment", "ack_wait")}
    assert await diff_topology(js) == []
    assert (await js.stream_info(EVENTS.name)).state.messages == 1


async def test_a_consumer_made_anew_starts_71_hours_back(js: JetStreamContext) -> None:
    """Inside what the inbox remembers: nothing is handled twice, and nothing that waited is lost."""
    before = clock.utc_now()
    await apply_topology(js)
    await js.delete_consumer(INGEST.name, ENRICHMENT.name)

    await restore_consumer(js, ENRICHMENT)

    made = (await js.consumer_info(INGEST.name, ENRICHMENT.name)).config
    assert made.deliver_policy == DeliverPolicy.BY_START_TIME
    assert made.opt_start_time is not None
    assert before - REPLAY_HORIZON <= made.opt_start_time <= clock.utc_now() - REPLAY_HORIZON
    assert REPLAY_HORIZON < INBOX_REMEMBERS


async def test_an_updated_consumer_keeps_its_place(js: JetStreamContext) -> None:
    """Its start and what it has acknowledged stay; only the setting changes."""
    await apply_topology(js)
    await js.publish("nightowl.ingest.acme", b"{}", stream=INGEST.name)
    subscription = await js.pull_subscribe_bind(durable=ENRICHMENT.name, stream=INGEST.name)
    [message] = await subscription.fetch(1, timeout=5)
    await message.ack_sync()
    before = (await js.consumer_info(INGEST.name, ENRICHMENT.name)).config
    before.ack_wait = 5.0
    await js.add_consumer(INGEST.name, before)

    await restore_consumer(js, ENRICHMENT)

    after = await js.consumer_info(INGEST.name, ENRICHMENT.name)
    assert after.config.opt_start_time == before.opt_start_time
    assert after.config.ack_wait == ENRICHMENT.ack_wait_seconds
    assert after.num_pending == 0

"""The fake receiver of webhooks, asked by a plain client."""

import asyncio
from uuid import uuid4

import aiohttp
import pytest

from nightowl_testkit.fakes import (
    DroppedReply,
    ErrorAfterAccept,
    ErrorBeforeAccept,
    FakeHooks,
    Normal,
    RateLimited,
    Refused,
    Slow,
)


async def post(url: str, **headers: str) -> int:
    body = '{"text": "Disk full", "is_repeat": false}'
    async with (
        aiohttp.ClientSession() as session,
        session.post(url, data=body, headers=headers, allow_redirects=False) as answer,
    ):
        return answer.status


@pytest.mark.parametrize(("channel", "status"), [("webhook", 204), ("mattermost", 200), ("teams", 202)])
async def test_a_post_is_kept_with_its_channel_and_its_key(fake_hooks: FakeHooks, channel: str, status: int) -> None:
    """Each kind answers in its own way."""
    key = uuid4()

    assert await post(fake_hooks.address(channel, "ops"), **{"Idempotency-Key": str(key)}) == status

    [received] = fake_hooks.received
    assert (received.channel, received.to, received.delivery_id) == (channel, f"/{channel}/ops", key)
    assert received.text == "Disk full"


@pytest.mark.parametrize(
    ("step", "status", "kept"),
    [
        (RateLimited(3), 429, 0),
        (Refused("404"), 404, 0),
        (ErrorBeforeAccept(503), 503, 0),
        (ErrorAfterAccept(), 500, 1),
    ],
)
async def test_it_misbehaves_as_it_is_told(
    fake_hooks: FakeHooks, step: RateLimited | Refused | ErrorBeforeAccept | ErrorAfterAccept, status: int, kept: int
) -> None:  # fmt: skip
    """Once, and then it is well."""
    fake_hooks.script(step)

    assert await post(fake_hooks.address("webhook")) == status
    assert len(fake_hooks.received) == kept
    assert await post(fake_hooks.address("webhook")) == 204


async def test_a_cut_connection_keeps_the_post_and_a_redirect_keeps_none(fake_hooks: FakeHooks) -> None:
    """Both are what a sender must be ready for."""
    fake_hooks.script(DroppedReply())

    with pytest.raises(aiohttp.ClientError):
        await post(fake_hooks.address("webhook"))

    assert len(fake_hooks.received) == 1
    assert await post(fake_hooks.address("moved")) == 307
    assert len(fake_hooks.received) == 1


async def test_it_knows_whom_its_answer_no_longer_reached(fake_hooks: FakeHooks) -> None:
    """Whoever is answered in time learns what became of the message; whoever is told nothing, or hangs up, does not."""
    fake_hooks.script(Normal(), ErrorAfterAccept(), DroppedReply(), Slow(0.3))
    assert await post(fake_hooks.address("webhook")) == 204
    assert await post(fake_hooks.address("webhook")) == 500
    with pytest.raises(aiohttp.ClientError):
        await post(fake_hooks.address("webhook"))
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(post(fake_hooks.address("webhook")), 0.1)

    async with asyncio.timeout(20):
        while len(fake_hooks.unclear) < 3:
            await asyncio.sleep(0.01)
    assert fake_hooks.unclear == {each.provider_id for each in fake_hooks.received[1:]}

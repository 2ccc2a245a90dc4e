"""Pages to somebody's HTTP endpoint: signed, kept away from what is ours, to the address that was checked."""

import asyncio
import base64
import hashlib
import hmac
import json
import secrets

import aiohttp
import pytest
from aiohttp import web

from nightowl_alerting.model import Recipient
from nightowl_common.guarded import MAX_ANSWER_BYTES, GuardedClient, RefusedTargetError
from nightowl_embedded import free_port
from nightowl_testkit.fakes import DroppedReply

pytestmark = pytest.mark.integration

LISTED = frozenset({"127.0.0.1", "hooks.example"})


async def endpoint(scene, kind, url, *, secret="whsec_c2VjcmV0"):
    query = "INSERT INTO endpoints (name, kind, url, secret) VALUES ($1, $2, $3, $4) RETURNING id"
    [row] = await scene.rows(query, secrets.token_hex(4), kind, url, secret if kind == "webhook" else None)
    return Recipient(recipient=f"endpoint:{row['id']}", channel=kind, address=str(row["id"]))


async def posted(scene, fake_hooks, kind, *, secret="whsec_c2VjcmV0"):
    to = await endpoint(scene, kind, fake_hooks.address(kind, secrets.token_hex(4)), secret=secret)
    delivery_id = await scene.owe_one(to)
    [post] = await fake_hooks.wait_for(lambda received: received.delivery_id == delivery_id)
    return delivery_id, post


@pytest.mark.parametrize("kind", ["webhook", "mattermost", "teams"])
async def test_a_page_is_posted_to_its_endpoint(scene, notifier, fake_hooks, kind):
    """And recorded with provider, id, code and times."""
    await notifier()

    delivery_id, post = await posted(scene, fake_hooks, kind)

    row = await scene.until(delivery_id, "sent")
    [attempt] = await scene.rows("SELECT * FROM delivery_attempts WHERE delivery_id = $1", delivery_id)
    assert "Disk full" in post.text
    assert (row["provider"], row["provider_id"]) == (kind, str(delivery_id))
    assert (attempt["outcome"], attempt["provider"], attempt["detail"][:1]) == ("sent", kind, "2")


async def test_a_webhook_is_signed_over_its_id_its_time_and_its_body(scene, notifier, fake_hooks):
    """Whoever has the secret can check it, and tell a repeat by its key."""
    await notifier()

    delivery_id, post = await posted(scene, fake_hooks, "webhook")

    headers, body = post.raw["headers"], post.raw["body"]
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.{body}".encode()
    wanted = base64.b64encode(hmac.digest(b"secret", signed, hashlib.sha256)).decode()
    assert headers["webhook-signature"] == f"v1,{wanted}"
    assert headers["webhook-id"] == headers["Idempotency-Key"] == str(delivery_id)
    assert json.loads(body)["type"] == "page.v1"


async def test_an_unclear_post_is_repeated_under_the_same_key(scene, notifier, fake_hooks, db_clock):
    """Marked, so that the receiver may drop it."""
    await notifier()
    fake_hooks.script(DroppedReply())

    delivery_id, first = await posted(scene, fake_hooks, "webhook")
    await scene.until(delivery_id, "sending", reason="unclear")
    await db_clock.advance(seconds=16)

    await scene.until(delivery_id, "sent", is_repeat=True)
    _, again = await fake_hooks.wait_for(lambda received: received.delivery_id == delivery_id)
    assert again.raw["headers"]["Idempotency-Key"] == first.raw["headers"]["Idempotency-Key"]
    assert [each.is_repeat for each in (first, again)] == [False, True]


@pytest.mark.parametrize(
    "url",
    ["https://127.0.0.1/x", "http://127.0.0.1:{port}/webhook/x", "https://localhost:{port}/x", "https://169.254.169.254/",
     "https://10.1.2.3/", "https://[::1]:{port}/", "http://example.org/x"],
)  # fmt: skip
async def test_an_endpoint_on_our_side_is_refused_for_good(scene, notifier, fake_hooks, url):
    """Without a listed host: loopback, link-local, private, and anything without TLS."""
    await notifier(NIGHTOWL_WEBHOOK_HOSTS="")

    to = await endpoint(scene, "webhook", url.format(port=fake_hooks.port))
    row = await scene.until(await scene.owe_one(to), "failed")

    assert row["reason"] == "bad_address"
    assert fake_hooks.received == []


async def test_a_redirect_is_not_followed(scene, notifier, fake_hooks):
    """Wherever it leads."""
    await notifier()

    to = await endpoint(scene, "webhook", fake_hooks.address("moved"))
    row = await scene.until(await scene.owe_one(to), "failed")

    assert row["reason"] == "rejected"
    assert fake_hooks.received == []


@pytest.mark.parametrize("trouble", ["gone", "other kind", "other tenant"])
async def test_an_endpoint_that_is_not_there_fails_for_good(scene, neighbour, notifier, fake_hooks, trouble):
    """Nobody's page goes to another tenant's endpoint."""
    await notifier()
    owner = neighbour if trouble == "other tenant" else scene
    to = await endpoint(owner, "mattermost" if trouble == "other kind" else "webhook", fake_hooks.address("webhook"))
    if trouble == "gone":
        await scene.rows("DELETE FROM endpoints WHERE id = $1::text::uuid RETURNING id", to.address)

    row = await scene.until(
        await scene.owe_one(Recipient(recipient=to.recipient, channel="webhook", address=to.address)), "failed"
    )

    assert row["reason"] == "bad_address"
    assert fake_hooks.received == []


async def test_a_name_that_changes_its_meaning_gains_nothing(fake_hooks):
    """It is asked once, and the connection goes where the answer said."""
    answers = iter([["127.0.0.2"], ["127.0.0.1"]])
    asked = []

    async def resolve(host, _port):
        asked.append(host)
        return next(answers)

    client = GuardedClient(hosts=LISTED, resolve=resolve, timeout_seconds=0.5)

    with pytest.raises(aiohttp.ClientConnectorError):  # nobody listens on 127.0.0.2
        await client.post(f"http://hooks.example:{fake_hooks.port}/webhook/x", body=b"{}", headers={})

    assert asked == ["hooks.example"]
    assert fake_hooks.received == []


async def test_the_checked_address_is_called_by_its_name(fake_hooks):
    """The Host header is the name's, not the address's."""

    async def resolve(_host, _port):
        return ["127.0.0.1"]

    client = GuardedClient(hosts=LISTED, resolve=resolve)
    url = f"http://hooks.example:{fake_hooks.port}/webhook/x"

    answer = await client.post(url, body=b"{}", headers={})

    assert answer.status == 204
    assert fake_hooks.received[0].raw["headers"]["Host"] == f"hooks.example:{fake_hooks.port}"


async def test_tls_is_asked_for_under_the_name_and_not_the_address():
    """The server is told the name, so the certificate that it shows is checked for it."""
    hello = asyncio.get_running_loop().create_future()

    async def accept(reader, writer):
        hello.set_result(await reader.read(2_048))
        writer.close()

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]

    async def resolve(_host, _port):
        return ["127.0.0.1"]

    with pytest.raises(aiohttp.ClientError):
        await GuardedClient(hosts=LISTED, resolve=resolve).post(
            f"https://hooks.example:{port}/x", body=b"{}", headers={}
        )
    server.close()

    assert b"hooks.example" in await hello


async def test_a_name_with_one_private_address_is_refused(fake_hooks):
    """One that is listed nowhere, with a public address beside it."""

    async def resolve(_host, _port):
        return ["8.8.8.8", "127.0.0.1"]

    with pytest.raises(RefusedTargetError):
        await GuardedClient(hosts=LISTED, resolve=resolve).post(
            f"https://evil.example:{fake_hooks.port}/x", body=b"{}", headers={}
        )

    assert fake_hooks.received == []


async def test_an_endless_answer_is_cut_and_a_slow_one_given_up():
    """64 KiB, and the time-out; its status still counts when it came."""
    given_up = asyncio.Event()

    async def endless(request):
        response = web.StreamResponse(status=200)
        await response.prepare(request)
        while True:
            await response.write(b"x" * 65_536)

    async def slow(request):
        response = web.StreamResponse(status=202)
        await response.prepare(request)
        await response.write(b"x")
        await given_up.wait()
        return response

    application, port = web.Application(), free_port()
    application.router.add_post("/endless", endless)
    application.router.add_post("/slow", slow)
    runner = web.AppRunner(application, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    client = GuardedClient(hosts=LISTED, timeout_seconds=1.0)

    long = await client.post(f"http://127.0.0.1:{port}/endless", body=b"{}", headers={})
    short = await client.post(f"http://127.0.0.1:{port}/slow", body=b"{}", headers={})
    given_up.set()
    await runner.cleanup()

    assert (long.status, len(long.body)) == (200, MAX_ANSWER_BYTES)
    assert (short.status, short.body) == (202, b"x")

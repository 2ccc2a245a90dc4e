"""Events to subscribers: each once and signed, again when it failed, and never at another's expense."""

import asyncio
import base64
import hashlib
import hmac
import json
import secrets
from contextlib import asynccontextmanager

import pytest

from nightowl_alerting import ledger, obligations, retention
from nightowl_alerting.webhooks import posting, store
from nightowl_alerting.webhooks.model import Answered
from nightowl_common.bus import Message
from nightowl_common.guarded import GuardedClient
from nightowl_common.ids import new_id
from nightowl_contracts import (
    Actor,
    ChangedPolicy,
    PolicyChanged,
    UnreadableEventError,
    encode_event,
    subjects,
)
from nightowl_contracts.topology import DLQ, EVENTS, WEBHOOKS, Header
from nightowl_notifier import handlers
from nightowl_notifier.channels.posting import Poster
from nightowl_notifier.model import Subscriber
from nightowl_testkit.fakes import DroppedReply, ErrorBeforeAccept, RateLimited, Refused, Slow

pytestmark = pytest.mark.integration

SOMEBODY = Actor(kind="user", id="somebody", name="Somebody")
HOSTILE = '<script>alert(1)</script> </Say> "; DROP TABLE alerts; -- \u202e 🔥 \\u0000 %s {{x}}'


async def subscribe(scene, url, *types, matchers=(), min_severity=None, is_enabled=True):
    """A subscription of the scene's tenant; returns its id."""
    query = "INSERT INTO endpoints (name, kind, url, secret) VALUES ($1, 'webhook', $2, 'whsec_c2VjcmV0') RETURNING id"
    [endpoint] = await scene.rows(query, secrets.token_hex(4), url)
    query = """INSERT INTO webhook_subscriptions (name, endpoint_id, event_types, matchers, min_severity, is_enabled)
        VALUES ($1, $2, $3, $4, $5, $6) RETURNING id"""
    arguments = (secrets.token_hex(4), endpoint["id"], list(types), list(matchers), min_severity, is_enabled)
    [subscription] = await scene.rows(query, *arguments)
    return subscription["id"]


async def deliveries(scene, subscription_id):
    """What is or was owed to a subscription, oldest first."""
    query = "SELECT * FROM webhook_deliveries WHERE subscription_id = $1 ORDER BY id"
    return await scene.rows(query, subscription_id)


async def until(scene, subscription_id, *statuses, count=1, **wanted):
    """Waits until so many deliveries are there, all of a status and with other columns as wanted; returns them."""
    found = []
    try:
        async with asyncio.timeout(20):
            while True:
                found = await deliveries(scene, subscription_id)
                fits = [
                    each["status"] in statuses and all(each[key] == value for key, value in wanted.items())
                    for each in found
                ]
                if len(found) >= count and all(fits):
                    return found
                await asyncio.sleep(0.02)
    except TimeoutError:
        raise AssertionError(f"wanted {count} {statuses} {wanted}, found {found}") from None


async def attempts(scene, delivery_id):
    """(outcome, status code) of each, in order."""
    query = "SELECT outcome, status_code FROM webhook_attempts WHERE delivery_id = $1 ORDER BY token, finished_at"
    return [tuple(row.values()) for row in await scene.rows(query, delivery_id)]


async def timer(database, delivery_id):
    """When it is due; None when it has no timer."""
    async with database.global_tx() as tx:
        return await tx.fetchval("SELECT due_at FROM public.timers WHERE kind = 'webhook' AND ref = $1", delivery_id)


async def emit(scene, outbox, *events):
    """Publishes events as a service does."""
    async with outbox.tenant_tx(scene.tenant) as tx:
        for each in events:
            tx.emit(each)


async def policy_changed(scene):
    """An event that is about no alert."""
    data = ChangedPolicy(policy_id=new_id(), version=1, name="Platform", change="created")
    return PolicyChanged(id=new_id(), tenant=scene.tenant, at=await scene.now(), actor=SOMEBODY, data=data)


async def owe(scene, database, *events):
    """Writes what is owed, as the consumer does."""
    async with database.tenant_tx(scene.tenant) as tx:
        return await posting.owe(tx, scene.tenant, events)


class Dying:
    """An outbox of a process that dies when it wants to record what came of its first post."""

    def __init__(self, outbox):
        self._outbox = outbox
        self._count = 0
        self.has_posted = asyncio.Event()

    @asynccontextmanager
    async def tenant_tx(self, slug):
        """The first is as usual, the second never begins."""
        self._count += 1
        if self._count > 1:
            self.has_posted.set()
            await asyncio.Event().wait()
        async with self._outbox.tenant_tx(slug) as tx:
            yield tx


@pytest.fixture
def room(scene, fake_hooks):
    """The path of a receiver that no other test has, and its address."""
    path = f"/webhook/{scene.tenant}"
    return path, f"{fake_hooks.url}{path}"


async def test_each_wanted_event_is_posted_once_signed_and_as_it_was_published(scene, notifier, fake_hooks, room):
    """Whoever has the secret can check it; what was not asked for does not come."""
    path, url = room
    subscription = await subscribe(scene, url, "alert.opened", "alert.acknowledged")
    await notifier()

    alert = await scene.alert(title=HOSTILE)
    await scene.acknowledge(alert.id)
    [opened, acknowledged] = await until(scene, subscription, "sent", count=2)

    posts = {each.delivery_id: each for each in fake_hooks.received if each.to == path}
    assert {opened["event_type"], acknowledged["event_type"]} == {"alert.opened", "alert.acknowledged"}
    assert set(posts) == {opened["id"], acknowledged["id"]}
    assert len([each for each in fake_hooks.received if each.to == path]) == 2
    for row in (opened, acknowledged):
        headers, body = posts[row["id"]].raw["headers"], posts[row["id"]].raw["body"]
        signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.{body}".encode()
        wanted = base64.b64encode(hmac.digest(b"secret", signed, hashlib.sha256)).decode()
        event = json.loads(body)
        assert headers["webhook-signature"] == f"v1,{wanted}"
        assert headers["webhook-id"] == headers["Idempotency-Key"] == str(row["id"])
        assert headers["Content-Type"] == "application/json"
        assert body == row["body"]
        assert event["data"]["title"] == HOSTILE
        assert (event["type"], event["id"]) == (f"{row['event_type']}.v1", str(row["event_id"]))
        assert (row["attempts"], row["status_code"], await attempts(scene, row["id"])) == (1, 204, [("sent", 204)])


async def test_filters_are_asked_of_the_alert_that_an_event_is_about(scene, notifier, outbox, room):
    """Its labels and its severity; an event about no alert passes them by."""
    _, url = room
    team = {"name": "team", "op": "=", "value": "db"}
    subscription = await subscribe(
        scene, url, "alert.opened", "policy.*", "delivery.queued", matchers=[team], min_severity="major"
    )
    person = await scene.person()
    await notifier()

    wanted = await scene.alert(labels={"team": "db"})
    await scene.alert(labels={"team": "web"})
    await scene.alert(labels={"team": "db"}, severity="warning")
    await scene.owe(person.over("sms"), alert=wanted)
    await scene.owe(person.over("sms"))
    await emit(scene, outbox, await policy_changed(scene))

    found = await until(scene, subscription, "sent", count=3)
    assert sorted(each["event_type"] for each in found) == ["alert.opened", "delivery.queued", "policy.changed"]
    assert {json.loads(each["body"])["data"].get("alert_id", str(wanted.id)) for each in found} == {str(wanted.id)}


async def test_what_happened_before_somebody_subscribed_is_not_owed(scene, notifier, outbox, room):
    """Nor what happened while a subscription was disabled."""
    _, url = room
    early = await policy_changed(scene)
    subscription = await subscribe(scene, url, "*")
    disabled = await subscribe(scene, url, "*", is_enabled=False)
    await notifier()

    await emit(scene, outbox, early)
    late = await policy_changed(scene)
    await emit(scene, outbox, late)

    [row] = await until(scene, subscription, "sent")
    assert row["event_id"] == late.id
    assert await deliveries(scene, disabled) == []


async def test_an_event_that_comes_again_is_not_posted_again(scene, notifier, bus, outbox, fake_hooks, room):
    """However often the broker delivers it."""
    path, url = room
    subscription = await subscribe(scene, url, "policy.changed")
    event = await policy_changed(scene)
    await notifier()

    for number in range(3):
        message = Message(
            stream=EVENTS.name,
            subject=subjects.event(scene.tenant, "policy.changed.v1"),
            id=f"{event.id}:{number}",
            body=encode_event(event),
        )
        await bus.publish(message)
    await emit(scene, outbox, await policy_changed(scene))

    await until(scene, subscription, "sent", count=2)
    assert len([each for each in fake_hooks.received if each.to == path]) == 2


async def test_several_notifiers_post_each_event_once(scene, notifier, outbox, fake_hooks, room):
    """Who claims it, posts it."""
    path, url = room
    subscription = await subscribe(scene, url, "policy.changed")
    await notifier()
    await notifier()

    await emit(scene, outbox, *[await policy_changed(scene) for _ in range(20)])

    found = await until(scene, subscription, "sent", count=20)
    keys = [each.delivery_id for each in fake_hooks.received if each.to == path]
    assert sorted(keys) == sorted(each["id"] for each in found)


async def test_what_cannot_be_read_goes_to_the_dead_letters_and_its_neighbour_on(scene, notifier, bus, outbox, room):
    """With its bytes and the reason."""
    _, url = room
    subscription = await subscribe(scene, url, "policy.changed")
    subject = subjects.event(scene.tenant, "policy.changed.v1")
    await bus.publish(Message(stream=EVENTS.name, subject=subject, id=secrets.token_hex(8), body=b"{not an event"))
    await emit(scene, outbox, await policy_changed(scene))

    await notifier()

    await until(scene, subscription, "sent")
    letters = await bus.scan(DLQ, subject=subjects.dlq(EVENTS.name))
    [ours] = [each for each in letters if each.headers[Header.ORIGIN].split()[0] == subject]
    assert (await bus.jetstream.get_msg(DLQ.name, ours.sequence)).data == b"{not an event"
    assert ours.headers[Header.REASON].startswith("not a readable event")


async def test_an_event_of_a_later_version_waits_for_a_process_that_knows_it(
    scene, notifier, bus, outbox, room, monkeypatch
):
    """It comes again, and is no dead letter at once: a deploy brings old and new side by side."""
    _, url = room
    subscription = await subscribe(scene, url, "policy.changed")
    event = await policy_changed(scene)
    read = handlers.decode_event
    refused = []

    def refuse_once(body):
        if str(event.id).encode() in body and not refused:
            refused.append(body)
            raise UnreadableEventError("not a readable event: an unknown tag")
        return read(body)

    monkeypatch.setattr(handlers, "decode_event", refuse_once)
    monkeypatch.setattr(handlers, "event_types", dict)
    await emit(scene, outbox, event)
    await notifier()

    [row] = await until(scene, subscription, "sent")
    assert (row["event_id"], len(refused)) == (event.id, 1)


async def test_an_event_that_cannot_be_written_holds_none_of_its_neighbours(scene, notifier, outbox, room, monkeypatch):
    """Each is tried by itself then."""
    _, url = room
    subscription = await subscribe(scene, url, "policy.changed")
    bad, good = await policy_changed(scene), await policy_changed(scene)
    write = posting.owe

    async def refuse_bad(tx, tenant, events):
        if bad.id in {each.id for each in events}:
            raise ValueError("cannot be written")
        return await write(tx, tenant, events)

    monkeypatch.setattr(posting, "owe", refuse_bad)
    await emit(scene, outbox, bad, good)
    await notifier()

    [row] = await until(scene, subscription, "sent")
    assert row["event_id"] == good.id


async def test_a_post_whose_end_nobody_recorded_is_made_again_under_the_same_key(
    scene, notifier, database, outbox, db_clock, fake_hooks, room
):
    """The process died between the receiver's answer and the commit; the attempt is marked."""
    path, url = room
    subscription = await subscribe(scene, url, "policy.changed")
    await owe(scene, database, await policy_changed(scene))
    dying = Dying(outbox)
    poster = Poster(dying, GuardedClient(hosts=frozenset({"127.0.0.1"})), lease_seconds=30)
    task = asyncio.create_task(poster.post_next(Subscriber(tenant=scene.tenant, subscription_id=subscription)))
    await dying.has_posted.wait()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)

    await db_clock.advance(seconds=31)
    await notifier()

    [row] = await until(scene, subscription, "sent")
    first, again = [each for each in fake_hooks.received if each.to == path]
    assert first.raw["headers"]["Idempotency-Key"] == again.raw["headers"]["Idempotency-Key"] == str(row["id"])
    assert first.raw["body"] == again.raw["body"]
    assert (row["attempts"], await attempts(scene, row["id"])) == (2, [("unclear", None), ("sent", 204)])
    assert await timer(database, row["id"]) is None


async def test_a_result_that_comes_after_the_lease_changes_nothing(scene, database, outbox, db_clock, room):
    """The process slept; another one has the right to post by now, and says what came of it."""
    _, url = room
    subscription = await subscribe(scene, url, "policy.changed")
    await owe(scene, database, await policy_changed(scene))
    async with database.tenant_tx(scene.tenant) as tx:
        slow = await posting.claim(tx, scene.tenant, subscription, lease_seconds=30)
    await db_clock.advance(seconds=31)
    async with database.tenant_tx(scene.tenant) as tx:
        await posting.claim(tx, scene.tenant, subscription, lease_seconds=30)

    async with outbox.tenant_tx(scene.tenant) as tx:
        move = await posting.finish(tx, scene.tenant, slow, Answered(status=410))

    [row] = await deliveries(scene, subscription)
    [current] = await scene.rows("SELECT is_enabled FROM webhook_subscriptions WHERE id = $1", subscription)
    assert (move, row["status"], row["token"], current["is_enabled"]) == (None, "sending", 2, True)
    assert ("late", 410) in await attempts(scene, row["id"])


async def test_a_slow_receiver_keeps_nobody_elses_events_waiting(scene, neighbour, notifier, outbox, fake_hooks, room):
    """Neither another tenant's nor those of another subscription, with more events waiting than there are lanes."""
    path, url = room
    fake_hooks.script(Slow(60), when=lambda received: received.to == path, forever=True)
    slow = await subscribe(scene, url, "policy.changed")
    quick = await subscribe(scene, f"{url}-quick", "policy.changed")
    other = await subscribe(neighbour, f"{url}-other", "policy.changed")
    await notifier()
    await emit(scene, outbox, *[await policy_changed(scene) for _ in range(10)])
    await fake_hooks.wait_for(lambda received: received.to == path)

    await emit(neighbour, outbox, *[await policy_changed(neighbour) for _ in range(10)])

    await until(neighbour, other, "sent", count=10)
    await until(scene, quick, "sent", count=10)
    assert "sent" not in {each["status"] for each in await deliveries(scene, slow)}


async def test_a_receiver_that_is_gone_ends_its_subscription(scene, notifier, database, outbox, fake_hooks, room):
    """410: nothing more is posted, what waits has failed; the audit log and another subscriber are told."""
    path, url = room
    fake_hooks.script(Refused("410"), when=lambda received: received.to == path, forever=True)
    gone = await subscribe(scene, url, "policy.changed")
    watcher = await subscribe(scene, f"{url}-watcher", "subscription.changed")
    await owe(scene, database, *[await policy_changed(scene) for _ in range(3)])
    await notifier()

    found = await until(scene, gone, "failed", count=3, reason="gone")
    await emit(scene, outbox, await policy_changed(scene))
    [told] = await until(scene, watcher, "sent")

    [row] = await scene.rows("SELECT * FROM webhook_subscriptions WHERE id = $1", gone)
    audited = await scene.rows("SELECT action, entity FROM audit_log WHERE entity_id = $1", gone)
    assert (row["is_enabled"], row["is_gone"], row["revision"]) == (False, True, 2)
    assert audited == [{"action": "gone", "entity": "webhook_subscription"}]
    assert json.loads(told["body"])["data"]["change"] == "gone"
    assert len(await deliveries(scene, gone)) == 3
    assert [await timer(database, each["id"]) for each in found] == [None, None, None]


async def test_a_receiver_that_asks_for_patience_gets_it(scene, notifier, database, db_clock, fake_hooks, room):
    """429 with `Retry-After`: whatever waits for it waits as long, and then is posted."""
    path, url = room
    fake_hooks.script(RateLimited(120), when=lambda received: received.to == path)
    subscription = await subscribe(scene, url, "policy.changed")
    await owe(scene, database, *[await policy_changed(scene) for _ in range(3)])
    before = await scene.now()
    await notifier(NIGHTOWL_WEBHOOK_LANES="1")

    async def is_held():
        rows = await deliveries(scene, subscription)
        return rows[0]["reason"] == "rate_limited"

    await wait_until(is_held)
    first, *others = await deliveries(scene, subscription)
    due = [await timer(database, each["id"]) for each in (first, *others)]
    await db_clock.advance(seconds=121)

    sent = await until(scene, subscription, "sent", count=3)
    assert (first["status_code"], first["status"], [each["attempts"] for each in others]) == (429, "queued", [0, 0])
    assert all((each - before).total_seconds() >= 120 for each in due)
    assert [each["attempts"] for each in sent] == [2, 1, 1]


async def test_what_fails_is_tried_again_later_and_later_until_it_is_given_up(
    scene, notifier, database, db_clock, fake_hooks, room
):
    """After 5 s, 30 s, 2 min, 10 min, 1 h, 3 h and 6 h; each attempt is kept."""
    path, url = room
    fake_hooks.script(ErrorBeforeAccept(), when=lambda received: received.to == path, forever=True)
    subscription = await subscribe(scene, url, "policy.changed")
    await owe(scene, database, await policy_changed(scene))
    await notifier()
    waits = []

    for number in range(1, 8):
        [row] = await until(scene, subscription, "queued", attempts=number)
        waits.append(round((row["due_at"] - await scene.now()).total_seconds()))
        await db_clock.advance_to(row["due_at"])
    [row] = await until(scene, subscription, "failed")

    for wait, longest in zip(waits, (5, 30, 120, 600, 3_600, 10_800, 21_600), strict=True):
        assert longest - 5 <= wait <= longest
    assert (row["attempts"], row["reason"], row["status_code"]) == (8, "rejected", 500)
    assert await attempts(scene, row["id"]) == [("failed", 500)] * 8
    assert await timer(database, row["id"]) is None


async def test_a_cut_connection_is_unclear_and_tried_again(scene, notifier, database, db_clock, fake_hooks, room):
    """It may have arrived: the key tells the receiver."""
    path, url = room
    fake_hooks.script(DroppedReply(), when=lambda received: received.to == path)
    subscription = await subscribe(scene, url, "policy.changed")
    await owe(scene, database, await policy_changed(scene))
    await notifier()

    await until(scene, subscription, "queued", reason="unclear")
    await db_clock.advance(seconds=6)
    [row] = await until(scene, subscription, "sent")

    assert {each.delivery_id for each in fake_hooks.received if each.to == path} == {row["id"]}
    assert await attempts(scene, row["id"]) == [("unclear", None), ("sent", 204)]


@pytest.mark.parametrize(
    "url",
    ["https://127.0.0.1/x", "http://127.0.0.1:{port}/webhook/x", "https://localhost:{port}/x", "https://169.254.169.254/",
     "https://10.1.2.3/", "https://[::1]:{port}/", "http://example.org/x"],
)  # fmt: skip
async def test_an_address_on_our_side_is_refused_for_good(scene, notifier, database, fake_hooks, url):
    """Without a listed host: loopback, link-local, private, and anything without TLS."""
    subscription = await subscribe(scene, url.format(port=fake_hooks.port), "policy.changed")
    await owe(scene, database, await policy_changed(scene))

    await notifier(NIGHTOWL_WEBHOOK_HOSTS="")

    [row] = await until(scene, subscription, "failed")
    assert (row["reason"], row["attempts"], fake_hooks.received) == ("refused", 1, [])


async def test_a_redirect_of_a_post_is_not_followed(scene, notifier, database, fake_hooks):
    """It has failed, wherever it leads."""
    subscription = await subscribe(scene, fake_hooks.address("moved"), "policy.changed")
    await owe(scene, database, await policy_changed(scene))

    await notifier()

    [row] = await until(scene, subscription, "queued", reason="rejected")
    assert (row["status_code"], fake_hooks.received) == (307, [])


async def test_a_name_is_judged_anew_at_each_attempt(scene, database, outbox, db_clock, fake_hooks):
    """One that means something of ours by now is refused; with a public address beside it as well."""
    subscription = await subscribe(scene, f"https://rebinding.example:{fake_hooks.port}/x", "policy.changed")
    await owe(scene, database, await policy_changed(scene))
    answers = [[], ["8.8.8.8", "127.0.0.1"]]

    async def resolve(_host, _port):
        return answers.pop(0)

    poster = Poster(outbox, GuardedClient(hosts=frozenset(), resolve=resolve), lease_seconds=30)
    to = Subscriber(tenant=scene.tenant, subscription_id=subscription)
    await poster.post_next(to)
    [first] = await deliveries(scene, subscription)
    await db_clock.advance(seconds=6)
    await poster.post_next(to)

    [row] = await deliveries(scene, subscription)
    assert (first["status"], first["reason"]) == ("queued", "unavailable")
    assert (row["status"], row["reason"], fake_hooks.received) == ("failed", "refused", [])


async def test_a_disabled_subscription_gets_trials_only(scene, database, outbox, fake_hooks, room):
    """What was queued for it has failed; a trial is posted, once."""
    path, url = room
    subscription = await subscribe(scene, url, "policy.changed")
    await owe(scene, database, await policy_changed(scene))
    async with database.tenant_tx(scene.tenant) as tx:
        await tx.execute("UPDATE webhook_subscriptions SET is_enabled = false WHERE id = $1", subscription)
        await posting.ping(tx, scene.tenant, subscription, name="a", actor=SOMEBODY)
    fake_hooks.script(ErrorBeforeAccept(), when=lambda received: received.to == path, forever=True)
    poster = Poster(outbox, GuardedClient(hosts=frozenset({"127.0.0.1"})), lease_seconds=30)
    to = Subscriber(tenant=scene.tenant, subscription_id=subscription)

    posted = [await poster.post_next(to) for _ in range(3)]

    queued, trial = await deliveries(scene, subscription)
    assert posted == [True, True, False]
    assert (queued["status"], queued["reason"], await attempts(scene, queued["id"])) == ("failed", "disabled", [])
    assert (trial["status"], trial["reason"], await attempts(scene, trial["id"])) == (
        "failed",
        "rejected",
        [("failed", 500)],
    )


async def test_a_suspended_tenants_events_wait(scene, neighbour, notifier, database, room):
    """Until it is resumed; another tenant's go out meanwhile."""
    _, url = room
    subscription = await subscribe(scene, url, "policy.changed")
    other = await subscribe(neighbour, f"{url}-other", "policy.changed")
    await owe(scene, database, await policy_changed(scene))
    await set_status(database, scene.tenant, "suspended")
    await notifier()

    await owe(neighbour, database, await policy_changed(neighbour))
    await until(neighbour, other, "sent")
    [waiting] = await deliveries(scene, subscription)
    await set_status(database, scene.tenant, "active")

    assert (waiting["status"], waiting["attempts"]) == ("queued", 0)
    await until(scene, subscription, "sent")


async def set_status(database, tenant, status):
    """Suspends or resumes a tenant."""
    async with database.global_tx() as tx:
        await tx.execute("UPDATE public.tenants SET status = $2 WHERE slug = $1", tenant, status)


async def test_a_delivery_without_its_timer_is_found_and_mended(scene, database, db_clock, room):
    """By the ledger and by the sweeper; so is a timer without its delivery."""
    _, url = room
    subscription = await subscribe(scene, url, "policy.changed")
    await owe(scene, database, await policy_changed(scene))
    [row] = await deliveries(scene, subscription)
    stray = new_id()
    await scene.forget()
    async with database.global_tx() as tx:
        query = "INSERT INTO public.timers (kind, ref, tenant, version, due_at) VALUES ('webhook', $1, $2, 0, $3)"
        await tx.execute(query, stray, scene.tenant, row["due_at"])
    await db_clock.advance(seconds=6)

    async with database.tenant_tx(scene.tenant) as tx:
        found = await ledger.unaccounted(tx, scene.tenant, [])
        restored = await obligations.restore_missing_timers(tx, scene.tenant)
        removed = await store.delete_stray_timers(tx, scene.tenant, limit=10)
        left = await ledger.unaccounted(tx, scene.tenant, [])

    assert [(each.rule, each.subject) for each in found] == [
        (3, f"webhook delivery {row['id']}"),
        (3, f"webhook timer of {stray}"),
    ]
    assert (restored, removed, left) == (1, 1, [])
    assert await timer(database, row["id"]) == row["due_at"]


async def test_retention_takes_what_was_posted_and_leaves_what_is_owed(scene, database, outbox, db_clock, room):
    """With its attempts, after as many days as deliveries are kept."""
    _, url = room
    subscription = await subscribe(scene, url, "policy.changed")
    await owe(scene, database, await policy_changed(scene))
    poster = Poster(outbox, GuardedClient(hosts=frozenset({"127.0.0.1"})), lease_seconds=30)
    await poster.post_next(Subscriber(tenant=scene.tenant, subscription_id=subscription))
    await owe(scene, database, await policy_changed(scene))
    sent, owed = await deliveries(scene, subscription)

    async with database.tenant_tx(scene.tenant) as tx:
        early = await retention.remove_deliveries(tx, days=7, limit=100)
    await db_clock.advance(days=8)
    async with database.tenant_tx(scene.tenant) as tx:
        late = await retention.remove_deliveries(tx, days=7, limit=100)

    assert (early, late) == (0, 1)
    assert [each["id"] for each in await deliveries(scene, subscription)] == [owed["id"]]
    assert await attempts(scene, sent["id"]) == []


async def test_a_tenant_without_subscriptions_owes_nothing_and_its_events_are_acknowledged(
    scene, notifier, bus, outbox
):
    """Nothing is left on the consumer."""
    await notifier()

    await emit(scene, outbox, *[await policy_changed(scene) for _ in range(10)])

    async def is_done():
        return await bus.lag(WEBHOOKS) == 0

    await wait_until(is_done, seconds=45)  # another test's message may be with a process that has ended, for 30 s
    assert await scene.rows("SELECT FROM webhook_deliveries") == []


async def wait_until(is_true, *, seconds=10):
    """Asks until it is so.

    Raises:
        TimeoutError: not within the time.
    """
    async with asyncio.timeout(seconds):
        while not await is_true():
            await asyncio.sleep(0.02)

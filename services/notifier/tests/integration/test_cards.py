"""Slack shows an alert as it is: messages are edited in place, one thread tells what happened."""

import asyncio
import secrets
from datetime import timedelta

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from nightowl_alerting import commands, ledger, lifecycle, obligations
from nightowl_alerting.actions import Comment, HandOver, Investigate, Reopen, Resolve, Snooze, Unacknowledge
from nightowl_alerting.cards import store as cards
from nightowl_alerting.credentials import SlackCredentials, save_credentials
from nightowl_alerting.model import Recipient
from nightowl_alerting.paging import Page
from nightowl_alerting.sealing import MasterKeys, make_master_key
from nightowl_alerting.transitions import Received
from nightowl_common.ids import new_id
from nightowl_contracts import Actor, ReceivedAlert
from nightowl_testkit.fakes import DroppedReply, ErrorBeforeAccept, RateLimited, Refused, Slow

pytestmark = pytest.mark.integration

ALICE = Actor(kind="user", id="alice", name="Alice <!channel>")


class Board:
    """What a test does to alerts, and what people see of it in Slack."""

    def __init__(self, scene, outbox, slack) -> None:
        self.scene, self._outbox, self.slack = scene, outbox, slack

    async def do(self, alert_id, command, actor=ALICE):
        """Somebody asks something of an alert."""
        async with self._outbox.tenant_tx(self.scene.tenant) as tx:
            return await commands.apply(tx, self.scene.tenant, alert_id, actor, command)

    async def acknowledge(self, alert_id) -> None:
        """Alice takes it."""
        async with self._outbox.tenant_tx(self.scene.tenant) as tx:
            await lifecycle.acknowledge(tx, self.scene.tenant, alert_id, ALICE)

    async def repeats(self, alert, **changes) -> None:
        """The sender is heard of once more."""
        given = {"fingerprint": alert.fingerprint, "status": "firing", "severity": alert.severity, "title": alert.title}
        received = Received(
            alert=ReceivedAlert(index=0, **{**given, **changes}), source="generic", receipt_id=new_id(),
            new_id=new_id(), at=await self.scene.now(),
        )  # fmt: skip
        async with self._outbox.tenant_tx(self.scene.tenant) as tx:
            await lifecycle.receive(tx, self.scene.tenant, [received], route=lambda _alert: None)

    async def pages_tier(self, alert, tier: int, *recipients: Recipient) -> None:
        """A later tier is paged."""
        async with self._outbox.tenant_tx(self.scene.tenant) as tx:
            now = await tx.now()
            current = await lifecycle.store.lock_alert(tx, alert.id)
            step = Page(cycle=0, tier=tier, next_due_at=now + timedelta(hours=1))
            due = obligations.DueTier(alert=current, decision=step, recipients=recipients, due_at=now)
            await obligations.page(tx, self.scene.tenant, [due], now=now)

    def message(self, to: str, place: int = 0, **which):
        """A message as it is now."""
        return self.slack.messages(to, **which)[place]

    async def shows(self, to: str, text: str, place: int = 0) -> dict:
        """Waits until a message has a text among its blocks."""
        await self.slack.until(
            lambda: len(self.slack.messages(to)) > place and text in str(self.slack.messages(to)[place])
        )
        return self.slack.messages(to)[place]

    async def posts(self, to: str, count: int) -> list[str]:
        """Waits for so many posts in the thread of a channel's first message; returns the first line of each."""
        await self.slack.until(lambda: self.slack.messages(to) and len(self._thread(to)) >= count)
        await self.rests()
        return [each["text"].splitlines()[0] for each in self._thread(to)]

    def _thread(self, to: str) -> list[dict]:
        return self.slack.thread(to, self.slack.messages(to)[0])

    async def rests(self) -> None:
        """Waits until nothing is owed to Slack any more."""
        async with asyncio.timeout(60):
            while await self.owed():
                await asyncio.sleep(0.05)

    async def owed(self) -> int:
        """How many cards have something to do."""
        query = "SELECT count(*) AS n FROM public.timers WHERE kind = 'card' AND tenant = $1"
        [row] = await self.scene.rows(query, self.scene.tenant)
        return row["n"]

    def count(self, method: str) -> int:
        """How often a method was called."""
        return sum(each.method == method for each in self.slack.calls)


@pytest.fixture(autouse=True)
async def no_cards_waiting(database) -> None:
    """What other tests left behind is not ours to bring up to date."""
    async with database.global_tx() as tx:
        await tx.execute("DELETE FROM public.timers WHERE kind = 'card'")


@pytest.fixture
def board(scene, outbox, fake_slack):
    return Board(scene, outbox, fake_slack)


@pytest.fixture
def room():
    """A channel that no other test uses."""
    name = f"C{secrets.token_hex(4).upper()}"
    return Recipient(recipient=f"channel:{name}", channel="slack_channel", address=name)


def actions(message) -> list[str]:
    return [
        element["action_id"]
        for block in message["blocks"]
        if block["type"] == "actions"
        for element in block["elements"]
    ]


async def paged(board, *recipients, **changes):
    """An alert whose first tier has reached these."""
    alert = await board.scene.alert(**changes)
    for delivery_id in await board.scene.owe(*recipients, alert=alert):
        await board.scene.until(delivery_id, "sent")
    return alert


async def test_a_page_becomes_a_message_that_is_remembered_in_the_commit_that_settles_it(board, notifier, room):
    """With conversation, ts and the root of its thread; nothing is edited, since nothing has changed."""
    await notifier()

    alert = await paged(board, room)

    [message] = board.slack.messages(room.address)
    [ref] = await board.scene.rows("SELECT * FROM message_refs WHERE alert_id = $1", alert.id)
    [thread] = await board.scene.rows("SELECT * FROM slack_threads WHERE alert_id = $1", alert.id)
    assert (ref["conversation"], ref["ts"], ref["thread_ts"]) == (room.address, message["ts"], None)
    assert (thread["ts"], thread["address"]) == (message["ts"], room.address)
    assert actions(message) == ["nightowl_acknowledge", "nightowl_resolve", "nightowl_escalate"]
    value = message["blocks"][-2]["elements"][0]["value"]
    assert value == f"{board.scene.tenant}:{alert.id}:{ref['delivery_id']}"
    await board.rests()
    assert board.slack.updates == []


async def test_a_first_direct_message_that_still_shows_the_alert_owes_no_second_look(board, notifier):
    """The commit that settles it leaves nothing to do; what changes later is shown all the same."""
    person = await board.scene.person()
    await notifier()

    alert = await paged(board, person.over("slack_dm"))

    [work] = await board.scene.rows("SELECT wanted, token FROM card_work WHERE alert_id = $1", alert.id)
    assert (await board.owed(), work) == (0, {"wanted": 0, "token": 0})
    await board.acknowledge(alert.id)
    await board.shows(person.slack, "Acknowledged* by Alice")


async def test_an_acknowledgement_edits_every_message_of_the_alert(board, notifier, room):
    """In the room and in the direct message, whoever gave it; Acknowledge is gone, Open stays, no name can mention."""
    person = await board.scene.person()
    await notifier(NIGHTOWL_PUBLIC_URL="https://owl.example")
    alert = await paged(board, room, person.over("slack_dm"))

    await board.acknowledge(alert.id)

    in_room = await board.shows(room.address, "Acknowledged* by Alice")
    direct = await board.shows(person.slack, "Acknowledged* by Alice")
    assert actions(in_room) == actions(direct) == ["nightowl_resolve", "nightowl_open"]
    assert direct["blocks"][-2]["elements"][1]["url"] == f"https://owl.example/alerts/{alert.id}"
    assert in_room["text"].endswith("(acknowledged)")
    assert "<!channel>" not in str(board.slack.messages(room.address))
    assert in_room["metadata"]["event_payload"]["alert_id"] == str(alert.id)
    await board.rests()
    assert board.count("chat.update") == 2


async def test_a_thread_tells_what_happened_in_order_and_each_thing_once(board, notifier, room):
    """A direct message stays as it is, but for the edits."""
    person = await board.scene.person()
    await notifier()
    alert = await paged(board, room, person.over("slack_dm"))
    until = await board.scene.now() + timedelta(hours=2)

    await board.acknowledge(alert.id)
    await board.do(alert.id, Investigate())
    await board.do(alert.id, Comment(text="looking at <#C1> & the disk"))
    await board.do(alert.id, Unacknowledge(reason="not mine"))
    await board.do(alert.id, Snooze(until=until))
    await board.do(alert.id, Resolve(resolution="grew the disk"))

    posts = await board.posts(room.address, 6)
    who = "Alice &lt;!channel&gt;"
    assert posts == [
        f"✋ Acknowledged by {who}.",
        f"🔍 {who} is working on it.",
        f"💬 {who}: looking at &lt;#C1&gt; &amp; the disk",
        f"↩️ {who} has given it back: it is firing again.",
        f"💤 Snoozed until {until:%Y-%m-%d %H:%M:%S} UTC by {who}.",
        f"✅ Resolved by {who}.",
    ]
    assert len(board.slack.messages(person.slack)) == 1
    assert actions(board.message(room.address)) == []


async def test_a_tier_that_pages_the_room_again_answers_in_the_thread_and_is_shown_in_the_room(board, notifier, room):
    """It must alert people; and it stands for the line that the thread would have got."""
    await notifier()
    alert = await paged(board, room)

    await board.pages_tier(alert, 1, room)

    await board.slack.until(lambda: len(board.slack.messages(room.address)) == 2)
    await board.rests()
    root, again = board.slack.messages(room.address)
    assert (again["thread_ts"], again["subtype"]) == (root["ts"], "thread_broadcast")
    assert "escalated to tier 2" in str(root)
    assert "escalated to tier 2" in str(again)
    assert len(board.slack.received) == 2


async def test_a_tier_that_pages_people_is_told_in_the_thread_with_their_names(board, notifier, room):
    """The room sees who was woken."""
    person = await board.scene.person()
    await notifier()
    alert = await paged(board, room)

    await board.pages_tier(alert, 1, person.over("slack_dm"))

    assert await board.posts(room.address, 1) == [f"📣 Escalated to tier 2: paged {person.name} over slack_dm."]
    assert person.name in str(await board.shows(room.address, person.name))


async def test_a_resolved_alert_that_nobody_knows_asks_for_knowledge_and_one_that_is_known_shows_its_fix(
    board, notifier, room
):
    """The question is asked in the thread, once."""
    await notifier()
    unknown = await paged(board, room)
    await board.do(unknown.id, Resolve(resolution="grew the disk"))
    await board.posts(room.address, 1)
    known = await board.scene.alert(annotations={"runbook_url": "https://runbooks.example.com/disk"})
    [incident] = await board.scene.rows(
        "INSERT INTO incidents (title, severity, solution) VALUES ('Disk of db1', 'major', 'grow it') RETURNING id"
    )
    await board.scene.rows(
        "UPDATE alerts SET matched_incident_id = $1, match_kind = 'fingerprint', match_score = 1 WHERE id = $2",
        incident["id"],
        known.id,
    )
    other = Recipient(recipient="channel:C0OTHER", channel="slack_channel", address=f"{room.address}X")
    [delivery_id] = await board.scene.owe(other, alert=known)
    await board.scene.until(delivery_id, "sent")
    shown = str(board.message(other.address))
    await board.do(known.id, Resolve())
    await board.posts(other.address, 1)

    asked = board.slack.thread(room.address, board.message(room.address))[0]
    told = board.slack.thread(other.address, board.message(other.address))[0]
    assert actions(asked) == ["nightowl_knowledge"]
    assert f"{board.scene.tenant}:{unknown.id}:-" in str(asked)
    assert "Known fix* (the same problem): Disk of db1\\ngrow it" in shown
    assert "https://runbooks.example.com/disk" in shown
    assert "blocks" not in told
    assert actions(board.message(other.address)) == ["nightowl_runbook"]


async def test_a_reopened_alert_shows_its_buttons_again(board, notifier, room):
    """The same message, the same thread; it has not been resolved after all."""
    await notifier()
    alert = await paged(board, room)
    await board.do(alert.id, Resolve(resolution="gone"))
    await board.shows(room.address, "Resolved* by")

    await board.do(alert.id, Reopen())

    message = await board.shows(room.address, "*Firing*")
    assert "nightowl_acknowledge" in actions(message)
    posts = await board.posts(room.address, 2)
    assert [each[0] for each in posts] == ["✅", "🔁"]


async def test_a_handed_over_alert_names_the_person(board, notifier, room):
    """In the message and in the thread."""
    person = await board.scene.person()
    await notifier()
    alert = await paged(board, room)

    await board.do(alert.id, HandOver(user_id=person.id))

    await board.shows(room.address, f"Asked to look after it: {person.name}")
    posts = await board.posts(room.address, 1)
    assert posts == [f"🤝 Handed over to {person.name} by Alice &lt;!channel&gt;."]


async def test_fifty_quick_changes_are_few_edits_and_the_newest_state_is_last(board, notifier):
    """An edit per change would be refused by Slack, and read by nobody."""
    person = await board.scene.person()
    await notifier()
    alert = await paged(board, person.over("slack_dm"))

    for _ in range(25):
        await board.do(alert.id, Investigate())
        await board.do(alert.id, Unacknowledge())
    await board.do(alert.id, Resolve(resolution="the very last word"))

    message = await board.shows(person.slack, "the very last word")
    await board.rests()
    seconds = max(1.0, float(board.slack.updates[-1]["edited"]["ts"]) - float(message["ts"]))
    assert board.count("chat.update") <= seconds / 1.0 + 2
    assert "the very last word" in str(board.slack.updates[-1])


async def test_repeats_are_shown_coarsely_and_told_only_where_it_is_wanted(board, notifier, room):
    """Ten repeats are an edit or two; a tenant that does not want it quiet is told in the thread."""
    await notifier()
    alert = await paged(board, room)
    for _ in range(5):
        await board.repeats(alert)
    await board.shows(room.address, "at least 2 times")
    await board.rests()
    quiet = board.slack.thread(room.address, board.message(room.address))
    edits = board.count("chat.update")

    await board.scene.rows("UPDATE tenant_config SET quiet_threads = false")
    for _ in range(4):
        await board.repeats(alert, severity="major")

    assert quiet == []
    assert edits == 1
    posts = await board.posts(room.address, 2)
    assert posts == ["Severity: critical → major.", "Seen 10 times."]
    await board.shows(room.address, "at least 10 times")


async def test_a_wait_that_slack_asks_for_holds_edits_and_never_a_page(board, notifier, room, db_clock):
    """429 on chat.update: the next page is sent at once all the same, and the edit comes when the wait is over."""
    person = await board.scene.person()
    await notifier()
    alert = await paged(board, room)
    board.slack.script_method("chat.update", RateLimited(300))
    await board.acknowledge(alert.id)
    await board.slack.until(lambda: board.count("chat.update") == 1)

    other = await board.scene.owe_one(person.over("slack_dm"))
    row = await board.scene.until(other, "sent")

    assert (row["attempts"], board.count("chat.update"), board.slack.updates) == (1, 1, [])
    await board.do(alert.id, Investigate())  # what changes meanwhile does not end the wait
    await db_clock.advance(seconds=301)
    await board.shows(room.address, "*Investigating*")
    assert len(await board.posts(room.address, 2)) == 2
    assert board.count("chat.update") == 2


async def test_a_post_that_was_sent_and_not_recorded_is_found_and_not_sent_again(board, notifier, room):
    """Whoever posted it is gone before it could write so."""
    await notifier()
    alert = await paged(board, room)
    await board.rests()
    board.slack.script(DroppedReply(), when=lambda sent: "Acknowledged" in sent.text)

    await board.acknowledge(alert.id)

    await board.rests()
    posts = await board.posts(room.address, 1)
    [row] = await board.scene.rows("SELECT * FROM thread_posts WHERE alert_id = $1", alert.id)
    assert len(posts) == 1
    assert row["status"] == "posted"
    assert row["ts"] == board.slack.thread(room.address, board.message(room.address))[0]["ts"]
    assert board.count("conversations.replies") == 1


async def test_a_post_of_which_nobody_can_say_whether_it_arrived_is_marked_as_a_repeat(board, notifier, room):
    """Looking fails again and again: told twice is better than not told."""
    await notifier()
    alert = await paged(board, room)
    await board.rests()
    board.slack.script(ErrorBeforeAccept(500), when=lambda sent: "Acknowledged" in sent.text)
    board.slack.script_method("conversations.replies", *[ErrorBeforeAccept(500)] * 3)

    await board.acknowledge(alert.id)

    async with asyncio.timeout(90):
        while not board.slack.thread(room.address, board.message(room.address)):
            await asyncio.sleep(0.1)
    assert await board.posts(room.address, 1) == ["REPEAT: ✋ Acknowledged by Alice &lt;!channel&gt;."]


@pytest.mark.parametrize("word", ["message_not_found", "is_archived", "channel_not_found", "cant_update_message"])
async def test_a_message_that_cannot_be_edited_any_more_is_left_alone_with_a_note(board, notifier, word):
    """Nothing is tried for ever."""
    person = await board.scene.person()
    await notifier()
    alert = await paged(board, person.over("slack_dm"))
    await board.rests()
    board.slack.script_method("chat.update", Refused(word))

    await board.acknowledge(alert.id)
    await board.slack.until(lambda: board.count("chat.update") == 1)
    await board.rests()
    await board.do(alert.id, Resolve())
    await board.rests()

    [ref] = await board.scene.rows("SELECT ended_reason FROM message_refs WHERE alert_id = $1", alert.id)
    notes = await board.scene.rows(
        "SELECT evidence FROM alert_timeline WHERE alert_id = $1 AND kind = 'message_lost'", alert.id
    )
    assert ref["ended_reason"] == word
    assert [each["evidence"]["reason"] for each in notes] == [word]
    assert board.count("chat.update") == 1


async def test_a_thread_that_is_gone_is_noted_and_the_next_page_begins_a_new_one(board, notifier, room):
    """Somebody deleted the first message: the page must reach the room all the same."""
    await notifier()
    alert = await paged(board, room)
    await board.rests()
    board.slack.delete(room.address, board.message(room.address))

    await board.pages_tier(alert, 1, room)

    await board.slack.until(lambda: len(board.slack.messages(room.address)) == 1)
    await board.rests()
    [again] = board.slack.messages(room.address)
    assert "thread_ts" not in again
    [thread] = await board.scene.rows("SELECT ts, ended_reason FROM slack_threads WHERE alert_id = $1", alert.id)
    assert (thread["ts"], thread["ended_reason"]) == (again["ts"], None)


async def test_a_revoked_token_is_not_tried_for_ever_and_the_next_change_tries_again(board, notifier):
    """The message is not given up: whoever mends the token sees it go on."""
    person = await board.scene.person()
    await notifier()
    alert = await paged(board, person.over("slack_dm"))
    await board.rests()
    board.slack.script_method("chat.update", Refused("token_revoked"))
    await board.acknowledge(alert.id)
    await board.slack.until(lambda: board.count("chat.update") == 1)
    await board.rests()

    await board.do(alert.id, Resolve(resolution="done"))

    await board.shows(person.slack, "Resolved* by")


async def test_an_edit_that_failed_for_the_moment_is_tried_again(board, notifier):
    """An error of Slack's own, then it is well."""
    person = await board.scene.person()
    await notifier()
    alert = await paged(board, person.over("slack_dm"))
    await board.rests()
    board.slack.script_method("chat.update", ErrorBeforeAccept(500))

    await board.acknowledge(alert.id)

    await board.shows(person.slack, "Acknowledged* by")
    await board.rests()
    assert board.count("chat.update") == 2


async def test_a_page_whose_answer_was_lost_is_edited_too(board, notifier, db_clock):
    """A look-up has found it: it is a message like any other."""
    person = await board.scene.person()
    await notifier()
    alert = await board.scene.alert()
    board.slack.script(DroppedReply(), when=lambda sent: sent.to == person.slack)
    [delivery_id] = await board.scene.owe(person.over("slack_dm"), alert=alert)
    await board.scene.until(delivery_id, "sending", reason="unclear")
    await db_clock.advance(seconds=16)
    await board.scene.until(delivery_id, "sent")

    await board.acknowledge(alert.id)

    await board.shows(person.slack, "Acknowledged* by")


async def test_what_changes_while_the_page_is_on_its_way_is_shown_all_the_same(board, notifier, scene):
    """The acknowledgement is committed between the claim and the settling: the message does not stay as it was sent."""
    person = await scene.person()
    alert = await scene.alert()
    await scene.owe(person.over("slack_dm"), alert=alert)
    board.slack.script(Slow(1.5), when=lambda sent: sent.to == person.slack)
    await notifier()
    await board.slack.wait_for(lambda sent: sent.to == person.slack)

    await board.acknowledge(alert.id)

    await board.shows(person.slack, "Acknowledged* by")


async def test_somebody_who_posted_and_died_before_writing_so_is_found_out(
    board, running, notifier, room, database, db_clock
):
    """The claim and its marks are there, the message is in the thread, and nobody comes back: told once all the same."""
    async with running():
        alert = await paged(board, room)
        await board.rests()
    await board.acknowledge(alert.id)
    await db_clock.advance(seconds=2)  # the pause after the last pass
    async with database.tenant_tx(board.scene.tenant) as tx:
        work = await cards.claim(tx, board.scene.tenant, alert.id, lease_seconds=30)
    [post] = work.posts
    client = AsyncWebClient(token="xoxb-fake", base_url=board.slack.url)
    metadata = {"event_type": "nightowl_post", "event_payload": {"entry_id": str(post.entry_id)}}
    sent = await client.chat_postMessage(
        channel=post.conversation, thread_ts=post.thread_ts, text="Acknowledged", metadata=metadata
    )  # fmt: skip
    await db_clock.advance(seconds=31)

    await notifier()

    await board.shows(room.address, "Acknowledged* by")
    await board.rests()
    [row] = await board.scene.rows("SELECT status, ts FROM thread_posts WHERE alert_id = $1", alert.id)
    assert row == {"status": "posted", "ts": sent["ts"]}
    assert len(board.slack.thread(room.address, board.message(room.address))) == 1


async def test_two_notifiers_tell_everything_once(board, notifier, room):
    """They compete for each card; the claim decides."""
    await notifier()
    await notifier()
    alert = await paged(board, room)

    for number in range(4):
        await board.do(alert.id, Comment(text=f"word {number}"))

    posts = await board.posts(room.address, 4)
    assert [each.rpartition(": ")[2] for each in posts] == [f"word {number}" for number in range(4)]


async def test_each_tenants_messages_are_edited_in_its_own_workspace_and_wait_apart(
    board, neighbour, notifier, outbox, room
):
    """One of them is asked to wait; the other is not."""
    key, token = make_master_key("cards"), f"xoxb-{secrets.token_hex(6)}"
    own = SlackCredentials(bot_token=token, signing_secret=secrets.token_hex(16), team_id="T0OWN")
    async with outbox.tenant_tx(board.scene.tenant) as tx:
        await save_credentials(tx, board.scene.tenant, "slack", own, MasterKeys.parse(key), actor=ALICE)
    other = Board(neighbour, outbox, board.slack)
    await notifier(NIGHTOWL_MASTER_KEYS=key)
    alerts = [await paged(each, room) for each in (board, other)]
    await board.rests()
    await other.rests()
    board.slack.script_method("chat.update", RateLimited(3_600), token=token)

    for each, alert in zip((board, other), alerts, strict=True):
        await each.acknowledge(alert.id)

    [ours], [theirs] = (board.slack.messages(room.address, token=each) for each in (token, "xoxb-fake"))
    await board.slack.until(lambda: "Acknowledged* by" in str(theirs))
    await other.rests()
    assert "*Firing*" in str(ours)
    assert await board.owed() == 1
    assert {each.token for each in board.slack.calls if each.method == "chat.update"} == {token, "xoxb-fake"}


async def test_posts_give_way_to_a_page_that_waits_for_the_same_channel(board, notifier, room, db_clock):
    """Slack counts both: the page that it keeps waiting comes first, then what the thread is told."""
    await notifier()
    first = await paged(board, room)
    await board.rests()
    board.slack.script(RateLimited(300), when=lambda sent: "Second" in sent.text)
    [waiting] = await board.scene.owe(room, alert=await board.scene.alert(title="Second"))
    await board.scene.until(waiting, "queued", attempts=1)

    await board.acknowledge(first.id)
    await board.shows(room.address, "Acknowledged* by")
    before = len(board.slack.messages(room.address))
    await db_clock.advance(seconds=301)

    await board.posts(room.address, 1)
    told = [each["text"] for each in board.slack.messages(room.address)]
    assert before == 1
    assert ["Second" in each for each in told] == [False, True, False]
    assert told[2].startswith("✋")


async def test_the_ledger_finds_posts_that_nobody_will_pay(board, running, room, database, db_clock):
    """A post without its timer would never be told."""
    async with running():
        alert = await paged(board, room)
        await board.rests()
    await board.do(alert.id, Comment(text="hello"))
    await db_clock.advance(seconds=2)  # the pause after the last pass
    async with database.tenant_tx(board.scene.tenant) as tx:
        await cards.claim(tx, board.scene.tenant, alert.id, lease_seconds=30)
        sound = await ledger.unaccounted(tx, board.scene.tenant, [])
        await tx.execute("DELETE FROM public.timers WHERE kind = 'card' AND ref = $1", alert.id)
        broken = await ledger.unaccounted(tx, board.scene.tenant, [])

    assert sound == []
    assert [(each.rule, each.subject) for each in broken] == [(3, f"posts of alert {alert.id}")]

"""The message of an alert in Slack: states, buttons, and text that stays text."""

import json
from datetime import UTC, datetime
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from slack_sdk.models.blocks import Block

from nightowl_alerting.cards.model import NOISY_KINDS, TOLD_KINDS, Post
from nightowl_alerting.model import Card
from nightowl_contracts import Actor
from nightowl_notifier.channels.slack_card import Shown, render, runbook_address
from nightowl_notifier.channels.slack_thread import post_blocks, post_text

ALICE = Actor(kind="user", id="alice", name="Alice <!here>")
AT = datetime(2026, 1, 1, 3, 4, 5, tzinfo=UTC)
MESSAGE = Shown(tenant="acme", delivery_id=UUID(int=7), is_repeat=False)
BOB = UUID("018f3e3e-7b3a-7c3a-8c3a-1234567890ab")
HOSTILE = st.one_of(
    st.text(max_size=300),
    st.sampled_from(
        ["<!channel> <@U123> @here", "<https://evil.example|click>", "&<>" * 4_000, "x" * 10_000, "🔥👩‍🚒" * 2_000,
         "\u202egnp.exe\u202c \u2067\u05d0\u05d1\u2069", "a\r\n\r\nb\x07\x1b[31m", "\x00", "   \n "]
    ),
)  # fmt: skip


def a_card(**changes) -> Card:
    usual = {
        "alert_id": UUID(int=8), "status": "firing", "severity": "critical", "source": "generic", "title": "Disk full",
        "description": "90 %", "labels": {"host": "db1"}, "occurrence_count": 1, "first_fired_at": AT,
        "escalation_state": "pending", "escalation_reason": "policy version 1", "tier": 1,
    }  # fmt: skip
    return Card(**{**usual, **changes})


def a_post(kind: str = "acknowledged", **evidence) -> Post:
    return Post(
        conversation="C1", thread_ts="1.0", entry_id=UUID(int=9), at=AT, kind=kind, actor=ALICE, evidence=evidence,
        is_unclear=False,
    )  # fmt: skip


def checked(blocks: list[dict[str, object]]) -> list[dict[str, object]]:
    """The same blocks, when the SDK's own classes know and allow them."""
    assert [Block.parse(each).to_dict() for each in blocks] == blocks
    return blocks


def body(card: Card, **changes) -> str:
    message = Shown(**{"tenant": "acme", "delivery_id": UUID(int=7), "is_repeat": False, **changes})
    return json.dumps(checked(render(card, message).blocks), ensure_ascii=False)


def buttons(card: Card) -> list[str]:
    return [
        element["action_id"].removeprefix("nightowl_")
        for block in json.loads(body(card))
        if block["type"] == "actions"
        for element in block["elements"]
    ]


TAKEN = {"acknowledged_by": ALICE, "acknowledged_at": AT}
STATES = [
    ({}, "*Firing*", ["acknowledge", "resolve", "escalate"]),
    ({"tier": 2}, "*Firing*, escalated to tier 2", ["acknowledge", "resolve", "escalate"]),
    (
        {"escalation_state": "muted", "escalation_reason": "muted by silence “deploy”"},
        "*Firing*: muted by silence “deploy”",
        ["acknowledge", "resolve", "escalate"],
    ),
    (
        {"escalation_state": "exhausted"},
        "*Firing*: every tier was paged and nobody has taken it",
        ["acknowledge", "resolve"],
    ),
    (
        {"status": "acknowledged", "escalation_state": "stopped", **TAKEN},
        "*Acknowledged* by Alice &lt;!here&gt; at 2026-01-01 03:04:05 UTC",
        ["resolve"],
    ),
    (
        {"status": "investigating", "escalation_state": "stopped", **TAKEN},
        "*Investigating*: Alice &lt;!here&gt; at 2026-01-01 03:04:05 UTC",
        ["resolve"],
    ),
    (
        {"snoozed_until": AT, "escalation_state": "snoozed"},
        "*Snoozed* until 2026-01-01 03:04:05 UTC",
        ["acknowledge", "resolve"],
    ),
    (
        {"status": "resolved", "resolved_by": ALICE, "resolved_at": AT, "resolution": "grew it", **TAKEN},
        "*Resolved* by Alice &lt;!here&gt; at 2026-01-01 03:04:05 UTC\\ngrew it",
        [],
    ),
]


@pytest.mark.parametrize(("changes", "told", "allowed"), STATES)
def test_the_state_is_told_and_the_buttons_fit_it(changes, told, allowed):
    """No button stands for what the state does not allow."""
    card = a_card(**changes)

    assert told in body(card)
    assert buttons(card) == allowed


def test_a_resolved_alert_keeps_its_runbook_button_only():
    """What is over can still be read about."""
    card = a_card(status="resolved", annotations={"runbook_url": "https://runbooks.example.com/disk"})

    assert buttons(card) == ["runbook"]


@pytest.mark.parametrize(
    ("told", "wanted"),
    [
        ("https://runbooks.example.com/a?b=c", "https://runbooks.example.com/a?b=c"),
        ("  http://wiki/a ", "http://wiki/a"),
        ("javascript:alert(1)", None),
        ("slack://channel?id=1", None),
        ("https://user:secret@evil.example/", None),
        ("https://evil.example/a b", None),
        ("https://evil.example/<!channel>", None),
        ("https://", None),
        ("https://[::1", None),
        ("https://a.example/" + "x" * 3_000, None),
        ("", None),
    ],
)
def test_a_runbook_is_an_address_that_a_browser_opens_or_none(told, wanted):
    """Nothing else becomes a button."""
    assert runbook_address({"runbook_url": told}) == wanted


def test_a_button_opens_the_alert_where_the_public_address_is_known():
    """In every state, last: it does nothing to the alert."""
    message = msgspec.structs.replace(MESSAGE, open_url="https://owl.example/alerts/8")

    for changes, _, allowed in STATES:
        blocks = checked(render(a_card(**changes), message).blocks)
        [row] = [block["elements"] for block in blocks if block["type"] == "actions"]
        assert [each["action_id"] for each in row] == [*(f"nightowl_{each}" for each in allowed), "nightowl_open"]
        assert (row[-1]["text"]["text"], row[-1]["url"]) == ("Open", "https://owl.example/alerts/8")


def test_a_button_says_tenant_alert_and_delivery():
    """What it changes is looked up, never told by the button."""
    [actions] = [each for each in json.loads(body(a_card())) if each["type"] == "actions"]

    assert {each["value"] for each in actions["elements"]} == {f"acme:{UUID(int=8)}:{UUID(int=7)}"}


def test_the_known_fix_is_told_with_how_it_was_found():
    """Title, what helped, and the runbook."""
    card = a_card(
        match_kind="pattern", fix_title="Disk of <db1>", fix_solution="grow it\nthen rest", fix_runbook="Disks"
    )

    told = body(card)

    assert "*Known fix* (fits an error pattern): Disk of &lt;db1&gt;\\ngrow it\\nthen rest\\nRunbook: Disks" in told


def test_counts_are_coarse_so_that_a_storm_of_repeats_is_few_edits():
    """Between two milestones nothing changes."""
    digests = {render(a_card(occurrence_count=count), MESSAGE).digest for count in range(10, 100)}

    assert len(digests) == 1
    assert "at least 10 times" in body(a_card(occurrence_count=99))


def test_whom_it_went_to_is_told():
    """By name, in order."""
    assert "*paged*\\nAlice, Bob, C0OPS" in body(a_card(paged=["Alice", "Bob", "C0OPS"]))


def test_a_repeat_stays_marked_when_it_is_edited():
    """It may still be the second copy."""
    message = Shown(tenant="acme", delivery_id=UUID(int=7), is_repeat=True)

    assert render(a_card(), message).text.startswith("REPEAT: [CRITICAL] Disk full")
    assert "sent again" in body(a_card(), is_repeat=True)


@given(HOSTILE, HOSTILE, HOSTILE, st.dictionaries(HOSTILE, HOSTILE, max_size=12), st.sampled_from(STATES))
def test_a_message_is_valid_and_mentions_nobody_whatever_the_alert_says(title, words, name, labels, state):
    """Slack's limits hold, the SDK's own validation passes, and no bracket of the sender's is left."""
    changes = {**state[0], "resolution": words, "assignee": name, "paged": [name] * 20}
    card = a_card(
        title=title, description=words, labels=labels, source=name, fix_title=title, fix_solution=words,
        fix_runbook=name, **changes,
    )  # fmt: skip

    message = render(card, MESSAGE)

    assert 0 < len(message.text) <= 3_000
    blocks = checked(message.blocks)
    assert not {"<", ">"} & set(message.text + json.dumps(blocks))
    assert len(blocks) <= 50
    for block in blocks:
        assert len(block.get("text", {"text": ""})["text"]) <= 3_000
        assert all(len(field["text"]) <= 2_000 for field in block.get("fields", []))


@given(
    st.sampled_from([*TOLD_KINDS, *NOISY_KINDS, "unheard_of"]), HOSTILE, st.one_of(HOSTILE, st.integers(), st.none())
)
def test_a_post_is_short_and_mentions_nobody_whatever_the_timeline_says(kind, words, odd):
    """Each kind, with evidence of any form."""
    evidence = dict.fromkeys(
        ["text", "reason", "resolution", "until", "why", "assignee_id", "user_id", "from", "to", "occurrence_count"],
        words,
    )
    post = a_post(kind, **evidence, tier=odd, recipients=[words] * 30, told=odd)

    text = post_text(post, {str(BOB): words}, is_repeat=True)

    assert not {"<", ">"} & set(text)
    assert text.startswith("REPEAT: ")
    assert len(text) <= 3_000


def test_recipients_are_named():
    """Ids are for machines."""
    post = a_post("escalated", tier=1, recipients=[f"user:{BOB} over sms", "channel:C0OPS over slack_channel"])

    assert post_text(post, {str(BOB): "Bob"}) == "📣 Escalated to tier 2: paged Bob over sms, C0OPS over slack_channel."


@pytest.mark.parametrize(
    ("kind", "changes", "asks"),
    [
        ("resolved", {"status": "resolved"}, True),
        ("resolved", {"status": "resolved", "fix_title": "Known"}, False),
        ("resolved", {"status": "firing"}, False),
        ("acknowledged", {"status": "resolved"}, False),
    ],
)
def test_only_the_end_of_an_unknown_alert_asks_for_knowledge(kind, changes, asks):
    """Not when it has been opened again meanwhile."""
    blocks = post_blocks(a_post(kind), "told", a_card(**changes), tenant="acme")

    assert (blocks is not None) == asks
    assert not asks or f"acme:{UUID(int=8)}:-" in json.dumps(checked(blocks))

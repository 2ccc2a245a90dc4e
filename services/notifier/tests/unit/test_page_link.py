"""The page behind a link: what it says in each state, in which order, and that alert text stays text."""

import re
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nightowl_alerting.linked import KnownFix, LinkedPage
from nightowl_alerting.model import Alert
from nightowl_contracts import Actor
from nightowl_notifier.api.pages import sentences
from nightowl_notifier.api.pages.coming import LastWord, NextTier, NobodyNext, NotKnown
from nightowl_notifier.api.pages.sheet import fitted, render
from nightowl_notifier.api.pages.views import EXPIRED, NO_LINK, Away, Settled, Void, Waiting

NOW = datetime(2026, 1, 15, 1, 26, tzinfo=UTC)
ALICE = Actor(kind="user", id="alice", name="Alice <b>")
BOB = NextTier(tier=2, names=["Bob Meier"], at=NOW + timedelta(minutes=4), is_same=False)
MOST_BYTES = 15_000
FIX = KnownFix(
    incident_id=UUID(int=3), title="Disk of the primary is full", cause="WAL is kept for a dead replica",
    solution="1. Look:\n   `psql -c 'select *  from pg_replication_slots'`\n2. Drop the slot", runbook_id=UUID(int=4),
    runbook="Postgres disk",
)  # fmt: skip
HOSTILE = "</title></pre><script>alert(1)</script><form action=//evil.example><img src=x onerror=y>&amp;"


def an_alert(**changes) -> Alert:
    usual = {
        "id": UUID(int=8), "fingerprint": "f", "episode": 1, "status": "firing", "severity": "critical",
        "source": "alertmanager", "title": "Disk full on db1", "description": "90 %\nand rising",
        "labels": {"alertname": "DiskFull", "host": "db1", "cluster": "prod-eu"}, "match_kind": "fingerprint",
        "occurrence_count": 41, "first_fired_at": NOW - timedelta(minutes=12), "last_fired_at": NOW,
        "escalation_state": "pending", "escalation_reason": "policy version 1", "tier": 1,
    }  # fmt: skip
    return Alert(**{**usual, **changes})


def a_page(alert: Alert | None = None, **changes) -> LinkedPage:
    usual = {
        "alert": alert or an_alert(), "recipient": "user:alice", "channel": "sms", "is_repeat": False,
        "created_at": NOW - timedelta(minutes=11), "followers": 0, "person": "Alice", "timezone": "Europe/Berlin",
        "service": "payments", "cluster": "prod-eu", "namespace": "checkout", "due_at": NOW + timedelta(minutes=4),
        "fix": FIX,
    }  # fmt: skip
    return LinkedPage(**{**usual, **changes})


def waiting(page: LinkedPage | None = None, coming=BOB) -> str:
    return render(Waiting(page=page or a_page(), coming=coming, now=NOW))


class Reader(HTMLParser):
    """What a browser makes of a page: its tags, its addresses, and the text outside of the style."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag, attrs) -> None:
        """A tag begins."""
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data) -> None:
        """Text."""
        self.text += "" if self.tags[-1:] == ["style"] else f"{data}|"


def test_the_questions_are_answered_before_the_button_in_order():
    """What, since when, where, who is next and when, and what helped; by the clock of the person."""
    told = Reader(waiting()).text

    answers = [
        "CRITICAL", "Disk full on db1", "02:14 CET, 12 min ago, seen 41 times",
        "payments · cluster prod-eu · namespace checkout · told by alertmanager", "Bob Meier in 4 min (02:30 CET), L2",
        "Known fix: Disk of the primary is full", "the same problem", "Cause: WAL is kept for a dead replica",
        "select *  from pg_replication_slots", "|Acknowledge|", "90 %\nand rising", "host|db1",
        "Open the alert in NightOwl",
    ]  # fmt: skip
    places = [told.find(each) for each in answers]
    assert -1 not in places
    assert places == sorted(places)


def test_what_the_alert_says_stands_in_for_a_fix_that_nobody_knows():
    """Before the button, with the lack said."""
    told = Reader(waiting(a_page(fix=None))).text

    assert told.index("90 %\nand rising") < told.index("No fix is known yet.") < told.index("Acknowledge")
    assert "No fix is known yet." in waiting(a_page(an_alert(description=None), fix=None))


def test_the_button_is_a_form_and_nothing_else_acts():
    """GET never acknowledges, and no script runs."""
    page = Reader(waiting())

    assert '<form method="post"><button type="submit">Acknowledge</button></form>' in waiting()
    assert page.tags.count("form") == 1
    assert {name for name, _ in page.attributes} <= {
        "lang",
        "charset",
        "name",
        "content",
        "class",
        "method",
        "type",
        "href",
    }


@pytest.mark.parametrize(
    ("coming", "next_is", "spared"),
    [
        (BOB, "Bob Meier in 4 min (02:30 CET), L2", "L2 will not be called: Bob Meier would have been next."),
        (
            NextTier(tier=1, names=["Alice"], at=NOW + timedelta(hours=30), is_same=True),
            "you again in 1 d (Fri 16 Jan 08:26 CET), L1",
            "You will not be called again.",
        ),
        (
            NextTier(tier=3, names=["A", "B", "C", "D", "the channel"], at=NOW, is_same=False),
            "A, B, C and 2 more now, L3",
            "L3 will not be called: A, B, C and 2 more would have been next.",
        ),
        (
            LastWord(names=["Carol"], at=NOW + timedelta(seconds=30)),
            "the admins (Carol) in 30 s (02:26 CET): no tier is left",
            "The admins will not be called.",
        ),
        (NobodyNext(reason="muted by silence “deploy”"), "nobody: muted by silence “deploy”", "Nobody else will be called."),
        (NotKnown(), "could not be worked out just now; the escalation goes on", "Nobody else will be called."),
    ],
)  # fmt: skip
def test_who_is_next_is_told_and_who_sleeps_on(coming, next_is, spared):
    """With the name, the time on the reader's clock, and the tier."""
    assert sentences.who_is_next(coming, a_page(), NOW) == next_is
    assert sentences.spared(coming) == spared
    assert next_is in Reader(waiting(coming=coming)).text


def test_a_snoozed_alert_says_until_when():
    """Nobody is called before."""
    page = a_page(an_alert(snoozed_until=NOW + timedelta(hours=2), escalation_state="snoozed"))

    told = sentences.who_is_next(NobodyNext(reason="snoozed"), page, NOW)

    assert told == "nobody: snoozed until 04:26 CET"


def test_a_taken_alert_says_by_whom_and_keeps_the_fix():
    """It is read then as well; there is nothing to press."""
    alert = an_alert(status="acknowledged", acknowledged_by=ALICE, acknowledged_at=NOW - timedelta(minutes=1))
    page = Reader(render(Settled(page=a_page(alert), words="This was acknowledged already, by Alice <b>.", now=NOW)))

    assert "Taken|Alice <b>, 02:25 CET" in page.text
    assert "This was acknowledged already, by Alice <b>." in page.text
    assert "Drop the slot" in page.text
    assert "Open the alert in NightOwl" in page.text
    assert "Next" not in page.text
    assert "form" not in page.tags


def test_a_resolved_alert_says_by_whom_and_how():
    """And when."""
    alert = an_alert(status="resolved", resolved_by=ALICE, resolved_at=NOW, resolution="grew the disk\nagain")
    page = Reader(render(Settled(page=a_page(alert), words="This alert is resolved already.", now=NOW)))

    assert "Resolved|Alice <b>, 02:26 CET" in page.text
    assert "How it was resolved|grew the disk\nagain" in page.text
    assert "form" not in page.tags


def test_a_repeat_and_a_message_about_many_say_so():
    """The button takes one alert, and one answer is enough."""
    told = Reader(waiting(a_page(is_repeat=True, followers=2))).text

    assert "sent again: nobody can say whether the first one arrived" in told
    assert "told of 3 alerts. This is its first, and the button takes this one alone." in told
    assert "Open the others" in told


@pytest.mark.parametrize(
    ("view", "said", "address"),
    [
        (Void(status=404, words=NO_LINK), NO_LINK, "/"),
        (Void(status=410, words=EXPIRED, alert_id=UUID(int=8)), EXPIRED, f"/alerts/{UUID(int=8)}"),
        (Away(has_pressed=False), "NightOwl cannot reach its database just now.", ""),
    ],
)
def test_a_link_that_shows_nothing_says_why_and_where_to_go_on(view, said, address):
    """Without a button to press."""
    page = Reader(render(view))

    assert said in page.text
    assert ("href", address) in page.attributes
    assert "form" not in page.tags


def test_a_press_that_may_be_lost_can_be_done_again():
    """Nobody is told that it was recorded, or that somebody else is called meanwhile."""
    page = Reader(render(Away(has_pressed=True)))

    assert "Press again: pressing twice does no harm." in page.text
    assert "call your colleagues yourself" in page.text
    assert page.tags.count("form") == 1


def test_alert_text_is_text_and_nothing_else():
    """Every text that comes from outside, at once."""
    labels = {HOSTILE[:60]: HOSTILE, "host": HOSTILE}
    alert = an_alert(title=HOSTILE, description=HOSTILE, source=HOSTILE, labels=labels, resolution=HOSTILE)
    fix = KnownFix(incident_id=UUID(int=3), title=HOSTILE, cause=HOSTILE, solution=HOSTILE, runbook=HOSTILE)
    page = a_page(alert, fix=fix, service=HOSTILE, cluster=HOSTILE, namespace=HOSTILE)
    coming = NextTier(tier=2, names=[HOSTILE], at=NOW, is_same=False)

    seen = Reader(waiting(page, coming))

    assert not {"script", "img"} & set(seen.tags)
    assert seen.tags.count("form") == seen.tags.count("pre") == 1
    assert seen.text.count("<script>alert(1)</script>") >= 7


def test_a_runbook_of_the_sender_is_a_link_when_a_browser_opens_it():
    """As in Slack; nothing else becomes an address."""
    good, bad = ({"runbook_url": each} for each in ("https://wiki.example/disk?a=1&b=2", "javascript:alert(1)"))

    assert ("href", "https://wiki.example/disk?a=1&b=2") in Reader(
        waiting(a_page(an_alert(annotations=good)))
    ).attributes
    assert "javascript" not in waiting(a_page(an_alert(annotations=bad)))


@pytest.mark.parametrize("is_settled", [True, False])
@pytest.mark.parametrize("text", ["&" * 4_000, "<" * 4_000, "\N{OWL}" * 4_000, "ß \n" * 1_500, "x" * 4_000])
def test_the_page_stays_below_15_kilobytes(text, is_settled):
    """Whatever the alert, the knowledge base and the roster say."""
    labels = {f"{place}{text[:90]}": text for place in range(40)}
    notes = {"runbook_url": f"https://wiki.example/{'a&' * 240}"}
    alert = an_alert(title=text, description=text, source=text, labels=labels, annotations=notes, resolution=text)
    fix = msgspec.structs.replace(FIX, title=text, cause=text, solution=text, runbook=text)
    page = a_page(alert, fix=fix, service=text, cluster=text, is_repeat=True, followers=500)
    coming = NextTier(tier=2, names=[text[:200]] * 3, at=NOW, is_same=False)

    view = Settled(page=page, words=text, now=NOW) if is_settled else Waiting(page=page, coming=coming, now=NOW)

    assert len(render(view).encode()) <= MOST_BYTES


@given(st.text(max_size=200), st.integers(3, 60))
def test_fitting_keeps_the_room_and_the_start(text, room):
    """In bytes of HTML."""
    made = fitted(text.encode("utf-8", "ignore").decode(), room)

    assert sum({"&": 5, "<": 4, ">": 4}.get(each) or len(each.encode()) for each in made) <= room
    assert text.startswith(made.removesuffix("…")) or made == text


@pytest.mark.parametrize(
    ("zone", "told"),
    [("Asia/Kathmandu", "07:11 +0545"), ("America/New_York", "Wed 14 Jan 20:26 EST"), (None, "01:26 UTC"), ("Mars/Base", "01:26 UTC")],
)  # fmt: skip
def test_times_are_on_the_readers_clock_with_its_zone(zone, told):
    """Where nobody is known, UTC; the day where it is another one than the reader's."""
    now = NOW + timedelta(hours=4) if zone == "America/New_York" else NOW

    assert sentences.clock_time(NOW, now, a_page(timezone=zone)) == told


@pytest.mark.parametrize(
    ("seconds", "told"), [(-3, "0 s"), (59, "59 s"), (60, "1 min"), (3_599, "59 min"), (12_000, "3 h 20 min"), (200_000, "2 d")]
)  # fmt: skip
def test_a_length_of_time_is_one_or_two_units(seconds, told):
    """Short enough for a glance."""
    assert sentences.length(timedelta(seconds=seconds)) == told


def test_the_style_is_the_one_that_the_policy_allows():
    """One sheet, no other origin."""
    text = waiting()

    assert len(re.findall("<style>", text)) == 1
    assert "style=" not in text
    assert "http" not in text.partition("</style>")[0]

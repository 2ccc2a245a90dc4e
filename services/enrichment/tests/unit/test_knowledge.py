"""Which incident an alert is about, and what a resolved alert teaches."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nightowl_alerting.knowledge.model import IncidentContent
from nightowl_contracts import Actor, AgentReport
from nightowl_enrichment.engine import PatternBook, choose, learn, title_class, words_of
from nightowl_enrichment.model import Candidate, ResolvedAlert, StoredPattern

ONE, TWO, NEW = UUID(int=1), UUID(int=2), UUID(int=9)
NOW = datetime(2026, 3, 14, tzinfo=UTC)


def a_candidate(incident_id: UUID = ONE, *, rank: float = 0.9, count: int = 0, trust: float = 1.0) -> Candidate:
    return Candidate(incident_id=incident_id, title="t", rank=rank, resolution_count=count, trust=trust)


def a_resolved_alert(**changes) -> ResolvedAlert:
    given = {
        "id": NEW, "fingerprint": "fp", "title": "Disk full", "description": "d", "severity": "major",
        "labels": {"service": "db", "cluster": ""}, "agent": None, "first_fired_at": NOW,
        "resolved_at": NOW + timedelta(minutes=3), "resolved_by": Actor(kind="user", id="u", name="U"),
        "resolution": None, "incident_id": None,
    }  # fmt: skip
    return ResolvedAlert(**{**given, **changes})


@pytest.mark.parametrize(
    ("title", "wanted", "words"),
    [
        ("Pod payments-6f7d9c8b5-x2x7k crash looping", "pod payments-#-# crash looping", "pod payments crash looping"),
        ("Job 0199c3a4-7b01-7c21-9d3e-5f0a1b2c3d01  failed", "job # failed", "job failed"),
        ("p99 above 2 s on db-12", "p# above # s on db-#", "above s on db"),
        ("Commit deadbeef99 broke it", "commit # broke it", "commit broke it"),
        ("", "", ""),
    ],
)
def test_titles_of_one_problem_have_one_class(title: str, wanted: str, words: str) -> None:
    """Ids, hashes and numbers do not make a title another one, and are not searched for."""
    assert title_class(title) == wanted
    assert words_of(wanted) == words


@given(st.text())
def test_any_text_has_a_class(title: str) -> None:
    """Whatever a sender calls its alert; a class is its own class, and searches stay short."""
    found = title_class(title)

    assert title_class(found) == found
    assert len(words_of(found).split()) <= 12


def test_the_best_candidate_above_the_threshold_wins() -> None:
    """Rank first, then what helped more often; nothing below the threshold."""
    assert choose([], threshold=0.3) is None
    assert choose([a_candidate(rank=0.29)], threshold=0.3) is None
    best = choose([a_candidate(ONE, rank=0.5), a_candidate(TWO, rank=0.5, count=3)], threshold=0.3)
    assert best is not None
    assert (best.incident_id, best.kind, best.score) == (TWO, "text", 0.5)


def test_what_did_not_help_sinks_but_never_vanishes() -> None:
    """Votes order what is good enough; they neither hide an answer nor change how sure it is told to be."""
    doubted, plain = a_candidate(ONE, rank=0.5, count=9, trust=0.5), a_candidate(TWO, rank=0.4)

    best, alone = choose([doubted, plain], threshold=0.3), choose([doubted], threshold=0.3)

    assert best is not None
    assert alone is not None
    assert (best.incident_id, alone.incident_id, alone.score) == (TWO, ONE, 0.5)


def test_patterns_are_tried_in_their_order() -> None:
    """The first one that fits wins, over more patterns than one automaton holds; what is none is passed over."""
    stored = [StoredPattern(incident_id=ONE, title="t", pattern=f"never-{n}") for n in range(150)]
    stored += [StoredPattern(incident_id=ONE, title="bad", pattern="(")]
    stored += [StoredPattern(incident_id=TWO, title="hit", pattern=r"OOM\w+")]
    book = PatternBook(stored)

    assert book.find("nothing") is None
    match = book.find("Container OOMKilled")
    assert match is not None
    assert (match.incident_id, match.kind) == (TWO, "pattern")
    assert PatternBook([]).find("x") is None


def test_a_resolved_alert_teaches_what_it_can() -> None:
    """Known: counted. An agent's: written. A person's: asked for. A source's own: nothing."""
    report = AgentReport(agent_id="fixer", action_taken="restarted", action_result="ok", auto_resolved=True)
    source = Actor(kind="source", id="alertmanager", name="alertmanager")

    assert learn(a_resolved_alert(incident_id=ONE, agent=report)) == ONE
    assert learn(a_resolved_alert()) == "wanted"
    assert learn(a_resolved_alert(resolved_by=source)) == "nothing"
    lesson = learn(a_resolved_alert(agent=report, resolved_by=source))
    assert isinstance(lesson, IncidentContent)
    assert (lesson.fingerprints, lesson.services, lesson.clusters) == (["fp"], ["db"], [])
    assert lesson.solution == "restarted\n\nok"


def test_an_alert_that_silence_has_ended_teaches_nothing() -> None:
    """Known or not: how long nobody spoke of it is no time to mend anything."""
    nightowl = Actor(kind="service", id="escalation", name="escalation")

    assert learn(a_resolved_alert(incident_id=ONE, resolved_by=nightowl)) == "nothing"
    assert learn(a_resolved_alert(resolved_by=nightowl)) == "nothing"

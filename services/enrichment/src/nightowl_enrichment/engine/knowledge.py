"""Which incident an alert is about. Pure.

A title's class is the title without what differs from one alert to the next, so that a thousand pods that crash ask
the knowledge base once.
"""

import re
from collections.abc import Sequence
from typing import Literal
from uuid import UUID

import re2

from nightowl_alerting.knowledge.model import IncidentContent
from nightowl_contracts import AgentReport
from nightowl_enrichment.model import Candidate, Match, ResolvedAlert, StoredPattern

MAX_WORDS = 12
PATTERNS_PER_SET = 100
PEOPLE = frozenset({"user", "api_key", "provider"})
"""A provider's callback is a person's answer."""

_UUID = re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b")
_CODE = re.compile(r"\b(?=[a-z]*[0-9])[0-9a-z]{5,}\b")
_DIGITS = re.compile(r"[0-9]+")
_SPACE = re.compile(r"\s+")
_WORD = re.compile(r"[\w#]+")


def title_class(title: str) -> str:
    """The title in lower case, with `#` for ids, hashes and numbers."""
    plain = _UUID.sub("#", title.lower())
    return _SPACE.sub(" ", _DIGITS.sub("#", _CODE.sub("#", plain))).strip()


def words_of(class_of_title: str) -> str:
    """What the full-text search asks for: the words of a class that say something, in order, each once."""
    words = [each for each in _WORD.findall(class_of_title) if "#" not in each]
    return " ".join(list(dict.fromkeys(words))[:MAX_WORDS])


def choose(candidates: Sequence[Candidate], *, threshold: float) -> Match | None:
    """The best candidate, if it is good enough; among equals the one that has helped most often, then the newest.

    Votes that it did not help let a candidate sink below others, but never out of sight: how well the words fit is not
    theirs to say.
    """
    fitting = [each for each in candidates if each.rank >= threshold]
    if not fitting:
        return None
    best = max(fitting, key=lambda each: (each.rank * each.trust, each.resolution_count, each.incident_id))
    return Match(incident_id=best.incident_id, title=best.title, kind="text", score=round(min(best.rank, 1.0), 4))


class PatternBook:
    """All error patterns of a tenant, tried together: linear in the text, whatever the patterns are."""

    def __init__(self, stored: Sequence[StoredPattern]) -> None:
        parts = [stored[start : start + PATTERNS_PER_SET] for start in range(0, len(stored), PATTERNS_PER_SET)]
        self._sets = [each for each in map(_compile, parts) if each[0]]

    def find(self, text: str) -> Match | None:
        """The incident of the first pattern that fits; the most proven ones come first."""
        for patterns, compiled in self._sets:
            fitting = compiled.Match(text)
            if fitting:
                found = patterns[min(fitting)]
                return Match(incident_id=found.incident_id, title=found.title, kind="pattern", score=1.0)
        return None


def _compile(stored: Sequence[StoredPattern]) -> tuple[list[StoredPattern], re2.Set]:
    """One automaton; a pattern that is none any more is left out."""
    options = re2.Options()
    options.max_mem = 16 << 20
    options.log_errors = False
    compiled = re2.Set.SearchSet(options)
    taken: list[StoredPattern] = []
    for each in stored:
        try:
            compiled.Add(each.pattern)
        except re2.error:
            continue
        taken.append(each)
    compiled.Compile()
    return taken, compiled


def learn(alert: ResolvedAlert) -> UUID | IncidentContent | Literal["wanted", "nothing"]:
    """What a resolved alert teaches: the incident to count it for, a new entry from an agent's work, or a question.

    A source that ends its own alert teaches nothing: nobody did anything. Nor does one that silence has ended, whatever
    it was about: how long it took says nothing.
    """
    if alert.resolved_by.kind == "service":
        return "nothing"
    if alert.incident_id is not None:
        return alert.incident_id
    if alert.agent is not None and alert.agent.auto_resolved:
        return _lesson(alert, alert.agent)
    return "wanted" if alert.resolved_by.kind in PEOPLE else "nothing"


def _lesson(alert: ResolvedAlert, agent: AgentReport) -> IncidentContent:
    def labelled(name: str) -> list[str]:
        return [alert.labels[name][:200]] if alert.labels.get(name) else []

    done = [each for each in (agent.action_taken, agent.action_result) if each]
    return IncidentContent(
        title=alert.title[:500],
        fingerprints=[alert.fingerprint],
        severity=alert.severity,
        services=labelled("service"),
        clusters=labelled("cluster"),
        namespaces=labelled("namespace"),
        symptoms=(alert.description or "")[:20_000],
        solution="\n\n".join(done)[:20_000],
        tags=["agent"],
    )

"""The knowledge base of Acme: entries with their history, what they have helped with, and runbooks."""

import random
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

import msgspec

from nightowl_alerting.knowledge.merging import diff
from nightowl_alerting.knowledge.model import IncidentContent
from nightowl_alerting.model import Alert, Entry
from nightowl_cli.demo.catalogue import Knowledge, Problem, Signal, articles, problems, signal
from nightowl_cli.demo.people import CAST, People
from nightowl_cli.demo.rows import Rows
from nightowl_cli.demo.votes import cast_votes
from nightowl_contracts import Actor
from nightowl_enrichment.engine import PatternBook, learn
from nightowl_enrichment.model import Match, ResolvedAlert, StoredPattern

_RUNBOOKS = (
    "A deployment does not come up", "Payments are failing", "A node is not ready", "A disk fills up",
    "A consumer falls behind", "Customers see errors", "A backup is missing", "A tunnel is down",
)  # fmt: skip

_STEPS = """## First, for the customers

1. Is anybody hurt? Look at the first page of NightOwl and at the status page.
2. If so, write one line in the channel of the incident and take the alert.

## Then, for the cause

- [ ] What changed in the last hour? `./bin/changes --since 1h`
- [ ] Is it one cluster or all of them?
- [ ] Is it in the knowledge base? The alert shows its known fix.

## When it is over

Write what helped as the resolution. If it is new, make an entry of it.
"""


_FIRST_TWO = range(2)
"""The instances of a problem whose fingerprints its entry holds; others are found by their words."""

_LEARNED_LATER = 0.4
"""How much of what is known about problems was learned in the course of the play."""


class Article(msgspec.Struct, frozen=True, kw_only=True):
    """An entry and since when it is there. `promoted` waits for an alert to be written from."""

    id: UUID
    content: IncidentContent
    made: datetime
    author: Actor
    problem: str | None = None
    is_promoted: bool = False
    is_archived: bool = False
    origin: Literal["person", "agent"] = "person"


class Library:
    """Finds the entry that an alert is about, as it was known then, and counts what it has helped with."""

    def __init__(self, rows: Rows, articles: Iterable[Article]) -> None:
        self._rows = rows
        self.articles = list(articles)
        self._by_problem = {each.problem: each for each in self.articles if each.problem is not None}
        self._helped: dict[UUID, list[ResolvedAlert]] = {}
        self._last: dict[UUID, UUID] = {}
        self._lessons: dict[str, UUID] = {}

    def match(self, found: Signal, at: datetime) -> Match | None:
        """By fingerprint, else by an error pattern; nothing that was written later."""
        article = self._by_problem.get(found.problem.name)
        if article is None or article.made > at:
            return None
        told = {"incident_id": article.id, "title": article.content.title, "score": 1.0}
        if found.fingerprint in article.content.fingerprints:
            return Match(kind="fingerprint", **told)  # type: ignore[arg-type]  # fields by name
        book = PatternBook([
            StoredPattern(incident_id=article.id, title=article.content.title, pattern=pattern)
            for pattern in article.content.error_patterns
        ])  # fmt: skip
        return book.find(f"{found.title}\n{found.description}")

    def learn(self, alert: Alert, problem: Problem) -> None:
        """What a resolved alert teaches, by the rule that holds for all tenants."""
        if alert.resolved_at is None or alert.resolved_by is None:
            return
        article = self._by_problem.get(problem.name)
        if article is not None and article.is_promoted and alert.resolved_at < article.made:
            self._last[article.id] = alert.id
        resolved = ResolvedAlert(
            id=alert.id, fingerprint=alert.fingerprint, title=alert.title, description=alert.description,
            severity=alert.severity, labels=alert.labels, agent=alert.agent, resolution=alert.resolution,
            resolved_at=alert.resolved_at, resolved_by=alert.resolved_by, first_fired_at=alert.first_fired_at,
            incident_id=alert.matched_incident_id or self._lessons.get(alert.fingerprint),
        )  # fmt: skip
        match learn(resolved):
            case UUID() as incident_id:
                self._count(resolved, incident_id)
            case IncidentContent() as lesson:
                self._count(resolved, self._write_down(resolved, lesson))
            case _:
                pass

    def _write_down(self, alert: ResolvedAlert, lesson: IncidentContent) -> UUID:
        """What an agent has done is an entry from then on."""
        made, author = alert.resolved_at, alert.resolved_by
        article = Article(id=self._rows.id(made), content=lesson, made=made, author=author, origin="agent")
        self.articles.append(article)
        self._lessons[alert.fingerprint] = article.id
        self._last[article.id] = alert.id
        return article.id

    def _count(self, alert: ResolvedAlert, incident_id: UUID) -> None:
        self._helped.setdefault(incident_id, []).append(alert)
        self._rows.add(
            "incident_resolutions", alert_id=alert.id, incident_id=incident_id, resolved_at=alert.resolved_at,
            minutes=alert.minutes,
        )  # fmt: skip

    def write(self, now: datetime) -> dict[UUID, UUID]:
        """All entries; returns which alerts they were written from: alert → incident."""
        origins = {}
        for each in self.articles:
            origin = self._last.get(each.id)
            if origin is not None:
                origins[origin] = each.id
                entry = Entry(kind="knowledge_written", actor=each.author, evidence={"incident_id": str(each.id)})
                self._rows.entry(origin, each.made, entry)
            self._write(each, origin, now)
        return origins

    def _write(self, article: Article, origin: UUID | None, now: datetime) -> None:
        rows, content, at = self._rows, article.content, article.made
        first = msgspec.structs.replace(content, solution=content.solution.partition("\n")[0])
        changes = diff(None, first) | ({} if origin is None else {"promoted_from": [None, origin]})
        versions = [(at, "created", changes)]
        if first != content:
            versions.append((min(at + timedelta(days=3), now), "updated", diff(first, content)))
        if article.is_archived:
            versions.append((min(at + timedelta(days=9), now), "archived", {"status": ["active", "archived"]}))
        for revision, (when, action, changed) in enumerate(versions, start=1):
            rows.add(
                "incident_history", incident_id=article.id, revision=revision, at=when, actor=article.author,
                action=action, diff=changed,
            )  # fmt: skip
            rows.audit(when, article.author, action, "incident", article.id, **changed)
        helped = sorted(self._helped.get(article.id, []), key=lambda each: each.resolved_at)
        votes = cast_votes(rows, article.id, content.title, helped, now=now)
        rows.add(
            "incidents", id=article.id, **msgspec.structs.asdict(content), origin=article.origin,
            status="archived" if article.is_archived else "active", **_statistics(helped, votes),
            revision=len(versions), created_at=at, updated_at=versions[-1][0],
        )  # fmt: skip
        for fingerprint in [] if article.is_archived else content.fingerprints:
            rows.add("incident_fingerprints", fingerprint=fingerprint, incident_id=article.id)


def _statistics(helped: list[ResolvedAlert], votes: list[bool]) -> dict[str, object]:
    """What an entry counts."""
    return {
        "resolution_count": len(helped),
        "last_resolved_at": helped[-1].resolved_at if helped else None,
        "last_resolved_by": helped[-1].resolved_by if helped else None,
        "avg_resolution_mins": sum(each.minutes for each in helped) / len(helped) if helped else None,
        "helped_count": sum(votes),
        "unhelpful_count": len(votes) - sum(votes),
    }


def collect(rows: Rows, chance: random.Random, people: People, *, begins: datetime, now: datetime) -> Library:
    """What is written, and when: half of it before the play begins, the rest when it was learned."""
    runbooks = _runbooks(rows, people, begins)
    written = [(each.knowledge, each) for each in problems() if each.knowledge is not None]
    found = []
    for knowledge, problem in [*written, *((each, None) for each in articles())]:
        is_new = problem is not None and chance.random() < _LEARNED_LATER
        share = chance.uniform(0.1, 0.8)
        at = begins + (now - begins) * share if is_new else begins + timedelta(hours=chance.uniform(4, 30))
        fingerprints = [] if problem is None else [signal(problem, each).fingerprint for each in _FIRST_TWO]
        found.append(
            Article(
                id=rows.id(at),
                content=_content(knowledge, problem, fingerprints, runbooks),
                made=at,
                author=people.actor(chance.choice(CAST).handle),
                problem=None if problem is None else problem.name,
                is_promoted=is_new,
                is_archived=knowledge.archived,
            )
        )
    return Library(rows, found)


def _content(
    knowledge: Knowledge, problem: Problem | None, fingerprints: list[str], runbooks: Mapping[str, UUID]
) -> IncidentContent:
    return IncidentContent(
        title=knowledge.title, severity=knowledge.severity if problem is None else problem.severity,
        category=knowledge.category, tags=knowledge.tags, fingerprints=fingerprints,
        services=knowledge.services if problem is None else [problem.service], symptoms=knowledge.symptoms,
        error_patterns=knowledge.patterns, root_cause=knowledge.cause, solution=knowledge.solution,
        postmortem_url=knowledge.postmortem,
        runbook_id=None if knowledge.runbook is None else runbooks[knowledge.runbook],
    )  # fmt: skip


def _runbooks(rows: Rows, people: People, begins: datetime) -> dict[str, UUID]:
    ids = {}
    for place, title in enumerate(_RUNBOOKS):
        at = begins + timedelta(hours=3, minutes=place)
        ids[title] = rows.id(at)
        rows.add(
            "runbooks", id=ids[title], title=title, markdown=_STEPS, category="on call", tags=["first hour"],
            created_at=at, updated_at=at,
        )  # fmt: skip
        rows.audit(at, people.actor("henrik"), "created", "runbook", ids[title], title=[None, title])
    return ids

"""What the knowledge base says about alerts that open: exact fingerprints first, then words, then error patterns.

Repeats never come here. Fingerprints are asked for once per transaction; what a title's class leads to is remembered
in the process and in Redis for 5 minutes, under the version of the tenant's knowledge, so a change of any incident
makes everything older unreachable. Redis decides nothing: what it holds could be found again.
"""

import asyncio
import hashlib
from collections import Counter, OrderedDict
from collections.abc import Sequence
from typing import TypeAlias

import msgspec

from nightowl_alerting.model import Alert, Change, Entry
from nightowl_alerting.transitions import NOBODY
from nightowl_common.cache import Cache
from nightowl_common.db import Tx
from nightowl_enrichment import store, telemetry
from nightowl_enrichment.engine import PatternBook, choose, title_class, words_of
from nightowl_enrichment.model import Known, Match
from nightowl_enrichment.settings import Settings

AGENT_RESOLVED = "agent_resolved"
REMEMBERED_CLASSES = 20_000
REMEMBERED_BOOKS = 200
REDIS_SECONDS = 300

Tally: TypeAlias = Counter[str]
_Key: TypeAlias = tuple[str, int, str]

_remembered: msgspec.json.Decoder[Match | None] = msgspec.json.Decoder(Match | None)


class Matcher:
    """Finds incidents for new alerts. One per process."""

    def __init__(self, *, cache: Cache, settings: Settings) -> None:
        self._cache = cache
        self._settings = settings
        self._classes: OrderedDict[tuple[str, str], tuple[int, Match | None]] = OrderedDict()
        self._books: OrderedDict[str, tuple[int, PatternBook]] = OrderedDict()

    async def annotate(self, tx: Tx, tenant: str, changes: Sequence[Change], *, tally: Tally) -> Sequence[Change]:
        """The changes, new alerts with the incident that they are about; `tally` counts hits by kind."""
        opened = [each.after for each in changes if each.before is None]
        tally[AGENT_RESOLVED] += sum(_is_mended(each) for each in changes)
        if not opened:
            return changes
        known = await store.load_known(tx, sorted({each.fingerprint for each in opened}))
        if known.version == 0:
            return changes
        by_class = await self._by_class(tx, tenant, known, opened)
        book = await self._book(tx, tenant, known.version)
        matches = {alert.id: _match(alert, known, by_class, book) for alert in opened}
        tally.update(match.kind for match in matches.values() if match is not None)
        return [each if each.before else _with_match(each, matches[each.after.id]) for each in changes]

    async def _by_class(self, tx: Tx, tenant: str, known: Known, opened: Sequence[Alert]) -> dict[str, Match | None]:
        unknown = [alert for alert in opened if alert.fingerprint not in known.by_fingerprint]
        keys = {title_class(alert.title): None for alert in unknown}
        wanted = [(tenant, known.version, each) for each in keys]
        missing = [key for key in wanted if not self._remembers(key)]
        if missing:
            await self._recall(missing)
            await self._search(tx, [key for key in missing if not self._remembers(key)])
        return {key[2]: self._match_of(key) for key in wanted}

    async def _recall(self, keys: Sequence[_Key]) -> None:
        """Asks Redis, for all at once: while it hangs, a transaction waits one time-out and not many."""
        bodies = await asyncio.gather(*(self._cache.get(_redis_key(key)) for key in keys))
        for key, body in zip(keys, bodies, strict=True):
            if body is not None:
                self._remember(key, _remembered.decode(body))

    async def _search(self, tx: Tx, keys: Sequence[_Key]) -> None:
        taken = keys[: self._settings.match_searches]
        telemetry.KB_SEARCHES_SKIPPED.inc(len(keys) - len(taken))
        if not taken:
            return
        found = await store.find_candidates(tx, [words_of(key[2]) for key in taken])
        for key, candidates in zip(taken, found, strict=True):
            self._remember(key, choose(candidates, threshold=self._settings.match_threshold))
        puts = ((_redis_key(key), msgspec.json.encode(self._match_of(key))) for key in taken)
        await asyncio.gather(*(self._cache.put(key, body, seconds=REDIS_SECONDS) for key, body in puts))

    def _remembers(self, key: _Key) -> bool:
        tenant, version, class_of_title = key
        held = self._classes.get((tenant, class_of_title))
        return held is not None and held[0] == version

    def _match_of(self, key: _Key) -> Match | None:
        tenant, _version, class_of_title = key
        return self._classes[tenant, class_of_title][1] if self._remembers(key) else None

    def _remember(self, key: _Key, match: Match | None) -> None:
        """What is found by a newer knowledge takes the place of what an older one found: nobody asks for that again."""
        tenant, version, class_of_title = key
        self._classes[tenant, class_of_title] = (version, match)
        if len(self._classes) > REMEMBERED_CLASSES:
            self._classes.popitem(last=False)

    async def _book(self, tx: Tx, tenant: str, version: int) -> PatternBook:
        held = self._books.get(tenant)
        if held is None or held[0] != version:
            held = (version, PatternBook(await store.list_patterns(tx)))
            self._books[tenant] = held
            if len(self._books) > REMEMBERED_BOOKS:
                self._books.popitem(last=False)
        return held[1]


def _is_mended(change: Change) -> bool:
    agent = change.after.agent
    return agent is not None and agent.auto_resolved and "resolved" in change.verbs


def _match(alert: Alert, known: Known, by_class: dict[str, Match | None], book: PatternBook) -> Match | None:
    exact = known.by_fingerprint.get(alert.fingerprint)
    if exact is not None:
        return exact
    return by_class[title_class(alert.title)] or book.find(f"{alert.title}\n{alert.description or ''}")


def _with_match(change: Change, match: Match | None) -> Change:
    if match is None:
        return change
    after = msgspec.structs.replace(
        change.after, matched_incident_id=match.incident_id, match_kind=match.kind, match_score=match.score
    )
    evidence: dict[str, object] = {
        "incident_id": str(match.incident_id), "title": match.title, "kind": match.kind, "score": match.score
    }  # fmt: skip
    entry = Entry(kind="kb_matched", actor=NOBODY, evidence=evidence)
    return msgspec.structs.replace(change, after=after, entries=[*change.entries, entry])


def _redis_key(key: _Key) -> str:
    tenant, version, class_of_title = key
    return f"{tenant}:kb:{version}:{hashlib.blake2b(class_of_title.encode(), digest_size=16).hexdigest()}"

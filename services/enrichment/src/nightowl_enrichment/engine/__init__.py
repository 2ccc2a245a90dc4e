"""What enrichment decides, without I/O: what is known about an alert, and what is kept of it."""

from nightowl_enrichment.engine.heartbeats import Patience, find_beats
from nightowl_enrichment.engine.knowledge import PatternBook, choose, learn, title_class, words_of
from nightowl_enrichment.engine.payloads import payloads_to_keep
from nightowl_enrichment.engine.plans import PlannedTenants

__all__ = [
    "Patience",
    "PatternBook",
    "PlannedTenants",
    "choose",
    "find_beats",
    "learn",
    "payloads_to_keep",
    "title_class",
    "words_of",
]

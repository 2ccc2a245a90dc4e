"""What enrichment decides, without I/O: where an alert belongs, and what is known about it."""

from nightowl_enrichment.engine.heartbeats import Patience, find_beats
from nightowl_enrichment.engine.knowledge import PatternBook, choose, learn, title_class, words_of
from nightowl_enrichment.engine.routing import payloads_to_keep, route_alert

__all__ = [
    "Patience",
    "PatternBook",
    "choose",
    "find_beats",
    "learn",
    "payloads_to_keep",
    "route_alert",
    "title_class",
    "words_of",
]

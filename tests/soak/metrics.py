"""What a service tells of itself at /metrics, as far as a soak looks at it."""

import aiohttp
from prometheus_client.parser import text_string_to_metric_families
from traffic import NETWORK

WANTED = {
    "nightowl_outbox_age_seconds": "outbox_age_s",
    "nightowl_spool_age_seconds": "spool_age_s",
    "nightowl_timers_overdue_seconds": "timers_overdue_s",
    "nightowl_ledger_open_findings": "ledger_findings",
    "nightowl_database_connections_used": "connections_used",
    "nightowl_streams_open": "streams_open",
    "nightowl_retention_rows_total": "retention_rows",
    "nightowl_sweeper_repairs_total": "sweeper_repairs",
    "nightowl_unexpected_errors_total": "unexpected_errors",
    "nightowl_loop_failures_total": "loop_failures",
    "nightowl_timers_postponed_total": "timers_postponed",
    "nightowl_deliveries_postponed_total": "deliveries_postponed",
    "nightowl_dead_letters_total": "dead_letters",
    "python_gc_objects_uncollectable_total": "uncollectable",
}
"""By the name that it has at /metrics; labels are added up, but for gauges of age, of which the highest counts."""


async def read_metrics(url: str) -> dict[str, float]:
    """The wanted ones, and `series`: how many there are in all, buckets apart. Empty when nobody answers."""
    try:
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5)) as session,
            session.get(f"{url}/metrics") as answer,
        ):
            text = await answer.text()
    except NETWORK:
        return {}
    return pick(text)


def pick(text: str) -> dict[str, float]:
    """The same from a text in Prometheus' format."""
    found: dict[str, float] = {}
    series = 0
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            series += not sample.name.endswith("_bucket")
            name = WANTED.get(sample.name)
            if name is None or sample.value != sample.value:  # not a number: not measured
                continue
            before = found.get(name, 0.0)
            found[name] = max(before, sample.value) if name.endswith("_s") else before + sample.value
    return {**found, "series": float(series)}

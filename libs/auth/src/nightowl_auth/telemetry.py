"""Metrics of those who are let in and of those who are not."""

from nightowl_common.telemetry import Counter

RATE_LIMITED = Counter(
    "nightowl_rate_limited_total", "Calls refused because a key or a tenant was over its rate.", ["kind"]
)
TOKENS_REFUSED = Counter(
    "nightowl_oidc_tokens_refused_total", "Bearer tokens of identity providers that were refused.", ["reason"]
)
FETCHES = Counter(
    "nightowl_oidc_fetches_total", "Calls to identity providers, by what and outcome.", ["what", "outcome"]
)

"""What callers look for, whatever it is: found as it is meant, or refused with the parameter named."""

import re
from datetime import UTC
from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

pytestmark = pytest.mark.integration

bounded = settings(max_examples=settings.default.max_examples // 3, suppress_health_check=list(HealthCheck))
LISTS = [
    "alerts", "alerts/facets", "incidents/search", "incidents", "groups", "audit-log", "silences", "users", "now", "rosters",
    "policies", "runbooks",
]  # fmt: skip
EVENTS = ["", "0", "ffffffff-ffff-7fff-bfff-ffffffffffff", "01995d6f-3c4e-7a10-9d2b-5f1f0c9e4a77", "x\\ny", "*"]

queries = st.text(max_size=30) | st.lists(
    st.sampled_from(["disk", '"', "-", "or", "OR", "'", ":*", "&", "|", "!", "(", ")", "<->", "\\", "ä", "🦉", "a'b", "%", "\x00", " "]),
    max_size=8,
).map(" ".join)  # fmt: skip
labels = st.builds(
    "{}{}{}".format,
    st.sampled_from(["env", "a b", "ä", ""]),
    st.sampled_from(["=", "!=", "=~", "!~"]),
    st.sampled_from(["", "(", "a)|(?:b", "***=a", "(?i)A", "[[:alpha:]]+", "a{2}", "\\d", "\\", "[", "a|b", "\x00", "$"]) | st.text(max_size=8),
)  # fmt: skip
parameters = st.fixed_dictionaries(
    {},
    optional={
        "q": queries,
        "label": st.lists(labels, max_size=3),
        "cursor": st.text(max_size=30),
        "after": st.datetimes(timezones=st.just(UTC)).map(lambda at: at.isoformat()) | st.text(max_size=10),
        "cluster": st.text(max_size=10),
        "holder": st.text(max_size=10),
        "not_source": st.text(max_size=10),
        "limit": st.integers() | st.text(max_size=5),
        "sort": st.sampled_from(["newest", "urgent", "x"]),
        "knowledge": st.sampled_from(["true", "false", "x", ""]),
        "format": st.sampled_from(["csv", "x"]),
    },
)


@bounded
@given(st.sampled_from(LISTS), parameters, st.sampled_from(["application/json", "text/csv"]))
async def test_any_search_is_answered_or_refused(manager, path, parameters, accept):
    """Words, labels, cursors and limits; as JSON and as a table."""
    answer = await manager.get(f"/api/v1/{path}?{urlencode(parameters, doseq=True)}", headers={"Accept": accept})

    assert answer.status_code in {200, 400, 422}, answer.text


@bounded
@given(
    st.sampled_from(EVENTS) | st.uuids().map(str) | st.from_regex(r"[ -~]{0,30}", fullmatch=True),
    st.none() | st.text(max_size=30),
)
async def test_a_stream_begins_wherever_it_is_to_begin(client, last, since):
    """Behind an event of ours, or anew."""
    query = {"seconds": "0"} | ({} if since is None else {"since": since})

    answer = await client.get(f"/api/v1/stream?{urlencode(query)}", headers={"Last-Event-ID": last})

    assert answer.status_code == (200 if since is None else answer.status_code)
    assert answer.status_code in {200, 400, 422}, answer.text


VALUES = ["", "a", "b", "ab", "ba", "aab", "b\n", "A", "x.y"]
patterns = st.recursive(
    st.sampled_from(["a", "b", ".", "[ab]", "[^a]", r"x\.y", "A", ""]),
    lambda inner: st.builds("({}|{})".format, inner, inner) | st.builds("{}{}".format, inner, inner)
    | st.builds("{}|{}".format, inner, inner) | st.builds("({}){}".format, inner, st.sampled_from(["*", "+", "?", "{2}"])),
    max_leaves=5,
)  # fmt: skip


@bounded
@given(st.sampled_from(["=", "!=", "=~", "!~"]), patterns)
@example("=~", "a)|(b")
@example("=~", "a)|(?:b")
async def test_a_label_is_looked_for_as_a_matcher_would(client, fire, database, tenant, operator, pattern):
    """The same alerts as by a rule's matcher, which is tried in Python; what is no pattern is refused."""
    async with database.tenant_tx(tenant) as tx:
        has_alerts = await tx.fetchval("SELECT count(*) FROM alerts")
    for place, value in enumerate(VALUES if not has_alerts else []):
        await fire(str(place))
        async with database.tenant_tx(tenant) as tx:
            await tx.execute("UPDATE alerts SET labels = $2 WHERE title = $1", str(place), {"env": value})

    answer = await client.get("/api/v1/alerts", params={"label": f"env{operator}{pattern}"})

    if not _is_pattern(pattern) and operator.endswith("~"):
        assert answer.status_code == 422, answer.text
        return
    fitting = re.compile(pattern, re.DOTALL).fullmatch if operator.endswith("~") else (lambda value: value == pattern)
    wanted = [str(place) for place, value in enumerate(VALUES) if bool(fitting(value)) != operator.startswith("!")]
    assert sorted(each["title"] for each in answer.json()["items"]) == wanted


def _is_pattern(text: str) -> bool:
    try:
        re.compile(text)
    except re.error:
        return False
    return True

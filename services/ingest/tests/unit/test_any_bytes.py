"""Whatever the bytes are: a reading or a 4xx, and what was read can be stored."""

from datetime import UTC, datetime
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nightowl_common.errors import NightOwlError
from nightowl_contracts import Actor, AlertsReceived, decode_event
from nightowl_ingest.api.openapi import (
    AGENT_EXAMPLE,
    ALERTMANAGER_EXAMPLE,
    GENERIC_EXAMPLE,
    GRAFANA_EXAMPLE,
    GRAFANA_LEGACY_EXAMPLE,
    KEEP_EXAMPLE,
    SIGNOZ_EXAMPLE,
    TRIAL_EXAMPLE,
)
from nightowl_ingest.engine import READERS, Call, cut_messages, read_payload, rejected_body
from nightowl_ingest.model import Limits, Reading

ID = UUID("01995d6f-3c4e-7a10-9d2b-5f1f0c9e4a77")
CALL = Call(
    receipt_id=ID,
    tenant="acme",
    key_id=ID,
    actor=Actor(kind="api_key", id="k", name="k"),
    source="generic",
    at=datetime(2026, 1, 1, tzinfo=UTC),
    trace="00-01995d6f3c4e7a109d2b5f1f0c9e4a77-9d2b5f1f0c9e4a77-00",
)

MAPPED = "mapped"
"""The generic source with a key that has a mapping."""

SOURCES = [*sorted(READERS), MAPPED]

scalars = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
    | st.sampled_from(["firing", "resolved", "critical", "\x00", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59-23:59"])
)  # fmt: skip
anything = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3), max_leaves=8
)
samples = st.sampled_from(
    [
        ("alertmanager", ALERTMANAGER_EXAMPLE),
        ("generic", GENERIC_EXAMPLE),
        ("generic", AGENT_EXAMPLE),
        ("generic", [GENERIC_EXAMPLE, AGENT_EXAMPLE]),
        ("generic", {"alerts": [GENERIC_EXAMPLE, AGENT_EXAMPLE]}),
        ("alertmanager", SIGNOZ_EXAMPLE),
        ("grafana", GRAFANA_EXAMPLE),
        ("grafana", GRAFANA_LEGACY_EXAMPLE),
        ("keep", KEEP_EXAMPLE),
        ("keep", [KEEP_EXAMPLE]),
        ("keep", {"alert": KEEP_EXAMPLE}),
        ("keep", {"alerts": [KEEP_EXAMPLE, KEEP_EXAMPLE]}),
        (MAPPED, TRIAL_EXAMPLE["payload"]),
    ]
)


@st.composite
def mangled_values(draw):
    """A valid payload with something else in some places."""
    source, payload = draw(samples)

    def mangle(value):
        if draw(st.integers(0, 7)) == 0:
            return draw(anything)
        match value:
            case dict():
                return {name: mangle(entry) for name, entry in value.items()}
            case list():
                return [mangle(entry) for entry in value]
            case _:
                return value

    return source, msgspec.json.encode(mangle(payload))


@st.composite
def mangled_bytes(draw):
    """A valid payload with bytes put in, taken out or cut off."""
    source, payload = draw(samples)
    body = msgspec.json.encode(payload)
    start = draw(st.integers(0, len(body)))
    stop = draw(st.integers(start, min(len(body), start + 20)))
    junk = draw(
        st.binary(max_size=6) | st.sampled_from([rb"\u0000", rb"\ud800", b"\x00", b"\xff", b"[" * 3000, b"1e999"])
    )
    return source, body[:start] + junk + body[stop:]


def read(source: str, body: bytes) -> Reading | NightOwlError:
    try:
        if source == MAPPED:
            return read_payload("generic", body, Limits(), TRIAL_EXAMPLE["mapping"])
        return read_payload(source, body, Limits(), {})
    except NightOwlError as error:
        return error


def check(source: str, body: bytes) -> None:
    reading = read(source, body)
    if isinstance(reading, NightOwlError):
        assert 400 <= reading.status < 500
        assert "\x00" not in rejected_body(body, reading).raw
        return
    indexes = sorted(each.index for each in [*reading.alerts, *reading.rejected])
    assert indexes == list(range(len(indexes)))
    for message in cut_messages(CALL, reading, new_id=lambda: ID):
        event = decode_event(message.body)
        assert isinstance(event, AlertsReceived)
        assert rb"\u0000" not in message.body.replace(rb"\\", b"")
        assert all(each.title and 0 < len(each.fingerprint) <= 256 for each in event.data.alerts)


@given(mangled_values())
def test_mangled_values_are_read_or_refused(payload):
    """Wrong types, wrong nesting, missing and surplus fields."""
    check(*payload)


@given(mangled_bytes())
def test_mangled_bytes_are_read_or_refused(payload):
    """Truncation, junk, NUL, half surrogates, depth."""
    check(*payload)


@given(st.sampled_from(SOURCES), st.binary())
def test_random_bytes_are_read_or_refused(source, body):
    """Nothing like JSON at all."""
    check(source, body)


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("size", [200, 990, 1_010, 100_000])
def test_depth_is_no_way_in(source, size):
    """Deep nesting is ignored where unknown fields are, or refused; it never ends the process."""
    check(source, b'{"title":"x","alerts":[{"title":"x","labels":{},"x":' + b"[" * size + b"]" * size + b"}]}")

"""Whatever the bytes are: a reading or a 4xx, and what was read can be stored."""

from datetime import UTC, datetime
from typing import get_args
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nightowl_auth import check_mapping, compile_mapping
from nightowl_auth.mapping import FIELDS
from nightowl_common.errors import InvalidError, NightOwlError
from nightowl_contracts import Actor, AlertsReceived, Severity, decode_event
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
from nightowl_ingest.engine import READERS, Call, cut_messages, read_payload, rejected_body, try_payload
from nightowl_ingest.engine.messages import MAX_MESSAGE_BYTES
from nightowl_ingest.engine.severity import resolve_severity
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
    | st.sampled_from([10**30, -(10**400), 1e308, -1e308, 5e-324, 2**63, 253402300800, -62135596801, "1" * 400, "nan", "-inf"])
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
    check_reading(body, read(source, body))


def check_reading(body: bytes, reading: Reading | NightOwlError) -> None:
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
        assert len(message.body) <= MAX_MESSAGE_BYTES
        assert all(each.title and 0 < len(each.fingerprint) <= 256 for each in event.data.alerts)


@given(mangled_values())
def test_mangled_values_are_read_or_refused(payload):
    """Wrong types, wrong nesting, missing and surplus fields."""
    check(*payload)


expressions = st.lists(
    st.sampled_from(["@", "title", "labels", "alerts", "*", ".", "[*]", "[]", "[0]", "|", "||", "{a: @}", "{a: @, b: *}",
                     "to_string(@)", "keys(@)", "values(@)", "`null`", "`1e999`", "`[1, {}]`", "'firing'", "to_number('1e400')",
                     "join(',', keys(@))", "length(@)", "sum([`1e308`, `1e308`])", "'9999-12-31T23:59:59-23:59'", "&title"]),
    min_size=1, max_size=4,
).map("".join)  # fmt: skip


@given(st.dictionaries(st.sampled_from(FIELDS), expressions, min_size=1, max_size=4), mangled_values())
def test_any_mapping_reads_or_refuses(mapping, payload):
    """Whatever a key's managers have made of it, and whatever then comes."""
    try:
        check_mapping(mapping)
    except InvalidError:
        return
    try:
        reading = read_payload("generic", payload[1], Limits(), mapping)
        assert msgspec.json.encode(try_payload(payload[1], Limits(), compile_mapping(mapping)))
    except NightOwlError as error:
        reading = error
    check_reading(payload[1], reading)


@given(mangled_values(), st.integers(0, 2))
def test_a_bad_alert_takes_no_neighbour_with_it(payload, place):
    """Whatever one alert of a list is, those before and after it are read as if it were not there."""
    source, body = payload
    good = {"alertmanager": ALERTMANAGER_EXAMPLE, "grafana": GRAFANA_EXAMPLE, "keep": {"alerts": [KEEP_EXAMPLE]}}.get(
        source, {"alerts": [GENERIC_EXAMPLE]}
    )["alerts"][0]
    source = "generic" if source == MAPPED else source
    neighbours = [msgspec.json.encode(good)] * 2

    alone = read(source, b'{"alerts":[%s]}' % b",".join(neighbours))
    among = read(source, b'{"alerts":[%s]}' % b",".join([*neighbours[:place], body, *neighbours[place:]]))

    assert isinstance(alone, Reading)
    assert isinstance(among, Reading)
    kept = [msgspec.structs.replace(each, index=0) for each in among.alerts if each.index != place]
    assert kept == [msgspec.structs.replace(each, index=0) for each in alone.alerts]


@given(samples, st.randoms(use_true_random=False))
def test_the_order_of_keys_means_nothing(sample, dice):
    """The same fingerprints, whatever order a sender's maps are written in."""
    source, payload = sample

    def shuffled(value):
        match value:
            case dict():
                names = list(value)
                dice.shuffle(names)
                return {name: shuffled(value[name]) for name in names}
            case list():
                return [shuffled(each) for each in value]
            case _:
                return value

    def fingerprints(value):
        reading = read(source, msgspec.json.encode(value))
        assert isinstance(reading, Reading)
        return [(each.fingerprint, each.severity, each.status, each.title) for each in reading.alerts]

    assert fingerprints(shuffled(payload)) == fingerprints(payload)


@given(st.none() | st.text(), st.dictionaries(st.text(), st.sampled_from(get_args(Severity)), max_size=3))
def test_every_severity_word_has_a_severity(word, own):
    """Unknown ones too; and its letters' case and the spaces around it mean nothing."""
    found = resolve_severity(word, own)

    assert found in get_args(Severity)
    if word is not None and word.upper().lower() == word.lower():
        assert resolve_severity(f" {word.upper()} ", own) == found


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


LARGE = {
    "bytes that are not UTF-8": b'"' + b"\xff" * 65_000 + b'"',
    "numbers that are written out": b"[" + b",".join([b"1e15"] * 3_400) + b"]",
}


@pytest.mark.parametrize("kind", LARGE)
@pytest.mark.parametrize(
    ("source", "frame"),
    [
        ("generic", b'{"title":"x","labels":{%s}}'),
        ("keep", b'{"name":"x","labels":{%s}}'),
        ("grafana", b'{"ruleName":"x","state":"alerting","tags":{%s}}'),
        ("alertmanager", b'{"alerts":[{"labels":{%s}}]}'),
    ],
)
def test_what_grows_while_it_is_read_still_fits_the_stream(source, frame, kind):
    """A mebibyte of it becomes up to four: such an alert is refused and listed, never accepted and then stuck."""
    pairs = [b'"k%d":%s' % (place, LARGE[kind]) for place in range(1_020_000 // len(LARGE[kind]))]

    check(source, frame % b",".join(pairs))


@pytest.mark.parametrize(
    ("source", "payload"),
    [
        ("generic", {"title": "x", "labels": {"cluster": "c" * 501}}),
        ("generic", {"title": "x", "agent_metadata": {"agent_id": "a" * 501}}),
        ("keep", {"name": "x", "labels": {"cluster": "c" * 501}}),
        ("grafana", {"ruleName": "x", "state": "alerting", "tags": {"cluster": "c" * 501}}),
        ("grafana", {"alerts": [{"labels": {"cluster": "c" * 501}}]}),
        ("alertmanager", {"alerts": [{"labels": {"cluster": "c" * 501}}]}),
    ],
)
def test_what_no_index_has_room_for_is_refused(source, payload):
    """Alerts are looked up by their cluster, and audit entries by the agent: longer ones could not be stored."""
    reading = read(source, msgspec.json.encode(payload))

    assert isinstance(reading, Reading)
    assert [each.reason for each in reading.rejected] == ["longer than 500 characters"]
    assert reading.rejected[0].field.endswith(("cluster", "agent_id"))

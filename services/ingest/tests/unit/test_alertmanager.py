"""What Alertmanager sends, and what it could send."""

from datetime import UTC, datetime

import msgspec
import pytest

from nightowl_common.errors import InvalidError, MalformedError, TooLargeError
from nightowl_ingest.engine import alertmanager
from nightowl_ingest.model import Limits

LIMITS = Limits()


def an_alert(**changes):
    given = {
        "status": "firing",
        "labels": {"alertname": "DiskFull", "severity": "critical", "instance": "db-1"},
        "annotations": {"summary": "Disk is full", "description": "97 % used"},
        "startsAt": "2026-03-01T03:04:05.678901234Z",
        "endsAt": "0001-01-01T00:00:00Z",
        "generatorURL": "http://prometheus/graph?g0.expr=up&x=1",
        "fingerprint": "8b1f3d0a9c2e4f56",
    }
    return {**given, **changes}


def a_group(*alerts, **changes):
    return msgspec.json.encode({"version": "4", "status": "firing", "alerts": list(alerts), **changes})


def read(*alerts, limits=LIMITS, **changes):
    return alertmanager.read(a_group(*alerts, **changes), limits)


def rejected(**changes):
    reading = read(an_alert(), an_alert(**changes))
    assert [each.index for each in reading.alerts] == [0]
    (item,) = reading.rejected
    assert item.index == 1
    return item


def test_an_alert_is_read_in_our_words():
    """Every field of Alertmanager's alert has its place."""
    (alert,) = read(an_alert()).alerts

    assert alert.title == "DiskFull"
    assert alert.severity == "critical"
    assert alert.status == "firing"
    assert alert.fingerprint == "8b1f3d0a9c2e4f56"
    assert alert.description == "Disk is full\n\n97 % used"
    assert alert.starts_at == datetime(2026, 3, 1, 3, 4, 5, 678901, UTC)
    assert alert.ends_at is None
    assert alert.labels["instance"] == "db-1"
    assert alert.generator_url == "http://prometheus/graph?g0.expr=up&x=1"


def test_each_alert_has_its_own_status():
    """A group that mixes firing and resolved is not flattened to the group's status."""
    reading = read(an_alert(), an_alert(status="resolved", endsAt="2026-03-01T04:00:00+01:00"), status="firing")

    assert [each.status for each in reading.alerts] == ["firing", "resolved"]
    assert reading.alerts[1].ends_at == datetime(2026, 3, 1, 3, tzinfo=UTC)


def test_severity_falls_back_to_the_common_labels():
    """Some templates carry the severity only in the group."""
    alert = an_alert(labels={"alertname": "X"})

    assert read(alert, commonLabels={"severity": "page"}).alerts[0].severity == "critical"
    assert read(alert).alerts[0].severity == "warning"


def test_the_fingerprint_is_made_from_the_labels_when_it_is_missing():
    """The same labels in another order are the same problem; other labels are another."""
    first, second, third = (
        read(an_alert(fingerprint=None, labels=labels)).alerts[0].fingerprint
        for labels in ({"a": "1", "b": "2"}, {"b": "2", "a": "1"}, {"a": "1", "b": "3"})
    )

    assert first == second != third
    assert len(first) == 32


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"fingerprint": "mine"}, "the sender's fingerprint"),
        ({"fingerprint": "x" * 300}, "hash of the sender's fingerprint, which is too long"),
        ({"fingerprint": None}, "hash of the labels"),
        (
            {"labels": {"alertname": "Slow", "ruleId": "7", "ruleSource": "https://signoz.example.com"}},
            "SigNoz: hash of the rule's id and the series' labels",
        ),
    ],
)
def test_every_fingerprint_says_where_it_comes_from(changes, rule):
    """The rule travels with the alert, so that nobody has to guess it later."""
    assert read(an_alert(**changes)).alerts[0].fingerprint_rule == rule


def test_a_fingerprint_too_long_for_an_index_is_replaced_by_its_hash():
    """It still tells two series apart."""
    long, other = (read(an_alert(fingerprint=letter * 5000)).alerts[0].fingerprint for letter in "xy")

    assert len(long) == 32
    assert long != other


def test_an_alert_without_a_name_is_not_lost():
    """The summary, or a placeholder, is its title."""
    assert read(an_alert(labels={})).alerts[0].title == "Disk is full"
    assert read(an_alert(labels={}, annotations={})).alerts[0].title == alertmanager.NAMELESS


def test_an_empty_group_is_read_as_nothing():
    """It is odd, but not wrong."""
    reading = read()

    assert reading.alerts == []
    assert reading.rejected == []


def test_truncated_alerts_are_counted():
    """What the sender left out is told back."""
    assert read(an_alert(), truncatedAlerts=7).truncated == 7
    assert read(an_alert(), an_alert(labels=3), truncatedAlerts=7).truncated == 7


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"labels": {"alertname": "X", "severity": 3}}, "$.alerts[1].labels.severity"),
        ({"labels": {"alertname": "X", "deep": {"a": []}}}, "$.alerts[1].labels.deep"),
        ({"labels": {"alertname": None}}, "$.alerts[1].labels.alertname"),
        ({"labels": "no"}, "$.alerts[1].labels"),
        ({"annotations": {"a": [1]}}, "$.alerts[1].annotations.a"),
        ({"status": "weird"}, "$.alerts[1].status"),
        ({"startsAt": "yesterday"}, "$.alerts[1].startsAt"),
        ({"startsAt": 1700000000}, "$.alerts[1].startsAt"),
        ({"endsAt": "9999-12-31T23:59:59-05:00"}, "$.alerts[1].endsAt"),
        ({"generatorURL": ["x"]}, "$.alerts[1].generatorURL"),
        ({"labels": {"alertname": "x" * 10_001}}, "$.alerts[1].title"),
        ({"labels": {f"l{n}": "" for n in range(201)}}, "$.alerts[1].labels"),
        ({"labels": {"big": "x" * 65_537}}, "$.alerts[1].labels.big"),
    ],
)
def test_a_bad_alert_is_rejected_with_its_field_and_its_neighbour_lives(changes, field):
    """The field is a path from the payload's root, entries of maps included."""
    item = rejected(**changes)

    assert item.field == field
    assert item.reason


def test_missing_labels_are_named():
    """A required field has a path of its own."""
    reading = read(an_alert(), {"status": "firing"})

    assert reading.rejected[0].field == "$.alerts[1].labels"
    assert reading.rejected[0].reason == "required"


def test_an_item_that_is_no_object_is_rejected_alone():
    """Whatever stands in the list, the others are read."""
    reading = read(an_alert(), 3, None, [], "x", an_alert())

    assert [each.index for each in reading.alerts] == [0, 5]
    assert [each.field for each in reading.rejected] == [f"$.alerts[{n}]" for n in range(1, 5)]


def test_the_rejected_text_is_kept_up_to_4_kib():
    """Enough to see what was wrong, never more than the stream can carry."""
    assert len(rejected(labels={"n": 1, "x": "y" * 9000}).raw) == 4096


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "empty"),
        (b"  \n", "empty"),
        (b'{"alerts":[', "byte 11"),
        (b'{"alerts":[}', "byte 11"),
        (b"hello", "byte 0"),
        (b'{"alerts":5', "byte 11"),
        (b'{"alerts":[]} x', "byte 15"),
        (b'{"alerts":[{"labels":{"a":NaN}}]}', "byte 26"),
        (b'{"alerts":' + b"[" * 1000 + b"]" * 1000 + b"}", "deep"),
        (b"[" * 100_000, "deep"),
        (b"\xff\xfe{\x00}\x00", "byte 0"),
    ],
)
def test_what_is_not_json_is_malformed_and_says_where(body, words):
    """400, with the position."""
    with pytest.raises(MalformedError, match=words):
        alertmanager.read(body, LIMITS)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b"[]", "$"),
        (b"3", "$"),
        (b"null", "$"),
        (b"{}", "$.alerts"),
        (b'{"alerts":5}', "$.alerts"),
        (b'{"alerts":{}}', "$.alerts"),
        (b'{"alerts":[],"truncatedAlerts":"x"}', "$.truncatedAlerts"),
        (b'{"alerts":[],"commonLabels":{"a":"b","severity":1}}', "$.commonLabels.severity"),
    ],
)
def test_a_wrong_envelope_is_invalid_and_names_the_field(body, field):
    """422: JSON, but not a notification."""
    with pytest.raises(InvalidError) as caught:
        alertmanager.read(body, LIMITS)

    assert [each.field for each in caught.value.fields] == [field]


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (rb"a\u0000b", "a\ufffdb"),
        (rb"a\\u0000b", r"a\u0000b"),
        (rb"a\\\u0000b", "a\\\ufffdb"),
        (rb"a\ud800b", "a\ufffdb"),
        (rb"a\uDC00b", "a\ufffdb"),
        (rb"a\ud83d\ude00b", "a😀b"),
        (rb"a\ud83d\ud83d\ude00b", "a\ufffd😀b"),
        (b"a\xffb", "a\ufffdb"),
        (b"a\xed\xa0\x80b", "a\ufffd\ufffd\ufffdb"),
    ],
)
def test_what_no_database_can_store_is_replaced(written, expected):
    """NUL, half surrogate pairs and broken UTF-8, in values and in names."""
    body = b'{"alerts":[{"labels":{"alertname":"' + written + b'","k' + written + b'":"v"}}]}'

    (alert,) = alertmanager.read(body, LIMITS).alerts

    assert alert.title == expected
    assert alert.labels[f"k{expected}"] == "v"


def test_a_byte_order_mark_is_not_an_error():
    """Some senders on Windows write one."""
    assert len(alertmanager.read(b"\xef\xbb\xbf" + a_group(an_alert()), LIMITS).alerts) == 1


def test_too_many_alerts_are_refused_as_a_whole():
    """Whether or not all of them could be read."""
    limits = Limits(max_alerts=2)

    with pytest.raises(TooLargeError):
        read(an_alert(), an_alert(), an_alert(), limits=limits)
    with pytest.raises(TooLargeError):
        read(an_alert(), 3, an_alert(), limits=limits)

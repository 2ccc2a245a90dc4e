"""What scripts and agents send."""

from datetime import UTC, datetime

import msgspec
import pytest

from nightowl_common.errors import InvalidError, MalformedError, TooLargeError
from nightowl_contracts import AgentReport
from nightowl_ingest.engine import generic
from nightowl_ingest.model import Limits

LIMITS = Limits()


def read(payload, limits=LIMITS):
    return generic.read(msgspec.json.encode(payload), limits)


def one(**fields):
    (alert,) = read({"title": "Backup failed", **fields}).alerts
    return alert


def test_a_title_is_enough():
    """Everything else has a meaning when it is missing."""
    alert = one()

    assert alert.title == "Backup failed"
    assert (alert.status, alert.severity) == ("firing", "warning")
    assert len(alert.fingerprint) == 32
    assert (alert.description, alert.starts_at, alert.agent) == (None, None, None)


@pytest.mark.parametrize("payload", [{"title": "a"}, [{"title": "a"}], {"alerts": [{"title": "a"}]}])
def test_an_object_a_list_and_a_wrapped_list_are_the_same(payload):
    """Senders differ in how they put several alerts."""
    assert [each.title for each in read(payload).alerts] == ["a"]


@pytest.mark.parametrize("name", ["title", "name", "alertname", "summary"])
def test_the_title_has_several_names(name):
    """The first that is not blank counts."""
    assert read({"title": " ", name: "x"}).alerts[0].title == "x"


@pytest.mark.parametrize(
    ("word", "status"),
    [("firing", "firing"), ("Alerting", "firing"), ("open", "firing"), ("PROBLEM", "firing"), ("", "firing"),
     ("resolved", "resolved"), ("OK", "resolved"), (" closed ", "resolved")],
)  # fmt: skip
def test_status_words(word, status):
    """In any case of letters."""
    assert one(status=word).status == status


def test_scalars_in_labels_become_text():
    """As JSON writes them; null means that the label is not there."""
    labels = one(labels={"a": 1, "b": True, "c": 1.5, "d": None, "e": "x", "f": 12345678901234567890123}).labels

    assert labels == {"a": "1", "b": "true", "c": "1.5", "e": "x", "f": "12345678901234567890123"}


def test_the_source_becomes_a_label_unless_there_is_one():
    """What the sender calls source is not the name of our webhook."""
    assert one(source="jenkins").labels == {"source": "jenkins"}
    assert one(source="jenkins", labels={"source": "mine"}).labels == {"source": "mine"}


def test_times_and_links_in_both_spellings():
    """A time without a zone is UTC."""
    alert = one(startsAt="2026-03-01T03:04:05", ends_at="2026-03-01T05:04:05+01:00", url="http://ci/1", message="m")

    assert alert.starts_at == datetime(2026, 3, 1, 3, 4, 5, tzinfo=UTC)
    assert alert.ends_at == datetime(2026, 3, 1, 4, 4, 5, tzinfo=UTC)
    assert (alert.generator_url, alert.description) == ("http://ci/1", "m")


def test_an_agent_reports_its_work():
    """`agent_metadata` travels with the alert."""
    report = {"agent_id": "janitor", "action_taken": "removed logs", "auto_resolved": True, "confidence": 0.9}

    assert one(agent_metadata=report).agent == AgentReport(
        agent_id="janitor", action_taken="removed logs", auto_resolved=True, confidence=0.9
    )


def test_title_and_labels_make_the_fingerprint():
    """The same title with the same labels is the same problem, whatever the text below says."""
    first, again, other = one(description="a"), one(description="b"), one(labels={"host": "b"})

    assert first.fingerprint == again.fingerprint != other.fingerprint
    assert one(fingerprint="mine").fingerprint == "mine"


@pytest.mark.parametrize(
    ("item", "field"),
    [
        ({}, "$[1].title"),
        ({"title": ""}, "$[1].title"),
        ({"title": 3}, "$[1].title"),
        ({"title": "x", "status": "weird"}, "$[1].status"),
        ({"title": "x", "status": 1}, "$[1].status"),
        ({"title": "x", "severity": []}, "$[1].severity"),
        ({"title": "x", "labels": {"a": "b", "z": [1]}}, "$[1].labels.z"),
        ({"title": "x", "labels": []}, "$[1].labels"),
        ({"title": "x", "starts_at": "soon"}, "$[1].starts_at"),
        ({"title": "x", "agent_metadata": {}}, "$[1].agent_metadata.agent_id"),
        ({"title": "x", "agent_metadata": {"agent_id": "a", "confidence": 2}}, "$[1].agent_metadata.confidence"),
        ({"title": "x", "description": "y" * 65_537}, "$[1].description"),
        (7, "$[1]"),
    ],
)
def test_a_bad_alert_is_rejected_with_its_field_and_its_neighbour_lives(item, field):
    """As with Alertmanager."""
    reading = read([{"title": "good"}, item])

    assert [each.title for each in reading.alerts] == ["good"]
    assert [(each.index, each.field) for each in reading.rejected] == [(1, field)]


def test_paths_start_where_the_alert_is():
    """A single object is the root itself."""
    assert read({"labels": {}}).rejected[0].field == "$.title"
    assert read({"alerts": [{}]}).rejected[0].field == "$.alerts[0].title"


@pytest.mark.parametrize("body", [b"3", b'"x"', b"null", b'{"title":"x","alerts":5}'])
def test_neither_object_nor_list_is_invalid(body):
    """422, with a field."""
    with pytest.raises(InvalidError) as caught:
        generic.read(body, LIMITS)

    assert caught.value.fields


@pytest.mark.parametrize("body", [b"", b"{", b"[{]", b"[" * 1500])
def test_what_is_not_json_is_malformed(body):
    """400."""
    with pytest.raises(MalformedError):
        generic.read(body, LIMITS)


def test_too_many_alerts_are_refused():
    """413, not the first 2,000."""
    with pytest.raises(TooLargeError):
        read([{"title": "x"}] * 3, Limits(max_alerts=2))

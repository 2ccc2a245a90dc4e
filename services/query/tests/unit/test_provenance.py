"""Where the fields of an alert came from, and why each person was paged."""

from datetime import UTC, datetime
from uuid import UUID

import msgspec
import pytest

from nightowl_alerting.model import Alert
from nightowl_query.engine.choosing import tell_people
from nightowl_query.engine.provenance import find_provenance
from nightowl_query.model.explanation import Names, PagedTier, SendingKey, StandIn
from nightowl_query.model.intake import RawPayload, RawPayloads

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
BOB, CAROL, ROSTER, OVERRIDE = UUID(int=1), UUID(int=2), UUID(int=3), UUID(int=4)


def an_alert(**changes):
    fields = {
        "id": UUID(int=7), "fingerprint": "f", "episode": 1, "status": "firing", "severity": "critical",
        "source": "generic", "title": "disk", "labels": {"app": "web"}, "first_fired_at": NOW, "last_fired_at": NOW,
        "escalation_state": "none", "escalation_reason": "too small",
    }  # fmt: skip
    return Alert(**{**fields, **changes})


def a_payload(value, *, source="generic", is_cut=False):
    raw = value if isinstance(value, str) else msgspec.json.encode(value).decode()
    return RawPayload(receipt_id=UUID(int=9), item=0, source=source, received_at=NOW, is_cut=is_cut, raw=raw)


def traced(value, *, mapping=None, words=None, rule="hash of title and labels", latest=None, source="generic", **alert):
    key = None if mapping is None else SendingKey(id=UUID(int=8), name="ci", is_revoked=False, mapping=mapping)
    payloads = RawPayloads(opening=a_payload(value, source=source), latest=latest)
    found = find_provenance(an_alert(**alert), payloads, fingerprint_rule=rule, key=key, words=words or {})
    return {each.field: each for each in found}


def test_the_first_name_that_has_something_counts():
    """As readers take it: an empty title is none."""
    found = traced({"title": "", "name": "disk", "summary": "x", "severity": "PAGE", "labels": {"app": "web"}})

    assert (found["title"].places, found["title"].found) == (["$.name"], "disk")
    assert (found["severity"].places, found["severity"].found) == (["$.severity"], "PAGE")
    assert found["fingerprint"].places == ["$.name", "$.labels"]
    assert found.keys() == {"title", "severity", "labels", "fingerprint"}


@pytest.mark.parametrize(
    ("word", "severity", "words", "rule"),
    [
        ("page", "critical", {}, "“page” is a known word for critical"),
        ("p0", "critical", {"p0": "critical"}, "“p0” is one of this tenant's own words for critical"),
        ("page", "info", {"page": "info"}, "“page” is one of this tenant's own words for info"),
        ("bad", "major", {}, "“bad” is no word that is known: major, so that somebody is paged"),
        ("p0", "critical", {}, "“p0” meant critical when it came; the words have changed since"),
        (None, "warning", {}, "no word for it in the alert's own text: warning"),
        (None, "critical", {}, "not in the alert's own text: from what the call says of all its alerts"),
    ],
)
def test_the_severity_tells_its_rule(word, severity, words, rule):
    """The tenant's word, a known one, an unknown one, none, and one that means something else by now."""
    assert traced({"title": "disk", "severity": word}, words=words, severity=severity)["severity"].rule == rule


def test_a_mapped_field_names_its_expression():
    """And what it gives; fields that the mapping leaves out are read as ever."""
    mapping = {"title": "check.name", "severity": "check.state"}
    found = traced({"check": {"name": "disk", "state": "CRIT"}, "labels": {"app": "web"}}, mapping=mapping)

    assert (found["title"].places, found["title"].found, found["title"].rule) == (
        ["check.name"], "disk", "by the key's mapping",
    )  # fmt: skip
    assert found["severity"].rule == "“crit” is a known word for critical"
    assert found["labels"].places == ["$.labels"]


def test_what_every_call_says_anew_is_read_from_the_newest():
    """Title and severity; labels stay those of the opening."""
    latest = a_payload({"name": "disk", "severity": "fatal", "labels": {"app": "other"}})
    found = traced({"title": "old", "severity": "info", "labels": {"app": "web"}}, latest=latest, occurrence_count=2)

    assert [(found[name].call, found[name].places) for name in ("title", "severity", "labels")] == [
        ("latest", ["$.name"]), ("latest", ["$.severity"]), ("opening", ["$.labels"]),
    ]  # fmt: skip


@pytest.mark.parametrize("payload", [None, a_payload('{"title": "di', is_cut=True), a_payload("[1]"), a_payload("no")])
def test_what_cannot_be_read_again_tells_nothing(payload):
    """No payload, one that was cut, one that is no object."""
    assert find_provenance(an_alert(), RawPayloads(opening=payload), fingerprint_rule=None, key=None, words={}) == []


def chosen(**changes):
    fields = {
        "target": "oncall_primary", "user_id": str(BOB), "name": "Bob", "why": "Bob, on call by override",
        "source": "override", "roster_id": str(ROSTER), "override_id": str(OVERRIDE), "skipped": [],
        "second": str(CAROL),
    }  # fmt: skip
    return {**fields, **changes}


NAMES = Names(
    people={CAROL: "Carol"}, rosters={ROSTER: "Web"}, overrides={
        OVERRIDE: StandIn(starts_at=NOW, ends_at=NOW.replace(hour=17), reason="dentist"),
    },
)  # fmt: skip
BY_OVERRIDE = (
    "primary of “Web”: the override from 2026-03-01T12:00:00+00:00 until 2026-03-01T17:00:00+00:00 (“dentist”) beats"
    " the rotation; Carol is second then"
)


ROTATION = "primary of “Web”: it was their turn in the rotation"
AWAY = "primary of “Web”: next in the rotation behind Carol, who is away"
BY_PIN = "primary of “Web”: this turn was given to them by hand, which beats the rotation"
DISPLACED = "secondary of “Web”: first in turn, and second to an override or a pin"


@pytest.mark.parametrize(
    ("changes", "names", "why"),
    [
        ({}, NAMES, BY_OVERRIDE),
        ({}, Names(), "primary of a roster that is gone: an override, which is gone by now, beats the rotation"),
        ({"source": "pin"}, NAMES, f"{BY_PIN}; Carol is second then"),
        ({"source": "rotation", "second": None}, NAMES, ROTATION),
        ({"source": "rotation", "skipped": [str(CAROL)]}, NAMES, AWAY),
        ({"target": "oncall_backup", "second": str(BOB)}, NAMES, DISPLACED),
        ({"target": f"roster:{ROSTER}:secondary", "source": "rotation"}, NAMES,
         "secondary of “Web”: the next in the rotation"),
    ],
)  # fmt: skip
def test_why_a_person_was_paged_is_said_in_words(changes, names, why):
    """By what, over what, and whose turn it was else."""
    tier = PagedTier(entry_id=UUID(int=5), at=NOW, tier=0, chosen=[chosen(**changes)])

    [person] = tell_people(tier, names)

    assert person.why == why
    assert (person.roster_id is None) == (ROSTER not in names.rosters)


def test_who_is_named_in_the_policy_is_paged_for_that():
    """No roster was asked."""
    named = {"target": f"user:{BOB}", "user_id": str(BOB), "name": "Bob", "why": "Bob, named in the policy"}

    [person] = tell_people(PagedTier(entry_id=UUID(int=5), at=NOW, tier=1, chosen=[named]), NAMES)

    assert (person.why, person.roster_id, person.override_id) == ("Bob, named in the policy", None, None)

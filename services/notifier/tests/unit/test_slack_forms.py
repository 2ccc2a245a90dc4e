"""The forms that Slack shows, within what Slack takes, and what comes back from them."""

import pytest

from nightowl_alerting.knowledge.model import IncidentContent
from nightowl_common.ids import new_id
from nightowl_notifier.api.slack import forms, wire
from nightowl_notifier.api.slack.wire import ButtonValue, Field, FormState, Note, View
from nightowl_notifier.model import AlertCard

HOSTILE = "<!channel> <https://evil.example|x> \u202e" + "x" * 25_000
NOTE = Note(about="acme:018f5f0e-0000-7000-8000-000000000001:-", response_url="https://hooks.slack.com/actions/1")


def texts_in(node):
    if isinstance(node, dict):
        yield from ([node["text"]] if isinstance(node.get("text"), str) else [])
        for each in node.values():
            yield from texts_in(each)
    if isinstance(node, list):
        for each in node:
            yield from texts_in(each)


@pytest.mark.parametrize("known_as", [None, HOSTILE])
def test_forms_stay_within_slacks_limits_and_their_texts_are_harmless(known_as):
    """Titles of 24 characters, fields of 3,000, 3,000 of memory; what is shown is escaped."""
    card = AlertCard(
        id=new_id(), title=HOSTILE, status="firing", fingerprint="x", taken_by=None, resolved_by=None,
        incident_id=None if known_as is None else new_id(), known_as=known_as,
    )  # fmt: skip
    draft = IncidentContent(title="x" * 500, severity="major", fingerprints=[HOSTILE[:500]], symptoms=HOSTILE[:20_000])

    made = [forms.resolve_form(card, NOTE), forms.knowledge_form(draft, NOTE)]

    for form in made:
        assert len(form["title"]["text"]) <= 24
        assert len(form["private_metadata"]) <= 3_000
        assert not [each for each in texts_in(form) if "<" in each]
        elements = [block["element"] for block in form["blocks"] if block["type"] == "input"]
        assert all(
            len(each.get("initial_value") or "") <= min(3_000, each.get("max_length", 3_000)) for each in elements
        )


def test_a_form_that_is_sent_as_it_was_opened_says_what_the_draft_said():
    """Nothing has to be typed."""
    state = {
        "title": Field(value="Disk full"),
        "severity": Field(selected_option=wire.Option(value="major")),
        "tags": Field(value=" disk, , logs "),
        "category": Field(value=None),
    }
    view = View(state=FormState(values={name: {name: field} for name, field in state.items()}))

    entry, wrong = forms.read_entry(view)

    assert wrong == {}
    assert (entry.title, entry.severity, entry.tags, entry.category, entry.solution) == (
        "Disk full", "major", ["disk", "logs"], None, "",
    )  # fmt: skip


def test_what_cannot_be_kept_is_named_by_its_field():
    """All of it at once."""
    values = {"title": "", "severity": "awful", "symptoms": "x\x00", "category": "x" * 201}
    view = View(state=FormState(values={name: {name: Field(value=value)} for name, value in values.items()}))

    entry, wrong = forms.read_entry(view)

    assert entry is None
    assert set(wrong) == {"title", "severity", "symptoms", "category"}


def test_the_value_of_a_button_is_read_as_it_is_written():
    """With a page and without one."""
    for delivery_id in (new_id(), None):
        value = ButtonValue(tenant="acme", alert_id=new_id(), delivery_id=delivery_id)
        assert wire.read_value(str(value)) == value


@pytest.mark.parametrize("value", ["", "acme", "acme:x:-", "acme:018f5f0e-0000-7000-8000-000000000001", ":::"])
def test_another_value_is_no_value(value):
    """Of an old button, or of somebody else's."""
    assert wire.read_value(value) is None

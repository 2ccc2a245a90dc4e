"""The pages of reference hold everything that there is, and each of their links leads to a heading."""

import json
import re
from pathlib import Path

import pytest

from nightowl_cli.generate_cli_page import commands
from nightowl_cli.main import cli
from nightowl_cli.shape_tables import shape_table, type_words
from nightowl_contracts import event_types
from nightowl_contracts.topology import CONSUMERS, STREAMS

ROOT = Path(__file__).parents[4]
REFERENCE = ROOT / "docs/reference"


def headings(page: str) -> list[str]:
    """Titles of a page."""
    return re.findall(r"^#+ (.+)$", (REFERENCE / page).read_text(), re.MULTILINE)


@pytest.fixture
def document() -> dict[str, dict[str, dict[str, object]]]:
    return json.loads((ROOT / "services/query/src/nightowl_query/openapi.json").read_text())


def test_every_operation_is_told_once(document) -> None:
    """Under its method and path, with its role and what it answers."""
    wanted = [f"{method.upper()} {path}" for path, item in document["paths"].items() for method in item]
    found = [title for title in headings("api.md") if re.match(r"[A-Z]+ /", title)]

    assert sorted(found) == sorted(wanted)
    assert (REFERENCE / "api.md").read_text().count("\n- Role: ") == len(wanted)


def test_every_shape_has_its_heading_and_no_two_share_one(document) -> None:
    """Links name headings in lower case."""
    found = [title for title in headings("shapes.md")[1:] if title in document["components"]["schemas"]]

    assert sorted(found) == sorted(document["components"]["schemas"])
    assert len({each.lower() for each in found}) == len(found)


def test_every_link_between_the_pages_leads_to_a_heading() -> None:
    """A link that leads nowhere would be a shape that nobody tells."""
    anchors = {
        page: {title.lower().replace(" ", "-") for title in headings(page)} for page in ("shapes.md", "events.md")
    }
    for page in ("api.md", "shapes.md", "events.md"):
        for target, anchor in re.findall(r"\]\((shapes\.md|)#([^)]+)\)", (REFERENCE / page).read_text()):
            if page != "api.md" or target:
                assert anchor in anchors[target or page], f"{page}: {anchor}"


def test_every_event_stream_and_consumer_is_told() -> None:
    """With its fields."""
    text = (REFERENCE / "events.md").read_text()

    assert set(event_types()) <= set(headings("events.md"))
    assert [each.name for each in (*STREAMS, *CONSUMERS) if f"| `{each.name}` |" not in text] == []


def test_every_command_and_option_is_told() -> None:
    """From the parser that reads them."""
    text = (REFERENCE / "cli.md").read_text()
    parts = dict(re.findall(r"^## (.+?)\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL))

    for path, command in commands(cli):
        told = parts[" ".join(path)]
        assert [each for each in command.params if each.opts[0].startswith("-") and each.opts[0] not in told] == []


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ({"type": "string"}, "text"),
        ({"type": "string", "format": "uuid"}, "text (uuid)"),
        ({"type": "integer", "minimum": 1, "maximum": 7}, "integer (1 to 7)"),
        ({"anyOf": [{"type": "string"}, {"type": "null"}]}, "text or null"),
        ({"type": "array", "items": {"$ref": "#/$defs/Tier"}}, "list of <Tier>"),
        ({"type": "object", "additionalProperties": {"type": "boolean"}}, "object of true or false"),
        ({"enum": ["a", None]}, "`a`, null"),
        ({}, "any"),
    ],
)
def test_a_type_is_told_in_a_few_words(schema: dict[str, object], words: str) -> None:
    """As people say it."""
    assert type_words(schema, lambda name: f"<{name}>") == words


def test_a_table_says_what_is_required_and_what_a_field_is_when_left_out() -> None:
    """A bar in a text does not end its cell."""
    schema = {
        "required": ["a"],
        "properties": {
            "a": {"type": "string", "description": "This | that."},
            "b": {"type": "boolean", "default": False},
            "c": {"type": "array", "items": {"type": "string"}, "default": []},
        },
    }

    assert shape_table(schema, str)[2:] == [
        "| `a` | text | required | This \\| that. |",
        "| `b` | true or false | `false` | - |",
        "| `c` | list of text | empty | - |",
    ]

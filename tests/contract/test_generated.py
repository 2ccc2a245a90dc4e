"""The generated contract files are what the code says, and the AsyncAPI document hangs together."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from nightowl_cli.generate_contracts import FOLDER, SENDERS, asyncapi, generated_files
from nightowl_contracts import event_types
from nightowl_contracts.topology import CONSUMERS, STREAMS

NAME = "^[A-Za-z0-9._-]+$"
REFERENCE = {"type": "object", "required": ["$ref"], "properties": {"$ref": {"type": "string"}}}
ASYNCAPI = {
    "type": "object",
    "required": ["asyncapi", "info", "channels", "operations", "components", "servers"],
    "properties": {
        "asyncapi": {"const": "3.0.0"},
        "info": {"type": "object", "required": ["title", "version"]},
        "servers": {"additionalProperties": {"type": "object", "required": ["host", "protocol"]}},
        "channels": {
            "propertyNames": {"pattern": NAME},
            "additionalProperties": {
                "type": "object",
                "required": ["address", "messages"],
                "properties": {
                    "address": {"type": "string", "pattern": "^nightowl\\."},
                    "messages": {"minProperties": 1, "additionalProperties": REFERENCE},
                    "servers": {"type": "array", "items": REFERENCE},
                    "parameters": {
                        "additionalProperties": {
                            "type": "object",
                            "properties": {
                                "description": {"type": "string"},
                                "enum": {"type": "array", "items": {"type": "string"}},
                            },
                            "additionalProperties": False,
                        }
                    },
                },
                "patternProperties": {"^x-": {}},
                "additionalProperties": False,
            },
        },
        "operations": {
            "propertyNames": {"pattern": NAME},
            "additionalProperties": {
                "type": "object",
                "required": ["action", "channel"],
                "properties": {
                    "action": {"enum": ["send", "receive"]},
                    "channel": REFERENCE,
                    "summary": {"type": "string"},
                },
                "patternProperties": {"^x-": {}},
                "additionalProperties": False,
            },
        },
        "components": {
            "properties": {
                "messages": {
                    "propertyNames": {"pattern": NAME},
                    "additionalProperties": {
                        "type": "object",
                        "required": ["name", "summary"],
                        "properties": {"payload": {"type": "object"}, "headers": {"type": "object"}},
                    },
                }
            }
        },
        "defaultContentType": {"type": "string"},
    },
    "patternProperties": {"^x-": {}},
    "additionalProperties": False,
}


def references(node: Any) -> Iterator[str]:
    """Every `$ref` of a document."""
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for each in node.values():
            yield from references(each)
    if isinstance(node, list):
        for each in node:
            yield from references(each)


def follow(document: Any, reference: str) -> Any:
    """What a local reference points at."""
    for step in reference.removeprefix("#/").split("/"):
        document = document[step]
    return document


def test_generated_files_are_up_to_date(repository: Path) -> None:
    """Nobody can change a contract without its published form changing in the same commit."""
    for path, text in generated_files().items():
        assert (repository / path).read_text() == text, f"{path} is out of date; run `nightowl generate`"


def test_nothing_stale_lies_beside_the_generated_files(repository: Path) -> None:
    """A file that is no longer generated is taken away."""
    found = {f"{FOLDER}/{path.name}" for path in (repository / FOLDER).iterdir()}

    assert found == set(generated_files())


def test_generation_gives_the_same_bytes_every_time() -> None:
    """No set order, no time, no host gets into the files."""
    assert generated_files() == generated_files()


def test_the_asyncapi_document_has_the_right_shape(repository: Path) -> None:
    """It is AsyncAPI 3.0 by a schema of the parts that we use."""
    document = yaml.safe_load((repository / FOLDER / "asyncapi.yaml").read_text())

    jsonschema.validate(document, ASYNCAPI, cls=jsonschema.Draft202012Validator)


def test_every_reference_of_the_asyncapi_document_leads_somewhere(repository: Path) -> None:
    """Local ones to a part of the document, the others to a generated file."""
    document = asyncapi()

    for reference in set(references(document)):
        if reference.startswith("#/"):
            assert follow(document, reference)
        else:
            assert (repository / FOLDER / reference).is_file()


def test_every_subject_of_the_asyncapi_document_lies_on_its_stream() -> None:
    """A channel's address with its parameters filled in is a subject that its stream takes, and no other does."""
    document: Any = asyncapi()
    patterns = {each.name: [_pattern(subject) for subject in each.subjects] for each in STREAMS}

    for name, channel in document["channels"].items():
        subject = re.sub(r"\{\w+\}", "acme", channel["address"])
        holders = [stream for stream, found in patterns.items() if any(each.fullmatch(subject) for each in found)]
        assert holders == ([] if channel.get("x-core-nats") else [channel["x-stream"]]), name


def test_parameters_are_those_of_the_address() -> None:
    """Every placeholder is explained, and nothing else is."""
    document: Any = asyncapi()

    for channel in document["channels"].values():
        assert set(re.findall(r"\{(\w+)\}", channel["address"])) == set(channel.get("parameters", {}))


def test_every_event_is_sent_and_every_consumer_receives() -> None:
    """The document leaves out no event and no durable consumer."""
    document: Any = asyncapi()
    consumers = {each["x-consumer"]["durable-name"] for each in document["operations"].values() if "x-consumer" in each}

    assert set(SENDERS) == set(event_types())
    assert consumers == {each.name for each in CONSUMERS}
    assert set(event_types()) <= set(document["components"]["messages"])
    assert set(document["x-streams"]) == {each.name for each in STREAMS}


@pytest.mark.parametrize("tag", sorted(event_types()))
def test_published_schemas_explain_every_struct(tag: str, repository: Path) -> None:
    """Whoever reads a schema without our code finds the docstrings in it."""
    schema = yaml.safe_load((repository / FOLDER / f"{tag}.json").read_text())

    assert all(each["description"] for each in schema["$defs"].values())


def _pattern(subject: str) -> re.Pattern[str]:
    return re.compile(re.escape(subject).replace(r"\*", r"[^.]+"))

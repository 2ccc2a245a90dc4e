"""The reference of events, for people: streams, who reads them, every event with its subject and fields."""

import inspect
from collections.abc import Iterator, Mapping
from typing import Any

from nightowl_cli.generate_contracts import SENDERS, schema_of_event, stream_of, summary_of
from nightowl_cli.shape_tables import cell, shape_table
from nightowl_contracts import Envelope, event_types, subjects, topology
from nightowl_contracts.topology import CONSUMERS, STREAMS, Consumer, Stream

_DAY_SECONDS, _GIB, _MIB = 86_400, 1024**3, 1024**2

_ABOUT = """\
# Events

Generated from `nightowl_contracts` by `nightowl generate`; do not edit. How they travel, and what is promised:
[events](../architecture/events.md). For programs: [AsyncAPI](../../schemas/events/jsonschema/asyncapi.yaml), with a
JSON Schema and a golden example of each event. New fields have defaults, types never change; skip what you do not know.

## Streams
"""


def generated_files() -> dict[str, str]:
    """`docs/reference/events.md`."""
    lines = [_ABOUT, *_streams(), "", *_envelope()]
    shapes: dict[str, Any] = {}
    for tag, kind in event_types().items():
        schema = _event_schema(tag, shapes)
        lines += ["", f"## {tag}", "", summary_of(kind), "", *_ways(tag), "", *shape_table(schema, _link)]
    lines += ["", "## Shapes", "", "What events hold."]
    for name, schema in sorted(shapes.items()):
        lines += ["", f"### {name}", "", *_about(schema), *shape_table(schema, _link)]
    return {"docs/reference/events.md": "\n".join([*lines, ""])}


def _streams() -> Iterator[str]:
    yield "| stream | subjects | kept | holds |"
    yield "|---|---|---|---|"
    for each in STREAMS:
        names = ", ".join(f"`{subject}`" for subject in each.subjects)
        yield f"| `{each.name}` | {names} | {_kept(each)} | {cell(each.promise)} |"
    yield from ("", "## Consumers", "", "| consumer | stream | reads | for |", "|---|---|---|---|")
    for consumer in CONSUMERS:
        yield f"| `{consumer.name}` | `{consumer.stream}` | `{consumer.filter_subject}` | {cell(consumer.promise)} |"


def _kept(stream: Stream) -> str:
    days, size, largest = (
        stream.max_age_seconds // _DAY_SECONDS, stream.max_bytes // _GIB, stream.max_message_bytes // _MIB
    )  # fmt: skip
    return f"{days} day{'s' if days > 1 else ''}, at most {size} GiB, a message at most {largest} MiB"


def _envelope() -> list[str]:
    """What all have, told once."""
    whole = schema_of_event(next(iter(event_types())))["$defs"]
    schema = _without_data(next(each for each in _mapping(whole).values() if "trace" in each.get("properties", {})))
    head = ["## Envelope", "", *inspect.cleandoc(Envelope.__doc__ or "").splitlines(), ""]
    return [*head, *shape_table(schema, _link)]


def _event_schema(tag: str, shapes: dict[str, Any]) -> Mapping[str, Any]:
    """What an event has beside the envelope; the shapes that it refers to go into `shapes`."""
    definitions = _mapping(schema_of_event(tag)["$defs"])
    own = definitions[event_types()[tag].__name__]
    common = {"type", "id", "tenant", "at", "actor", "trace"}
    shapes.update({name: each for name, each in definitions.items() if each is not own})
    return {**own, "properties": {name: each for name, each in own["properties"].items() if name not in common}}


def _without_data(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    names = {"type", "id", "tenant", "at", "actor", "trace"}
    properties = {name: each for name, each in schema["properties"].items() if name in names}
    return {**schema, "properties": {**properties, "type": {"type": "string", "description": "The tag."}}}


def _ways(tag: str) -> Iterator[str]:
    readers = [f"`{each.name}`" for each in CONSUMERS if _reads(each, tag)]
    yield f"- Subject: `{_subject(tag)}`, on `{stream_of(tag).name}`"
    yield f"- Sent by: {', '.join(SENDERS[tag])}"
    yield f"- Read by: {', '.join(readers) or 'streams of the API alone'}"


def _subject(tag: str) -> str:
    match stream_of(tag):
        case topology.INGEST:
            return subjects.ingest("<tenant>")
        case topology.PAGES:
            return f"{subjects.page('<tenant>', '<channel>')}[.critical]"
        case _:
            return subjects.event("<tenant>", tag)


def _reads(consumer: Consumer, tag: str) -> bool:
    if consumer.stream != stream_of(tag).name:
        return False
    if stream_of(tag) is topology.PAGES:
        return True
    words = zip(consumer.filter_subject.split("."), _subject(tag).split("."), strict=True)
    return all(pattern in {"*", word} for pattern, word in words)


def _about(schema: Mapping[str, Any]) -> list[str]:
    text = inspect.cleandoc(schema.get("description", ""))
    return [text, ""] if text else []


def _mapping(node: object) -> dict[str, Any]:
    assert isinstance(node, dict)
    return node


def _link(name: str) -> str:
    return f"[{name}](#{name.lower()})"

"""Events that were ever written can be read for ever: golden examples, evolution rules, hostile bytes."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import jsonschema
import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nightowl_cli.generate_contracts import schema_of_event
from nightowl_contracts import UnreadableEventError, decode_event, encode_event, event_types

EXAMPLES = Path(__file__).parents[2] / "schemas/events/examples"
GOLDEN = sorted(path for path in EXAMPLES.glob("*.json") if path.name != "required.json")
TAGS = sorted(event_types())


def structs_of(kind: Any) -> Iterator[type[msgspec.Struct]]:
    """A Struct and every Struct that its fields hold."""
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        yield kind
        for field in msgspec.structs.fields(kind):
            yield from structs_of(field.type)
    for inner in get_args(kind):
        yield from structs_of(inner)


def all_structs() -> dict[str, type[msgspec.Struct]]:
    """Every Struct that travels, by name."""
    return {each.__name__: each for kind in event_types().values() for each in structs_of(kind)}


def golden_bytes() -> list[bytes]:
    """The examples as they lie on disk."""
    return [path.read_bytes() for path in GOLDEN]


@pytest.mark.parametrize("tag", TAGS)
@pytest.mark.parametrize("variant", ["", ".minimal", ".unknown-field"])
def test_every_event_has_a_golden_example(tag: str, variant: str) -> None:
    """Each tag has a full example, one with required fields alone, and one from a later version."""
    assert (EXAMPLES / f"{tag}{variant}.json").is_file()


def test_examples_are_of_events_that_exist() -> None:
    """An example whose event was taken out of the code means that old messages can no longer be read."""
    known = {f"{tag}{variant}.json" for tag in TAGS for variant in ("", ".minimal", ".unknown-field")}

    assert {path.name for path in GOLDEN} <= known


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_golden_examples_decode_and_survive_a_round_trip(path: Path) -> None:
    """What is read and written again is the same event."""
    event = decode_event(path.read_bytes())

    assert event.__struct_config__.tag == ".".join(path.name.split(".")[:3])
    assert decode_event(encode_event(event)) == event


@pytest.mark.parametrize("tag", TAGS)
def test_full_examples_say_everything(tag: str) -> None:
    """Nothing of a full example is lost or added: every optional field is in it, and every field is understood."""
    written = (EXAMPLES / f"{tag}.json").read_bytes()

    again = encode_event(decode_event(written))

    assert _with_equal_times(json.loads(again)) == _with_equal_times(json.loads(written))


@pytest.mark.parametrize("tag", TAGS)
def test_unknown_fields_are_skipped(tag: str) -> None:
    """A later version's fields change nothing for a reader that does not know them."""
    later = (EXAMPLES / f"{tag}.unknown-field.json").read_bytes()

    assert b"from_a_later_version" in later
    assert decode_event(later) == decode_event((EXAMPLES / f"{tag}.json").read_bytes())


@pytest.mark.parametrize("tag", TAGS)
def test_minimal_examples_get_defaults(tag: str) -> None:
    """A reader fills in what a writer left out; taking one more field away is an error."""
    minimal = json.loads((EXAMPLES / f"{tag}.minimal.json").read_bytes())
    assert decode_event(json.dumps(minimal).encode()).trace is None

    for field in set(minimal) - {"type"}:
        without = {key: value for key, value in minimal.items() if key != field}
        with pytest.raises(UnreadableEventError):
            decode_event(json.dumps(without).encode())


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_golden_examples_fit_the_published_schema(path: Path) -> None:
    """The generated JSON Schema accepts what our own decoder accepts."""
    example = json.loads(path.read_bytes())
    schema = schema_of_event(example["type"])

    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(example, schema, cls=jsonschema.Draft202012Validator)


@pytest.mark.parametrize("tag", TAGS)
def test_the_published_schema_refuses_what_the_decoder_refuses(tag: str) -> None:
    """A missing envelope field and a wrong type are errors for both."""
    validator = jsonschema.Draft202012Validator(schema_of_event(tag))
    example = json.loads((EXAMPLES / f"{tag}.json").read_bytes())
    broken = [
        {key: value for key, value in example.items() if key != "tenant"},
        {**example, "tenant": 7},
        {**example, "actor": {**example["actor"], "kind": "ghost"}},
        {**example, "data": []},
    ]

    for each in broken:
        assert not validator.is_valid(each)
        with pytest.raises(UnreadableEventError):
            decode_event(json.dumps(each).encode())


def test_fields_added_since_version_one_have_defaults() -> None:
    """Only the frozen list of required fields is required: anything newer would make old messages unreadable."""
    frozen = json.loads((EXAMPLES / "required.json").read_bytes())

    for name, kind in all_structs().items():
        required = {field.encode_name for field in msgspec.structs.fields(kind) if field.required}
        assert required <= set(frozen.get(name, required)), name


def test_required_fields_are_never_taken_away() -> None:
    """A field that old readers insist on stays in what we write, whatever became of it here."""
    frozen = json.loads((EXAMPLES / "required.json").read_bytes())
    structs = all_structs()

    assert sorted(frozen) == sorted(structs), "a new Struct is listed in required.json when it is born"
    for name, fields in frozen.items():
        assert set(fields) <= {field.encode_name for field in msgspec.structs.fields(structs[name])}, name


@pytest.mark.parametrize("name", sorted(all_structs()))
def test_a_new_field_without_default_breaks_a_golden_example(name: str) -> None:
    """The examples are a real guard: no Struct can get a required field without one of them failing."""
    kind = all_structs()[name]
    grown = msgspec.defstruct(
        name, [("a_new_field", int)], bases=(kind,), frozen=True, kw_only=True, tag=kind.__struct_config__.tag
    )
    parts = [part for body in golden_bytes() for part in _parts(json.loads(body), event_types(), kind)]

    assert parts, "no golden example holds this Struct"
    for part in parts:
        msgspec.convert(part, kind)
        with pytest.raises(msgspec.ValidationError, match="a_new_field"):
            msgspec.convert(part, grown)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b"7",
        b"{}",
        b'{"type":"alert.opened.v1"}',
        b'{"type":"alert.opened.v2","id":"0199c3a4-7b01-7c21-9d3e-5f0a1b2c3d01"}',
        b'{"type":7}',
        b"\x00\x01\x02",
        b'{"type":"\xff\xfe"}',
        b"[" * 1_000,
        b"[" * 1_000 + b"]" * 1_000,
        b'{"x":' * 1_000 + b"1" + b"}" * 1_000,
        b'{"type":"alert.opened.v1","x":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b'{"type":"page.requested.v1","data":NaN}',
        "🦉".encode(),
    ],
    ids=lambda body: repr(body[:30]),
)
def test_bytes_that_are_no_event_raise_one_error_only(body: bytes) -> None:
    """Consumers turn this one error into a dead letter; any other would stop the loop."""
    with pytest.raises(UnreadableEventError):
        decode_event(body)


@pytest.mark.parametrize("tag", TAGS)
def test_a_truncated_event_is_unreadable(tag: str) -> None:
    """Cut anywhere, it is refused, never half read."""
    body = (EXAMPLES / f"{tag}.json").read_bytes().rstrip()

    for length in range(0, len(body) - 1, 7):
        with pytest.raises(UnreadableEventError):
            decode_event(body[:length])


@given(
    body=st.sampled_from(golden_bytes()),
    edits=st.lists(st.tuples(st.integers(0, 4_000), st.binary(max_size=4), st.integers(0, 8)), max_size=6),
)
@settings(max_examples=300, deadline=None)
def test_mangled_bytes_decode_or_raise_one_error(body: bytes, edits: list[tuple[int, bytes, int]]) -> None:
    """Whatever happens to the bytes on their way, there are two outcomes and no third."""
    for at, new, removed in edits:
        start = at % (len(body) + 1)
        body = body[:start] + new + body[start + removed :]

    try:
        event = decode_event(body)
    except UnreadableEventError:
        return
    assert decode_event(encode_event(event)) == event


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@given(body=st.sampled_from(golden_bytes()), steps=st.lists(st.integers(0, 50), max_size=4), value=JSON_VALUES)
@settings(max_examples=300, deadline=None)
def test_wrong_values_decode_or_raise_one_error(body: bytes, steps: list[int], value: object) -> None:
    """Any JSON value in any place of an event: read, or refused with the one error."""
    tree = json.loads(body)
    node = tree
    for step in steps:
        children = [each for each in node.values() if isinstance(each, dict) and each]
        if not children:
            break
        node = children[step % len(children)]
    node[sorted(node)[len(steps) % len(node)]] = value

    try:
        decode_event(json.dumps(tree).encode())
    except UnreadableEventError:
        return


def _with_equal_times(node: Any) -> Any:
    """Times written with and without trailing zeros are the same."""
    if isinstance(node, dict):
        return {key: _with_equal_times(each) for key, each in node.items()}
    if isinstance(node, list):
        return [_with_equal_times(each) for each in node]
    if isinstance(node, str) and node.endswith("Z") and "." in node:
        return node.rstrip("Z").rstrip("0").rstrip(".") + "Z"
    return node


def _parts(node: Any, root: dict[str, type[msgspec.Struct]], kind: type[msgspec.Struct]) -> Iterator[Any]:
    """The places of an example that hold a Struct of `kind`."""
    for holder, part in _structs_in(node, root[node["type"]]):
        if holder is kind:
            yield part


def _structs_in(node: Any, holder: Any) -> Iterator[tuple[type[msgspec.Struct], Any]]:
    """Every Struct in an example with its own part of the JSON."""
    if node is None:
        return
    if isinstance(holder, type) and issubclass(holder, msgspec.Struct):
        yield holder, node
        for field in msgspec.structs.fields(holder):
            yield from _structs_in(node.get(field.encode_name), field.type)
    for inner in get_args(holder):
        if list(structs_of(inner)):
            for each in node if isinstance(node, list) else [node]:
                yield from _structs_in(each, inner)

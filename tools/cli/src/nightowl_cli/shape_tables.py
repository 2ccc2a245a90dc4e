"""JSON Schemas as tables in markdown: a field, its type, what it is when left out, what it means."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias

Json: TypeAlias = Mapping[str, Any]
Link: TypeAlias = Callable[[str], str]
"""The name of a shape → a link to its table."""

_HEAD = ("| field | type | default | meaning |", "|---|---|---|---|")


def shape_table(schema: Json, link: Link) -> list[str]:
    """The fields of an object; nothing of a schema without any."""
    needed = schema.get("required", ())
    fields: Json = schema.get("properties", {})
    rows = [_row(name, each, is_needed=name in needed, link=link) for name, each in fields.items()]
    return [*_HEAD, *rows] if rows else []


def type_words(schema: Json, link: Link) -> str:
    """A type in a few words, such as `list of text (uuid) or null`."""
    match schema:
        case {"$ref": str(ref)}:
            return link(ref.rpartition("/")[2])
        case {"const": value} | {"enum": [value]}:
            return f"`{value}`"
        case {"enum": list(values)}:
            return ", ".join("null" if each is None else f"`{each}`" for each in values)
        case {"anyOf": list(kinds)} | {"oneOf": list(kinds)}:
            return " or ".join(dict.fromkeys(type_words(each, link) for each in kinds))
        case {"type": "array"}:
            return f"list of {type_words(schema.get('items', {}), link)}"
        case {"type": "object", "additionalProperties": dict(inner)}:
            return f"object of {type_words(inner, link)}"
        case {"type": str(kind)}:
            return _plain_words(kind, schema)
        case _:
            return "any"


def cell(text: str) -> str:
    """Text that stays inside its cell."""
    return " ".join(text.split()).replace("|", "\\|")


def references(node: object) -> Iterator[str]:
    """Names of all shapes that a schema refers to, each as often as it does."""
    match node:
        case {"$ref": str(ref)}:
            yield ref.rpartition("/")[2]
        case dict():
            for each in node.values():
                yield from references(each)
        case list():
            for each in node:
                yield from references(each)


def _row(name: str, schema: Json, *, is_needed: bool, link: Link) -> str:
    default = "required" if is_needed else _default(schema)
    meaning = cell(schema.get("description", "")) or "-"
    return f"| `{name}` | {cell(type_words(schema, link))} | {cell(default)} | {meaning} |"


def _default(schema: Json) -> str:
    match schema:
        case {"default": None}:
            return "null"
        case {"default": bool(value)}:
            return f"`{str(value).lower()}`"
        case {"default": "" | [] | {}}:
            return "empty"
        case {"default": value}:
            return f"`{value}`"
        case _:
            return "-"


def _plain_words(kind: str, schema: Json) -> str:
    word = {"string": "text", "boolean": "true or false"}.get(kind, kind)
    bounds = _bounds(schema)
    inside = [each for each in (schema.get("format", ""), bounds) if each]
    return f"{word} ({', '.join(inside)})" if inside else word


def _bounds(schema: Json) -> str:
    low = schema.get("minimum", schema.get("minLength"))
    high = schema.get("maximum", schema.get("maxLength"))
    if low is None and high is None:
        return ""
    if high is None:
        return f"from {low}"
    return f"to {high}" if low is None else f"{low} to {high}"

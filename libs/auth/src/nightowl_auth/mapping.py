"""A key's mapping: how generic payloads that come with it are read, as field → JMESPath expression. Pure.

Expressions come from a tenant's managers and run inside a process that all tenants share, so all of it is bounded:
their length, how much one can multiply what it is given, and the size of what they give.
"""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, Literal, get_args

import jmespath
import msgspec
from jmespath import functions
from jmespath.exceptions import JMESPathError

from nightowl_common.errors import FieldProblem, InvalidError

Field = Literal[
    "alerts", "title", "status", "severity", "fingerprint", "description", "labels", "annotations", "starts_at",
    "ends_at", "url", "source",
]  # fmt: skip
"""What can be mapped. `alerts` is evaluated on the whole payload and gives the alerts; all others on one alert."""

FIELDS: tuple[Field, ...] = get_args(Field)

Json = str | int | float | bool | list[Any] | dict[str, Any] | None

MAX_EXPRESSION = 500
MAX_RESULT_BYTES = 256 * 1024
"""Of one alert's field, and of every text that is made on the way; the whole payload bounds `alerts`."""

MAX_COPIES = 64
"""`[@, @]` says everything twice, and can be said again of its own result: the product of all such places."""

_FAILURES = (JMESPathError, TypeError, ValueError, LookupError, AttributeError, ArithmeticError, RecursionError)
"""All that evaluating has been seen to raise on odd values; a bug of the evaluator must not become one of ours."""


class MappingError(Exception):
    """An expression cannot be evaluated on this payload."""


class _Bounded(functions.Functions):
    """The standard functions, with bounds on the two that can make far more out of little."""

    @functions.signature({"types": ["string"]}, {"types": ["array-string"]})
    def _func_join(self, separator: str, texts: list[str]) -> str:
        size = sum(map(len, texts)) + len(separator) * len(texts)
        if size > MAX_RESULT_BYTES:
            message = "join() gives too much"
            raise ValueError(message)
        return separator.join(texts)

    @functions.signature({"types": []})
    def _func_to_string(self, value: Json) -> str:
        text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
        if len(text) > MAX_RESULT_BYTES:
            message = "to_string() gives too much"
            raise ValueError(message)
        return text


_OPTIONS = jmespath.Options(custom_functions=_Bounded())


class CompiledMapping:
    """Expressions, ready. Made by `compile_mapping`."""

    def __init__(self, expressions: Mapping[str, str]) -> None:
        self.expressions = dict(expressions)
        self._compiled = {field: jmespath.compile(text) for field, text in expressions.items()}

    def alerts_of(self, payload: Json) -> Json:
        """What the expression for `alerts` gives; the payload itself when there is none.

        Raises:
            MappingError: it cannot be evaluated.
        """
        return self._search("alerts", payload) if "alerts" in self._compiled else payload

    def fields_of(self, alert: Json) -> dict[str, Json]:
        """The mapped fields of one alert; those that give null are left out.

        Raises:
            MappingError: one of them cannot be evaluated, or gives too much.
        """
        found: dict[str, Json] = {}
        for field in self._compiled:
            if field == "alerts":
                continue
            value = self._search(field, alert)
            if value is None:
                continue
            if len(_encoded(field, value)) > MAX_RESULT_BYTES:
                raise MappingError(f"{field}: the expression gives too much")
            found[field] = value
        return found

    def _search(self, field: str, value: Json) -> Json:
        try:
            found: Json = self._compiled[field].search(value, options=_OPTIONS)
        except _FAILURES as error:
            raise MappingError(f"{field}: {error}"[:300]) from error
        return found


def check_mapping(expressions: Mapping[str, str]) -> None:
    """Does nothing when every expression can be stored.

    Raises:
        InvalidError: with a problem per field that cannot be mapped, and per expression that is wrong.
    """
    problems = [
        FieldProblem(field=f"$.mapping.{field}", reason=reason)
        for field, text in expressions.items()
        if (reason := _find_fault(field, text)) is not None
    ]
    if problems:
        raise InvalidError(fields=problems)


@lru_cache(maxsize=1_000)
def _compiled(expressions: tuple[tuple[str, str], ...]) -> CompiledMapping:
    return CompiledMapping(dict(expressions))


def compile_mapping(expressions: Mapping[str, str]) -> CompiledMapping:
    """The mapping, compiled once per process.

    Raises:
        InvalidError: an expression is wrong.
    """
    check_mapping(expressions)
    return _compiled(tuple(sorted(expressions.items())))


def _find_fault(field: str, text: str) -> str | None:
    if field not in FIELDS:
        return f"cannot be mapped; these can: {', '.join(FIELDS)}"
    if not text.strip() or len(text) > MAX_EXPRESSION or "\x00" in text:
        return f"an expression has 1 to {MAX_EXPRESSION} characters"
    try:
        nodes = list(_nodes(jmespath.compile(text).parsed))
    except RecursionError:
        return "nested too deep"
    except (JMESPathError, ValueError) as error:
        return str(error).partition("\n")[0][:300]
    unknown = [each["value"] for each in nodes if each["type"] == "function_expression" and not _is_known(each)]
    if unknown:
        return f"unknown function {unknown[0]}()"
    return "repeats its input too often" if _copies(nodes) > MAX_COPIES else None


def _is_known(node: Mapping[str, Any]) -> bool:
    return node["value"] in _Bounded.FUNCTION_TABLE


def _nodes(node: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The node and all below it."""
    yield node
    for child in node.get("children", ()):
        if isinstance(child, dict):
            yield from _nodes(child)


def _copies(nodes: list[Mapping[str, Any]]) -> int:
    """How often an expression can say its input again, at worst."""
    copies = 1
    for node in nodes:
        if node["type"] in {"multi_select_list", "multi_select_dict"}:
            copies *= max(1, len(node["children"]))
    return copies


def _encoded(field: str, value: Json) -> bytes:
    try:
        return msgspec.json.encode(value)
    except (TypeError, ValueError, RecursionError) as error:
        raise MappingError(f"{field}: the expression gives no JSON value") from error

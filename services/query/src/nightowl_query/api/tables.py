"""Lists as JSON, or as CSV (RFC 4180) when the caller asks for `text/csv`."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar, cast
from urllib.parse import urlencode

import msgspec
from litestar import Request, Response
from litestar.openapi.spec import OpenAPIMediaType, Operation, Schema
from litestar.openapi.spec.enums import OpenAPIType

from nightowl_query.model import Page

PageT = TypeVar("PageT", bound=Page)

CSV_TYPE = "text/csv"
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")


@dataclass
class TableOperation(Operation):
    """An operation that answers CSV as well as JSON."""

    def __post_init__(self) -> None:
        answer = (self.responses or {}).get("200")
        content = getattr(answer, "content", None)
        if content is not None:
            content[CSV_TYPE] = OpenAPIMediaType(schema=Schema(type=OpenAPIType.STRING))


def wants_table(request: Request[Any, Any, Any]) -> bool:
    """Whether the caller would rather have CSV."""
    if "text/" not in request.headers.get("accept", "").lower():
        return False  # without weighing what is not there
    return request.accept.best_match(["application/json", CSV_TYPE]) == CSV_TYPE


def answer_table(request: Request[Any, Any, Any], page: PageT, items: Sequence[msgspec.Struct]) -> Response[PageT]:
    """The page in the form that the caller accepts. In CSV, the next page is a `Link` header."""
    if not wants_table(request):
        return Response(page)
    headers = {"X-Total-Count": str(page.total), "Content-Disposition": 'attachment; filename="nightowl.csv"'}
    if page.next_cursor is not None:
        headers["Link"] = f'<{_next_url(request, page.next_cursor)}>; rel="next"'
    text = to_csv(_columns(type(page)), items)
    return cast("Response[PageT]", Response(text, media_type=f"{CSV_TYPE}; header=present", headers=headers))


def to_csv(columns: Sequence[str], items: Sequence[msgspec.Struct]) -> str:
    """A header line and one line per item."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([cell(getattr(item, column)) for column in columns] for item in items)
    return out.getvalue()


def cell(value: object) -> str:
    """A value as a cell. Text that a spreadsheet would take for a formula is led by an apostrophe."""
    match value:
        case None:
            return ""
        case str():
            return f"'{value}" if value.startswith(_FORMULA_STARTS) else value
        case datetime():
            return value.isoformat()
        case bool() | dict() | list() | msgspec.Struct():
            return msgspec.json.encode(value).decode()
        case _:
            return str(value)


def _columns(page: type[Page]) -> list[str]:
    item = msgspec.inspect.type_info(page)
    assert isinstance(item, msgspec.inspect.StructType)
    listed = next(field.type for field in item.fields if field.name == "items")
    assert isinstance(listed, msgspec.inspect.ListType)
    assert isinstance(listed.item_type, msgspec.inspect.StructType)
    return [field.name for field in listed.item_type.fields]


def _next_url(request: Request[Any, Any, Any], cursor: str) -> str:
    asked = [(name, value) for name, value in request.query_params.multi_items() if name != "cursor"]
    return f"{request.url.path}?{urlencode([*asked, ('cursor', cursor)])}"

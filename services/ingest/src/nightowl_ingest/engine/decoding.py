"""Bytes to Structs, item by item when need be, and what to say about bytes that do not fit.

A payload is first decoded whole, which is fast and nearly always enough. Only when that fails is its list of alerts
taken apart unread (`msgspec.Raw`), so that the items which do fit are kept and the others are named.
"""

import re
from collections.abc import Callable, Sequence
from typing import TypeVar

import msgspec

from nightowl_common.errors import FieldProblem, InvalidError, MalformedError, NightOwlError
from nightowl_contracts import ReceivedAlert, RejectedAlert
from nightowl_ingest.engine.messages import MAX_ALERT_BYTES
from nightowl_ingest.engine.normalize import ItemError
from nightowl_ingest.model import Limits, Reading, TooManyAlertsError

UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ItemError)
"""All that reading can raise because of the bytes."""

NUL = rb"\u0000"
MAX_RAW_BYTES = 4 * 1024
"""Of a rejected alert."""

MAX_KEPT_BYTES = 64 * 1024
"""Of an accepted one."""
MAX_WORDS = 300

_ESCAPE = re.compile(
    rb"""(?xi)
      (?P<keep> \\\\ | \\u d[89ab][0-9a-f]{2} \\u d[c-f][0-9a-f]{2} )   # an escaped backslash, a whole surrogate pair
    | \\u0000 | \\u d[89a-f][0-9a-f]{2}                                  # NUL, half a pair
    """
)
_PLACE = re.compile(r"^(?P<reason>.*?)(?: - at `(?P<path>.*)`)?$", re.DOTALL)
_MISSING = re.compile(r"missing required field `(?P<name>[^`]+)`")
_STEP = re.compile(r"\.(?P<name>[^.\[]+)|\[(?P<index>\d+)\]|\[\.\.\.\]")

_any = msgspec.json.Decoder(msgspec.Raw)

EnvelopeT = TypeVar("EnvelopeT")


def clean(body: bytes) -> bytes:
    """The body without what cannot be stored: NUL, half surrogate pairs and bytes that are not UTF-8 become U+FFFD."""
    text = body.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace").encode()
    return _ESCAPE.sub(lambda found: found.group() if found["keep"] else rb"\ufffd", text)


def decode_envelope(body: bytes, decoder: "msgspec.json.Decoder[EnvelopeT]") -> EnvelopeT:
    """The payload around the alerts.

    Raises:
        MalformedError: not JSON, or nested too deep.
        InvalidError: JSON, but a field of the envelope is of a wrong type.
    """
    if not body.strip():
        raise MalformedError("The body is empty.")
    try:
        _any.decode(body)  # first, so that broken JSON is called that, whatever else is wrong with it
        return decoder.decode(body)
    except msgspec.ValidationError as error:
        problem = locate_problem(error, body)
        raise InvalidError(f"{problem.field}: {problem.reason}", fields=[problem]) from error
    except msgspec.DecodeError as error:
        ends = f" (byte {len(body)})" if "truncated" in str(error) else ""
        raise MalformedError(f"{error}{ends}") from error
    except RecursionError as error:
        raise MalformedError("The JSON is nested too deep.") from error


def read_items(
    items: Sequence[msgspec.Raw], path: str, *, read_one: Callable[[msgspec.Raw, int], ReceivedAlert]
) -> Reading:
    """Reads items one by one; `path` is where item 0 is, with `{}` for its number."""
    alerts: list[ReceivedAlert] = []
    rejected: list[RejectedAlert] = []
    for index, item in enumerate(items):
        try:
            raw, is_cut = keep_raw(item)
            alert = msgspec.structs.replace(read_one(item, index), raw=raw, raw_is_cut=is_cut)
            _check_size(alert, memoryview(item).nbytes)
            alerts.append(alert)
        except UNREADABLE as error:
            problem = _explain(error, bytes(item))
            rejected.append(_reject(bytes(item), index, problem, within=path.format(index)))
    return Reading(alerts=alerts, rejected=rejected)


def _check_size(alert: ReceivedAlert, read_bytes: int) -> None:
    """Raises:
    ItemError: the stream would not take it. Reading makes no text more than four times as long.
    """
    if read_bytes > MAX_ALERT_BYTES // 8 and len(msgspec.json.encode(alert)) > MAX_ALERT_BYTES:
        raise ItemError("$", f"larger than {MAX_ALERT_BYTES} bytes once it is read")


def keep_raw(item: msgspec.Raw) -> tuple[str, bool]:
    """An alert's own text, and whether it had to be cut.

    Raises:
        UnicodeDecodeError: it is not UTF-8.
    """
    text = memoryview(item)
    if len(text) <= MAX_KEPT_BYTES:
        return str(text, "utf-8"), False
    return str(text[:MAX_KEPT_BYTES], "utf-8", "ignore"), True


def check_count(count: int, limits: Limits) -> None:
    """Raises:
    TooManyAlertsError: more alerts than one call may bring.
    """
    if count > limits.max_alerts:
        raise TooManyAlertsError(f"{count} alerts in one call; {limits.max_alerts} are allowed.")


def rejected_body(body: bytes, error: NightOwlError) -> RejectedAlert:
    """A body that was refused as a whole, in the form in which it is listed."""
    problem = error.fields[0] if error.fields else FieldProblem(field="$", reason=error.detail)
    return _reject(body, 0, problem, within="$")


def locate_problem(error: msgspec.ValidationError, body: bytes) -> FieldProblem:
    """Which field, and why, from the decoder's words and (for an entry of a map, which it does not name) the body."""
    found = _PLACE.match(str(error))
    reason, path = (found["reason"], found["path"] or "$") if found else (str(error), "$")
    if missing := _MISSING.search(reason):
        path = f"{path}.{missing['name']}"
        reason = "required"
    if path.endswith("[...]"):
        path = _name_entry(path, body)
    return FieldProblem(field=path[:MAX_WORDS], reason=reason[:MAX_WORDS])


def _name_entry(path: str, body: bytes) -> str:
    """`$.labels[...]` becomes `$.labels.severity`: the first entry that is no text (or, in mixed maps, no scalar)."""
    parent = path.removesuffix("[...]")
    try:
        value = _walk(msgspec.json.decode(body), parent)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, LookupError, TypeError):
        return parent
    if not isinstance(value, dict):
        return parent
    for kinds in ((dict, list), (int, float, bool, type(None))):
        for name, entry in value.items():
            if isinstance(entry, kinds):
                return f"{parent}.{name}"
    return parent


def _walk(value: object, path: str) -> object:
    for step in _STEP.finditer(path):
        if step["name"] is not None:
            value = value[step["name"]]  # type: ignore[index]  # a wrong kind raises and is caught
        elif step["index"] is not None:
            value = value[int(step["index"])]  # type: ignore[index]  # as above
    return value


def _explain(error: Exception, item: bytes) -> FieldProblem:
    match error:
        case ItemError():
            return FieldProblem(field=error.field[:MAX_WORDS], reason=error.reason[:MAX_WORDS])
        case msgspec.ValidationError():
            return locate_problem(error, item)
        case RecursionError():
            return FieldProblem(field="$", reason="nested too deep")
        case _:
            return FieldProblem(field="$", reason=str(error)[:MAX_WORDS])


def _reject(raw: bytes, index: int, problem: FieldProblem, *, within: str) -> RejectedAlert:
    text = raw[:MAX_RAW_BYTES].decode("utf-8", "replace").replace("\x00", "\ufffd")
    return RejectedAlert(index=index, reason=problem.reason, field=within + problem.field.removeprefix("$"), raw=text)

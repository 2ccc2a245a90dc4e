"""Generic payloads in a shape of the sender's own, read as its key's mapping says.

A field that the mapping names comes from there alone, and is absent when its expression gives null; fields that it
does not name are read as in any generic payload.
"""

import msgspec

from nightowl_auth import CompiledMapping, MappingError
from nightowl_common.errors import FieldProblem, InvalidError
from nightowl_contracts import ReceivedAlert
from nightowl_ingest.engine import generic
from nightowl_ingest.engine.decoding import check_count, clean, decode_envelope, read_items
from nightowl_ingest.engine.generic import GenericAlert
from nightowl_ingest.engine.normalize import MAPPED, SENDERS, ItemError, Json, read_moment, text_of, texts_of
from nightowl_ingest.model import Limits, Reading

_ALIASES = {
    "title": ("title", "name", "alertname", "summary"),
    "description": ("description", "message"),
    "url": ("url", "generator_url"),
    "starts_at": ("starts_at", "startsAt"),
    "ends_at": ("ends_at", "endsAt"),
}
"""Other names of a field in a generic payload, which are not read either once it is mapped."""

_any: "msgspec.json.Decoder[Json]" = msgspec.json.Decoder()


def read(body: bytes, limits: Limits, mapping: CompiledMapping) -> Reading:
    """The alerts of a call, as the mapping finds them.

    Raises:
        MalformedError: not JSON.
        InvalidError: the mapping finds no alerts in it.
        TooManyAlertsError: more alerts than allowed.
    """
    items, path = _items(clean(body), mapping)
    check_count(len(items), limits)
    rules = MAPPED if "fingerprint" in mapping.expressions else SENDERS

    def read_one(item: msgspec.Raw, index: int) -> ReceivedAlert:
        return generic.normalise(_convert(_any.decode(item), mapping), index=index, limits=limits, rules=rules)

    return read_items(items, path, read_one=read_one)


def _items(body: bytes, mapping: CompiledMapping) -> tuple[list[msgspec.Raw], str]:
    payload = decode_envelope(body, _any)
    if "alerts" not in mapping.expressions:
        return generic.items_of(body)
    try:
        found = mapping.alerts_of(payload)
    except MappingError as error:
        raise InvalidError(fields=[FieldProblem(field="$", reason=str(error))]) from error
    if not isinstance(found, list | dict):
        raise InvalidError(fields=[FieldProblem(field="$", reason="the mapping's `alerts` finds no alerts")])
    alerts = found if isinstance(found, list) else [found]
    return [msgspec.Raw(msgspec.json.encode(each)) for each in alerts], "$.alerts[{}]"


def _convert(value: Json, mapping: CompiledMapping) -> GenericAlert:
    try:
        found = mapping.fields_of(value)
    except MappingError as error:
        raise ItemError("$", str(error)) from error
    named = {alias for field in mapping.expressions for alias in _ALIASES.get(field, (field,))}
    plain = {name: each for name, each in value.items() if name not in named} if isinstance(value, dict) else {}
    return msgspec.convert({**plain, **{name: _fit(name, each) for name, each in found.items()}}, GenericAlert)


def _fit(field: str, value: Json) -> object:
    """What an expression gave, in the field's own type."""
    match field:
        case "labels" | "annotations":
            if not isinstance(value, dict):
                raise ItemError(f"$.{field}", "the mapping gives no object")
            return texts_of(value)
        case "starts_at" | "ends_at":
            if isinstance(value, list | dict | bool):
                raise ItemError(f"$.{field}", "the mapping gives no time")
            return read_moment(value, f"$.{field}")
        case _:
            return text_of(value)

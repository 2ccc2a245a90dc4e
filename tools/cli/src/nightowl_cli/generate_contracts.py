"""JSON Schema and AsyncAPI, generated from the contracts, so that no page can differ from the code.

`generated_files` is a pure function of `nightowl_contracts`: the same code gives the same bytes.
"""

import inspect
import json
from collections.abc import Mapping, Sequence
from typing import TypeAlias

import msgspec
import yaml

from nightowl_contracts import BatchHandled, event_types, subjects, topology
from nightowl_contracts.topology import CHANNELS, CONSUMERS, STREAMS, Consumer, Header, Stream

Tree: TypeAlias = dict[str, object]

FOLDER = "schemas/events/jsonschema"
DRAFT = "https://json-schema.org/draft/2020-12/schema"

SENDERS: Mapping[str, tuple[str, ...]] = {
    "alerts.received.v1": ("ingest",),
    "alert.opened.v1": ("enrichment", "escalation"),
    "alert.repeated.v1": ("enrichment",),
    "alert.acknowledged.v1": ("notifier", "query"),
    "alert.investigating.v1": ("query",),
    "alert.unacknowledged.v1": ("query",),
    "alert.snoozed.v1": ("query",),
    "alert.unsnoozed.v1": ("escalation",),
    "alert.assigned.v1": ("query",),
    "alert.commented.v1": ("query",),
    "alert.reopened.v1": ("query",),
    "alert.resolved.v1": ("enrichment", "escalation", "notifier", "query"),
    "alert.escalated.v1": ("escalation",),
    "alert.exhausted.v1": ("escalation",),
    "alert.grouped.v1": ("enrichment",),
    "alert.suppressed.v1": ("escalation",),
    "alert.unsuppressed.v1": ("escalation",),
    "delivery.queued.v1": ("escalation", "notifier"),
    "delivery.sent.v1": ("notifier",),
    "delivery.delivered.v1": ("notifier",),
    "delivery.failed.v1": ("notifier",),
    "delivery.superseded.v1": ("enrichment", "notifier", "query"),
    "incident.created.v1": ("enrichment", "query"),
    "incident.updated.v1": ("query",),
    "incident.merged.v1": ("query",),
    "incident.archived.v1": ("query",),
    "rule.changed.v1": ("query",),
    "roster.changed.v1": ("query",),
    "leave.changed.v1": ("query",),
    "oncall.handoff.v1": ("escalation",),
    "policy.changed.v1": ("query",),
    "subscription.changed.v1": ("notifier", "query"),
    "page.requested.v1": ("escalation", "notifier"),
}
"""Which services publish an event. A new event without an entry here fails the generation."""

DEAD_LETTER = "dead.letter"
BATCH_HANDLED = "batch.handled"
TIMERS_HINT = "timers.hint"
UNREAD_HINT = "unread.hint"

_PARAMETERS: Mapping[str, Tree] = {
    "tenant": {"description": "The tenant's slug."},
    "channel": {"description": "What the page goes over.", "enum": list(CHANNELS)},
    "stream": {"description": "The stream that the message was on.", "enum": [each.name for each in STREAMS]},
    "instance": {"description": "The id of one ingest process."},
}


def generated_files() -> dict[str, str]:
    """Path inside the repository → text, for every file that is made from the contracts."""
    files = {f"{FOLDER}/{tag}.json": _json(schema_of_event(tag)) for tag in event_types()}
    files[f"{FOLDER}/asyncapi.yaml"] = _yaml(asyncapi())
    return dict(sorted(files.items()))


def schema_of_event(tag: str) -> Tree:
    """The JSON Schema (draft 2020-12) of one event. Unknown fields are allowed: readers skip them."""
    return {"$schema": DRAFT, "$id": f"urn:nightowl:event:{tag}", **_schema(event_types()[tag])}


def asyncapi() -> Tree:
    """The AsyncAPI 3.0 document: every subject, what is on it, who sends and who receives."""
    return {
        "asyncapi": "3.0.0",
        "info": _info(),
        "defaultContentType": "application/json",
        "servers": _servers(),
        "channels": _channels(),
        "operations": {**_sends(), **_receives(), **_core_operations()},
        "components": {"messages": _messages()},
        "x-streams": {each.name: _kept(each) for each in STREAMS},
    }


def _info() -> Tree:
    return {
        "title": "NightOwl events",
        "version": "1.0.0",
        "description": (
            "What NightOwl's services say to each other over NATS JetStream. "
            "New fields have defaults, types never change, readers skip unknown fields; "
            "a change that an old reader could not survive is a new tag."
        ),
        "license": {"name": "Apache-2.0"},
    }


def _servers() -> Tree:
    return {
        "nats": {
            "host": "{host}",
            "protocol": "nats",
            "description": "NATS 2.15 or newer with JetStream; the setting NATS_URL names it.",
            "variables": {"host": {"default": "localhost:4222", "description": "Host and port."}},
        }
    }


def _channels() -> Tree:
    channels = {_channel_of(tag): _event_channel(tag) for tag in event_types()}
    channels[DEAD_LETTER] = _channel(subjects.dlq("{stream}"), [DEAD_LETTER], topology.DLQ)
    channels[BATCH_HANDLED] = _channel(subjects.reply("{instance}"), [BATCH_HANDLED], None)
    channels[TIMERS_HINT] = _channel(subjects.HINT_TIMERS, [TIMERS_HINT], None)
    channels[UNREAD_HINT] = _channel(subjects.HINT_UNREAD, [UNREAD_HINT], None)
    return dict(channels)


def _event_channel(tag: str) -> Tree:
    stream = stream_of(tag)
    match stream:
        case topology.INGEST:
            return _channel(subjects.ingest("{tenant}"), [tag], stream)
        case topology.PAGES:
            return _channel(subjects.page("{tenant}", "{channel}"), [tag], stream)
        case _:
            return _channel(subjects.event("{tenant}", tag), [tag], stream)


def _channel(address: str, messages: Sequence[str], stream: Stream | None) -> Tree:
    """A channel; without a stream it is core NATS, where nothing is kept."""
    names = [name for name in _PARAMETERS if f"{{{name}}}" in address]
    return {
        "address": address,
        "servers": [{"$ref": "#/servers/nats"}],
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in messages},
        **({"parameters": {name: _PARAMETERS[name] for name in names}} if names else {}),
        **({"x-core-nats": True} if stream is None else {"x-stream": stream.name}),
    }


def _kept(stream: Stream) -> Tree:
    return {
        "x-promise": stream.promise,
        "x-subjects": list(stream.subjects),
        "x-retention": {
            "policy": "limits",
            "storage": "file",
            "max-age-seconds": stream.max_age_seconds,
            "max-bytes": stream.max_bytes,
            "max-message-bytes": stream.max_message_bytes,
            "duplicate-window-seconds": stream.duplicate_window_seconds,
        },
    }


def _sends() -> Tree:
    operations: Tree = {}
    for tag in event_types():
        for service in SENDERS[tag]:
            channel = _channel_of(tag)
            operations[f"{service}.send.{channel}"] = _operation("send", channel, summary_of(event_types()[tag]))
    return operations


def _receives() -> Tree:
    return {f"{consumer.name}.receive": _receive(consumer) for consumer in CONSUMERS}


def _receive(consumer: Consumer) -> Tree:
    tag = next(tag for tag in event_types() if stream_of(tag).name == consumer.stream)
    operation = _operation("receive", _channel_of(tag), consumer.promise)
    operation["x-promise"] = consumer.promise
    operation["x-consumer"] = {
        "durable-name": consumer.name,
        "stream": consumer.stream,
        "filter-subject": consumer.filter_subject,
        "ack-policy": "explicit",
        "ack-wait-seconds": consumer.ack_wait_seconds,
        "max-ack-pending": consumer.max_ack_pending,
        "max-deliver": -1,
    }
    return operation


def _core_operations() -> Tree:
    return {
        "enrichment.send.batch.handled": _operation("send", BATCH_HANDLED, summary_of(BatchHandled)),
        "ingest.receive.batch.handled": _operation("receive", BATCH_HANDLED, "Answers a caller who waits."),
        "enrichment.send.dead.letter": _operation("send", DEAD_LETTER, "Keeps what can never be handled."),
        "notifier.send.dead.letter": _operation("send", DEAD_LETTER, "Keeps what can never be handled."),
        "enrichment.send.timers.hint": _operation("send", TIMERS_HINT, "A timer is due now."),
        "escalation.receive.timers.hint": _operation("receive", TIMERS_HINT, "Looks for due timers at once."),
        "enrichment.send.unread.hint": _operation("send", UNREAD_HINT, "INGEST gives nothing to anybody."),
        "ingest.receive.unread.hint": _operation("receive", UNREAD_HINT, "Puts what it accepts into the spool."),
    }


def _operation(action: str, channel: str, summary: str) -> Tree:
    return {"action": action, "channel": {"$ref": f"#/channels/{channel}"}, "summary": summary}


def _messages() -> Tree:
    messages: Tree = {tag: _event_message(tag) for tag in event_types()}
    messages[BATCH_HANDLED] = {
        "name": BATCH_HANDLED,
        "summary": summary_of(BatchHandled),
        "payload": _inlined(BatchHandled),
    }
    messages[DEAD_LETTER] = {
        "name": DEAD_LETTER,
        "summary": "The original bytes of a message that can never be handled.",
        "contentType": "application/octet-stream",
        "headers": _headers(Header.MESSAGE_ID, Header.REASON, Header.ORIGIN),
    }
    messages[TIMERS_HINT] = {"name": TIMERS_HINT, "summary": "Empty: a timer was written that may be due."}
    messages[UNREAD_HINT] = {"name": UNREAD_HINT, "summary": "Empty: what INGEST holds reaches no enrichment now."}
    return messages


def _event_message(tag: str) -> Tree:
    kind = event_types()[tag]
    return {
        "name": tag,
        "title": kind.__name__,
        "summary": summary_of(kind),
        "headers": _headers(Header.MESSAGE_ID, Header.EVENT_ID, Header.TRACE),
        "payload": {"$ref": f"./{tag}.json"},
        "x-example": f"../examples/{tag}.json",
    }


def _headers(*names: str) -> Tree:
    return {
        "type": "object",
        "properties": {name: {"type": "string"} for name in names},
        "required": [Header.MESSAGE_ID],
    }


def _channel_of(tag: str) -> str:
    return tag.rpartition(".")[0]


def stream_of(tag: str) -> Stream:
    """Where an event is kept."""
    match tag.partition(".")[0]:
        case "alerts":
            return topology.INGEST
        case "page":
            return topology.PAGES
        case _:
            return topology.EVENTS


def summary_of(kind: type[msgspec.Struct]) -> str:
    """The first paragraph of what a Struct says of itself."""
    return inspect.cleandoc(kind.__doc__ or "").partition("\n\n")[0].replace("\n", " ")


def _schema(kind: type[msgspec.Struct]) -> Tree:
    schema = _plain(msgspec.json.schema(kind))
    if not isinstance(schema, dict):
        message = f"{kind.__name__} has no object schema"
        raise TypeError(message)
    return schema


def _inlined(kind: type[msgspec.Struct]) -> Tree:
    """A schema without `$defs`, for a place inside a larger document."""
    _roots, components = msgspec.json.schema_components([kind], ref_template="#/$defs/{name}")
    resolved = _resolve(_plain(components[kind.__name__]), {name: _plain(each) for name, each in components.items()})
    if not isinstance(resolved, dict):
        message = f"{kind.__name__} has no object schema"
        raise TypeError(message)
    return resolved


def _resolve(node: object, definitions: Mapping[str, object]) -> object:
    match node:
        case {"$ref": str(ref)}:
            return _resolve(definitions[ref.rpartition("/")[2]], definitions)
        case dict():
            return {key: _resolve(each, definitions) for key, each in node.items()}
        case list():
            return [_resolve(each, definitions) for each in node]
        case _:
            return node


def _plain(node: object) -> object:
    """Descriptions without the indentation of the docstrings that they come from."""
    match node:
        case dict():
            return {
                str(key): inspect.cleandoc(each) if key == "description" and isinstance(each, str) else _plain(each)
                for key, each in node.items()
            }
        case list():
            return [_plain(each) for each in node]
        case _:
            return node


def _json(tree: Tree) -> str:
    return json.dumps(tree, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


class _WithoutAnchors(yaml.SafeDumper):
    """A part that occurs twice is written twice: anchors are hard to read and many tools refuse them."""

    def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002  (the base class's signature)
        return True


def _yaml(tree: Tree) -> str:
    text: str = yaml.dump(tree, Dumper=_WithoutAnchors, sort_keys=True, allow_unicode=True, width=120)
    return f"# Generated from nightowl_contracts by `nightowl generate`; do not edit.\n{text}"

"""The system's one OpenAPI document, merged from what each service says of itself.

Services are built, never started: nothing is connected. Paths come from Litestar, schemas from msgspec, which also
reads and writes the bodies. A name that stands for two different things is an error, never a silent choice.
"""

import inspect
from collections.abc import Iterable, Iterator
from importlib.metadata import version
from typing import Any

import msgspec
from litestar import Litestar
from litestar._openapi.plugin import OpenAPIPlugin
from litestar.config.app import AppConfig
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.config import OpenAPIConfig
from litestar.routes import HTTPRoute
from litestar.typing import FieldDefinition

from nightowl_common.settings import load_settings
from nightowl_ingest.api import webhook_paths
from nightowl_notifier.app import build as build_notifier
from nightowl_notifier.settings import Settings as NotifierSettings
from nightowl_query.api.examples import body_examples
from nightowl_query.app import build as build_query
from nightowl_query.settings import Settings as QuerySettings

Json = dict[str, Any]

REFS = "#/components/schemas/{name}"
_NOWHERE = {"DATABASE_URL": "postgresql://nowhere", "NATS_URL": "nats://nowhere", "REDIS_URL": "redis://nowhere"}
_NOISE = {"deprecated": False, "allowEmptyValue": False, "allowReserved": False, "headers": {}}

_ABOUT = """Alerting and on-call: alerts come in over webhooks, fold into open alerts, page people tier by tier until
somebody acknowledges.

Errors are `application/problem+json` (RFC 9457) with a stable `code` and the request id. Lists are
`{items, next_cursor, total}`: pass `next_cursor` back as `cursor`. Repeated query parameters are alternatives.
`Accept: text/csv` gives a list's page as CSV."""

_SUCCESSES = {"200": "Done.", "201": "Written.", "202": "Taken on.", "204": "Done."}
_LITESTARS_WORDS = frozenset(
    {
        "Request fulfilled, document follows", "Document created, URL follows",
        "Request accepted, processing continues off-line", "Request fulfilled, nothing follows",
    }
)  # fmt: skip

_SECURITY = {
    "apiKey": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
    "bearer": {"type": "http", "scheme": "bearer", "description": "An API key as the bearer token."},
    "session": {"type": "apiKey", "in": "cookie", "name": "__Host-nightowl", "description": "Set by `/auth/login`."},
    "basic": {"type": "http", "scheme": "basic", "description": "An API key as the password, with any user name."},
}

_TAGS = {
    "Webhooks": "Alerts come in.",
    "Heartbeats": "Who must be heard of every so often.",
    "Alerts": "What is wrong, and who has taken it.",
    "Groups": "Alerts that belong together.",
    "Noise": "Where alerts belong, what mutes their pages, and what puts them into groups.",
    "Escalation": "Who is paged over what, and who is next when nobody answers.",
    "On call": "Who is asked, in which order.",
    "People": "Those who can be on call.",
    "Deliveries": "Pages on their way.",
    "Endpoints": "Addresses outside that pages are posted to.",
    "Webhook subscriptions": "Events that are posted to endpoints, and what became of them.",
    "Providers": "What Slack and Twilio call back; signed by them, not by an API key.",
    "Keys": "What programs sign in with.",
    "Knowledge": "What is known about problems, and what helped.",
    "Signing in": "Sessions of browsers.",
    "Platform": "Tenants, for those who run the installation: by a platform key, which opens nothing else.",
    "Insight": "What nights and weeks were like.",
    "System": "How the installation is doing.",
}


class UnknownTagError(Exception):
    """Nobody has said what a tag stands for."""


class ConflictingNameError(Exception):
    """Two services mean different things by one path or schema name."""


def system_openapi() -> Json:
    """The document.

    Raises:
        ConflictingNameError: two services disagree about a path, an operation id or a schema.
    """
    apps = unstarted_apps()
    parts = [_part(apps["query"]), _part(apps["notifier"]), webhook_paths()]
    paths = _merge_paths(part["paths"] for part in parts)
    schemas = _merge((part["components"]["schemas"] for part in parts), what="schema")
    _check_operation_ids(paths)
    _check_tags(paths)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "NightOwl",
            "version": version("nightowl-cli"),
            "description": _ABOUT,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "security": [{name: []} for name in _SECURITY],
        "tags": [{"name": name, "description": text} for name, text in _TAGS.items()],
        "paths": dict(sorted(paths.items())),
        "components": {"schemas": dict(sorted(schemas.items())), "securitySchemes": _SECURITY},
    }


def unstarted_apps() -> dict[str, Litestar]:
    """The services that route by Litestar, built and connected to nothing."""
    return {
        "query": build_query(load_settings(QuerySettings, _NOWHERE)),
        "notifier": build_notifier(load_settings(NotifierSettings, _NOWHERE)),
    }


def _part(app: Litestar) -> Json:
    handlers = list(_handlers(app))
    paths: Json = _tidy(_litestar_document(app)["paths"])
    by_id = {str(each.operation_id): each for each in handlers}
    for operation in _operations(paths):
        _complete(operation, by_id[operation["operationId"]])
    structs = {struct for handler in handlers for field in _fields(handler) for struct in _structs(field)}
    _, schemas = msgspec.json.schema_components(
        sorted(structs, key=lambda each: each.__name__), schema_hook=_schema_of_anything, ref_template=REFS
    )
    for schema in schemas.values():
        schema["description"] = inspect.cleandoc(schema.get("description", ""))
    return {"paths": paths, "components": {"schemas": schemas}}


def _litestar_document(app: Litestar) -> Json:
    """What Litestar knows, though the app serves no document: its plugin has kept the routes."""
    plugin = app.plugins.get(OpenAPIPlugin)
    plugin.on_app_init(AppConfig(openapi_config=OpenAPIConfig(title="", version="", use_handler_docstrings=True)))
    return plugin.provide_openapi().to_schema()


def _handlers(app: Litestar) -> Iterator[HTTPRouteHandler]:
    for route in app.routes:
        if isinstance(route, HTTPRoute):
            for handler in route.route_handlers:
                if handler.resolve_include_in_schema() and handler.operation_id is not None:
                    yield handler


def _complete(operation: Json, handler: HTTPRouteHandler) -> None:
    """Says what Litestar cannot know: the role that is needed, and that an optional body may be left out."""
    for parameter in operation.get("parameters", []):
        parameter["schema"] = _without_null(parameter["schema"])
    for code, text in _SUCCESSES.items():
        if operation["responses"].get(code, {}).get("description") in _LITESTARS_WORDS:
            operation["responses"][code]["description"] = text
    roles = [guard.required_role for guard in handler.resolve_guards() if hasattr(guard, "required_role")]
    if roles:
        operation["x-required-role"] = roles[-1]
    else:
        operation["security"] = []
    body = operation.get("requestBody")
    if body is not None and handler.parsed_data_field is not None and handler.parsed_data_field.is_optional:
        body["required"] = False
    if body is not None and handler.parsed_data_field is not None:
        examples = [each for kind in _structs(handler.parsed_data_field) for each in body_examples().get(kind, ())]
        named = {f"example {number}": {"value": each} for number, each in enumerate(examples, start=1)}
        for content in body["content"].values():
            content["examples"] = named


def _without_null(schema: Json) -> Json:
    """A parameter that is not given is absent; it is never null."""
    kinds = [each for each in schema.get("oneOf", []) if each != {"type": "null"}]
    around = {key: value for key, value in schema.items() if key != "oneOf"}
    plain = {**kinds[0], **around} if len(kinds) == 1 else schema
    return {key: value for key, value in plain.items() if key != "description"}


def _fields(handler: HTTPRouteHandler) -> Iterator[FieldDefinition]:
    yield handler.parsed_return_field
    if handler.parsed_data_field is not None:
        yield handler.parsed_data_field
    for spec in (handler.responses or {}).values():
        if spec.data_container is not None:
            yield FieldDefinition.from_annotation(spec.data_container)


def _structs(field: FieldDefinition) -> Iterator[type[msgspec.Struct]]:
    if isinstance(field.annotation, type) and issubclass(field.annotation, msgspec.Struct):
        yield field.annotation
    for inner in field.inner_types:
        yield from _structs(inner)


def _schema_of_anything(kind: type) -> Json:
    if kind is object:
        return {"description": "Any JSON value."}
    message = f"no schema for {kind}"
    raise NotImplementedError(message)


def _operations(paths: Json) -> Iterator[Json]:
    for item in paths.values():
        yield from (each for each in item.values() if isinstance(each, dict))


def _tidy(node: Any) -> Any:
    """Without members that only repeat OpenAPI's defaults."""
    if isinstance(node, dict):
        return {key: _tidy(value) for key, value in node.items() if key not in _NOISE or value != _NOISE[key]}
    if isinstance(node, list):
        return [_tidy(each) for each in node]
    return node


def _merge(parts: Iterable[Json], *, what: str) -> Json:
    merged: Json = {}
    for part in parts:
        for name, value in part.items():
            if merged.setdefault(name, value) != value:
                raise ConflictingNameError(f"two services mean different things by the {what} {name}")
    return merged


def _merge_paths(parts: Iterable[Json]) -> Json:
    """One path may be answered by two services, each with methods of its own."""
    by_path: dict[str, list[Json]] = {}
    for part in parts:
        for path, item in part.items():
            by_path.setdefault(path, []).append(item)
    return {path: _merge(items, what=f"method of {path}:") for path, items in by_path.items()}


def _check_tags(paths: Json) -> None:
    for operation in _operations(paths):
        if unknown := set(operation["tags"]) - _TAGS.keys():
            raise UnknownTagError(f"{operation['operationId']}: _TAGS says nothing of the tag {unknown.pop()}")


def _check_operation_ids(paths: Json) -> None:
    seen: set[str] = set()
    for operation in _operations(paths):
        if operation["operationId"] in seen:
            raise ConflictingNameError(f"two operations are called {operation['operationId']}")
        seen.add(operation["operationId"])

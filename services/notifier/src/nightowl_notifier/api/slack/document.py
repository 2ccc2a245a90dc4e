"""Slack's requests in the API document: no handler parameter can be such a body, whose raw text is signed."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.spec import OpenAPIMediaType, Operation, RequestBody, Schema
from litestar.openapi.spec.enums import OpenAPIType

from nightowl_common.web import PROBLEM_TYPE, Problem
from nightowl_notifier.api.forms import FormOperation

_WORDS = {
    400: "The request cannot be read.",
    403: "It is not signed by Slack for an app of ours, it is older than five minutes, or it came before.",
    413: "The body is too large.",
    422: "It says something else than Slack does.",
    503: "Not possible at this moment.",
}
REFUSALS = {
    status: ResponseSpec(Problem, description=text, media_type=PROBLEM_TYPE, generate_examples=False)
    for status, text in _WORDS.items()
}


@dataclass
class CommandOperation(FormOperation):
    """A slash command."""

    fields: ClassVar[Mapping[str, str]] = {
        "command": "/nightowl",
        "text": "oncall",
        "team_id": "T0123ABCD",
        "user_id": "U0123ABCD",
        "response_url": "https://hooks.slack.com/commands/T0123ABCD/1/x",
    }


@dataclass
class InteractionOperation(FormOperation):
    """A button or a form; `payload` is JSON."""

    fields: ClassVar[Mapping[str, str]] = {"payload": '{"type": "block_actions", "team": {"id": "T0123ABCD"}}'}


@dataclass
class EventOperation(Operation):
    """A call of the Events API."""

    example: ClassVar[Mapping[str, Any]] = {"type": "url_verification", "challenge": "3eZbrw1aB"}

    def __post_init__(self) -> None:
        schema = Schema(type=OpenAPIType.OBJECT)
        self.request_body = RequestBody(
            content={"application/json": OpenAPIMediaType(schema=schema, example=dict(self.example))}, required=True
        )

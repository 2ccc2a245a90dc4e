"""Twilio's requests in the API document: no handler parameter can be such a form, whose raw text is signed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.spec import OpenAPIMediaType, Operation, RequestBody, Schema
from litestar.openapi.spec.enums import OpenAPIType

from nightowl_common.web import PROBLEM_TYPE, Problem

FORM = "application/x-www-form-urlencoded"


def _refusal(description: str) -> ResponseSpec:
    return ResponseSpec(Problem, description=description, media_type=PROBLEM_TYPE, generate_examples=False)


REFUSALS = {
    400: _refusal("The request cannot be read."),
    403: _refusal("It is not signed by Twilio, or `d` not by NightOwl."),
    413: _refusal("The body is too large."),
    503: _refusal("Not possible at this moment; Twilio tries again."),
}


@dataclass
class FormOperation(Operation):
    """An operation that takes a form of Twilio's."""

    fields: ClassVar[Mapping[str, str]] = {}
    """Name → example."""

    others: ClassVar[Sequence[str]] = ()
    """Names without one."""

    def __post_init__(self) -> None:
        properties = dict.fromkeys([*self.fields, *self.others], Schema(type=OpenAPIType.STRING))
        schema = Schema(type=OpenAPIType.OBJECT, properties={**properties})
        form = OpenAPIMediaType(schema=schema, example=dict(self.fields))
        self.request_body = RequestBody(content={FORM: form}, required=True)


@dataclass
class StatusOperation(FormOperation):
    """What became of a text message or a call."""

    fields: ClassVar[Mapping[str, str]] = {
        "MessageSid": "SM0123456789abcdef0123456789abcdef",
        "MessageStatus": "delivered",
    }
    others: ClassVar[Sequence[str]] = ("SmsStatus", "CallSid", "CallStatus", "ErrorCode")


@dataclass
class VoiceOperation(FormOperation):
    """What was pressed or said."""

    fields: ClassVar[Mapping[str, str]] = {"CallSid": "CA0123456789abcdef0123456789abcdef", "Digits": "1"}
    others: ClassVar[Sequence[str]] = ("SpeechResult",)


@dataclass
class SmsOperation(FormOperation):
    """A text to our number."""

    fields: ClassVar[Mapping[str, str]] = {
        "MessageSid": "SM0123456789abcdef0123456789abcdef",
        "From": "+15551234567",
        "Body": "ACK",
    }

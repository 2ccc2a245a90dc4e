"""Callbacks of providers. They carry no API key: the provider's signature and our own decide. Fails closed."""

from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import parse_qsl

from litestar import Request, post
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.spec import OpenAPIMediaType, Operation, RequestBody, Schema
from litestar.openapi.spec.enums import OpenAPIType
from litestar.params import QueryParameter

from nightowl_alerting import sending
from nightowl_common.errors import ForbiddenError
from nightowl_common.logs import get_logger
from nightowl_common.outbox import Outbox
from nightowl_common.web import PROBLEM_TYPE, Problem
from nightowl_notifier.channels.callbacks import TWILIO_STATUS_PATH, Reference, TwilioCallbacks

log = get_logger(__name__)

PROVIDER = "twilio"
MAX_BODY_BYTES = 64 * 1024
MAX_WORD = 40


class SignatureError(ForbiddenError):
    """The request is not signed as it must be, or signatures cannot be checked here."""

    code = "bad_signature"


_FIELDS = {"MessageSid": "SM0123456789abcdef0123456789abcdef", "MessageStatus": "delivered"}


@dataclass
class FormOperation(Operation):
    """An operation that takes Twilio's form, which no handler parameter can be: its signature is over the raw text."""

    def __post_init__(self) -> None:
        fields = dict.fromkeys([*_FIELDS, "SmsStatus", "ErrorCode"], Schema(type=OpenAPIType.STRING))
        form = OpenAPIMediaType(schema=Schema(type=OpenAPIType.OBJECT, properties={**fields}), example=_FIELDS)
        self.request_body = RequestBody(content={"application/x-www-form-urlencoded": form}, required=True)


def _refusal(description: str) -> ResponseSpec:
    return ResponseSpec(Problem, description=description, media_type=PROBLEM_TYPE, generate_examples=False)


REFUSALS = {
    400: _refusal("The request cannot be read."),
    403: _refusal("It is not signed by Twilio, or `d` not by NightOwl."),
    413: _refusal("The body is too large."),
    503: _refusal("Not possible at this moment; Twilio tries again."),
}


def twilio_routes(callbacks: TwilioCallbacks) -> list[HTTPRouteHandler]:
    """`POST /api/v1/twilio/status`."""

    @post(
        TWILIO_STATUS_PATH,
        operation_id="twilioStatus",
        tags=["Providers"],
        summary="Twilio tells what became of a text message",
        status_code=204,
        request_max_body_size=MAX_BODY_BYTES,
        responses=REFUSALS,
        operation_class=FormOperation,
    )
    async def twilio_status(
        request: Request[Any, Any, Any],
        d: Annotated[str, QueryParameter(description="The delivery and its tenant, signed by NightOwl.")] = "",
    ) -> None:
        """A callback that comes late or twice changes nothing. 403 unless both signatures are right."""
        form = await _form(request)
        reference = _verified(callbacks, request, form=form, signed=d)
        outbox: Outbox = request.app.state.outbox
        await on_twilio_status(reference, form, outbox=outbox)

    return [twilio_status]


async def on_twilio_status(reference: Reference, form: dict[str, str], *, outbox: Outbox) -> None:
    """Applies a verified callback by rank; late, doubled and unknown ones change nothing."""
    word = (form.get("MessageStatus") or form.get("SmsStatus") or "")[:MAX_WORD]
    code = form.get("ErrorCode", "")
    async with outbox.tenant_tx(reference.tenant) as tx:
        has_changed = await sending.apply_callback(
            tx,
            reference.tenant,
            reference.delivery_id,
            provider=PROVIDER,
            provider_id=form.get("MessageSid", "")[:MAX_WORD],
            word=word,
            detail=f"error {code[:MAX_WORD]}" if code else None,
        )
    log.info(
        "callback", tenant=reference.tenant, delivery_id=str(reference.delivery_id), word=word, changed=has_changed
    )


def _verified(
    callbacks: TwilioCallbacks, request: Request[Any, Any, Any], *, form: dict[str, str], signed: str
) -> Reference:
    query = request.scope["query_string"].decode("latin-1")
    if not callbacks.is_from_twilio(query=query, form=form, signature=request.headers.get("x-twilio-signature")):
        raise SignatureError
    reference = callbacks.read(signed)
    if reference is None:
        raise SignatureError
    return reference


async def _form(request: Request[Any, Any, Any]) -> dict[str, str]:
    """The body's fields; anything that is not a form has none, and fails its signature."""
    body = await request.body()
    try:
        return dict(parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=100))
    except ValueError:
        return {}

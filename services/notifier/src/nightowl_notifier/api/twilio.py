"""What Twilio asks and reports. No API key: Twilio's signature decides, and ours where an address names a delivery.

Fails closed: without a secret or a public address, everything is refused. What comes again changes nothing.
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any
from urllib.parse import parse_qsl

from litestar import Request, Response, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import QueryParameter
from twilio.twiml.messaging_response import MessagingResponse

from nightowl_alerting import answers, sending
from nightowl_alerting.store import load_answered_page
from nightowl_common.db import Database
from nightowl_common.errors import ForbiddenError, TransientError
from nightowl_common.logs import get_logger
from nightowl_common.outbox import Outbox
from nightowl_notifier import engine, store
from nightowl_notifier.api.forms import REFUSALS, SmsOperation, StatusOperation, VoiceOperation
from nightowl_notifier.api.words import TRY_AGAIN, note, outcome
from nightowl_notifier.channels import voice
from nightowl_notifier.channels.accounts import TwilioAccount
from nightowl_notifier.channels.callbacks import SMS_PATH, STATUS_PATH, VOICE_PATH, Callbacks, Reference
from nightowl_notifier.channels.sms import REPLY_CHARACTERS
from nightowl_notifier.channels.text import cut, one_line, short_code
from nightowl_notifier.model import Chosen, CodeNeeded, NothingOpen, PhonePage, Reply, Selection, UnknownCode

log = get_logger(__name__)

PROVIDER = "twilio"
TAGS = ["Providers"]
MAX_BODY_BYTES = 64 * 1024
MAX_WORD = 40
MAX_DIGITS = 3
XML = "application/xml"
PAGES_LOOKED_AT = 100
"""Newest pages to a number, per tenant, among which an answer looks for its page."""

LISTED = 3
"""Open pages that are named when a code is needed."""

HOW_TO_REPLY = "Reply ACK to acknowledge or ESC to escalate, with the code after ref if several alerts are open."
NO_TEXT = "There is no such page any more."

Form = Mapping[str, str]
AnyRequest = Request[Any, Any, Any]
Signed = Annotated[str, QueryParameter(description="The delivery and its tenant, signed by NightOwl.")]
Turn = Annotated[str, QueryParameter(description="How often the question was asked in this call before.")]


class SignatureError(ForbiddenError):
    """The request is not signed as it must be, or signatures cannot be checked here."""

    code = "bad_signature"


def twilio_routes(callbacks: Callbacks) -> list[HTTPRouteHandler]:
    """`POST /api/v1/twilio/{status,voice,sms}`."""
    return [_status_route(callbacks), _voice_route(callbacks), _sms_route(callbacks)]


def _status_route(callbacks: Callbacks) -> HTTPRouteHandler:
    @post(
        STATUS_PATH, operation_id="twilioStatus", tags=TAGS, status_code=204, responses=REFUSALS,
        summary="Twilio tells what became of a text message or a call", operation_class=StatusOperation,
        request_max_body_size=MAX_BODY_BYTES,
    )  # fmt: skip
    async def twilio_status(request: AnyRequest, d: Signed = "") -> None:
        """A callback that comes late or twice changes nothing. 403 unless both signatures are right."""
        reference, form = await _verified_callback(callbacks, request, STATUS_PATH, d)
        await on_status(reference, form, outbox=request.app.state.outbox)

    return twilio_status


def _voice_route(callbacks: Callbacks) -> HTTPRouteHandler:
    @post(
        VOICE_PATH, operation_id="twilioVoice", tags=TAGS, status_code=200, responses=REFUSALS, media_type=XML,
        summary="Twilio tells what was pressed or said in a call", operation_class=VoiceOperation,
        request_max_body_size=MAX_BODY_BYTES,
    )  # fmt: skip
    async def twilio_voice(request: AnyRequest, d: Signed = "", n: Turn = "0") -> Response[str]:
        """Answers with what is said next, as TwiML. 403 unless both signatures are right."""
        reference, form = await _verified_callback(callbacks, request, VOICE_PATH, d)
        again = _again(callbacks, d, int(n) + 1 if n.isdecimal() and len(n) <= MAX_DIGITS else voice.TURNS)
        told = await on_voice(reference, form, again=again, outbox=request.app.state.outbox)
        return Response(told, media_type=XML)

    return twilio_voice


def _sms_route(callbacks: Callbacks) -> HTTPRouteHandler:
    @post(
        SMS_PATH, operation_id="twilioSms", tags=TAGS, status_code=200, responses=REFUSALS, media_type=XML,
        summary="Somebody replies to a text message", operation_class=SmsOperation,
        request_max_body_size=MAX_BODY_BYTES,
    )  # fmt: skip
    async def twilio_sms(request: AnyRequest) -> Response[str]:
        """Answers with what is texted back, as TwiML. 403 unless Twilio has signed it."""
        state = request.app.state
        signed = await _form(request)
        form = _storable(signed)
        candidates = await state.accounts.twilio_of_number(form.get("To", "")[:MAX_WORD])
        account = _signed_by(candidates, callbacks, request, SMS_PATH, signed)
        tenants = [account.tenant] if account.tenant is not None else await state.accounts.sharing_twilio()
        told = await on_sms(form, tenants=tenants, outbox=state.outbox, database=state.database)
        return Response(_message(told), media_type=XML)

    return twilio_sms


async def on_status(reference: Reference, form: Form, *, outbox: Outbox) -> None:
    """Applies a verified callback by rank; late, doubled and unknown ones change nothing."""
    word = (form.get("MessageStatus") or form.get("SmsStatus") or form.get("CallStatus") or "")[:MAX_WORD]
    code = form.get("ErrorCode", "")
    async with outbox.tenant_tx(reference.tenant) as tx:
        has_changed = await sending.apply_callback(
            tx,
            reference.tenant,
            reference.delivery_id,
            provider=PROVIDER,
            provider_id=_sid(form),
            word=word,
            detail=f"error {code[:MAX_WORD]}" if code else None,
        )
    log.info(
        "callback", tenant=reference.tenant, delivery_id=str(reference.delivery_id), word=word, changed=has_changed
    )


async def on_voice(reference: Reference, form: Form, *, again: str | None, outbox: Outbox) -> str:
    """TwiML after a key, a word or silence. `again` is where the next answer of this call goes, None at its end."""
    digits, speech = form.get("Digits", "")[:MAX_WORD], form.get("SpeechResult", "")[:MAX_WORD]
    word = engine.word_in_call(digits=digits, speech=speech)
    try:
        told, is_final = await _answer_call(reference, word, sid=_sid(form), outbox=outbox)
    except TransientError as error:
        log.warning("call_not_recorded", delivery_id=str(reference.delivery_id), error=error.detail)
        told, is_final = TRY_AGAIN, False
    if is_final:
        return voice.say(told)
    if again is None:
        return voice.say(voice.GOODBYE)
    return voice.ask(f"{_misunderstood(word, digits=digits, speech=speech)} {told}".strip(), answer_url=again)


async def on_sms(form: Form, *, tenants: Sequence[str], outbox: Outbox, database: Database) -> str | None:
    """What is texted back; None for a text that nobody meant for us. Only pages of these tenants can be meant."""
    text, number = form.get("Body", ""), form.get("From", "")[:MAX_WORD]
    reply = engine.read_reply(text)
    if reply is None:
        return HOW_TO_REPLY if len(text.strip()) <= engine.LONGEST_REPLY else None
    try:
        found = engine.select_page(await _pages_to(number, tenants, database), reply.code)
        return await _answer_text(found, reply, outbox=outbox)
    except TransientError as error:
        log.warning("reply_not_recorded", error=error.detail)
        return f"{TRY_AGAIN} Please send it again."


async def _answer_call(
    reference: Reference, word: answers.Word | None, *, sid: str, outbox: Outbox
) -> tuple[str, bool]:  # fmt: skip
    """What is said, and whether the call ends with it."""
    tenant, delivery_id = reference.tenant, reference.delivery_id
    async with outbox.tenant_tx(tenant) as tx:
        await answers.prove(tx, tenant, delivery_id, provider=PROVIDER, provider_id=sid)
        if word is not None:
            answer = await answers.answer(tx, tenant, delivery_id, word, provider=PROVIDER, over="by phone")
            note(reference, answer, over="phone")
            return outcome(answer), True
        page = await load_answered_page(tx, delivery_id)
    if page is None:
        return NO_TEXT, True
    return voice.spoken(page.severity, page.title), False


async def _pages_to(number: str, tenants: Sequence[str], database: Database) -> list[PhonePage]:
    """Newest first, of all who page from the number that was texted to."""
    pages: list[PhonePage] = []
    for tenant in tenants:
        async with database.tenant_tx(tenant) as tx:
            found = await store.load_pages_to_number(tx, number, limit=PAGES_LOOKED_AT)
        pages += [
            PhonePage(
                tenant=tenant,
                delivery_id=each.delivery_id,
                alert_id=each.alert_id,
                code=short_code(each.delivery_id),
                title=each.title,
                is_open=each.is_open,
            )
            for each in found
        ]
    return sorted(pages, key=lambda page: page.delivery_id, reverse=True)


async def _answer_text(found: Selection, reply: Reply, *, outbox: Outbox) -> str:
    match found:
        case Chosen(page=page):
            reference = Reference(tenant=page.tenant, delivery_id=page.delivery_id)
            return f"{await _answer_page(reference, reply.word, outbox=outbox)} ({one_line(page.title)})"
        case CodeNeeded(pages=pages):
            verb = "ACK" if reply.word == "acknowledge" else "ESC"
            named = [f"{verb} {page.code} for {cut(one_line(page.title), 50)}" for page in pages[:LISTED]]
            return f"{len(pages)} alerts are open. Reply " + "; ".join(named)
        case NothingOpen():
            return "No page to this number is waiting for an answer."
        case UnknownCode():
            return "No page to this number has that code."


async def _answer_page(reference: Reference, word: answers.Word, *, outbox: Outbox) -> str:
    tenant, delivery_id = reference.tenant, reference.delivery_id
    async with outbox.tenant_tx(tenant) as tx:
        answer = await answers.answer(tx, tenant, delivery_id, word, provider=PROVIDER, over="by text message")
    note(reference, answer, over="sms")
    return outcome(answer)


def _misunderstood(word: answers.Word | None, *, digits: str, speech: str) -> str:
    if word is not None:
        return ""
    if digits:
        return "That key means nothing here."
    return "That was not understood." if speech else ""


def _again(callbacks: Callbacks, signed: str, turn: int) -> str | None:
    return None if turn >= voice.TURNS else callbacks.url_again(VOICE_PATH, signed, turn=turn)


def _message(told: str | None) -> str:
    response = MessagingResponse()
    if told is not None:
        response.message(cut(told, REPLY_CHARACTERS))
    return str(response)


def _sid(form: Form) -> str:
    return (form.get("MessageSid") or form.get("CallSid") or "")[:MAX_WORD]


async def _verified_callback(
    callbacks: Callbacks, request: AnyRequest, path: str, signed: str
) -> tuple[Reference, dict[str, str]]:  # fmt: skip
    """The page that an address of ours names, and the form, which Twilio signed for an account of the page's tenant.

    Raises:
        SignatureError: one of the signatures is not right, or cannot be checked.
    """
    form = await _form(request)
    reference = callbacks.read(signed)
    if reference is None:
        raise SignatureError
    candidates = await request.app.state.accounts.twilio_of_tenant(reference.tenant)
    _signed_by(candidates, callbacks, request, path, form)
    return reference, _storable(form)


def _signed_by(
    candidates: Sequence[TwilioAccount], callbacks: Callbacks, request: AnyRequest, path: str, form: Form
) -> TwilioAccount:  # fmt: skip
    """The account that Twilio signed a request for.

    Raises:
        SignatureError: none of these, or it cannot be checked.
    """
    query = request.scope["query_string"].decode("latin-1")
    signature = request.headers.get("x-twilio-signature")
    for account in candidates:
        if callbacks.is_from_twilio(path, query=query, form=form, signature=signature, auth_token=account.auth_token):
            return account
    raise SignatureError


async def _form(request: AnyRequest) -> dict[str, str]:
    """The body's fields; anything that is not a form has none, and fails its signature."""
    body = await request.body()
    try:
        return dict(parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=100))
    except ValueError:
        return {}


def _storable(form: Form) -> dict[str, str]:
    """The fields as Postgres can be asked for them; what is signed is the fields as they came."""
    return {name: value.replace("\x00", "") for name, value in form.items()}

"""What comes from providers, whatever it is: signed or not, nothing that a request says is an error of ours."""

import secrets
from urllib.parse import quote, urlencode

import httpx
import msgspec
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs
from twilio.request_validator import RequestValidator

from nightowl_common.settings import Secret
from nightowl_notifier.channels.callbacks import Callbacks
from nightowl_testkit.fakes import SlackUser

pytestmark = pytest.mark.integration

ODD = [
    "",
    "\x00",
    "a\x00b",
    "0",
    "9" * 5_000,
    "-1",
    "٣",
    "null",
    "T0",
    "%00",
    "'; --",
    "🦉" * 300,
    "\u202e",
    "a.b.c",
    "ack",
]
texts = st.sampled_from(ODD) | st.text(max_size=30)
twilio_names = ["MessageSid", "SmsStatus", "MessageStatus", "CallSid", "CallStatus", "ErrorCode", "Digits",
                "SpeechResult", "From", "To", "Body", "x"]  # fmt: skip
forms = st.dictionaries(
    st.sampled_from(twilio_names), texts | st.sampled_from(["delivered", "failed", "1", "2", "ACK"])
)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
bounded = settings(
    max_examples=settings.default.max_examples // 4,
    suppress_health_check=list(HealthCheck),
)


class Door:
    """A notifier over HTTP, and what its log says while it is asked."""

    def __init__(self, url: str, delivery_id, alert_id, tenant: str) -> None:
        self.url = url
        self.tenant = tenant
        self.known = [
            str(delivery_id),
            str(alert_id),
            tenant,
            f"{tenant}:{alert_id}:{delivery_id}",
            f"{tenant}:{alert_id}:-",
        ]

    async def asks(self, method: str, path: str, *, content: bytes = b"", headers=None) -> httpx.Response:
        """One request; no answer of the server's own, and no error in its log."""
        with capture_logs() as said:
            answer = await self.client.request(method, f"{self.url}{path}", content=content, headers=headers or {})
        assert answer.status_code < 500, answer.text
        assert not [each for each in said if each["log_level"] in {"error", "critical"} and not self.of_others(each)]
        return answer

    def of_others(self, said) -> bool:
        """Whether a line is about an event of a tenant that is not this one.

        The notifier's consumers are every tenant's: what an earlier test left on the stream comes to them after its
        tenant is gone, and they bury it beside any request of this one.
        """
        subject = said.get("subject")
        return subject is not None and self.tenant not in subject.split(".")


@pytest.fixture
async def door(scene, served, fake_slack, fake_twilio):
    person = await scene.person()
    delivery_id = await scene.owe_one(person.over("sms"))
    alert = await scene.alert_of(delivery_id)
    made = Door(served, delivery_id, alert["id"], scene.tenant)
    callbacks = Callbacks(public_url=served, auth_token=Secret(fake_twilio.auth_token), secret=None)
    made.person, made.twilio, made.slack = person, fake_twilio, fake_slack
    made.signed = callbacks._signed(f"{scene.tenant}.{delivery_id}", callbacks._key)
    async with httpx.AsyncClient(verify=False) as made.client:
        yield made


FORM = "application/x-www-form-urlencoded"


@bounded
@given(
    st.sampled_from(["status", "voice", "sms"]), forms, texts, texts, st.sampled_from(["signed", "unsigned", "ours"])
)
@example("sms", {"To": "a\x00b", "Body": "ACK", "From": "+1"}, "", "0", "unsigned")
@example("voice", {"Digits": "1"}, "", "9" * 5_000, "ours")
@example("status", {"MessageSid": "a\x00b", "MessageStatus": "delivered"}, "", "", "ours")
@example("sms", {"From": "a\x00b", "Body": "ACK"}, "", "0", "ours")
async def test_whatever_twilio_says(door, path, form, d, n, how):
    """With both signatures right, with Twilio's alone, and with none: an answer or a refusal."""
    where = f"/api/v1/twilio/{path}"
    query = f"d={door.signed if how == 'ours' else quote(d, safe='')}&n={quote(n, safe='')}"
    form = {"To": door.twilio.sender, **form} if how == "ours" else form
    url = f"{where}?{query}"
    signature = RequestValidator(door.twilio.auth_token).compute_signature(f"{door.url}{url}", form)
    headers = {"Content-Type": FORM} | ({} if how == "unsigned" else {"X-Twilio-Signature": signature})

    answer = await door.asks("POST", url, content=urlencode(form).encode(), headers=headers)

    assert answer.is_success if how == "ours" else answer.is_success or answer.status_code == 403
    assert answer.status_code == 403 or how != "unsigned"


def mangled(draw, value, known):
    if draw(st.integers(0, 5)) == 0:
        return draw(st.sampled_from(known) | json_values)
    match value:
        case dict():
            return {name: mangled(draw, each, known) for name, each in value.items()}
        case list():
            return [mangled(draw, each, known) for each in value]
        case _:
            return value


BUTTONS = [
    "nightowl_acknowledge",
    "nightowl_escalate",
    "nightowl_resolve",
    "nightowl_knowledge",
    "nightowl_runbook",
    "nightowl_open",
    "x",
]


@bounded
@given(st.data())
async def test_whatever_slack_says(door, scene, data):
    """Buttons, forms, events and commands, with anything in any place of them."""
    user = SlackUser(door.slack, door.url, door.person.slack)
    known = [*door.known, *BUTTONS, door.person.slack, *ODD]
    about = data.draw(st.sampled_from(known))
    button = {
        "type": "block_actions", "team": {"id": user._team}, "user": {"id": user.user}, "trigger_id": "1",
        "response_url": "https://evil.example/", "container": {"channel_id": "C1", "message_ts": "1.2"},
        "actions": [{"action_id": data.draw(st.sampled_from(BUTTONS)), "value": about}],
    }  # fmt: skip
    view = {
        "id": "V1", "callback_id": data.draw(st.sampled_from(["nightowl_resolve_view", "nightowl_knowledge_view"])),
        "private_metadata": msgspec.json.encode({"about": about}).decode(),
        "state": {"values": {data.draw(st.sampled_from(["resolution", "title", "tags", "severity"])): {
            "a": {"value": data.draw(texts)}}}},
    }  # fmt: skip
    form = {"type": "view_submission", "team": {"id": user._team}, "user": {"id": user.user}, "view": view}
    happened = {"type": data.draw(st.sampled_from(["app_mention", "message", "tokens_revoked", "app_uninstalled"])),
                "user": user.user, "text": data.draw(texts), "channel": "C1", "channel_type": "im"}  # fmt: skip
    words = data.draw(st.sampled_from(["", "ack ", "oncall ", "resolve ", "alerts ", "silence ", "help ", "escalate "]))
    spoken = words + data.draw(texts | st.sampled_from(door.known))
    request = data.draw(st.sampled_from(["button", "form", "event", "command", "bytes"]))
    match request:
        case "button":
            sent = user.interaction(mangled(data.draw, button, known))
        case "form":
            sent = user.interaction(mangled(data.draw, form, known))
        case "event":
            sent = user.event(mangled(data.draw, happened, known))
        case "command":
            sent = user.command("/nightowl", spoken)
        case _:
            junk = data.draw(st.binary(max_size=50) | st.sampled_from([b"payload=" + b"[" * 3000, b'{"a":' * 2000]))
            where = data.draw(st.sampled_from(["commands", "interactions", "events"]))
            sent = user.signed(f"/api/v1/slack/{where}", junk, content_type=FORM)

    await door.asks("POST", sent.path, content=sent.body, headers={**sent.headers, "X-Nonce": secrets.token_hex(4)})


@bounded
@given(st.sampled_from(["GET", "POST"]), texts | st.binary(max_size=20))
async def test_whatever_stands_in_a_link(door, method, token):
    """Anything but a link of ours opens nothing."""
    answer = await door.asks(method, f"/p/{quote(token, safe='') or 'x'}")

    assert answer.status_code in {400, 404, 405}

"""A small piece of HTTP over ASGI: headers, bounded bodies, `Prefer`, answers."""

import re

import msgspec
from litestar.types import Receive, Scope, Send

from nightowl_common.errors import MalformedError, NightOwlError, TooLargeError
from nightowl_common.web import PROBLEM_TYPE, problem, problem_headers
from nightowl_ingest.model import MethodNotAllowedError

MAX_WAIT_SECONDS = 10

_WAIT = re.compile(r"^\s*wait\s*=\s*\"?(\d{1,9})\"?\s*(?:;.*)?$", re.IGNORECASE)
_ASYNC = re.compile(r"^\s*respond-async\s*(?:;.*)?$", re.IGNORECASE)
_LENGTH_DIGITS = 18


class Headers:
    """Request headers, by lower-case name; of a repeated one the last counts."""

    def __init__(self, scope: Scope) -> None:
        self._values = dict(scope["headers"])

    def get(self, name: str) -> str | None:
        """The value, or None."""
        value = self._values.get(name.encode())
        return None if value is None else value.decode("latin-1")


class Preference(msgspec.Struct, frozen=True, kw_only=True):
    """How long the caller wants to wait (RFC 7240). `applied` goes into `Preference-Applied` when it is honoured."""

    wait_seconds: float
    applied: str | None = None


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """A response."""

    status: int
    body: bytes
    content_type: bytes = b"application/json"
    headers: dict[str, str] = {}


def preference_of(header: str | None, *, default_seconds: float) -> Preference:
    """What `Prefer` asks for: `wait=N` (at most 10 s) or `respond-async`; else the source's default."""
    if header is None:
        return Preference(wait_seconds=default_seconds)
    for part in header.split(","):
        if found := _WAIT.match(part):
            seconds = min(int(found[1]), MAX_WAIT_SECONDS)
            return Preference(wait_seconds=seconds, applied=f"wait={seconds}")
        if _ASYNC.match(part):
            return Preference(wait_seconds=0, applied="respond-async")
    return Preference(wait_seconds=default_seconds)


async def read_body(receive: Receive, headers: Headers, *, max_bytes: int) -> bytes:
    """The whole body, which is refused as soon as it is known to be too large.

    Raises:
        TooLargeError: by its declared length, or while it comes in.
        MalformedError: the sender went away in the middle.
    """
    declared = headers.get("content-length")
    if declared is not None and (len(declared) > _LENGTH_DIGITS or int(declared) > max_bytes):
        raise _too_large(max_bytes)
    body = b""
    while True:
        message = await receive()
        if message["type"] != "http.request":
            raise MalformedError("The body ended too early.")
        body += message.get("body", b"")
        if len(body) > max_bytes:
            raise _too_large(max_bytes)
        if not message.get("more_body", False):
            return body


async def send_answer(send: Send, answer: Answer, request_id: str) -> None:
    """Sends it, with the request id."""
    headers = [
        (b"content-type", answer.content_type),
        (b"content-length", str(len(answer.body)).encode()),
        (b"x-request-id", request_id.encode()),
    ]
    if answer.headers:
        headers += [(name.lower().encode(), value.encode()) for name, value in answer.headers.items()]
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body, "more_body": False})


def refusal(error: NightOwlError, request_id: str) -> Answer:
    """The problem+json answer to an error."""
    headers = problem_headers(error)
    if isinstance(error, MethodNotAllowedError):
        headers = {**headers, "Allow": ", ".join(error.allowed)}
    return Answer(
        status=error.status,
        body=msgspec.json.encode(problem(error, request_id)),
        content_type=PROBLEM_TYPE.encode(),
        headers=headers,
    )


def _too_large(max_bytes: int) -> TooLargeError:
    return TooLargeError(f"The body is larger than {max_bytes} bytes.")

"""The small pieces below the webhooks."""

import asyncio

import msgspec
import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from nightowl_auth import compile_mapping
from nightowl_common.errors import MalformedError, TooLargeError
from nightowl_common.ids import new_id
from nightowl_contracts import BatchHandled, Outcome
from nightowl_ingest.api import webhook_paths
from nightowl_ingest.api.http import Headers, preference_of, read_body
from nightowl_ingest.api.intake import Circuit
from nightowl_ingest.api.rejections import Allowance
from nightowl_ingest.api.replies import Replies, gather_outcomes
from nightowl_ingest.engine import READERS, try_payload
from nightowl_ingest.model import Limits, TrialRequest


@pytest.mark.parametrize(
    ("header", "seconds", "applied"),
    [
        (None, 1, None),
        ("", 1, None),
        ("wait=3", 3, "wait=3"),
        ("Wait = 3", 3, "wait=3"),
        ("return=minimal, wait=2; x=y", 2, "wait=2"),
        ("wait=0", 0, "wait=0"),
        ("wait=99999", 10, "wait=10"),
        ("respond-async", 0, "respond-async"),
        ("respond-async, wait=5", 0, "respond-async"),
        ("wait=-1", 1, None),
        ("wait=soon", 1, None),
    ],
)
def test_prefer(header, seconds, applied):
    """What is understood is honoured and said; the rest is ignored, as RFC 7240 asks."""
    preference = preference_of(header, default_seconds=1)

    assert (preference.wait_seconds, preference.applied) == (seconds, applied)


def receiving(*chunks, ends=True):
    messages = [{"type": "http.request", "body": chunk, "more_body": True} for chunk in chunks]
    messages.append({"type": "http.request", "body": b""} if ends else {"type": "http.disconnect"})
    iterator = iter(messages)

    async def receive():
        return next(iterator)

    return receive, iterator


def headers(**values):
    return Headers({"headers": [(name.encode(), value.encode()) for name, value in values.items()]})


async def test_a_body_comes_in_pieces():
    """They are put together."""
    receive, _rest = receiving(b"ab", b"cd")

    assert await read_body(receive, headers(), max_bytes=4) == b"abcd"


async def test_a_declared_length_is_refused_before_anything_is_read():
    """Also one that no machine could hold."""
    for length in ("5", "9" * 5000):
        with pytest.raises(TooLargeError):
            await read_body(receiving()[0], headers(**{"content-length": length}), max_bytes=4)


async def test_an_undeclared_length_is_refused_while_it_comes_in():
    """The rest is not waited for."""
    receive, rest = receiving(b"abc", b"def", b"ghi")

    with pytest.raises(TooLargeError):
        await read_body(receive, headers(), max_bytes=4)

    assert len(list(rest)) == 2


async def test_half_a_body_is_no_body():
    """A sender that goes away leaves nothing behind."""
    with pytest.raises(MalformedError):
        await read_body(receiving(b"{}", ends=False)[0], headers(), max_bytes=4)


def test_an_open_circuit_wants_a_probe_per_quarter_second():
    """While the bus is away nobody waits for it; the first probe that it takes lets all through again."""
    circuit = Circuit()

    assert (circuit.is_open, circuit.wants_probe(0.0)) == (False, False)
    assert circuit.note_failure(0.0)
    assert [circuit.wants_probe(at) for at in (0.1, 0.3, 0.4, 0.6)] == [False, True, False, True]
    assert (circuit.is_open, circuit.note_failure(1.6)) == (True, False)
    assert [circuit.wants_probe(at) for at in (1.7, 1.9)] == [False, True]
    assert circuit.note_success()
    assert (circuit.is_open, circuit.wants_probe(9.0)) == (False, False)


def test_an_allowance_is_ten_at_once_and_ten_per_second():
    """A sender that sends nothing but rubbish cannot fill the stream."""
    allowance = Allowance(10)

    assert sum(allowance.take(100.0) for _ in range(50)) == 10
    assert sum(allowance.take(100.5) for _ in range(50)) == 5


async def test_a_reply_reaches_the_one_who_waits_and_no_other():
    """Late, foreign and unreadable replies change nothing."""
    replies, mine, late = Replies("x"), new_id(), new_id()
    told = BatchHandled(receipt_id=new_id(), event_id=mine, outcomes=[Outcome(index=0, disposition="opened")])

    with replies.expect([mine, late]) as awaited:
        await replies.on_reply(b"\xff{")
        await replies.on_reply(msgspec.json.encode(msgspec.structs.replace(told, event_id=new_id())))
        await replies.on_reply(msgspec.json.encode(told))
        await replies.on_reply(msgspec.json.encode(told))
        outcomes = await gather_outcomes(awaited, seconds=0)
        await asyncio.sleep(0)
    await replies.on_reply(msgspec.json.encode(told))

    assert outcomes == {0: told.outcomes[0]}


def test_the_openapi_part_is_valid_and_its_examples_are_accepted():
    """It can be merged into the system's document, and what it shows works."""
    part = webhook_paths()

    OpenAPIV31SpecValidator({"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, **part}).validate()
    beats = "/api/v1/heartbeats/{name}"
    for path, item in part["paths"].items():
        if path == beats:
            assert "requestBody" not in item["post"]
            continue
        content = item["post"]["requestBody"]["content"]["application/json"]
        for example in content["examples"].values():
            body = msgspec.json.encode(example["value"])
            if path.endswith("/generic/test"):
                request = msgspec.json.decode(body, type=TrialRequest)
                reading = try_payload(bytes(request.payload), Limits(), compile_mapping(request.mapping))
            else:
                reading = READERS[path.rpartition("/")[2]](body, Limits())
            assert reading.alerts
            assert not reading.rejected

"""What every service's HTTP edge promises."""

from datetime import datetime
from uuid import UUID

import msgspec
import pytest
from httpx import ASGITransport, AsyncClient
from litestar import Litestar, get, post
from litestar.exceptions import ImproperlyConfiguredException
from litestar.params import FromPath, FromQuery, JSONBody
from prometheus_client import REGISTRY

from nightowl_common import errors, web
from nightowl_common.bus import BusUnavailableError
from nightowl_common.db import DatabaseUnavailableError, UnstorableError
from nightowl_common.errors import FieldProblem
from nightowl_common.health import Health
from nightowl_common.web import PROBLEM_TYPE, Problem, RequestLog, StrictRequest, exception_handlers, health_routes

INNER = "host postgres-7.internal, password hunter2"

RAISED = {
    "invalid": errors.InvalidError("Bad.", fields=[FieldProblem(field="$.a", reason="missing")]),
    "malformed": errors.MalformedError(),
    "unauthenticated": errors.UnauthenticatedError(),
    "forbidden": errors.ForbiddenError("Not you."),
    "missing": errors.NotFoundError(),
    "conflict": errors.ConflictError(),
    "stale": errors.StaleRevisionError(),
    "large": errors.TooLargeError(),
    "transient": errors.TransientError("Come again."),
    "permanent": errors.PermanentError(),
    "database": DatabaseUnavailableError(INNER),
    "bus": BusUnavailableError(INNER),
    "unstorable": UnstorableError(INNER),
    "bug": KeyError(INNER),
    "framework": ImproperlyConfiguredException(INNER),
}


class Order(msgspec.Struct):
    """A body."""

    count: int
    name: str = ""
    is_urgent: bool = False
    owner_id: UUID | None = None
    due: datetime | None = None
    lines: list["Order"] = []


@get("/raise/{which:str}")
async def fail(which: FromPath[str]) -> None:
    raise RAISED[which]


@get("/number")
async def number(n: FromQuery[int]) -> int:
    return n


@post("/orders")
async def orders(data: JSONBody[Order]) -> Order:
    return data


@pytest.fixture
def health():
    return Health()


@pytest.fixture
async def client(health):
    app = Litestar(
        [fail, number, orders, *health_routes(health)],
        middleware=[RequestLog()],
        exception_handlers=exception_handlers(),
        request_class=StrictRequest,
        request_max_body_size=1_000,
        openapi_config=None,
        logging_config=None,
    )
    async with AsyncClient(transport=ASGITransport(app=app), base_url="http://test") as opened:
        yield opened


def read(answer) -> Problem:
    assert answer.headers["content-type"] == PROBLEM_TYPE
    told = msgspec.json.decode(answer.content, type=Problem)
    assert told.status == answer.status_code
    assert told.title
    assert told.request_id == answer.headers["x-request-id"]
    return told


@pytest.mark.parametrize("which", [name for name, error in RAISED.items() if isinstance(error, errors.NightOwlError)])
async def test_our_errors_are_problems(client, which):
    """Status and code are the class's."""
    told = read(await client.get(f"/raise/{which}"))

    assert (told.status, told.code) == (RAISED[which].status, RAISED[which].code)


async def test_a_problem_names_the_fields(client):
    """With a path and a reason each."""
    told = read(await client.get("/raise/invalid"))

    assert (told.detail, told.errors) == ("Bad.", [FieldProblem(field="$.a", reason="missing")])


async def test_words_meant_for_the_caller_are_told(client):
    """Also of a 503, which says what cannot be done at this moment."""
    assert read(await client.get("/raise/forbidden")).detail == "Not you."
    assert read(await client.get("/raise/transient")).detail == "Come again."


@pytest.mark.parametrize("which", ["database", "bus", "unstorable", "bug", "framework"])
async def test_what_went_wrong_inside_is_not_told(client, which):
    """Hosts, values and statements are in the logs, not in the answer."""
    answer = await client.get(f"/raise/{which}")

    assert read(answer).detail
    assert "hunter2" not in answer.text
    assert "postgres-7" not in answer.text


@pytest.mark.parametrize("which", ["bug", "framework"])
async def test_unexpected_errors_are_counted(client, which):
    """Each is a bug."""
    before = REGISTRY.get_sample_value("nightowl_unexpected_errors_total")

    told = read(await client.get(f"/raise/{which}"))

    assert (told.status, told.code) == (500, "internal")
    assert REGISTRY.get_sample_value("nightowl_unexpected_errors_total") == before + 1


@pytest.mark.parametrize("mode", [None, "navigate"])
async def test_a_401_says_how_to_authenticate(client, mode):
    """Alertmanager reads the header, and a browser in which a page is opened asks for a name and a password."""
    answer = await client.get("/raise/unauthenticated", headers={"Sec-Fetch-Mode": mode} if mode else {})

    assert read(answer).status == 401
    assert answer.headers["www-authenticate"].startswith("Basic ")


@pytest.mark.parametrize("mode", ["cors", "same-origin", "no-cors"])
async def test_a_401_opens_no_window_over_a_page(client, mode):
    """A page's script has a form for that, and would get no answer as long as the browser asks."""
    answer = await client.get("/raise/unauthenticated", headers={"Sec-Fetch-Mode": mode})

    assert read(answer).status == 401
    assert answer.headers["www-authenticate"] == 'Bearer realm="NightOwl"'


@pytest.mark.parametrize("which", ["transient", "database", "bus"])
async def test_a_503_says_when_to_come_again(client, which):
    """In whole seconds."""
    answer = await client.get(f"/raise/{which}")

    assert read(answer).status == 503
    assert int(answer.headers["retry-after"]) == web.RETRY_AFTER_SECONDS


async def test_a_wrong_parameter_is_named(client):
    """Litestar's own validation has the same form as ours."""
    told = read(await client.get("/number", params={"n": "many"}))

    assert (told.status, told.code) == (422, "invalid")
    assert [each.field for each in told.errors] == ["n"]
    assert "http://" not in told.detail


async def test_a_missing_parameter_is_named(client):
    """As well as a wrong one."""
    told = read(await client.get("/number"))

    assert (told.status, told.code) == (422, "invalid")
    assert "n" in told.detail + "".join(each.field for each in told.errors)


async def test_a_wrong_field_of_a_body_is_named(client):
    """By its path."""
    told = read(await client.post("/orders", json={"count": "many"}))

    assert (told.status, told.code) == (422, "invalid")
    assert [each.field for each in told.errors] == ["$.count"]


@pytest.mark.parametrize("body", [b"{", b"\xff\xfe", b'{"count": 1', b"", b"nul\x00"])
async def test_a_body_that_is_no_json_is_refused(client, body):
    """With 400 or 422, never 500."""
    told = read(await client.post("/orders", content=body, headers={"Content-Type": "application/json"}))

    assert told.status in {400, 422}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"count": "1"}, "$.count"),
        ({"count": 1, "is_urgent": 0}, "$.is_urgent"),
        ({"count": 1, "is_urgent": "true"}, "$.is_urgent"),
        ({"count": 1, "owner_id": "null"}, "$.owner_id"),
        ({"count": 1, "due": 1_800_000_000}, "$.due"),
        ({"count": 1, "lines": [{"count": 1}, {"count": None}]}, "$.lines[1].count"),
        ({"count": 1, "lines": [{}]}, "$.lines[0].count"),
        ({}, "$.count"),
        ([], "$"),
    ],
)
async def test_a_body_is_read_as_what_it_says(client, body, field):
    """Nothing is taken for something else; the problem has the path of what is wrong."""
    told = read(await client.post("/orders", json=body))

    assert (told.status, told.code, [each.field for each in told.errors]) == (422, "invalid", [field])


async def test_a_body_that_is_too_large_is_refused(client):
    """Before it is read."""
    told = read(await client.post("/orders", json={"count": 1, "name": "x" * 2_000}))

    assert (told.status, told.code) == (413, "too_large")


async def test_unknown_paths_and_methods_are_problems_too(client):
    """With a request id like all others."""
    missing = read(await client.get("/nowhere", headers={"X-Request-ID": "mine"}))
    wrong = read(await client.delete("/orders"))

    assert (missing.status, missing.code, missing.request_id) == (404, "not_found", "mine")
    assert (wrong.status, wrong.code) == (405, "method_not_allowed")


async def test_a_harmless_request_id_is_echoed(client):
    """In the answer's header and in a problem."""
    for path in ("/number?n=1", "/raise/missing", "/healthz"):
        answer = await client.get(path, headers={"X-Request-ID": "req-1.A_b"})

        assert answer.headers.get_list("x-request-id") == ["req-1.A_b"]
    assert (await client.get("/raise/missing", headers={"X-Request-ID": "req-1"})).json()["request_id"] == "req-1"


@pytest.mark.parametrize("hostile", ["", "a b", "x" * 65, "a;b", "<script>", "é", 'a"b', "a/b"])
async def test_a_hostile_request_id_is_replaced(client, hostile):
    """Nothing of it reaches headers or logs."""
    answer = await client.get("/raise/missing", headers={"X-Request-ID": hostile.encode()})

    assert UUID(answer.headers["x-request-id"]).version == 7


@pytest.mark.parametrize("hostile", ["abc\n", "abc\r\nSet-Cookie: a=b", "\nabc", None])
def test_a_request_id_with_a_line_break_is_replaced(hostile):
    """Not even one at the very end goes through."""
    assert UUID(web.request_id_of(hostile)).version == 7


async def test_healthz_says_the_process_is_alive(client, health):
    """Whatever the checks say."""
    health.add("bus", _fails)

    answer = await client.get("/healthz")

    assert (answer.status_code, answer.json()["status"]) == (200, "ok")


async def test_readyz_follows_the_checks(client, health):
    """It names those that fail."""
    assert (await client.get("/readyz")).status_code == 200

    health.add("bus", _fails)
    answer = await client.get("/readyz")

    assert (answer.status_code, answer.json()["failing"]) == (503, {"bus": "not connected"})


async def test_metrics_are_in_prometheus_format_by_route_template(client):
    """No label holds what a caller wrote into the path."""
    await client.get("/raise/missing")
    await client.get("/nowhere-at-all")

    answer = await client.get("/metrics")

    assert answer.headers["content-type"].startswith("text/plain")
    assert 'nightowl_api_request_duration_seconds_count{method="GET",path="/raise/{which}",status="404"}' in answer.text
    assert "nowhere-at-all" not in answer.text


async def _fails():
    return "not connected"

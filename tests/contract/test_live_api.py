"""What the API document says of every operation is true of the running services.

Cases come from the document: its edges one by one (each parameter missing, too long, of a wrong type, another method),
then drawn ones. Nothing is random (but in `./dev fuzz`), and each operation has a tenant of its own, so neither order
nor what another operation destroys can change an answer. Services run as processes on servers of their own, since here
they would take other tests' messages.
"""

import json
import zlib
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
import pytest_asyncio
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi import checks

from nightowl_alerting.sealing import make_master_key
from nightowl_cli.routing import service_for
from nightowl_common.db import Database
from nightowl_query.api.docs import document
from nightowl_testkit.builders import Team, a_generic_payload, seed_team
from nightowl_testkit.servers import Servers, running_servers
from nightowl_testkit.services import ServiceProcesses
from nightowl_testkit.tenants import Tenants

pytestmark = [pytest.mark.e2e, pytest.mark.hypothesis, pytest.mark.timeout(300)]

NAMES = ("ingest", "enrichment", "notifier", "query")
DRAWN = settings.default.max_examples // 10
"""Cases per operation besides the edges: 10, and 100 in `./dev fuzz`."""

PROMISES = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
    checks.negative_data_rejection,
    checks.positive_data_acceptance,
    checks.missing_required_header,
    checks.unsupported_method,
]

NEVER_TAKEN = {
    *(f"POST /api/v1/slack/{name}" for name in ("commands", "interactions", "events")),  # as Slack has signed them
    *(f"POST /api/v1/twilio/{name}" for name in ("status", "voice", "sms")),  # take only what Twilio has signed
    *(f"POST /api/v1/admin/config/{name}/test" for name in ("slack", "twilio", "smtp")),  # nothing is set
    "POST /api/v1/auth/login",  # takes only a password that is right
    "POST /api/v1/auth/password", "POST /api/v1/auth/logout",  # take only a browser's session
    "GET /api/v1/admin/tenants", "POST /api/v1/admin/tenants", "PUT /api/v1/admin/tenants/{slug}/limits",
    "POST /api/v1/admin/tenants/{slug}/suspend", "POST /api/v1/admin/tenants/{slug}/resume",  # a platform key
}  # fmt: skip
"""Tried where such requests can be made."""

ENDS_SOMETHING = ("/users/{user_id}", "/users/{user_id}/deactivate", "/users/{user_id}/reactivate")
"""Operations about a person that could end Alice's key."""

ALL_OF_A = [{"name": "a", "op": "=~", "value": ".+"}]
RULES = {
    "/routes": {"name": "a"},
    "/silences": {"matchers": ALL_OF_A, "ends_at": f"{date.today().year + 1}-01-01T00:00:00Z", "comment": "a"},
    "/maintenance-windows": {
        "name": "a", "matchers": ALL_OF_A, "timezone": "UTC", "starts_at": "2026-03-01T02:00:00", "duration_minutes": 60,
    },
    "/inhibition-rules": {"name": "a", "source_matchers": ALL_OF_A, "target_matchers": ALL_OF_A},
    "/grouping-rules": {"name": "a", "group_by": ["a"]},
}  # fmt: skip

ENDPOINT = {"name": "hook", "kind": "webhook", "url": "https://hooks.example/"}

DOCUMENT = json.loads(document())
ENDLESS = {"GET /api/v1/stream"}
"""Never ends by itself: tried in query's own tests."""

LABELS = [
    label
    for path, item in DOCUMENT["paths"].items()
    for label in (f"{method.upper()} {path}" for method in item)
    if label not in ENDLESS
]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def servers() -> AsyncIterator[Servers]:
    async with running_servers() as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def database(servers: Servers) -> AsyncIterator[Database]:
    connected = await Database.connect(servers.database_url, size=4, service="contract")
    yield connected
    await connected.close()


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def tenants(servers: Servers) -> AsyncIterator[Tenants]:
    async with Tenants.of(servers.database_url) as made:
        yield made


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def processes(servers: Servers) -> AsyncIterator[ServiceProcesses]:
    async with ServiceProcesses(
        servers, names=NAMES, environment={"NIGHTOWL_MASTER_KEYS": make_master_key("live")}
    ) as running:
        yield running
        assert running.dead() == []


@pytest_asyncio.fixture(loop_scope="session")
async def team(database: Database, tenant: str) -> Team:
    """The key is Alice's: only a person can ask for a swap."""
    made = await seed_team(database, tenant)
    async with database.global_tx() as tx:
        await tx.execute("UPDATE public.api_keys SET user_id = $2 WHERE tenant = $1", tenant, made.alice_id)
    return made


@pytest.fixture
def session(team: Team) -> Iterator[requests.Session]:
    with requests.Session() as opened:
        opened.headers["X-API-Key"] = team.key
        yield opened


@pytest.fixture
def known(  # long: a line per thing
    label: str, processes: ServiceProcesses, session: requests.Session, team: Team
) -> dict[str, str]:
    """Things that are there, by the name of the path parameter that finds them; a rule is of the operation's kind."""
    query = f"{processes.url('query')}/api/v1"

    def made(path: str, body: object, *, url: str = query) -> dict:
        answer = session.post(f"{url}{path}", json=body, headers={"Prefer": "wait=10"})
        assert answer.ok, answer.text
        return answer.json()

    path = path_of(label).partition("/{")[0]
    rule = made(path, RULES[path]) if path in RULES else {"id": ""}
    if "{group_id}" in label:  # before the alert, which must find it
        made("/grouping-rules", {"name": "all", "group_by": ["@source"]})
    [alert] = made("/api/v1/webhooks/generic", [a_generic_payload()], url=processes.url("ingest"))["alerts"]
    job = {"action": "comment", "arguments": {"text": "seen"}, "ids": [alert["alert_id"]]}
    incident = made("/incidents", {"title": "Disk full", "severity": "major", "fingerprints": ["disk"]})
    other = made("/incidents", {"title": "No space", "severity": "major"})
    things = {
        "alert_id": alert["alert_id"],
        "rule_id": rule["id"],
        "group_id": next((each["id"] for each in session.get(f"{query}/groups").json()["items"]), ""),
        "incident_id": incident["id"],
        "source_id": other["id"],
        "fingerprint": "disk",
        "runbook_id": made("/runbooks", {"title": "Make room"})["id"],
        "job_id": made("/alerts/bulk", job)["id"],
        "key_id": session.get(f"{query}/api-keys").json()["items"][0]["id"],
        "endpoint_id": made("/endpoints", ENDPOINT)["endpoint"]["id"],
        "name": made("/heartbeats", {"name": "nightly", "interval_seconds": 60})["name"],
        "policy_id": str(team.policy_id),
        "roster_id": str(team.roster_id),
        "assignee_id": str(team.alice_id),
        "user_id": str(team.carol_id if path_of(label) in ENDS_SOMETHING else team.alice_id),
    }
    if label.startswith("DELETE") and "{key_id}" in label:  # not the key that asks
        things["key_id"] = made("/tokens", {"description": "to be revoked"})["id"]
    return things | {name: made(*order)["id"] for name, order in parts_of(team).items() if f"{{{name}}}" in label}


def path_of(label: str) -> str:
    """Below the API's prefix."""
    return label.partition(" /api/v1")[2]


def parts_of(team: Team) -> dict[str, tuple[str, object]]:
    """What is made only for operations about it: path parameter → where, and of what."""
    roster, soon = f"/rosters/{team.roster_id}", datetime.now(UTC) + timedelta(days=1)
    span = {"starts_at": soon.isoformat(), "ends_at": (soon + timedelta(hours=8)).isoformat()}
    swap = {"colleague_id": str(team.bob_id), "gives_from": span["starts_at"], "gives_until": span["ends_at"]}
    return {
        "member_id": (f"{roster}/members", {"user_id": str(team.carol_id)}),
        "override_id": (f"{roster}/overrides", {"user_id": str(team.bob_id), **span}),
        "pin_id": (f"{roster}/pins", {"user_id": str(team.bob_id), "turn_at": span["starts_at"]}),
        "swap_id": (f"{roster}/swaps", swap),
        "leave_id": (f"/users/{team.alice_id}/leave", span),
        "feed_id": (f"{roster}/feeds", {}),
        "view_id": ("/saved-views", {"name": "Disks", "query": {"q": "disk"}}),
    }


@pytest.fixture
def operation(label: str) -> schemathesis.APIOperation:
    """From a schema of its own: one that is shared remembers what other operations have tried."""
    schema = schemathesis.openapi.from_dict(DOCUMENT)
    # What fits the schema may still be refused for what it means: a stale If-Match, a cursor of another list, a pattern
    # that is none. Such refusals are documented (412, 422); any other refusal of valid data is not.
    taken = ["2xx", "401", "403", "404", "409", "412", "422"]
    schema.config.checks.positive_data_acceptance.expected_statuses = taken
    found = schema.find_operation_by_label(label)
    assert found is not None
    return found


@pytest.mark.parametrize("label", LABELS)
def test_the_document_is_true_of(
    label: str,
    operation: schemathesis.APIOperation,
    processes: ServiceProcesses,
    session: requests.Session,
    known: dict[str, str],
) -> None:
    """No 5xx, no status, header, content type or body that is not documented; what is invalid is refused."""
    trial = Trial(processes.url(service_for(operation.path, operation.method.upper())), session, known)

    for case in edges(operation):
        trial.run(case)
    draw(operation, trial)

    assert not trial.broken, "\n\n".join(f"{name}: {told}" for name, told in trial.broken.items())
    assert min(trial.statuses) < 300 or label in NEVER_TAKEN, f"no case was taken: {trial.statuses}"


class Trial:
    """The cases of one operation: which answers came, and which promises were broken, each with its first case."""

    def __init__(self, base_url: str, session: requests.Session, known: dict[str, str]) -> None:
        self.statuses: set[int] = set()
        self.broken: dict[str, str] = {}
        self._base_url = base_url
        self._session = session
        self._known = known
        self._count = 0

    def run(self, case: schemathesis.Case) -> None:
        """Sends it and holds the answer against the document."""
        self._count += 1
        aim(case, self._known)
        # Drawn headers come before the session's, and every case must get past the key.
        headers = {**self._session.headers, "Accept": ("application/json", "text/csv")[self._count % 2]}
        answer = case.call(base_url=self._base_url, session=self._session, headers=headers, timeout=30)
        self.statuses.add(answer.status_code)
        try:
            case.validate_response(answer, checks=PROMISES)
        except FailureGroup as group:
            for failure in group.exceptions:
                told = f"{failure}\n{case.as_curl_command()}\n{answer.text[:500]}"
                self.broken.setdefault(f"{type(failure).__name__} {answer.status_code}", told)


def edges(operation: schemathesis.APIOperation) -> Iterator[schemathesis.Case]:
    """Each limit of the document on both sides, and every method that it does not name."""
    schema = operation.schema
    config = schema.config.generation_for(operation=operation)
    return schema.iter_coverage_cases(operation, generation_modes=list(GenerationMode), generation_config=config)


def draw(operation: schemathesis.APIOperation, trial: Trial) -> None:
    """Drawn cases, valid and invalid."""

    @settings(
        max_examples=DRAWN, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(case=operation.as_strategy() | operation.as_strategy(generation_mode=GenerationMode.NEGATIVE))
    def run(case: schemathesis.Case) -> None:
        trial.run(case)

    run()


def aim(case: schemathesis.Case, known: dict[str, str]) -> None:
    """Three of four valid cases are about things that are there; the rest and the invalid ones stay as they are."""
    if case.meta is None or not case.meta.generation.mode.is_positive:
        return
    for name in case.path_parameters:
        if name in known and zlib.crc32(str(case.path_parameters[name]).encode()) % 4:
            case.path_parameters[name] = known[name]
    if isinstance(case.body, dict):
        for name in {"source_id", "assignee_id"} & case.body.keys():
            if case.body[name] is not None:
                case.body[name] = known[name]

"""Why an alert is where it is, over the API: stored and pasted, silenced, inhibited, grouped, routed."""

from collections.abc import Awaitable, Callable
from datetime import date, time, timedelta
from typing import Any
from uuid import UUID

import pytest
from httpx import AsyncClient

from nightowl_alerting import groups, lifecycle, mutes, obligations
from nightowl_alerting import store as kernel
from nightowl_alerting.model import Change, Route
from nightowl_alerting.noise import store as noise
from nightowl_alerting.noise.matchers import subject_of
from nightowl_alerting.noise.routing import choose_route
from nightowl_alerting.transitions import Received
from nightowl_auth import insert_key, make_key
from nightowl_common import clock
from nightowl_common.db import Database
from nightowl_common.ids import new_id
from nightowl_common.outbox import Outbox
from nightowl_contracts import ReceivedAlert
from nightowl_query.model.explanation import StepName
from nightowl_testkit.clock import DbClock

pytestmark = pytest.mark.integration

Receive = Callable[..., Awaitable[UUID]]
STEPS = list(StepName.__args__)  # type: ignore[attr-defined]
ACTOR = {"kind": "user", "id": "alice", "name": "alice"}


@pytest.fixture
def receive(outbox: Outbox, tenant: str) -> Receive:
    """Receives an alert as enrichment does, with routes and groups; returns its id."""

    async def receive(
        title: str = "disk", *, severity: str = "critical", key_id: UUID | None = None, **labels: str
    ) -> UUID:
        alert = ReceivedAlert(
            index=3, fingerprint=title, status="firing", severity=severity, title=title, labels=labels,  # type: ignore[arg-type]
            fingerprint_rule="the sender's fingerprint",
        )  # fmt: skip
        received = Received(
            alert=alert, source="generic", receipt_id=new_id(), new_id=new_id(), at=clock.utc_now(), key_id=key_id
        )
        async with outbox.tenant_tx(tenant) as tx:
            routing, rules = await noise.load_routing(tx), await noise.load_grouping_rules(tx)

            def route(each: Received) -> Route:
                seen = each.alert
                subject = subject_of(seen.labels, severity=seen.severity, source=each.source, title=seen.title)
                return choose_route(subject, routing)

            async def annotate(changes: Any) -> list[Change]:
                return await groups.join(tx, changes, rules, now=await tx.now())

            [(_, alert_id)] = await lifecycle.receive(tx, tenant, [received], route=route, annotate=annotate)
        assert alert_id is not None
        return alert_id

    return receive


@pytest.fixture
def judge(outbox: Outbox, tenant: str) -> Callable[[UUID], Awaitable[None]]:
    """Judges an alert's due tier as escalation does, without paging anybody."""

    async def judge(alert_id: UUID) -> None:
        async with outbox.tenant_tx(tenant) as tx:
            alert, now = await kernel.lock_alert(tx, alert_id), await tx.now()
            assert alert is not None
            match await mutes.judge(tx, alert, await noise.load_mute_rules(tx), now=now):
                case mutes.Muted(by=by, due_at=due_at):
                    await obligations.mute(tx, tenant, alert, by, due_at=due_at, now=now)
                case _:
                    pass

    return judge


@pytest.fixture
async def usual(database: Database, tenant: str, policy: Route) -> Route:
    """The policy as the tenant's default."""
    async with database.tenant_tx(tenant) as tx:
        await tx.execute("UPDATE tenant_config SET default_policy_id = $1", policy.policy_id)
    return policy


@pytest.fixture
def write(database: Database, tenant: str) -> Callable[..., Awaitable[str]]:
    """Writes a rule into its table; returns its id."""

    async def write(table: str, *, returning: str = "id", **columns: Any) -> str:
        names = ", ".join(columns)
        places = ", ".join(f"${number}" for number, _ in enumerate(columns, start=1))
        async with database.tenant_tx(tenant) as tx:
            query = f"INSERT INTO {table} ({names}) VALUES ({places}) RETURNING {returning}"
            return str(await tx.fetchval(query, *columns.values()))

    return write


Write = Callable[..., Awaitable[str]]
Judge = Callable[[UUID], Awaitable[None]]


def fit(**labels: str) -> list[dict[str, str]]:
    return [{"name": name.replace("at_", "@"), "op": "=", "value": value} for name, value in labels.items()]


async def explained(client: AsyncClient, alert_id: UUID) -> dict[str, Any]:
    answer = await client.get(f"/api/v1/alerts/{alert_id}/explain")
    assert answer.status_code == 200, answer.text
    return by_step(answer.json())


async def foreseen(client: AsyncClient, title: str = "disk", **fields: Any) -> dict[str, Any]:
    alert = {"fingerprint": title, "status": "firing", "severity": "critical", "title": title, **fields}
    answer = await client.post("/api/v1/explain", json=alert)
    assert answer.status_code == 200, answer.text
    return by_step(answer.json())


def by_step(told: dict[str, Any]) -> dict[str, Any]:
    assert [each["step"] for each in told["steps"]] == STEPS
    return {**{each["step"]: each for each in told["steps"]}, "words": told["words"], "alert_id": told["alert_id"]}


def verdicts(step: dict[str, Any]) -> list[tuple[str, str]]:
    return [(each["name"], each["verdict"]) for each in step["tried"]]


async def test_a_stored_alert_tells_its_whole_chain(
    client: AsyncClient, receive: Receive, database: Database, tenant: str, usual: Route
) -> None:
    """From the bytes to the tier that is due; nothing is `now` while the rules are as they were."""
    alert_id = await receive("disk", app="web")
    async with database.tenant_tx(tenant) as tx:
        await tx.execute(
            "INSERT INTO alert_payloads (alert_id, occasion, receipt_id, item, source, received_at, raw) VALUES ($1, 'opening', $2, 3, 'generic', now(), '{}')",
            alert_id,
            new_id(),
        )

    told = await explained(client, alert_id)

    assert told["alert_id"] == str(alert_id)
    assert (told["received"]["evidence"]["item"], told["received"]["evidence"]["opening"]["raw"]) == (3, "{}")
    assert told["fields"]["evidence"]["labels"] == {"app": "web"}
    assert told["fingerprint"]["why"] == "the sender's fingerprint"
    assert told["deduplication"]["evidence"] == {
        "episode": 1, "previous_id": None, "occurrence_count": 1, "open_alert_id": None
    }  # fmt: skip
    assert (told["group"]["verdict"], told["mutes"]["verdict"], told["knowledge"]["verdict"]) == (
        "alone", "clear", "unknown"
    )  # fmt: skip
    assert told["route"]["evidence"]["from"]["policy"] == "the tenant's default"
    assert told["policy"]["rule_id"] == str(usual.policy_id)
    assert told["policy"]["evidence"]["tiers"][0]["targets"] == ["oncall_primary"]
    assert told["escalation"]["verdict"] == "pending"
    assert "tier 1 of cycle 1 pages oncall_primary over sms" in told["words"]
    assert [step for step in STEPS if told[step]["now"]] == []


async def test_what_was_decided_is_told_beside_what_would_be(
    client: AsyncClient, receive: Receive, write: Write, usual: Route
) -> None:
    """A route that came later changes nothing about the alert, and is told as of now."""
    alert_id = await receive("disk", severity="info")

    route_id = await write("routes", name="loud", position=1, matchers=fit(at_title="disk"), pages_from="info")
    told = await explained(client, alert_id)

    assert (told["route"]["verdict"], told["route"]["evidence"]["pages_from"]) == ("default", "major")
    assert (told["route"]["now"]["verdict"], told["route"]["now"]["rule_id"]) == ("routed", route_id)
    assert told["route"]["now"]["evidence"]["from"]["pages_from"] == "route “loud”"
    assert (told["escalation"]["verdict"], told["escalation"]["now"]["verdict"]) == ("none", "pending")
    assert told["policy"]["verdict"] == "not_used"
    assert "severity info does not page" in told["words"]


async def test_every_route_is_told_with_its_reason(
    client: AsyncClient, receive: Receive, write: Write, usual: Route
) -> None:
    """Tried in order: what does not fit and why, what decides what, and what is not reached."""
    await write("routes", name="other", position=1, matchers=fit(app="api"), pages_from="never")
    await write("routes", name="channel", position=2, matchers=[], slack_channel="C1", continues=True)
    await write("routes", name="web", position=3, matchers=fit(app="web"), slack_channel="C2", pages_from="info")
    await write("routes", name="rest", position=4, matchers=[])
    alert_id = await receive("disk", app="web")

    told = await explained(client, alert_id)

    assert verdicts(told["route"]) == [
        ("other", "does_not_fit"), ("channel", "fits"), ("web", "fits"), ("rest", "not_reached")
    ]  # fmt: skip
    assert told["route"]["tried"][0]["why"] == "app=“api” does not fit: it is “web”"
    assert told["route"]["tried"][2]["why"] == "decides pages from; no later route is tried"
    assert told["route"]["evidence"]["slack_channel"] == "C1"
    assert told["route"]["evidence"]["from"] == {
        "service": "nobody", "policy": "the tenant's default", "slack_channel": "route “channel”",
        "pages_from": "route “web”",
    }  # fmt: skip
    assert told["route"]["now"] is None
    assert (await foreseen(client, "new", labels={"app": "web"}))["route"]["evidence"] == told["route"]["evidence"]


async def test_a_silenced_alert_names_its_silence(
    client: AsyncClient, receive: Receive, judge: Judge, write: Write, usual: Route, db_clock: DbClock
) -> None:
    """While it stands, and after: what was, and what is now."""
    alert_id = await receive("disk", app="web")
    now = await db_clock.advance(minutes=1)
    times = {"starts_at": now, "ends_at": now + timedelta(minutes=30), "created_by": ACTOR}
    silence = await write("silences", matchers=fit(app="web"), comment="upgrade", **times)
    await write("silences", matchers=fit(app="api"), comment="other", **times)
    before = await explained(client, alert_id)
    await judge(alert_id)

    told = await explained(client, alert_id)
    await db_clock.advance(minutes=31)
    after = await explained(client, alert_id)

    assert (before["mutes"]["verdict"], before["mutes"]["now"]["rule_id"]) == ("clear", silence)
    assert (told["mutes"]["verdict"], told["mutes"]["rule_id"], told["mutes"]["now"]) == ("muted", silence, None)
    assert verdicts(told["mutes"]) == [("upgrade", "fits"), ("other", "does_not_fit")]
    assert told["next"]["verdict"] == "muted"
    assert "“upgrade”" in told["words"]
    assert (after["mutes"]["verdict"], after["mutes"]["now"]["verdict"]) == ("muted", "clear")
    assert after["mutes"]["tried"] == []
    pasted = await foreseen(client, "new", labels={"app": "web"}, at=now.isoformat())
    assert (pasted["mutes"]["verdict"], pasted["mutes"]["rule_id"], pasted["next"]["verdict"]) == (
        "muted", silence, "muted"
    )  # fmt: skip


async def test_an_inhibited_alert_names_what_inhibits_it(
    client: AsyncClient, receive: Receive, judge: Judge, write: Write, usual: Route
) -> None:
    """The rule and the open alert; a window that is not open says so."""
    rule = await write(
        "inhibition_rules", name="node", source_matchers=fit(kind="node"), target_matchers=fit(kind="pod"),
        equal=["zone"],
    )  # fmt: skip
    await write(
        "maintenance_windows", name="nightly", matchers=fit(kind="pod"), timezone="UTC",
        starts_at=clock.utc_now().replace(tzinfo=None, year=2001), duration_minutes=60, created_by=ACTOR,
    )  # fmt: skip
    node = await receive("node", kind="node", zone="a")
    pod, far = await receive("pod", kind="pod", zone="a"), await receive("far", kind="pod", zone="b")
    await judge(pod)

    told, other = await explained(client, pod), await explained(client, far)

    assert verdicts(told["mutes"]) == [("nightly", "not_open"), ("node", "fits")]
    assert (told["mutes"]["rule_id"], told["mutes"]["evidence"]["alert_id"]) == (rule, str(node))
    assert verdicts(other["mutes"])[1] == ("node", "no_inhibitor")
    assert other["next"]["verdict"] == "pages"


async def test_a_grouped_alert_names_its_group_and_lead(
    client: AsyncClient, receive: Receive, judge: Judge, write: Write, usual: Route
) -> None:
    """The rules that were tried, the key, the lead; and that the lead pages for it."""
    await write("grouping_rules", name="api", position=1, matchers=fit(app="api"), group_by=[])
    rule = await write("grouping_rules", name="by app", position=2, group_by=["app"])
    lead, second = await receive("one", app="web"), await receive("two", app="web")
    for alert_id in (lead, second):
        await judge(alert_id)

    told = await explained(client, second)
    joining = await foreseen(client, "three", labels={"app": "web"})
    beginning = await foreseen(client, "four", labels={"app": "db"})

    assert verdicts(told["group"]) == [("api", "does_not_fit"), ("by app", "fits")]
    assert (told["group"]["verdict"], told["group"]["rule_id"], told["group"]["now"]) == ("grouped", rule, None)
    assert told["group"]["evidence"]["key"] == {"app": "web"}
    assert told["group"]["evidence"]["lead_id"] == str(lead)
    assert (told["mutes"]["evidence"]["kind"], told["mutes"]["evidence"]["alert_id"]) == ("group", str(lead))
    assert (joining["group"]["verdict"], joining["mutes"]["evidence"]["alert_id"]) == ("joins", str(lead))
    assert (beginning["group"]["verdict"], beginning["next"]["verdict"]) == ("begins", "pages")


async def test_a_threshold_counts_what_is_there(
    client: AsyncClient, receive: Receive, write: Write, usual: Route
) -> None:
    """Whether the pasted alert would be enough for a group."""
    await write("grouping_rules", name="three", position=1, group_by=["app"], threshold=3)
    await receive("one", app="web")
    second = await foreseen(client, "two", labels={"app": "web"})
    await receive("two", app="web")

    third = await foreseen(client, "three", labels={"app": "web"})

    assert (second["group"]["verdict"], third["group"]["verdict"]) == ("waits", "begins")


async def test_a_pasted_alert_is_told_apart_from_what_is_open(
    client: AsyncClient, receive: Receive, usual: Route
) -> None:
    """New, a repeat, a resolve, a resolve of nothing; the fingerprint's incident; nothing is stored."""
    alert_id = await receive("disk")
    incident = {"title": "Disk full", "severity": "critical", "fingerprints": ["new"]}
    made = (await client.post("/api/v1/incidents", json=incident)).json()

    new, repeated = await foreseen(client, "new"), await foreseen(client, "disk")
    resolved, stale = await foreseen(client, "disk", status="resolved"), await foreseen(client, "x", status="resolved")

    assert new["alert_id"] is None
    assert [each["deduplication"]["verdict"] for each in (new, repeated, resolved, stale)] == [
        "opened", "repeated", "resolved", "stale"
    ]  # fmt: skip
    assert repeated["deduplication"]["evidence"]["open_alert_id"] == str(alert_id)
    assert repeated["deduplication"]["evidence"]["occurrence_count"] == 2
    assert [each["next"]["verdict"] for each in (new, resolved, stale)] == ["pages", "nothing", "nothing"]
    assert new["knowledge"]["rule_id"] == made["id"]
    assert new["knowledge"]["evidence"]["not_looked_for"] == ["text", "pattern"]
    assert (await client.get("/api/v1/alerts")).json()["total"] == 1


async def test_what_the_test_endpoint_shows_can_be_pasted(client: AsyncClient) -> None:
    """All fields that travel between the services, with the source beside them."""
    alert = ReceivedAlert(index=1, fingerprint="f", status="firing", severity="info", title="t", raw="{}",
                          fingerprint_rule="mapped fingerprint")  # fmt: skip
    body = {name: getattr(alert, name) for name in alert.__struct_fields__}

    told = await foreseen(client, **{**body, "source": "keep"})

    assert told["fingerprint"]["why"] == "mapped fingerprint"
    assert told["received"]["evidence"] == {"source": "keep", "raw": "{}"}


@pytest.mark.parametrize(
    ("changes", "status", "field"),
    [
        ({"at": "2026-01-01T00:00:00"}, 422, "$.at"),
        ({"labels": {"a": "\x00"}}, 422, "$.labels"),
        ({"fingerprint": "\x00"}, 422, "$.fingerprint"),
        ({"severity": "bad"}, 422, None),
        ({"colour": "red"}, 422, None),
    ],
    ids=str,
)
async def test_what_is_no_alert_is_refused(
    client: AsyncClient, changes: dict[str, Any], status: int, field: str | None
) -> None:
    """By field, as everywhere."""
    alert = {"fingerprint": "f", "status": "firing", "severity": "critical", "title": "t", **changes}

    answer = await client.post("/api/v1/explain", json=alert)

    assert answer.status_code == status, answer.text
    assert field is None or [each["field"] for each in answer.json()["errors"]] == [field]


async def test_who_sent_it_and_whom_it_paged_are_told_by_name(
    client: AsyncClient, database: Database, tenant: str, receive: Receive, people: dict[str, UUID], write: Write
) -> None:
    """The key, also when it is revoked, where its fields came from, and by which override somebody was paged."""
    key = make_key()
    async with database.global_tx() as tx:
        await insert_key(tx, key, tenant=tenant, role="engineer", description="ci")
        revoke = "UPDATE public.api_keys SET revoked_at = public.clock_now() WHERE key_hash = $1 RETURNING id"
        key_id = await tx.fetchval(revoke, key.key_hash)
    alert_id = await receive("disk", key_id=key_id)
    raw = '{"title": "disk", "severity": "page", "fingerprint": "disk"}'
    await write(
        "alert_payloads", alert_id=alert_id, occasion="opening", receipt_id=new_id(), item=3, source="generic",
        received_at=clock.utc_now(), raw=raw, returning="alert_id",
    )  # fmt: skip
    ada, bob = people["Ada"], people["Bob"]
    roster = await write(
        "rosters", name="Web", timezone="UTC", rotation_days=7, handoff_time=time(9), start_date=date(2026, 1, 1)
    )  # fmt: skip
    begins = clock.utc_now()
    override = await write(
        "roster_overrides", roster_id=UUID(roster), user_id=bob, starts_at=begins, ends_at=begins + timedelta(hours=8),
        reason="dentist",
    )  # fmt: skip
    chosen = {
        "target": "oncall_primary", "user_id": str(bob), "name": "Bob", "why": "Bob, on call by override",
        "source": "override", "roster_id": roster, "override_id": override, "skipped": [], "second": str(ada),
    }  # fmt: skip
    evidence = {"cycle": 0, "tier": 0, "recipients": [], "chosen": [chosen]}
    await write("alert_timeline", alert_id=alert_id, kind="escalated", actor=ACTOR, evidence=evidence)

    told = (await client.get(f"/api/v1/alerts/{alert_id}/explain")).json()

    assert (told["key"]["name"], told["key"]["is_revoked"]) == ("ci", True)
    steps = by_step(told)
    assert f"generic sent it with the key “ci”, {len(raw)} bytes of its own" in steps["received"]["why"]
    assert "its severity from $.severity: “page” is a known word for critical" in steps["fields"]["why"]
    assert steps["fingerprint"]["why"] == "the sender's fingerprint ($.fingerprint)"
    assert {each["field"]: each["places"] for each in told["fields"]} == {
        "title": ["$.title"], "severity": ["$.severity"], "fingerprint": ["$.fingerprint"],
    }  # fmt: skip
    [person] = told["people"]
    assert (person["roster_name"], person["override_id"]) == ("Web", override)
    assert "(“dentist”) beats the rotation; Ada is second then" in person["why"]
    assert [step for step in STEPS if steps[step]["at"] is None] == ["escalation", "next"]


async def test_whoever_may_read_may_ask(client_of: Any, tenant: str, receive: Receive) -> None:
    """The role readonly is enough; an alert that is not there is a 404."""
    reader = await client_of(tenant, "readonly")

    assert (await explained(reader, await receive("disk")))["alert_id"] is not None
    assert (await foreseen(reader, "new"))["alert_id"] is None
    answer = await reader.get(f"/api/v1/alerts/{new_id()}/explain")
    assert (answer.status_code, answer.json()["code"]) == (404, "alert_not_found")

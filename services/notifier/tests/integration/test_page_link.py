"""The page behind a link, over real HTTP and Postgres: what it tells a person who was woken, and what it takes."""

import html
import re
from datetime import timedelta

import aiohttp
import httpx
import pytest
from litestar import Litestar
from litestar.datastructures import State

from nightowl_alerting import commands
from nightowl_alerting.actions import Resolve, Snooze
from nightowl_common.db import DatabaseUnavailableError
from nightowl_common.ids import new_id
from nightowl_common.settings import Secret
from nightowl_contracts import Actor
from nightowl_notifier.api.pages import coming
from nightowl_notifier.api.pages.routes import link_routes
from nightowl_notifier.channels.links import PageLinks
from nightowl_notifier.channels.segments import segments
from nightowl_notifier.channels.text import reference
from nightowl_notifier.model import OutgoingPage

pytestmark = pytest.mark.integration

SOMEBODY = Actor(kind="user", id="somebody", name="Somebody")
MOST_BYTES = 15_000
LINK = re.compile(r"https?://\S+/p/\S+")


async def ask(method, url, **more):
    """The answer's status and its text as a person reads it."""
    async with aiohttp.ClientSession() as session, session.request(method, url, **more) as answer:
        body = await answer.text()
        assert len(body.encode()) <= MOST_BYTES
        return answer.status, html.unescape(re.sub(r"<style>.*?</style>|<[^>]*>", "|", body))


async def climbing(scene, *people, repeat_count=0, **alert):
    """An alert whose policy names one person per tier, an hour apart; the first is about to be paged."""
    made = await scene.alert(**alert)
    tiers = [{"timeout_minutes": 60, "notify_via": ["sms"], "targets": [f"user:{each.id}"]} for each in people]
    await scene.write(
        "UPDATE escalation_policy_versions SET tiers = $2, repeat_count = $3 WHERE policy_id = $1",
        made.policy_id, tiers, repeat_count,
    )  # fmt: skip
    return made


async def texted(scene, fake_twilio, person, alert):
    """The link in the text message that pages somebody, and the delivery."""
    [delivery_id] = await scene.owe(person.over("sms"), alert=alert)
    [message] = await fake_twilio.wait_for(lambda received: received.delivery_id == delivery_id)
    return LINK.search(message.text).group(), delivery_id


async def known_fix(scene, alert, solution):
    """The knowledge base answers for the alert."""
    incident_id = new_id()
    await scene.write(
        "WITH r AS (INSERT INTO runbooks (title) VALUES ('Disks') RETURNING id) "
        "INSERT INTO incidents (id, title, severity, root_cause, solution, runbook_id) "
        "SELECT $1, 'Disk of the primary', 'critical', 'WAL is kept', $2, id FROM r",
        incident_id, solution,
    )  # fmt: skip
    await scene.write(
        "UPDATE alerts SET matched_incident_id = $2, match_kind = 'fingerprint' WHERE id = $1", alert.id, incident_id
    )


async def of_service(scene, alert):
    """The alert's service is known, with a place of its own."""
    await scene.write(
        "WITH s AS (INSERT INTO services (name, cluster, namespace) VALUES ('payments', 'elsewhere', 'checkout') RETURNING id) "
        "UPDATE alerts SET service_id = (SELECT id FROM s) WHERE id = $1",
        alert.id,
    )  # fmt: skip


async def test_a_text_message_carries_its_link_and_the_page_answers_everything(scene, served, fake_twilio):
    """What, where, since when, the known fix, who is next and when; then the button, and who sleeps on."""
    alice, bob = await scene.person(), await scene.person()
    alert = await climbing(scene, alice, bob, description="90 % <b>", labels={"cluster": "prod-eu"})
    await of_service(scene, alert)
    await known_fix(scene, alert, "1. Look\n   `psql  -c x`")
    link, delivery_id = await texted(scene, fake_twilio, alice, alert)
    [message] = fake_twilio.received

    status, shown = await ask("GET", link)
    before = await scene.alert_of(delivery_id)
    _, done = await ask("POST", link)

    assert (segments(message.text), message.text.endswith(reference(delivery_id))) == (1, True)
    assert status == 200
    assert "payments · cluster prod-eu · namespace checkout · told by generic" in shown
    assert re.search(r"Since\|+[\w ]*\d\d:\d\d UTC, \d+ (s|min) ago", shown)
    assert re.search(rf"{bob.name} in (5\d min|1 h 0 min) \([\w ]*\d\d:\d\d UTC\), L2", shown)
    assert "Known fix: Disk of the primary" in shown
    assert "Cause: WAL is kept" in shown
    assert "1. Look\n   `psql  -c x`" in shown
    assert "Runbook: Disks" in shown
    assert "90 % <b>" in shown
    assert (before["status"], before["version"]) == ("firing", alert.version + 1)  # paged, and untouched by GET
    assert f"Acknowledged. The escalation has stopped. L2 will not be called: {bob.name} would have been next." in done
    assert "psql  -c x" in done
    after = await scene.alert_of(delivery_id)
    assert (after["status"], after["acknowledged_by"]["name"]) == ("acknowledged", alice.name)
    assert await scene.escalation_due(alert.id) is None
    query = "SELECT evidence ->> 'reason' AS reason FROM alert_timeline WHERE alert_id = $1 AND kind = 'acknowledged'"
    assert await scene.rows(query, alert.id) == [{"reason": "answered by the link in a text message"}]


async def test_without_a_public_address_a_text_message_has_no_link(scene, notifier, fake_twilio):
    """Its code is there, and it can be answered by text."""
    await notifier()
    person = await scene.person()
    delivery_id = await scene.owe_one(person.over("sms"))

    [message] = await fake_twilio.wait_for(lambda received: received.to == person.phone)

    assert message.text == f"[CRITICAL] Disk full {reference(delivery_id)}"


async def test_one_tier_that_repeats_names_you_again(scene, served, fake_twilio):
    """Nobody else is on the ladder."""
    alice = await scene.person()
    link, _ = await texted(scene, fake_twilio, alice, await climbing(scene, alice, repeat_count=1))

    _, shown = await ask("GET", link)
    _, done = await ask("POST", link)

    assert "you again in" in shown
    assert "You will not be called again." in done


async def test_a_taken_a_resolved_and_a_snoozed_alert_say_so(scene, served, outbox, fake_twilio):
    """Each with who or until when; only the snoozed one can be taken."""
    alice, bob = await scene.person(), await scene.person()
    links = {}
    for state in ("taken", "resolved", "snoozed"):
        alert = await climbing(scene, alice, bob)
        links[state], delivery_id = await texted(scene, fake_twilio, alice, alert)
        await scene.until(delivery_id, "sent")
        if state == "taken":
            await scene.acknowledge(alert.id)
        else:
            command = Resolve(resolution="grew it")
            if state == "snoozed":
                command = Snooze(until=await scene.now() + timedelta(hours=2))
            async with outbox.tenant_tx(scene.tenant) as tx:
                await commands.apply(tx, scene.tenant, alert.id, SOMEBODY, command)

    told = {state: (await ask("GET", link))[1] for state, link in links.items()}

    assert "This was acknowledged already, by Somebody." in told["taken"]
    assert re.search(r"Taken\|+Somebody, [\w ]*\d\d:\d\d UTC", told["taken"])
    assert "This alert is resolved already." in told["resolved"]
    assert "grew it" in told["resolved"]
    assert "nobody: snoozed until" in told["snoozed"]
    assert [state for state, text in told.items() if "|Acknowledge|" in text] == ["snoozed"]


async def test_a_repeat_and_a_message_about_several_say_so(scene, served, fake_twilio):
    """One answer is enough, and it is about the first."""
    alice = await scene.person()
    link, delivery_id = await texted(scene, fake_twilio, alice, await climbing(scene, alice))
    other = await scene.owe_one(alice.over("sms"), hint=False)
    await scene.until(delivery_id, "sent")
    await scene.write("UPDATE deliveries SET is_repeat = true WHERE id = $1", delivery_id)
    await scene.write("UPDATE deliveries SET bundled_into = $2 WHERE id = $1", other, delivery_id)

    _, shown = await ask("GET", link)

    assert "This page was sent again" in shown
    assert "The message told of 2 alerts" in shown


async def test_an_expired_link_leads_to_its_alert_and_a_forged_one_nowhere(scene, served, fake_twilio):
    """Neither shows a word of the alert."""
    alice = await scene.person()
    alert = await climbing(scene, alice, title="Secret plan")
    link, delivery_id = await texted(scene, fake_twilio, alice, alert)
    await scene.until(delivery_id, "sent")
    await scene.write(
        "UPDATE deliveries SET created_at = created_at - interval '241 minutes' WHERE id = $1", delivery_id
    )

    async with aiohttp.ClientSession() as session:
        expired, forged = [await session.get(each) for each in (link, f"{link}A")]
        texts = [await expired.text(), await forged.text()]

    assert (expired.status, forged.status) == (410, 404)
    assert f'href="/alerts/{alert.id}"' in texts[0]
    assert 'href="/"' in texts[1]
    assert not [each for each in texts if "Secret" in each or "<form" in each]


async def test_who_was_woken_can_take_the_alert_when_nobody_can_say_who_is_next(
    scene, served, fake_twilio, monkeypatch
):
    """What is told beside the button never stands in its way."""
    alice, bob = await scene.person(), await scene.person()
    link, delivery_id = await texted(scene, fake_twilio, alice, await climbing(scene, alice, bob))

    async def break_down(*_args, **_more):
        raise ValueError("a roster that nobody can read")

    monkeypatch.setattr(coming, "look_ahead", break_down)
    _, shown = await ask("GET", link)
    _, done = await ask("POST", link)

    assert "could not be worked out just now; the escalation goes on" in shown
    assert "Acknowledged. The escalation has stopped. Nobody else will be called." in done
    assert (await scene.alert_of(delivery_id))["status"] == "acknowledged"


class NoDatabase:
    """An outbox whose database is away from its n-th transaction on."""

    def __init__(self, outbox, *, after: int) -> None:
        self._outbox = outbox
        self._left = after

    def tenant_tx(self, tenant):
        """A transaction, while there are any."""
        self._left -= 1
        if self._left < 0:
            raise DatabaseUnavailableError
        return self._outbox.tenant_tx(tenant)


@pytest.mark.parametrize(
    ("method", "after", "said"),
    [
        ("GET", 0, "The alert cannot be shown. Try again in a moment."),
        ("POST", 0, "Nobody can say whether this was recorded. Press again"),
        ("POST", 1, "Nobody can say whether this was recorded. Press again"),
    ],
)
async def test_without_its_database_the_page_says_so_and_what_to_do(scene, outbox, method, after, said):
    """503, never a claim that it was recorded; a program is told that nothing was taken."""
    alice, bob = await scene.person(), await scene.person()
    alert = await climbing(scene, alice, bob)
    [delivery_id] = await scene.owe(alice.over("sms"), hint=False, alert=alert)
    links = PageLinks(public_url=None, auth_token=None, secret=Secret("key"))
    path = f"/p/{links.token_for(page_of(scene.tenant, delivery_id, alert))}"
    app = Litestar(
        link_routes(links, valid_minutes=60),
        openapi_config=None,
        state=State({"outbox": NoDatabase(outbox, after=after)}),
    )

    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://owl.example") as client:
        answer = await client.request(method, path)
        app.state.outbox = NoDatabase(outbox, after=after)
        as_json = await client.post(path, headers={"Accept": "application/json"})
        app.state.outbox = outbox
        assert "Acknowledge" in (await client.get(path)).text

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert said in answer.text
    assert "call your colleagues yourself" in answer.text
    assert (as_json.status_code, as_json.json()["is_taken"]) == (503, False)
    assert (await scene.alert_of(delivery_id))["status"] == "firing"


def page_of(tenant, delivery_id, alert) -> OutgoingPage:
    return OutgoingPage(
        tenant=tenant, delivery_id=delivery_id, alert_id=alert.id, channel="sms", recipient="user:x", address="+1",
        is_repeat=False, age_seconds=0.0, severity="critical", title="Disk full", description=None, source="generic",
        labels={}, first_fired_at=alert.first_fired_at, occurrence_count=1,
    )  # fmt: skip

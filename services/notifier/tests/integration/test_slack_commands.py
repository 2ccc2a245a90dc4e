"""What slash commands answer: search, who is on call, shifts, acknowledge, resolve."""

import msgspec
import pytest

from nightowl_alerting.knowledge import changes
from nightowl_alerting.knowledge.model import IncidentContent
from nightowl_contracts import Actor
from nightowl_notifier.channels.text import short_code
from nightowl_testkit.builders import insert_roster
from nightowl_testkit.fakes import SlackUser

pytestmark = pytest.mark.integration

HOSTILE = "disk <!channel> <https://evil.example|click> @here *x*"


class Author(msgspec.Struct):
    """Somebody who writes."""

    tenant: str
    actor: Actor = Actor(kind="user", id="writer", name="Writer")


@pytest.fixture
def asks(served, fake_slack):
    """What somebody is told after a slash command."""

    async def ask(person, text, *, command="/nightowl"):
        heard = await SlackUser(fake_slack, served, person.slack).types(command, text)
        assert heard.status == 200, heard
        assert heard.body["response_type"] == "ephemeral"
        return heard.words

    return ask


@pytest.fixture
def knows(outbox):
    """Writes an entry of the knowledge base."""

    async def write(scene, **content):
        made = IncidentContent(**{"title": "Disk full", "severity": "critical", **content})
        async with outbox.tenant_tx(scene.tenant) as tx:
            return await changes.create_incident(tx, Author(scene.tenant), made)

    return write


@pytest.fixture
def rosters(database):
    """A roster of some people, the first of whom is on call now."""

    async def make(scene, *people, name="Platform"):
        async with database.tenant_tx(scene.tenant) as tx:
            return await insert_roster(tx, [each.id for each in people], name=name)

    return make


async def with_role(database, scene, person, role):
    async with database.tenant_tx(scene.tenant) as tx:
        await tx.execute("UPDATE users SET role = $2 WHERE id = $1", person.id, role)
    return person


async def actor_of(scene, alert_id, action):
    [row] = await scene.rows(
        "SELECT actor, address FROM audit_log WHERE entity_id = $1 AND action = $2", alert_id, action
    )
    return row


async def test_search_shows_the_best_five_with_what_helped(scene, asks, knows):
    """Title, what was found, the solution."""
    for number in range(7):
        await knows(scene, title=f"Disk full {number}", symptoms="writes fail", solution="Rotate the logs")

    told = await asks(await scene.person(), f"@{scene.tenant} search disk")

    assert told.splitlines()[0] == "7 entries about “disk”, the best first:"
    assert told.count("*Disk full") == 5
    assert "What helped: Rotate the logs" in told


async def test_hostile_text_mentions_nobody_and_links_nowhere(scene, asks, knows):
    """Neither in what was found nor in what was asked."""
    await knows(scene, title=HOSTILE, symptoms=HOSTILE, solution=HOSTILE + "x" * 15_000)

    told = await asks(await scene.person(), f"@{scene.tenant} search disk")
    nothing = await asks(await scene.person(), f"@{scene.tenant} search zzz <!channel>")

    assert "disk &lt;!channel&gt; &lt;https://evil.example|click&gt;" in told
    assert "<" not in told.replace("&lt;", "")
    assert len(told) < 3_000
    assert nothing.splitlines()[0] == "The knowledge base says nothing about “zzz &lt;!channel&gt;”."


async def test_oncall_names_who_is_on_call_and_until_when(scene, asks, rosters):
    """All rosters without a name; primary with their time of day, secondary, the end of the shift."""
    alice, bob = await scene.person(), await scene.person()
    await rosters(scene, alice, bob, name="Platform")
    await rosters(scene, bob, name="Data & <x>")

    told = await asks(alice, f"@{scene.tenant} oncall")
    one = await asks(alice, f"@{scene.tenant} platf", command="/oncall")

    assert f"*Platform*\n{alice.name} (it is " in told
    assert f"; secondary: {bob.name}" in told
    assert ", until " in told
    assert "*Data &amp; &lt;x&gt;*" in told
    assert "Platform" in one
    assert "Data" not in one


async def test_a_roster_that_is_not_there_is_said_with_those_that_are(scene, asks, rosters):
    """So the next try fits."""
    alice = await scene.person()
    await rosters(scene, alice, name="Platform")

    assert "No roster is called “x”. There are: Platform." in await asks(alice, f"@{scene.tenant} oncall x")


async def test_roster_tells_the_next_shifts(scene, asks, rosters):
    """In order, by the roster's clock."""
    alice, bob = await scene.person(), await scene.person()
    await rosters(scene, alice, bob, name="Platform")

    told = await asks(bob, f"@{scene.tenant}", command="/roster")

    first, *rows = told.split("\n\n")[0].splitlines()
    assert first.startswith("*Platform*, the next shifts (Europe/Berlin):")
    assert [row.rpartition(": ")[2] for row in rows[:4]] == [alice.name, bob.name, alice.name, bob.name]


async def test_ack_takes_the_only_alert_that_paged_somebody(scene, asks):
    """In the person's own name; where it came from stands in the audit log."""
    person = await scene.person()
    delivery_id = await scene.owe_one(person.over("slack_dm"))
    await scene.until(delivery_id, "sent")

    told = await asks(person, f"@{scene.tenant} ack")

    assert told.startswith("Acknowledged. The escalation has stopped. (Disk full)")
    alert = await scene.alert_of(delivery_id)
    assert (alert["status"], alert["acknowledged_by"]["id"]) == ("acknowledged", str(person.id))
    row = await actor_of(scene, alert["id"], "acknowledge")
    assert (row["actor"]["name"], row["address"]) == (person.name, f"slack T0FAKE {person.slack}")
    assert await scene.escalation_due(alert["id"]) is None


async def test_ack_by_code_takes_a_page_that_went_to_somebody_else(scene, asks):
    """In the name of who typed it, not of whom it went to. Twice changes nothing."""
    alice, bob = await scene.person(), await scene.person()
    delivery_id = await scene.owe_one(alice.over("sms"))
    await scene.until(delivery_id, "sent", "delivered")
    code = short_code(delivery_id)

    first = await asks(bob, f"@{scene.tenant} ack {code.lower()}")
    second = await asks(alice, f"@{scene.tenant} ack {code}")

    assert first.startswith("Acknowledged.")
    assert second.startswith(f"This was acknowledged already, by {bob.name}.")
    assert (await scene.alert_of(delivery_id))["acknowledged_by"]["name"] == bob.name


async def test_with_several_open_alerts_the_code_is_asked_for(scene, asks):
    """Nothing is guessed, nothing is changed."""
    person = await scene.person()
    deliveries = [await scene.owe_one(person.over("slack_dm")) for _ in range(2)]
    for delivery_id in deliveries:
        await scene.until(delivery_id, "sent")

    told = await asks(person, f"@{scene.tenant} ack")

    assert told.startswith("2 alerts are open. Which one?")
    assert all(f"/nightowl ack {short_code(each)}" in told for each in deliveries)
    assert {(await scene.alert_of(each))["status"] for each in deliveries} == {"firing"}


async def test_resolve_ends_an_alert_with_what_helped(scene, asks):
    """By code, and by being the only one; a word that is no code belongs to the words."""
    person = await scene.person()
    first = await scene.owe_one(person.over("slack_dm"))
    await scene.until(first, "sent")

    told = await asks(person, f"@{scene.tenant} resolve restart of the database")
    second = await scene.owe_one(person.over("slack_dm"))
    await scene.until(second, "sent")
    by_code = await asks(person, f"@{scene.tenant} {short_code(second)} logs rotated", command="/resolve")

    assert told.startswith("Resolved: Disk full")
    assert by_code.startswith("Resolved: Disk full")
    alerts = [await scene.alert_of(each) for each in (first, second)]
    assert [each["resolution"] for each in alerts] == ["restart of the database", "logs rotated"]
    assert [each["resolved_by"]["id"] for each in alerts] == [str(person.id)] * 2


async def test_an_alert_without_a_page_is_taken_by_its_id(scene, asks):
    """As the API names it; one that is gone is said to be."""
    person, alert = await scene.person(), await scene.alert()

    told = await asks(person, f"@{scene.tenant} ack {alert.id}")
    again = await asks(person, f"@{scene.tenant} ack {alert.id}")
    gone = await asks(person, f"@{scene.tenant} ack 018f5f0e-0000-7000-8000-000000000001")

    assert told.startswith("Acknowledged.")
    assert again.startswith(f"This was acknowledged already, by {person.name}.")
    assert gone.startswith("This alert is not there any more.")


@pytest.mark.parametrize("text", ["ack", "resolve done"])
async def test_readonly_people_look_and_change_nothing(scene, asks, database, text):
    """The role decides as in the API."""
    person = await with_role(database, scene, await scene.person(), "readonly")
    delivery_id = await scene.owe_one(person.over("slack_dm"))
    await scene.until(delivery_id, "sent")

    told = await asks(person, f"@{scene.tenant} {text}")

    assert told.startswith("Your role in NightOwl is readonly")
    assert (await scene.alert_of(delivery_id))["status"] == "firing"
    assert "There are no rosters yet." in await asks(person, f"@{scene.tenant} oncall")


async def test_unknown_people_are_told_what_to_do(scene, asks):
    """And nothing of the tenant, nor whether there is one."""
    stranger = msgspec.structs.replace(await scene.person(), slack="U0STRANGER")

    told = await asks(stranger, f"@{scene.tenant} oncall")
    nowhere = await asks(stranger, "@nowhere oncall")

    assert told.startswith("NightOwl does not know you.")
    assert nowhere == told


async def test_whoever_left_is_unknown(scene, asks, database):
    """Their Slack id opens nothing any more."""
    person = await scene.person()
    async with database.tenant_tx(scene.tenant) as tx:
        await tx.execute("UPDATE users SET is_active = false WHERE id = $1", person.id)

    assert (await asks(person, f"@{scene.tenant} oncall")).startswith("NightOwl does not know you.")


async def test_somebody_is_known_by_a_slack_id_that_they_have_verified(scene, asks, database):
    """Once it is verified, and not before: pages go there as well."""
    person = await scene.person()
    other = msgspec.structs.replace(person, slack=f"{person.slack}X")
    async with database.tenant_tx(scene.tenant) as tx:
        await tx.execute(
            "INSERT INTO contact_methods (user_id, kind, address) VALUES ($1, 'slack_dm', $2)", person.id, other.slack
        )

    before = await asks(other, f"@{scene.tenant} oncall")
    async with database.tenant_tx(scene.tenant) as tx:
        await tx.execute("UPDATE contact_methods SET verified_at = public.clock_now() WHERE user_id = $1", person.id)
    after = await asks(other, f"@{scene.tenant} oncall")

    assert before.startswith("NightOwl does not know you.")
    assert after.startswith("There are no rosters yet.")


async def test_two_people_of_one_slack_id_are_nobody(scene, asks, database):
    """It cannot be told who asks, so nothing is done in either's name."""
    person, twin = await scene.person(), await scene.person()
    async with database.tenant_tx(scene.tenant) as tx:
        await tx.execute("UPDATE users SET slack_user_id = $2 WHERE id = $1", twin.id, person.slack)

    assert (await asks(person, f"@{scene.tenant} oncall")).startswith("NightOwl does not know you.")


async def test_somebody_is_found_by_the_address_that_the_workspace_vouches_for(scene, asks, database, fake_slack):
    """Once: from then on their Slack id stands in their profile, and the audit log says how it came there."""
    person = await scene.person()
    async with database.tenant_tx(scene.tenant) as tx:
        await tx.execute("UPDATE users SET slack_user_id = NULL WHERE id = $1", person.id)
    fake_slack.rooms.introduce(person.slack, person.email.upper())

    told = await asks(person, f"@{scene.tenant} oncall")
    fake_slack.rooms.profiles.clear()
    again = await asks(person, f"@{scene.tenant} oncall")

    assert told.startswith("There are no rosters yet.")
    assert again == told
    [row] = await scene.rows("SELECT actor, changes FROM audit_log WHERE entity_id = $1", person.id)
    assert row["actor"]["name"] == "slack (matched by e-mail)"
    assert row["changes"] == {"slack_user_id": [None, person.slack]}


@pytest.mark.parametrize(
    "flags",
    [
        {"team_id": "T0OTHER"},
        {"is_stranger": True},
        {"is_restricted": True},
        {"is_bot": True},
        {"deleted": True},
        {"is_email_confirmed": False},
    ],
    ids=str,
)
async def test_an_address_that_the_workspace_does_not_vouch_for_is_nobodys(scene, asks, database, fake_slack, flags):
    """Guests, bots, and people of other workspaces who sit in a shared channel."""
    person = await scene.person()
    async with database.tenant_tx(scene.tenant) as tx:
        await tx.execute("UPDATE users SET slack_user_id = NULL WHERE id = $1", person.id)
    fake_slack.rooms.introduce(person.slack, person.email, **flags)

    assert (await asks(person, f"@{scene.tenant} oncall")).startswith("NightOwl does not know you.")
    assert await scene.rows("SELECT 1 FROM users WHERE slack_user_id IS NOT NULL") == []


async def test_a_slack_id_that_somebody_has_is_not_replaced_by_an_address(scene, asks, fake_slack):
    """Whoever comes with the address of another is nobody."""
    person = await scene.person()
    fake_slack.rooms.introduce("U0IMPOSTOR", person.email)
    impostor = msgspec.structs.replace(person, slack="U0IMPOSTOR")

    assert (await asks(impostor, f"@{scene.tenant} oncall")).startswith("NightOwl does not know you.")


async def test_who_is_known_in_several_tenants_says_which(scene, neighbour, asks, database):
    """One that shares the installation's app with others; with the tenant said, it answers."""
    person = await scene.person()
    other = await neighbour.person()
    async with database.tenant_tx(neighbour.tenant) as tx:
        await tx.execute("UPDATE users SET slack_user_id = $2 WHERE id = $1", other.id, person.slack)

    told = await asks(person, "oncall")

    assert told.startswith("You are known in several tenants:")
    assert f"`@{scene.tenant}`" in told
    assert f"`@{neighbour.tenant}`" in told
    assert (await asks(person, f"@{neighbour.tenant} oncall")).startswith("There are no rosters yet.")


async def test_who_is_known_in_one_tenant_need_not_name_it(scene, asks):
    """Of all that share the installation's app."""
    assert (await asks(await scene.person(), "oncall")).startswith("There are no rosters yet.")


async def test_a_suspended_tenant_is_read_only(scene, asks, database):
    """As over the API."""
    person = await scene.person()
    delivery_id = await scene.owe_one(person.over("slack_dm"))
    await scene.until(delivery_id, "sent")
    async with database.global_tx() as tx:
        await tx.execute("UPDATE public.tenants SET status = 'suspended' WHERE slug = $1", scene.tenant)

    told = await asks(person, f"@{scene.tenant} ack")

    assert told.startswith(("This tenant is suspended", "NightOwl does not know you."))
    assert (await scene.alert_of(delivery_id))["status"] == "firing"


async def test_help_tells_what_can_be_asked(scene, asks):
    """Also for words that are not known."""
    told = await asks(await scene.person(), "dance <!here>")

    assert told.startswith("“dance” is not known here.")
    assert "`/nightowl oncall [roster]`: who is on call now" in told

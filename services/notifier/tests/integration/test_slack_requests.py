"""Who gets in: signed requests, once, for the tenants of the app that signed them."""

import asyncio
import secrets

import msgspec
import pytest

from nightowl_alerting.credentials import SlackCredentials, save_credentials
from nightowl_alerting.sealing import MasterKeys, make_master_key
from nightowl_contracts import Actor
from nightowl_testkit.fakes import SlackUser

pytestmark = pytest.mark.integration

ADMIN = Actor(kind="user", id="admin", name="Admin")
KEY = make_master_key("slack")
PATHS = ("commands", "interactions", "events")


@pytest.fixture
def environment(environment):
    """The notifier can open what is sealed here."""
    return {**environment, "NIGHTOWL_MASTER_KEYS": KEY}


@pytest.fixture
async def an_app(outbox):
    """Gives a scene's tenant a Slack app of its own; returns its credentials. Taken away again at the end."""

    async def make(scene, **changes):
        given = {
            "team_id": f"T{secrets.token_hex(4).upper()}",
            "bot_token": "xoxb-own",
            "signing_secret": secrets.token_hex(16),
        }
        made = SlackCredentials(**{**given, **changes})
        async with outbox.tenant_tx(scene.tenant) as tx:
            await save_credentials(tx, scene.tenant, "slack", made, MasterKeys.parse(KEY), actor=ADMIN)
        return made

    return make


def user_of(app, fake_slack, served, person):
    return SlackUser(fake_slack, served, person.slack, secret=app.signing_secret, team=app.team_id)


def spoilt(request, **headers):
    kept = {name: value for name, value in {**request.headers, **headers}.items() if value is not None}
    return msgspec.structs.replace(request, headers=kept)


@pytest.mark.parametrize("path", PATHS)
async def test_what_is_not_signed_is_refused(served, fake_slack, path):
    """Without headers, with another secret, too old, over another body."""
    body, kind = b"command=/nightowl&text=help&team_id=T0FAKE", "application/x-www-form-urlencoded"
    user, stranger = SlackUser(fake_slack, served, "U1"), SlackUser(fake_slack, served, "U1", secret="wrong")
    where = f"/api/v1/slack/{path}"
    good = user.signed(where, body, content_type=kind)
    bad = [
        spoilt(good, **{"X-Slack-Signature": None}),
        spoilt(good, **{"X-Slack-Request-Timestamp": None}),
        stranger.signed(where, body, content_type=kind),
        user.signed(where, body, content_type=kind, age_seconds=360),
        msgspec.structs.replace(good, body=body + b"x"),
    ]

    heard = [await user.sends(each) for each in bad]

    assert [(each.status, each.body["code"]) for each in heard] == [(403, "bad_signature")] * len(bad)


async def test_without_a_secret_everything_is_refused(scene, running, fake_slack):
    """The check is never skipped."""
    async with running(SLACK_SIGNING_SECRET="") as service:
        request = SlackUser(fake_slack, "", "U1", secret="").command("/nightowl", "help")
        answer = await service.client.post(request.path, content=request.body, headers=request.headers)

    assert (answer.status_code, answer.json()["code"]) == (403, "bad_signature")


async def test_a_request_that_comes_again_is_refused_by_every_replica(scene, served, notifier, fake_slack):
    """The database remembers it, not the process."""
    other = await notifier()
    user = SlackUser(fake_slack, served, (await scene.person()).slack)
    request = user.command("/nightowl", f"@{scene.tenant} oncall")

    first = await user.sends(request)
    again = await user.sends(request)
    elsewhere = await other.client.post(request.path, content=request.body, headers=request.headers)

    assert first.status == 200
    assert (again.status, again.body["code"]) == (403, "bad_signature")
    assert elsewhere.status_code == 403


async def test_of_one_request_that_comes_many_times_at_once_one_is_done(scene, served, fake_slack):
    """Whichever wins."""
    user = SlackUser(fake_slack, served, (await scene.person()).slack)
    request = user.command("/nightowl", f"@{scene.tenant} oncall")

    heard = await asyncio.gather(*(user.sends(request) for _ in range(5)))

    assert sorted(each.status for each in heard) == [200, 403, 403, 403, 403]


async def test_the_app_of_one_tenant_never_acts_for_another(scene, neighbour, served, fake_slack, an_app):
    """Not for one with an app of its own, not for one that shares the installation's, whatever the button says."""
    own, sharing = await an_app(scene), neighbour
    person = await sharing.person()
    alert = await sharing.alert()
    user = user_of(own, fake_slack, served, person)

    heard = await user.presses("nightowl_acknowledge", f"{sharing.tenant}:{alert.id}:-")
    words = await user.types("/nightowl", f"@{sharing.tenant} oncall")

    assert heard.status == 200
    [told] = await fake_slack.rooms.wait_for_responses()
    assert told["text"] == "This Slack app does not serve that tenant."
    assert "does not know you" in words.words
    assert (await sharing.rows("SELECT status FROM alerts"))[0]["status"] == "firing"


async def test_the_installations_app_does_not_act_for_a_tenant_with_its_own(scene, served, fake_slack, an_app):
    """Its people are asked over its own app alone."""
    await an_app(scene)
    person, alert = await scene.person(), await scene.alert()

    await SlackUser(fake_slack, served, person.slack).presses("nightowl_acknowledge", f"{scene.tenant}:{alert.id}:-")

    [told] = await fake_slack.rooms.wait_for_responses()
    assert told["text"] == "This Slack app does not serve that tenant."
    assert (await scene.rows("SELECT status FROM alerts"))[0]["status"] == "firing"


async def test_a_secret_of_another_tenant_in_the_same_workspace_does_not_open_this_one(
    scene, neighbour, served, fake_slack, an_app
):
    """Two apps in one workspace: the signature tells which of them it is."""
    ours = await an_app(scene)
    theirs = await an_app(neighbour, team_id=ours.team_id)
    person, alert = await scene.person(), await scene.alert()

    await user_of(theirs, fake_slack, served, person).presses("nightowl_acknowledge", f"{scene.tenant}:{alert.id}:-")
    await user_of(ours, fake_slack, served, person).presses("nightowl_acknowledge", f"{scene.tenant}:{alert.id}:-")

    told = await fake_slack.rooms.wait_for_responses(2)
    assert told[0]["text"] == "This Slack app does not serve that tenant."
    assert told[1]["text"].startswith("Acknowledged.")


async def test_slack_may_verify_the_address_only_when_it_signs(scene, served, fake_slack, an_app):
    """The challenge of a tenant's own app names no workspace: its address does."""
    own, body = await an_app(scene), msgspec.json.encode({"type": "url_verification", "challenge": "c4"})
    user = SlackUser(fake_slack, served, "U1", secret=own.signing_secret)
    where = "/api/v1/slack/events"

    named = user.signed(where, body, content_type="application/json")
    named = msgspec.structs.replace(named, path=f"{where}?tenant={scene.tenant}")
    unnamed = user.signed(where, body + b" ", content_type="application/json")

    assert (await user.sends(named)).body == {"challenge": "c4"}
    assert (await user.sends(unnamed)).status == 403
    ours = SlackUser(fake_slack, served, "U1").signed(where, body, content_type="application/json")
    assert (await user.sends(ours)).body == {"challenge": "c4"}


@pytest.mark.parametrize("path", PATHS)
async def test_a_signed_request_that_cannot_be_read_is_malformed(served, fake_slack, path):
    """A form without fields, JSON that is none."""
    user = SlackUser(fake_slack, served, "U1")
    request = user.signed(f"/api/v1/slack/{path}", b"\x00%", content_type="application/json")

    heard = await user.sends(request)

    assert heard.status == (200 if path == "commands" else 400)


async def test_an_event_that_says_something_else_than_slack_does_is_invalid(served, fake_slack):
    """It is signed, so it is told what is wrong."""
    user = SlackUser(fake_slack, served, "U1")
    request = user.signed("/api/v1/slack/events", b'{"type": 1}', content_type="application/json")

    assert (await user.sends(request)).status == 422

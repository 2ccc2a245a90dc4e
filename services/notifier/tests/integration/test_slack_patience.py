"""Slack waits three seconds: what takes longer is answered first and told later, at an address of Slack's."""

import asyncpg
import pytest

from nightowl_notifier.api.slack import telling
from nightowl_sql import schema_of
from nightowl_testkit.builders import insert_roster
from nightowl_testkit.fakes import SlackUser
from nightowl_testkit.fakes.slack_user import words_of

pytestmark = pytest.mark.integration


@pytest.fixture
def environment(environment):
    """With the patience that Slack has."""
    return {**environment, "NIGHTOWL_SLACK_ANSWER_SECONDS": "2"}


@pytest.fixture
async def person(scene, database):
    """Somebody who is on call."""
    made = await scene.person()
    async with database.tenant_tx(scene.tenant) as tx:
        await insert_roster(tx, [made.id])
    return made


async def test_a_slow_database_is_answered_first_and_told_later(scene, person, servers, served, fake_slack):
    """Slack waits three seconds; the answer comes to the response URL."""
    lock = await asyncpg.connect(servers.database_url)
    async with lock.transaction():
        await lock.execute(f'LOCK TABLE "{schema_of(scene.tenant)}".rosters IN ACCESS EXCLUSIVE MODE')

        heard = await SlackUser(fake_slack, served, person.slack).types("/nightowl", f"@{scene.tenant} oncall")

        assert heard.body["text"] == telling.WORKING
        assert fake_slack.rooms.responses == []
    await lock.close()
    [told] = await fake_slack.rooms.wait_for_responses()
    assert told["response_type"] == "ephemeral"
    assert f"*Platform*\n{person.name}" in words_of(told)


async def test_an_answer_never_goes_anywhere_but_to_slack(scene, person, servers, served, fake_slack, fake_hooks):
    """Whatever the request says: the late answer is dropped."""
    user = SlackUser(fake_slack, served, person.slack)
    body = user.command("/nightowl", f"@{scene.tenant} oncall").body
    ours, theirs = f"127.0.0.1%3A{fake_slack.port}".encode(), f"127.0.0.1%3A{fake_hooks.port}".encode()
    request = user.signed(
        "/api/v1/slack/commands", body.replace(ours, theirs), content_type="application/x-www-form-urlencoded"
    )
    lock = await asyncpg.connect(servers.database_url)
    async with lock.transaction():
        await lock.execute(f'LOCK TABLE "{schema_of(scene.tenant)}".rosters IN ACCESS EXCLUSIVE MODE')
        assert (await user.sends(request)).body["text"] == telling.WORKING
    await lock.close()

    await user.types("/nightowl", "help")  # the service goes on, and nobody else was called
    assert fake_slack.rooms.responses == []
    assert fake_hooks.received == []

"""The story language tells a true story from a false one, on the five services as real processes."""

import signal

import pytest

from nightowl_testkit.builders import Team, an_alertmanager_alert, an_alertmanager_payload
from nightowl_testkit.client import ApiClient, ApiError
from nightowl_testkit.servers import Servers
from nightowl_testkit.services import ServiceError, ServiceProcesses
from nightowl_testkit.story import Story, page

pytestmark = [pytest.mark.e2e, pytest.mark.integration]


async def test_a_whole_story(story: Story, team: Team, client: ApiClient) -> None:
    """Page, escalation by moved clock, acknowledgement, silence, and an empty ledger."""
    await story.fires(an_alertmanager_payload(an_alertmanager_alert("DiskFull")))
    await story.want(page(to="U0ALICE", via="slack", contains="DiskFull"))
    await story.at(minutes=4, seconds=50)
    await story.want_nothing_more()
    await story.at(minutes=5)
    await story.want(page(to="U0BOB", via="slack"), page(to=str(team.bob.phone), via="sms", contains="DiskFull"))
    acknowledged = await story.acknowledges()
    await story.at(hours=1)
    await story.want_nothing_more()
    resolved = await story.resolves()

    assert (acknowledged.status, resolved.status) == ("acknowledged", "resolved")
    assert await client.unaccounted() == []
    assert {"opened", "acknowledged", "resolved"} <= {each.kind for each in await client.timeline(story.alert_id)}
    assert [each.status for each in await client.deliveries(story.alert_id)] == ["sent"] * 3
    assert [each.id for each in await client.alerts()] == [story.alert_id]


async def test_a_message_that_was_not_wanted_fails_the_story(story: Story) -> None:
    """And is named."""
    await story.fires(an_alertmanager_payload())

    with pytest.raises(AssertionError, match=r"not wanted:\n.* slack_dm to U0ALICE"):
        await story.want_nothing_more()


async def test_a_page_that_does_not_come_fails_the_story(story: Story) -> None:
    """One message does not count for two."""
    await story.fires(an_alertmanager_payload())
    await story.want(page(to="U0ALICE", via="slack"))

    with pytest.raises(AssertionError, match="wanted 1 within"):
        await story.want(page(to="U0ALICE", via="slack"), within_seconds=0.2)


async def test_refusals_name_status_and_body(client: ApiClient) -> None:
    """A call that must succeed raises; `call` gives the answer."""
    with pytest.raises(ApiError, match=r"→ 4\d\d: "):
        await client.fire_generic(b"{")

    answer = await client.call("POST", "/webhooks/generic", body=b"{}", key="ow_wrong_key_0000000000")
    assert (answer.status, answer.json()["status"]) == (401, 401)


async def test_a_process_can_be_killed_paused_and_restarted(processes: ServiceProcesses) -> None:
    """On the same port."""
    url = processes.url("escalation-2")

    processes.pause("escalation-2")
    processes.resume("escalation-2")
    await processes.kill("escalation-2")
    assert not processes["escalation-2"].is_running
    await processes.restart("escalation-2")
    code = await processes.terminate("escalation-2")
    await processes.start("escalation-2")

    assert code in {0, -signal.SIGTERM}
    assert processes.url("escalation-2") == url


async def test_a_process_that_cannot_start_shows_its_last_words(servers: Servers) -> None:
    """Here a setting that is wrong."""
    broken = ServiceProcesses(servers, names=("query-9",), environment={"NIGHTOWL_LOG_LEVEL": "loud"})

    with pytest.raises(ServiceError, match="NIGHTOWL_LOG_LEVEL"):
        await broken.start()
    await broken.stop()

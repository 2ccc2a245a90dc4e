"""What somebody typed in Slack, and which alert they mean."""

from uuid import UUID

import pytest

from nightowl_common.ids import new_id
from nightowl_notifier.api.slack import asking
from nightowl_notifier.api.slack.asking import Acknowledge, Asked, Help, OnCall, Resolve, Search, Shifts
from nightowl_notifier.api.slack.choosing import Target, by_reference, choose
from nightowl_notifier.api.slack.telling import Told
from nightowl_notifier.channels.text import short_code
from nightowl_notifier.model import OpenPage


@pytest.mark.parametrize(
    ("command", "text", "wanted"),
    [
        ("/nightowl", "oncall", Asked(tenant=None, ask=OnCall(roster=""))),
        ("/nightowl", "@acme oncall SRE Europe", Asked(tenant="acme", ask=OnCall(roster="SRE Europe"))),
        ("/nightowl", "oncall @acme SRE", Asked(tenant="acme", ask=OnCall(roster="SRE"))),
        ("/oncall", "@acme", Asked(tenant="acme", ask=OnCall(roster=""))),
        ("/nightowl-ack", "7K2M9QF", Asked(tenant=None, ask=Acknowledge(ref="7K2M9QF"))),
        ("/nightowl", "ACK", Asked(tenant=None, ask=Acknowledge(ref=""))),
        ("/search", "disk &lt;full&gt; &amp; slow", Asked(tenant=None, ask=Search(words="disk <full> & slow"))),
        ("/resolve", "disk\nwas full", Asked(tenant=None, ask=Resolve(text="disk\nwas full"))),
        ("/nightowl", "roster SRE", Asked(tenant=None, ask=Shifts(roster="SRE"))),
        ("/nightowl", "", Asked(tenant=None, ask=Help())),
        ("/nightowl", "dance now", Asked(tenant=None, ask=Help(unknown="dance"))),
    ],
)
def test_a_command_is_read_whichever_way_it_was_made(command, text, wanted):
    """One command with words, or commands of those names; the tenant stands before or after the word."""
    assert asking.read_command(command, text) == wanted


@pytest.mark.parametrize("text", ["<@U0BOT> oncall", " <@U0BOT|nightowl>: oncall", "oncall"])
def test_a_mention_is_read_as_a_command(text):
    """With the app's name before it, or without in a direct message."""
    assert asking.read_mention(text) == Asked(tenant=None, ask=OnCall(roster=""))


@pytest.mark.parametrize("word", ["7k2m9qf", "7K2M9QF", "(ref 7K2M9QF)", "ref 7k2m9qf"])
def test_a_code_is_read_as_people_copy_it(word):
    """In any case, with what stands around it."""
    assert asking.read_code(word) == "7K2M9QF"


def a_page(*, title="Disk full", status="firing", is_mine=True, alert_id=None):
    return OpenPage(delivery_id=new_id(), alert_id=alert_id or new_id(), title=title, status=status, is_mine=is_mine)


def test_the_only_alert_that_paged_somebody_needs_no_code():
    """However often it paged; what went to others, or is taken, is not meant."""
    alert_id = new_id()
    pages = [a_page(alert_id=alert_id), a_page(alert_id=alert_id), a_page(is_mine=False), a_page(status="acknowledged")]

    found = choose(pages, "", verb="ack", statuses={"firing"})

    assert found == Target(alert_id=alert_id, delivery_id=pages[0].delivery_id)


def test_with_several_alerts_the_code_is_asked_for():
    """Nothing is guessed; titles are shown without their markup."""
    pages = [a_page(title="One <!channel>"), a_page(title="Two")]

    told = choose(pages, "", verb="ack", statuses={"firing"})

    assert isinstance(told, Told)
    assert f"`/nightowl ack {short_code(pages[1].delivery_id)}`: Two" in told.text
    assert "&lt;!channel&gt;" in told.text


def test_a_code_names_any_open_page_and_nothing_else():
    """Also one that went to others: who asks is known."""
    page = a_page(is_mine=False)

    assert by_reference([page], short_code(page.delivery_id)) == Target(
        alert_id=page.alert_id, delivery_id=page.delivery_id
    )
    assert by_reference([page], "restart") is None
    assert isinstance(choose([page], "0000000", verb="ack", statuses={"firing"}), Told)


def test_an_id_names_an_alert_without_a_page():
    """As the API shows it."""
    alert_id = UUID("018f5f0e-0000-7000-8000-000000000001")

    assert by_reference([], str(alert_id)) == Target(alert_id=alert_id, delivery_id=None)

"""The manifest that people paste at Slack asks for what the code calls, and sends to where the code listens."""

import re
from collections.abc import Iterator
from pathlib import PurePosixPath
from urllib.parse import urlsplit

import msgspec
import pytest
import yaml
from formats import SlackManifest
from names import known_operations
from pages import ROOT, text_of

from nightowl_notifier.api.slack.events import LEFT

MANIFEST = "docs/howto/slack-app.yaml"

SCOPES = {
    "chat_postMessage": {"chat:write"},
    "chat_postEphemeral": {"chat:write"},
    "chat_update": {"chat:write"},
    "conversations_open": {"im:write"},
    "conversations_history": {"im:history", "channels:history", "groups:history", "metadata.message:read"},
    "conversations_replies": {"im:history", "channels:history", "groups:history", "metadata.message:read"},
    "users_info": {"users:read", "users:read.email"},
    "views_open": set(),
    "auth_test": set(),
}
"""Method of Slack's API → what the app must be allowed for it, as its documentation says and as we use it."""

EVENT_SCOPES = {
    "app_mention": {"app_mentions:read"}, "message.im": {"im:history"}, "app_uninstalled": set(), "tokens_revoked": set(),
}  # fmt: skip

FOR_CONVENIENCE = {"chat:write.public"}
"""So that the bot need not be invited to public channels."""

_CALL = re.compile(r"\.((?:chat|conversations|users|views|auth|team|bots|files|reactions|pins|apps)_[a-zA-Z_]+)\(")


@pytest.fixture
def manifest() -> SlackManifest:
    return msgspec.convert(yaml.safe_load((ROOT / MANIFEST).read_text()), SlackManifest)


def called() -> Iterator[str]:
    """Every method of Slack's that is called."""
    for source in ROOT.glob("services/*/src/**/*.py"):
        yield from _CALL.findall(source.read_text())


def test_it_asks_for_the_scopes_of_what_is_called_and_no_others(manifest: SlackManifest) -> None:
    """A scope too few fails a page at night; one too many is a question of every workspace's admin."""
    methods = set(called())
    assert {"chat_postMessage", "conversations_history"} <= methods <= SCOPES.keys()
    wanted = {scope for method in methods for scope in SCOPES[method]}
    wanted |= {scope for each in manifest.settings.event_subscriptions.bot_events for scope in EVENT_SCOPES[each]}
    wanted |= {"commands"} if manifest.features.slash_commands else set()

    assert sorted(manifest.oauth_config.scopes.bot) == sorted(wanted | FOR_CONVENIENCE)


def test_it_sends_to_every_route_that_listens_to_slack(manifest: SlackManifest) -> None:
    """Commands, interactions and events, each to its own."""
    addresses = {
        "commands": {each.url for each in manifest.features.slash_commands},
        "interactions": {manifest.settings.interactivity.request_url},
        "events": {manifest.settings.event_subscriptions.request_url},
    }
    routes = {PurePosixPath(path).name: path for path in known_operations() if path.startswith("/api/v1/slack/")}

    assert {name: {urlsplit(each).path for each in urls} for name, urls in addresses.items()} == {
        name: {path} for name, path in routes.items()
    }


def test_it_subscribes_to_the_events_that_are_understood(manifest: SlackManifest) -> None:
    """Mentions, direct messages, and the end of an installation."""
    assert set(manifest.settings.event_subscriptions.bot_events) == LEFT | {"app_mention", "message.im"}


def test_the_page_explains_every_scope(manifest: SlackManifest) -> None:
    """An admin who is asked for it finds out why."""
    page = text_of("docs/howto/connect-slack.md")
    assert [scope for scope in manifest.oauth_config.scopes.bot if f"`{scope}`" not in page] == []

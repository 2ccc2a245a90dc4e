"""What the notifier refuses to start with."""

import pytest

from nightowl_common.settings import SettingsError, load_settings
from nightowl_notifier.settings import Settings

BASE = {"DATABASE_URL": "postgresql://x", "NATS_URL": "nats://x", "REDIS_URL": "redis://x"}
TWILIO = {"TWILIO_ACCOUNT_SID": "AC1", "TWILIO_AUTH_TOKEN": "secret-token", "TWILIO_FROM": "+15550001111"}


def load(**changes: str) -> Settings:
    return load_settings(Settings, {**BASE, **changes})


def test_nothing_but_the_servers_is_needed():
    """Every provider is optional."""
    settings = load()

    assert (settings.lease_seconds, settings.provider_timeout_seconds, settings.channel_workers) == (30, 10, 8)
    assert settings.slack_bot_token is None


def test_secrets_do_not_print():
    """Neither alone nor inside the settings."""
    settings = load(**TWILIO, SLACK_BOT_TOKEN="xoxb-1")

    assert settings.twilio_auth_token.reveal() == "secret-token"
    assert "secret-token" not in repr(settings)
    assert "xoxb-1" not in repr(settings)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"NIGHTOWL_LOCAL_OUTBOX": "true"}, "production"),
        ({"NIGHTOWL_LOCAL_OUTBOX": "true", "NIGHTOWL_MODE": "production"}, "production"),
        ({"NIGHTOWL_LEASE_SECONDS": "15", "NIGHTOWL_PROVIDER_TIMEOUT_SECONDS": "10"}, "LEASE"),
        ({"TWILIO_ACCOUNT_SID": "AC1"}, "TWILIO_FROM"),
        ({**TWILIO, "TWILIO_FROM": "nightowl"}, "TWILIO_FROM"),
        ({"NIGHTOWL_PUBLIC_URL": "nightowl.example"}, "PUBLIC_URL"),
        ({"NIGHTOWL_CHANNEL_WORKERS": "0"}, "CHANNEL_WORKERS"),
    ],
)
def test_settings_that_contradict_each_other_are_refused(changes, words):
    """The message names the variable."""
    with pytest.raises(SettingsError, match=words):
        load(**changes)


def test_the_local_outbox_is_allowed_in_dev_mode():
    """Where nobody expects a page to arrive."""
    assert load(NIGHTOWL_LOCAL_OUTBOX="true", NIGHTOWL_MODE="dev").local_outbox

"""What the notifier refuses to start with."""

import pytest

from nightowl_common.settings import SettingsError, load_settings
from nightowl_notifier.settings import Settings

BASE = {"DATABASE_URL": "postgresql://x", "NATS_URL": "nats://x", "REDIS_URL": "redis://x"}
TWILIO = {"TWILIO_ACCOUNT_SID": "AC1", "TWILIO_AUTH_TOKEN": "secret-token", "TWILIO_FROM": "+15550001111"}

MAIL = {"NIGHTOWL_SMTP_HOST": "mail.example", "NIGHTOWL_MAIL_FROM": "owl@owl.example"}
SIGN_IN = {"NIGHTOWL_SMTP_USER": "owl", "NIGHTOWL_SMTP_PASSWORD": "hush"}


def load(**changes: str) -> Settings:
    return load_settings(Settings, {**BASE, **changes})


def test_nothing_but_the_servers_is_needed():
    """Every provider is optional."""
    settings = load()

    assert (settings.lease_seconds, settings.provider_timeout_seconds, settings.channel_workers) == (30, 10, 32)
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
        ({"NIGHTOWL_SMTP_HOST": "mail.example"}, "MAIL_FROM"),
        ({"NIGHTOWL_MAIL_FROM": "owl@owl.example"}, "SMTP_HOST"),
        ({**MAIL, "NIGHTOWL_MAIL_FROM": "owl"}, "MAIL_FROM"),
        ({**MAIL, "NIGHTOWL_MAIL_FROM": "owl@owl.example\r\nBcc: x@y.example"}, "MAIL_FROM"),
        ({**MAIL, "NIGHTOWL_MAIL_FROM": "owl@owl.example\n"}, "MAIL_FROM"),
        ({**MAIL, "NIGHTOWL_SMTP_USER": "owl"}, "SMTP_PASSWORD"),
        ({**MAIL, **SIGN_IN, "NIGHTOWL_SMTP_SECURITY": "plain"}, "plain connection"),
        ({**MAIL, "NIGHTOWL_SMTP_SECURITY": "none"}, "SMTP_SECURITY"),
        ({"NIGHTOWL_LINK_MINUTES": "1"}, "LINK_MINUTES"),
    ],
)
def test_settings_that_contradict_each_other_are_refused(changes, words):
    """The message names the variable."""
    with pytest.raises(SettingsError, match=words):
        load(**changes)


def test_the_local_outbox_is_allowed_in_dev_mode():
    """Where nobody expects a page to arrive."""
    assert load(NIGHTOWL_LOCAL_OUTBOX="true", NIGHTOWL_MODE="dev").local_outbox


def test_mail_is_encrypted_unless_it_is_said_otherwise():
    """And its password does not print."""
    settings = load(**MAIL, **SIGN_IN)

    assert (settings.smtp_port, settings.smtp_security) == (587, "starttls")
    assert "hush" not in repr(settings)


def test_listed_hosts_are_read_as_a_list():
    """In lower case, without spaces and holes."""
    assert load(NIGHTOWL_WEBHOOK_HOSTS=" Chat.Intern.example, ,10.2.0.7").listed_hosts == {
        "chat.intern.example",
        "10.2.0.7",
    }
    assert load().listed_hosts == frozenset()

"""Settings are read once, and secrets are not told."""

from typing import Annotated

import msgspec
import pytest

from nightowl_common.settings import BaseSettings, Secret, SettingsError, documented, load_settings

GIVEN = {"DATABASE_URL": "postgresql://db", "NATS_URL": "nats://bus", "REDIS_URL": "redis://cache"}
HUSH = "xoxb-very-secret"


class Settings(BaseSettings, frozen=True, kw_only=True):
    """A service's settings."""

    slack_token: Annotated[Secret | None, documented("A token.")] = None
    provider_key: Annotated[Secret, documented("A key that has a name of its own.")] = msgspec.field(
        name="PROVIDER_KEY", default_factory=lambda: Secret("")
    )


def test_a_field_is_read_from_its_variable():
    """`NIGHTOWL_<FIELD>` or the name given; the rest keeps its default."""
    loaded = load_settings(Settings, {**GIVEN, "NIGHTOWL_PORT": "9000", "NIGHTOWL_SWEEP_SECONDS": "0.5"})

    assert (loaded.database_url, loaded.port, loaded.sweep_seconds) == ("postgresql://db", 9000, 0.5)
    assert (loaded.mode, loaded.log_level, loaded.slack_token) == ("production", "info", None)


def test_the_environment_is_read_when_no_mapping_is_given(monkeypatch):
    """The process's own variables count."""
    for name, value in {**GIVEN, "NIGHTOWL_HOST": "::1"}.items():
        monkeypatch.setenv(name, value)

    assert load_settings(Settings).host == "::1"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("NIGHTOWL_PORT", "http"),
        ("NIGHTOWL_PORT", "80.5"),
        ("NIGHTOWL_SWEEP_SECONDS", "soon"),
        ("NIGHTOWL_SWEEP_SECONDS", "0"),
        ("NIGHTOWL_MODE", "prod"),
        ("NIGHTOWL_DATABASE_POOL_SIZE", "1"),
        ("NIGHTOWL_DATABASE_POOL_SIZE", "51"),
        ("NIGHTOWL_LOG_FORMAT", "xml"),
    ],
)
def test_a_wrong_value_names_its_variable(name, value):
    """Whoever starts the service must see which variable to mend."""
    with pytest.raises(SettingsError, match=name):
        load_settings(Settings, {**GIVEN, name: value})


@pytest.mark.parametrize("name", list(GIVEN))
@pytest.mark.parametrize("value", [None, ""])
def test_a_missing_or_empty_value_names_its_variable(name, value):
    """An empty value counts as not set."""
    environ = {**GIVEN, name: value}

    with pytest.raises(SettingsError, match=name):
        load_settings(Settings, {key: each for key, each in environ.items() if each is not None})


def test_an_empty_value_leaves_the_default():
    """Compose files and unit files hand out empty variables."""
    loaded = load_settings(Settings, {**GIVEN, "NIGHTOWL_PORT": "", "NIGHTOWL_SLACK_TOKEN": ""})

    assert (loaded.port, loaded.slack_token) == (8080, None)


def test_other_variables_are_nobodys_business():
    """What no field names is not read."""
    loaded = load_settings(BaseSettings, {**GIVEN, "NIGHTOWL_UNKNOWN": "x", "PATH": "/bin"})

    assert loaded == load_settings(BaseSettings, GIVEN)


def test_settings_do_not_change():
    """They are what the process was started with."""
    with pytest.raises(AttributeError):
        load_settings(Settings, GIVEN).port = 1


def test_a_secret_is_revealed_only_when_asked():
    """No way of printing it shows it."""
    secret = Secret(HUSH)

    shown = [repr(secret), str(secret), f"{secret}", f"{secret!r}", "%s" % secret, repr([secret]), repr({"k": secret})]  # noqa: UP031  (that way too)

    assert not any(HUSH in each for each in shown)
    assert secret.reveal() == HUSH


def test_settings_never_show_their_secrets():
    """Neither printed nor encoded."""
    loaded = load_settings(Settings, {**GIVEN, "NIGHTOWL_SLACK_TOKEN": HUSH, "PROVIDER_KEY": HUSH})

    assert loaded.slack_token.reveal() == loaded.provider_key.reveal() == HUSH
    assert HUSH not in f"{loaded} {loaded!r} {msgspec.structs.asdict(loaded)}"
    for encode in (msgspec.json.encode, msgspec.msgpack.encode, msgspec.to_builtins):
        with pytest.raises(TypeError, match="Secret") as caught:
            encode(loaded)
        assert HUSH not in str(caught.value)
    assert HUSH.encode() not in msgspec.json.encode(loaded, enc_hook=str)


def test_a_wrong_setting_does_not_show_the_secret_beside_it():
    """The error is about one variable."""
    with pytest.raises(SettingsError) as caught:
        load_settings(Settings, {**GIVEN, "NIGHTOWL_SLACK_TOKEN": HUSH, "NIGHTOWL_PORT": "x"})

    assert HUSH not in str(caught.value)

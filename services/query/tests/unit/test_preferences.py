"""Preferences as they are read."""

import msgspec

from nightowl_query.engine.preferences import read_preferences
from nightowl_query.model.preferences import MyPreferences


def test_what_cannot_be_meant_is_as_usual() -> None:
    """One odd value hides no other; what we do not know is passed over."""
    kept = {"theme": "plaid", "density": "compact", "has_keys": "yes", "keys": {"acknowledge": "k"}, "dashboard": 7}

    assert read_preferences(kept) == MyPreferences(density="compact", keys={"acknowledge": "k"})


def test_what_was_kept_is_read_again() -> None:
    """Every field."""
    chosen = MyPreferences(
        theme="night", density="compact", has_keys=False, has_sound=True, time_zone="Asia/Kathmandu", landing="on_call",
        keys={"next": "n"},
    )  # fmt: skip

    assert read_preferences(msgspec.to_builtins(chosen)) == chosen
    assert read_preferences({}) == MyPreferences()

"""Sealed secrets open for their owner alone, under a master key that is there."""

import base64

import pytest

from nightowl_alerting.sealing import MasterKeyMissingError, MasterKeys, Sealed, UnsealableError, make_master_key
from nightowl_common.settings import SettingsError

OLD, NEW = make_master_key("old"), make_master_key("new")
SECRET = b"xoxb-0123456789"


def test_what_is_sealed_opens_again_and_never_looks_the_same() -> None:
    """Nothing of it is in the sealed bytes, and two seals of one secret differ."""
    keys = MasterKeys.parse(OLD)

    first, second = (keys.seal(SECRET, owner="acme") for _ in range(2))

    assert keys.open(first, owner="acme") == keys.open(second, owner="acme") == SECRET
    assert first.body != second.body
    assert SECRET not in first.body
    assert first.key_id == "old"


def test_it_opens_for_its_owner_alone() -> None:
    """Moved to another tenant's row, it does not."""
    keys = MasterKeys.parse(OLD)
    sealed = keys.seal(SECRET, owner="acme")

    with pytest.raises(UnsealableError):
        keys.open(sealed, owner="globex")


def test_every_changed_or_missing_byte_is_seen() -> None:
    """Wherever it is."""
    keys = MasterKeys.parse(OLD)
    body = keys.seal(SECRET, owner="acme").body

    for place in range(len(body)):
        for bad in (body[:place] + bytes([body[place] ^ 1]) + body[place + 1 :], body[:place]):
            with pytest.raises(UnsealableError):
                keys.open(Sealed(key_id="old", body=bad), owner="acme")


def test_the_first_key_seals_and_all_open() -> None:
    """So a new key can be put first while secrets under the old one are still there."""
    sealed = MasterKeys.parse(OLD).seal(SECRET, owner="acme")
    both = MasterKeys.parse(f"{NEW}, {OLD}")

    assert both.open(sealed, owner="acme") == SECRET
    assert both.seal(SECRET, owner="acme").key_id == "new"
    with pytest.raises(MasterKeyMissingError):
        MasterKeys.parse(NEW).open(sealed, owner="acme")


def test_wrapping_anew_frees_the_old_key_and_leaves_the_ciphertext() -> None:
    """Afterwards the new key alone opens it."""
    sealed = MasterKeys.parse(OLD).seal(SECRET, owner="acme")

    wrapped = MasterKeys.parse(f"{NEW},{OLD}").wrap_anew(sealed, owner="acme")

    assert wrapped.key_id == "new"
    assert wrapped.body[61:] == sealed.body[61:]
    assert MasterKeys.parse(NEW).open(wrapped, owner="acme") == SECRET


def test_without_a_key_nothing_is_sealed() -> None:
    """An empty setting has no keys."""
    with pytest.raises(MasterKeyMissingError):
        MasterKeys.parse(" ").seal(SECRET, owner="acme")


@pytest.mark.parametrize(
    "text",
    [
        "old",
        ":",
        "old:",
        f":{OLD[4:]}",
        "old:" + base64.b64encode(b"short").decode(),
        "old:***",
        f"{OLD},{OLD}",
        f"Ö{OLD}",
    ],
    ids=["a word", "empty", "no key", "no name", "too short", "no base64", "a name twice", "no plain name"],
)
def test_a_setting_that_is_none_is_refused_without_telling_it(text: str) -> None:
    """Which one is wrong, and nothing of its value."""
    with pytest.raises(SettingsError) as refused:
        MasterKeys.parse(text)

    assert "master key" in refused.value.detail
    assert OLD[4:] not in refused.value.detail


def test_keys_are_never_printed() -> None:
    """Their ids are."""
    assert repr(MasterKeys.parse(f"{NEW},{OLD}")) == "MasterKeys(new, old)"

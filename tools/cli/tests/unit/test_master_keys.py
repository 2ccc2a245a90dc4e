"""The secrets of an installation on one machine are made once and kept."""

from nightowl_alerting.push.keys import VapidKey
from nightowl_alerting.sealing import MasterKeys
from nightowl_cli.master_keys import kept_secrets


def test_secrets_are_made_once_and_only_their_owner_reads_them(tmp_path):
    """What was sealed before a restart opens after it, and browsers know us again."""
    first = kept_secrets(tmp_path)
    sealed = MasterKeys.parse(first["NIGHTOWL_MASTER_KEYS"]).seal(b"a token", owner="acme")
    again = kept_secrets(tmp_path)

    assert MasterKeys.parse(again["NIGHTOWL_MASTER_KEYS"]).open(sealed, owner="acme") == b"a token"
    assert VapidKey.parse(again["NIGHTOWL_VAPID_KEY"]).public == VapidKey.parse(first["NIGHTOWL_VAPID_KEY"]).public
    assert again == first
    assert len(set(first.values())) == 3
    assert {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {0o600}

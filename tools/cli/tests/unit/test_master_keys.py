"""The master key of an installation on one machine is made once and kept."""

from nightowl_alerting.sealing import MasterKeys
from nightowl_cli.master_keys import kept_key


def test_the_key_is_made_once_and_only_its_owner_reads_it(tmp_path):
    """What was sealed before a restart opens after it."""
    path = tmp_path / "master-key"

    first = kept_key(path)
    sealed = MasterKeys.parse(first).seal(b"a token", owner="acme")
    again = kept_key(path)

    assert MasterKeys.parse(again).open(sealed, owner="acme") == b"a token"
    assert path.stat().st_mode & 0o777 == 0o600

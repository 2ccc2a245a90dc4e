"""What a password is compared with when there is nobody of that name."""

from nightowl_auth import passwords


async def test_nobody_is_refused_as_slowly_as_somebody():
    """It is a hash of the same kind and cost as those that are stored, and never opens anything."""
    assert not passwords._hasher.check_needs_rehash(passwords._NOBODYS)
    assert await passwords.verify_password(None, passwords.make_password()) is False

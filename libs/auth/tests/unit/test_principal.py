"""Roles."""

from uuid import UUID

import pytest

from nightowl_auth import ROLES, Principal

ORDER = ["readonly", "engineer", "manager", "admin"]


def a_principal(role="engineer", **changes):
    return Principal(tenant="acme", key_id=UUID(int=1), role=role, name="CI", **changes)


@pytest.mark.parametrize("needed", ORDER)
@pytest.mark.parametrize("has", ORDER)
def test_a_role_may_do_what_lower_ones_may(has, needed):
    """And nothing that takes a higher one."""
    assert a_principal(has).may(needed) == (ORDER.index(has) >= ORDER.index(needed))


def test_these_are_all_roles():
    """A new one needs a place in the order."""
    assert sorted(ROLES, key=ROLES.__getitem__) == ORDER
    assert len(set(ROLES.values())) == len(ORDER)


def test_the_author_of_a_change_is_the_person_if_there_is_one():
    """Otherwise the key."""
    assert a_principal().actor.kind == "api_key"
    assert a_principal().actor.id == str(UUID(int=1))
    assert a_principal(user_id=UUID(int=2)).actor.kind == "user"
    assert a_principal(user_id=UUID(int=2)).actor.id == str(UUID(int=2))

"""Who somebody is here, whom a provider has let in; and what an departure is made of."""

from uuid import UUID

import msgspec
import pytest

from nightowl_auth.oidc import Issuer
from nightowl_common.errors import InvalidError
from nightowl_query.engine import departures
from nightowl_query.engine.joining import Admit, Join, Refuse, decide
from nightowl_query.model.oidc import Known

ISSUER = Issuer(issuer="https://sso.test", client_id="owl", creates_users=True, default_role="engineer")
CLAIMS = {"iss": "https://sso.test", "sub": "1", "email": "ada@x.test", "email_verified": True, "name": "Ada"}
ADA = Known(id=UUID(int=1), display_name="Ada", role="manager", is_active=True, external_id=None)
ROLES = msgspec.structs.replace(ISSUER, role_claim="groups", roles={"a": "admin", "r": "readonly"}, default_role=None)


def of(claims=CLAIMS, issuer=ISSUER, same_id=None, same_email=(), admins=()):
    return decide(claims, issuer, same_id=same_id, same_email=same_email, admins=admins)


def test_issuer_and_subject_come_before_the_address():
    """Whose address was given to somebody else stays who they are."""
    bob = msgspec.structs.replace(ADA, id=UUID(int=2), display_name="Bob")

    assert of(same_id=ADA, same_email=[bob]) == Admit(person=ADA, role="manager", is_linked=False)


def test_a_verified_address_links_once():
    """Not a person who signs in as somebody else already, and not when two could be meant."""
    linked = msgspec.structs.replace(ADA, external_id="https://old.test#1")

    assert of(same_email=[ADA]) == Admit(person=ADA, role="manager", is_linked=True)
    assert of(same_email=[linked]) == Refuse(code="linked_elsewhere")
    assert of(same_email=[ADA, ADA]) == Refuse(code="linked_elsewhere")


@pytest.mark.parametrize(
    ("name", "expected"), [("Ada", "Ada"), ("", "ada"), (None, "ada"), ("x" * 201, "ada"), ("A\nB", "ada"), (7, "ada")]
)
def test_somebody_new_is_called_as_the_provider_says(name, expected):
    """If that is a name; else by the user name there."""
    claims = {**CLAIMS, "name": name, "preferred_username": "ada"}

    assert of(claims) == Join(email="ada@x.test", name=expected, role="engineer")


def test_somebody_new_without_a_name_is_called_by_the_address():
    """There is always something to show."""
    claims = {name: value for name, value in CLAIMS.items() if name != "name"}

    assert of(claims) == Join(email="ada@x.test", name="ada@x.test", role="engineer")


def test_nobody_is_made_without_a_role():
    """Nor when that is not wanted."""
    assert of(issuer=msgspec.structs.replace(ISSUER, default_role=None)) == Refuse(code="no_role")
    assert of(issuer=msgspec.structs.replace(ISSUER, creates_users=False)) == Refuse(code="person_unknown")


@pytest.mark.parametrize(
    ("groups", "admins", "expected"),
    [
        (["a", "r"], [], Admit(person=ADA, role="admin", is_linked=False)),
        ("r", [], Admit(person=ADA, role="readonly", is_linked=False)),
        (["r"], [UUID(int=1), UUID(int=2)], Admit(person=ADA, role="readonly", is_linked=False)),
        (["r"], [UUID(int=1)], Admit(person=ADA, role="manager", is_linked=False, is_role_kept=True)),
        (["x"], [], Refuse(code="no_role")),
        (None, [], Refuse(code="no_role")),
        ([["a"], {"a": 1}, 7], [], Refuse(code="no_role")),
    ],
)
def test_a_claim_decides_the_role(groups, admins, expected):
    """A text or a list of them; nothing else has a meaning. The only admin stays one."""
    assert of({**CLAIMS, "groups": groups}, ROLES, same_id=ADA, admins=admins) == expected


def test_without_a_claim_people_keep_their_role():
    """A default role is for new ones."""
    assert of(same_id=ADA) == Admit(person=ADA, role="manager", is_linked=False)


@pytest.mark.parametrize("claim", ["https://x.test/roles", "realm_access.roles", "a.b.c"])
def test_a_claim_is_found_by_its_name_or_its_path(claim):
    """A name with dots in it comes first."""
    nested = {"realm_access": {"roles": ["a"]}, "a": {"b": {"c": "a"}}, "https://x.test/roles": ["a"]}
    issuer = msgspec.structs.replace(ROLES, role_claim=claim)

    assert of({**CLAIMS, **nested}, issuer, same_id=ADA).role == "admin"
    assert of({**CLAIMS, "realm_access": 7, "a": ["b"]}, issuer, same_id=ADA) == Refuse(code="no_role")


def test_domains_are_for_everybody():
    """Also for who is known already; capitals do not count."""
    issuer = msgspec.structs.replace(ISSUER, email_domains=["X.test"])

    assert isinstance(of(issuer=issuer), Join)
    assert of({**CLAIMS, "email": "ada@y.test"}, issuer, same_id=ADA) == Refuse(code="email_domain")
    assert of({**CLAIMS, "email_verified": False}, issuer, same_id=ADA) == Refuse(code="email_domain")


def test_the_parts_of_an_departure_tell_nothing_of_each_other():
    """Nonce and verifier differ by browser, by state, and from each other; the challenge is that of RFC 7636."""
    made = {
        derive(browser, state)
        for derive in (departures.nonce_of, departures.verifier_of)
        for browser in ("b1", "b2")
        for state in ("s1", "s2")
    }

    assert len(made) == 8
    assert all(departures.is_secret(each) for each in made)
    example = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    assert departures.challenge_of(example) == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


@pytest.mark.parametrize("path", ["/", "/alerts", "/alerts?status=firing&x=%2F#top", "/a//b"])
def test_a_path_of_this_site_is_fine(path):
    """With everything behind it."""
    assert departures.require_local(path) == path


@pytest.mark.parametrize("path", ["", "a", "//x", "/\\x", "\\/x", "/a\\b", "/a b", "/é", "/\t/x", "https://x", "/\x00"])
def test_anything_else_is_not(path):
    """Browsers read some of these as another site."""
    with pytest.raises(InvalidError):
        departures.require_local(path)

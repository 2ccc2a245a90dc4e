"""Which keys and signatures count."""

import base64
import json

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from nightowl_auth.oidc.model import RefusedTokenError
from nightowl_auth.oidc.signatures import MAX_TOKEN, pick, read_keys, read_unverified, verify

RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048)
SMALL = rsa.generate_private_key(public_exponent=65537, key_size=1024)
EC = ec.generate_private_key(ec.SECP256R1())
WIDE = ec.generate_private_key(ec.SECP384R1())
ED = ed25519.Ed25519PrivateKey.generate()


def jwk(private, algorithm, **more):
    shown = jwt.get_algorithm_by_name(algorithm).to_jwk(private.public_key(), as_dict=True)
    return {**shown, "kid": "k", **more}


def keys(*entries):
    return read_keys(json.dumps({"keys": entries}).encode())


def reason(error):
    return error.value.reason


@pytest.mark.parametrize(("private", "algorithm"), [(RSA, "RS256"), (RSA, "PS256"), (EC, "ES256"), (ED, "EdDSA")])
def test_what_the_provider_has_signed_is_believed(private, algorithm):
    """By each algorithm that counts; a changed claim is not."""
    token = jwt.encode({"sub": "1"}, private, algorithm=algorithm, headers={"kid": "k"})
    [key] = keys(jwk(private, algorithm))
    head, _, tail = token.split(".")
    other = base64.urlsafe_b64encode(json.dumps({"sub": "2"}).encode()).decode().rstrip("=")
    changed = f"{head}.{other}.{tail}"

    assert verify(token, key, algorithm=algorithm) == {"sub": "1"}
    with pytest.raises(RefusedTokenError) as error:
        verify(changed, key, algorithm=algorithm)
    assert reason(error) == "signature"


@pytest.mark.parametrize(
    "entry",
    [
        {"kty": "oct", "k": "c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0", "kid": "k"},
        jwk(SMALL, "RS256"),
        jwk(WIDE, "ES384"),
        jwk(RSA, "RS256", use="enc"),
        jwk(RSA, "RS256", key_ops=["encrypt"]),
        jwk(RSA, "RS256", alg="RS512"),
        jwk(RSA, "RS256", alg="HS256"),
        jwk(RSA, "RS256", alg=["RS256"]),
        jwk(RSA, "RS256", kid=7),
        jwk(RSA, "RS256", n="!"),
        {"kty": ["RSA"]},
        {"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"},
        "nonsense",
    ],
)  # fmt: skip
def test_a_key_that_does_not_count_is_passed_over(entry):
    """Symmetric, too small, for something else, or none at all; its neighbour still counts."""
    assert [each.key_id for each in keys(entry, jwk(EC, "ES256", kid="good"))] == ["good"]


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"keys": []}', b'{"keys": {}}', b"<html>"])
def test_a_set_without_a_key_is_none(body):
    """So that what was good before is kept."""
    with pytest.raises(ValueError):  # noqa: PT011  # msgspec's errors are ValueErrors
        read_keys(body)


def test_a_private_key_is_read_as_its_public_half():
    """Who publishes one by mistake."""
    shown = jwt.get_algorithm_by_name("ES256").to_jwk(EC, as_dict=True)
    [key] = keys({**shown, "kid": "k"})

    assert isinstance(key.key, ec.EllipticCurvePublicKey)


@pytest.mark.parametrize("algorithm", ["none", "HS256", "RS512", "ES384", "rs256", ""])
def test_other_algorithms_are_refused_before_any_key_is_looked_for(algorithm):
    """Also the one that signs nothing."""
    parts = [
        base64.urlsafe_b64encode(json.dumps(each).encode()).decode().rstrip("=") for each in ({"alg": algorithm}, {})
    ]

    with pytest.raises(RefusedTokenError) as error:
        read_unverified(".".join([*parts, ""]))

    assert reason(error) == "algorithm"


@pytest.mark.parametrize(
    ("header", "payload"),
    [(b"[]", b"{}"), (b'{"alg": 7}', b"{}"), (b'{"alg": "RS256"}', b"[]"), (b'{"alg": "RS256"}', b"nonsense"),
     (b'{"alg": "RS256", "kid": 7}', b"{}"), (b"[" * 5_000, b"{}"), (b'{"alg": "RS256"}', b"[" * 5_000)],
)  # fmt: skip
def test_what_is_no_token_is_refused(header, payload):
    """However it is broken."""
    parts = [base64.urlsafe_b64encode(each).decode().rstrip("=") for each in (header, payload)]

    with pytest.raises(RefusedTokenError):
        read_unverified(".".join([*parts, "AA"]))


def test_a_token_that_is_too_long_is_not_decoded():
    """Its length is looked at first."""
    with pytest.raises(RefusedTokenError) as error:
        read_unverified("x" * (MAX_TOKEN + 1))

    assert reason(error) == "too_large"


def test_a_key_is_picked_by_its_id_and_for_its_algorithm():
    """A known id with another algorithm is refused, an unknown one may be new; without one only one can be meant."""
    found = keys(jwk(RSA, "RS256", kid="a", alg="RS256"), jwk(EC, "ES256", kid="b"), jwk(ED, "EdDSA", kid="c"))

    assert pick(found, key_id="b", algorithm="ES256") is found[1]
    assert pick(found, key_id=None, algorithm="EdDSA") is found[2]
    assert pick(found, key_id="new", algorithm="ES256") is None
    for key_id, algorithm in (("a", "PS256"), ("a", "ES256"), ("b", "RS256")):
        with pytest.raises(RefusedTokenError) as error:
            pick(found, key_id=key_id, algorithm=algorithm)
        assert reason(error) == "algorithm"
    with pytest.raises(RefusedTokenError) as error:
        pick([*found, *found], key_id=None, algorithm="ES256")
    assert reason(error) == "key_id_missing"


def test_a_key_verifies_by_its_own_algorithms_only():
    """Whatever the token's header says."""
    [key] = keys(jwk(RSA, "RS256", alg="RS256"))
    token = jwt.encode({}, RSA, algorithm="PS256")

    with pytest.raises(RefusedTokenError) as error:
        verify(token, key, algorithm="PS256")

    assert reason(error) == "algorithm"

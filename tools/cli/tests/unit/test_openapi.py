"""The system's OpenAPI document."""

import json

import pytest
from openapi_spec_validator import validate

from nightowl_cli.openapi import ConflictingNameError, UnknownTagError, _check_tags, _merge, system_openapi
from nightowl_query.api.docs import document


def test_the_document_is_valid() -> None:
    """It follows the OpenAPI 3.1 specification, references included."""
    validate(system_openapi())


def test_the_packaged_document_is_the_generated_one() -> None:
    """What is served is what the services say of themselves today; `nightowl generate` brings it up to date."""
    assert json.loads(document()) == system_openapi()


def test_every_service_is_in_it() -> None:
    """One document for what three services answer."""
    paths = system_openapi()["paths"]

    assert {"/api/v1/alerts", "/api/v1/webhooks/generic", "/api/v1/twilio/status", "/healthz"} <= paths.keys()


def test_operations_say_who_may() -> None:
    """The role stands on each operation that needs a key; the others say that they need none."""
    paths = system_openapi()["paths"]

    assert paths["/api/v1/alerts"]["get"]["x-required-role"] == "readonly"
    assert paths["/api/v1/alerts/{alert_id}/acknowledge"]["patch"]["x-required-role"] == "engineer"
    assert paths["/healthz"]["get"]["security"] == []


def test_one_name_for_two_things_is_refused() -> None:
    """Services that share a schema must mean the same by it."""
    assert _merge([{"Problem": {"a": 1}}, {"Problem": {"a": 1}}], what="schema") == {"Problem": {"a": 1}}

    with pytest.raises(ConflictingNameError, match="schema Problem"):
        _merge([{"Problem": {"a": 1}}, {"Problem": {"a": 2}}], what="schema")


def test_a_tag_that_nobody_explains_is_an_error() -> None:
    """Readers of the document would find operations under a word without a meaning."""
    with pytest.raises(UnknownTagError, match=r"listMoons.*Astronomy"):
        _check_tags({"/moons": {"get": {"operationId": "listMoons", "tags": ["Astronomy"]}}})

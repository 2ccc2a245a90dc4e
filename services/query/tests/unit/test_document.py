"""The packaged OpenAPI document."""

import json

import yaml
from openapi_spec_validator import validate

from nightowl_query.api.docs import document, document_as_yaml


def test_the_document_is_valid() -> None:
    """It follows the OpenAPI 3.1 specification."""
    validate(json.loads(document()))


def test_yaml_and_json_say_the_same() -> None:
    """Two forms of one document."""
    assert yaml.safe_load(document_as_yaml()) == json.loads(document())


def test_every_operation_is_documented() -> None:
    """Each has an id, a tag and a summary; each that needs a key says how its refusal looks."""
    for path, item in json.loads(document())["paths"].items():
        for operation in item.values():
            assert operation["operationId"], path
            assert operation["tags"], path
            assert operation["summary"], path
            if operation.get("security") != []:
                assert "application/problem+json" in operation["responses"]["401"]["content"], path

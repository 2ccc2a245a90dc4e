"""Nobody has to guess: the API document tells of every operation what it does, what it takes and how it refuses."""

import json
from typing import Any

import jsonschema
import pytest

from nightowl_query.api.docs import document

PROBLEM_TYPE = "application/problem+json"
DOCUMENT = json.loads(document())
OPERATIONS = {
    f"{method.upper()} {path}": operation
    for path, item in DOCUMENT["paths"].items()
    for method, operation in item.items()
}
NEVER_MISSING = {"POST /api/v1/heartbeats/{name}"}
"""A beat is taken before anybody looks whether its heartbeat is known; an unknown name is listed as rejected."""

OTHER_REFUSALS = {("GET /readyz", "503")}
"""Asked by orchestrators, which want the failing checks and know no problems."""


def complaints(label: str, operation: dict[str, Any]) -> list[str]:
    """What an operation leaves open."""
    missing = [each for each in ("operationId", "tags", "summary", "description") if not operation.get(each)]
    refusals = {code for code in operation["responses"] if code >= "400"}
    wanted = {"401", "403"} if operation.get("security") != [] else set()
    if "requestBody" in operation:
        wanted |= {"400", "413"}
    if "application/json" in bodies(operation):
        wanted |= {"422"}
    if label not in NEVER_MISSING and any(each["in"] == "path" for each in operation.get("parameters", [])):
        wanted |= {"404"}
    missing += [f"how it refuses with {code}" for code in sorted(wanted - refusals)]
    missing += [
        f"a problem with a code for {code}"
        for code in sorted(refusals)
        if (label, code) not in OTHER_REFUSALS and not is_problem(operation["responses"][code])
    ]
    missing += [f"an example of {kind}" for kind, content in bodies(operation).items() if not examples(content)]
    return missing


def bodies(operation: dict[str, Any]) -> dict[str, Any]:
    """What is taken, by media type."""
    return operation.get("requestBody", {}).get("content", {})


def examples(content: dict[str, Any]) -> list[Any]:
    """The values of all examples of a body."""
    named = [each["value"] for each in content.get("examples", {}).values()]
    return [*named, content["example"]] if "example" in content else named


def is_problem(response: dict[str, Any]) -> bool:
    """Whether an answer is documented as RFC 9457 problem details with our `code`."""
    content = response.get("content", {})
    if list(content) != [PROBLEM_TYPE]:
        return False
    name = content[PROBLEM_TYPE]["schema"]["$ref"].rpartition("/")[2]
    return "code" in DOCUMENT["components"]["schemas"][name]["required"]


@pytest.mark.parametrize("label", OPERATIONS)
def test_the_document_tells_everything_about(label: str) -> None:
    """Words, refusals, and an example of each body."""
    assert complaints(label, OPERATIONS[label]) == []


def test_what_is_left_open_is_named() -> None:
    """The check above can fail."""
    bare = {
        "operationId": "x", "tags": ["X"], "summary": "X",
        "parameters": [{"in": "path"}],
        "requestBody": {"content": {"application/json": {"schema": {}}}},
        "responses": {"200": {}, "404": {"content": {"application/json": {}}}, "401": {}},
    }  # fmt: skip

    assert complaints("POST /x", bare) == [
        "description",
        "how it refuses with 400", "how it refuses with 403", "how it refuses with 413", "how it refuses with 422",
        "a problem with a code for 401", "a problem with a code for 404",
        "an example of application/json",
    ]  # fmt: skip


@pytest.mark.parametrize("label", [label for label, each in OPERATIONS.items() if bodies(each)])
def test_examples_fit_the_schema_of(label: str) -> None:
    """An example that is pasted is a body that is taken."""
    for content in bodies(OPERATIONS[label]).values():
        schema = {**content["schema"], "components": DOCUMENT["components"]}
        for example in examples(content):
            jsonschema.validate(example, schema, cls=jsonschema.Draft202012Validator)

"""The examples of the API document."""

from typing import Any

import msgspec
import pytest

from nightowl_query.api.examples import body_examples

CASES = [(kind, example) for kind, examples in body_examples().items() for example in examples]


@pytest.mark.parametrize(("kind", "example"), CASES)
def test_every_example_is_a_body_that_is_taken(kind: type[msgspec.Struct], example: dict[str, Any]) -> None:
    """Read as strictly as a request, it has the values that it shows."""
    read = msgspec.json.decode(msgspec.json.encode(example), type=kind)

    assert holds(msgspec.to_builtins(read), example)


def holds(whole: object, part: object) -> bool:
    match whole, part:
        case dict(), dict():
            return all(name in whole and holds(whole[name], each) for name, each in part.items())
        case list(), list():
            return len(whole) == len(part) and all(map(holds, whole, part))
        case _:
            return whole == part

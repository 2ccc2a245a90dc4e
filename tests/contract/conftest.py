"""Where the golden examples are."""

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def repository() -> Path:
    """The root of the checkout."""
    return Path(__file__).parents[2]


@pytest.fixture(scope="session")
def examples(repository: Path) -> Path:
    """The folder of golden examples."""
    return repository / "schemas/events/examples"

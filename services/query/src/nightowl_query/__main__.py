"""Starts the service; nothing else."""

from nightowl_common.serve import run
from nightowl_common.settings import load_settings
from nightowl_query.app import build
from nightowl_query.settings import Settings


def main() -> None:
    """Serves until told to stop."""
    settings = load_settings(Settings)
    run("query", settings, lambda: build(settings))


if __name__ == "__main__":
    main()

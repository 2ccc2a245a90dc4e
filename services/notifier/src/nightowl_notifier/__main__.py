"""Starts the service; nothing else."""

from nightowl_common.serve import run
from nightowl_common.settings import load_settings
from nightowl_notifier.app import build
from nightowl_notifier.settings import Settings


def main() -> None:
    """Serves until told to stop."""
    settings = load_settings(Settings)
    run("notifier", settings, lambda: build(settings))


if __name__ == "__main__":
    main()

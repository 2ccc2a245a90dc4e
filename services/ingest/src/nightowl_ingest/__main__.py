"""`python -m nightowl_ingest`."""

from nightowl_common import serve
from nightowl_common.settings import load_settings
from nightowl_ingest.app import build
from nightowl_ingest.settings import Settings


def main() -> None:
    """Serves until told to stop."""
    settings = load_settings(Settings)
    serve.run("ingest", settings, lambda: build(settings))


if __name__ == "__main__":
    main()

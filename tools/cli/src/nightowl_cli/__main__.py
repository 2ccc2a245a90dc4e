"""`nightowl`, which is `python -m nightowl_cli`."""

import importlib
import sys
from importlib.util import find_spec

_HELP = {"-h", "--help"}


def main() -> None:
    """Runs a command; `up` without the others: what they import would be half of its processor time and memory."""
    if sys.argv[1:2] == ["up"] and not _HELP.intersection(sys.argv) and find_spec("nightowl_embedded") is not None:
        importlib.import_module("nightowl_cli.checkout").up_command(sys.argv[2:], prog_name="nightowl up")
    importlib.import_module("nightowl_cli.main").cli()


if __name__ == "__main__":
    main()

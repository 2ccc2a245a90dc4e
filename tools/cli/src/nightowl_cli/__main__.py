"""`python -m nightowl_cli` is `nightowl`."""

from nightowl_cli.main import cli

if __name__ == "__main__":
    cli()

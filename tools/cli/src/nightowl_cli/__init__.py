"""The `nightowl` command."""

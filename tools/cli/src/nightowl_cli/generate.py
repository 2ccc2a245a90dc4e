"""`nightowl generate`: files made from code, committed so that a change of them is seen."""

import importlib
from pathlib import Path

import rich_click as click

_GENERATORS = (
    "generate_contracts",
    "generate_metrics",
    "generate_openapi",
    "generate_permissions",
    "generate_schema",
    "generate_settings",
    "generate_api_pages",
    "generate_events_page",
    "generate_cli_page",
    "generate_images",
    "generate_chart",
)


def generate(*, check: bool) -> list[str]:
    """Writes what is out of date, or only names it; returns the names."""
    root = Path(__file__).parents[4]
    stale = []
    for generator in _GENERATORS:
        # imported here: they pull in all services, which `nightowl up` must not wait for
        for name, text in importlib.import_module(f"nightowl_cli.{generator}").generated_files().items():
            path = root / name
            if path.exists() and path.read_text() == text:
                continue
            stale.append(name)
            if not check:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text)
            click.echo(f"{'out of date' if check else 'wrote'} {name}")
    return stale

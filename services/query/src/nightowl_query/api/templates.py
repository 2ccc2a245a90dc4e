"""The runbook templates that come with NightOwl: markdown files with a line of tags, then a title."""

from functools import cache
from importlib.resources import files

from nightowl_query.model.knowledge import RunbookTemplate

_TAGS = "<!-- tags: "


@cache
def built_in_templates() -> tuple[RunbookTemplate, ...]:
    """All of them, by slug."""
    folder = files("nightowl_query").joinpath("templates")
    found = sorted((each for each in folder.iterdir() if each.name.endswith(".md")), key=lambda each: each.name)
    return tuple(read_template(each.name.removesuffix(".md"), each.read_text(encoding="utf-8")) for each in found)


def read_template(slug: str, text: str) -> RunbookTemplate:
    """A template from its file: `<!-- tags: a, b -->`, an empty line, `# Title`, the rest."""
    head, _, markdown = text.partition("\n\n")
    title = markdown.partition("\n")[0].removeprefix("# ")
    tags = head.removeprefix(_TAGS).removesuffix(" -->").split(", ")
    return RunbookTemplate(slug=slug, runbook_id=None, title=title, category="kubernetes", tags=tags, markdown=markdown)

"""The manual's front page leads to every page."""

import posixpath
import re

from pages import ROOT, pages, text_of

START = "docs/README.md"
_LINK = re.compile(r"\]\(([^)#\s]+\.md)")


def test_every_page_can_be_found_from_the_front_page() -> None:
    """By following links inside the manual: what nobody finds, nobody reads. Add a line to docs/README.md."""
    found, waiting = {START}, [START]
    while waiting:
        page = waiting.pop()
        targets = {
            posixpath.normpath(posixpath.join(posixpath.dirname(page), to)) for to in _LINK.findall(text_of(page))
        }
        new = {each for each in targets - found if each.startswith("docs/") and (ROOT / each).exists()}
        found |= new
        waiting += new

    assert set(pages("docs/**/*.md")) - found == set()

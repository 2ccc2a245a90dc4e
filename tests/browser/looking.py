"""How a page is looked at: in which colours and widths, with axe's eyes, and as a picture."""

from pathlib import Path
from typing import Any

import msgspec
from playwright.async_api import Page

from nightowl_cli.web import SOURCES

DESK, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
LOOKS: dict[str, dict[str, Any]] = {
    "dark-desk": {"color_scheme": "dark", "viewport": DESK},
    "light-desk": {"color_scheme": "light", "viewport": DESK},
    "dark-phone": {"color_scheme": "dark", "viewport": PHONE, "has_touch": True, "is_mobile": True},
    "light-phone": {"color_scheme": "light", "viewport": PHONE, "has_touch": True, "is_mobile": True},
}
"""Name → options of a browser context, for `parametrize` and `open_page`."""

SETTLED_JS = "() => document.querySelectorAll('[aria-busy=true], .animate-pulse').length === 0"
"""Nothing on the page is still being loaded."""

WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]

_RUN = """async (tags) => (await axe.run(document, { runOnly: { type: "tag", values: tags } })).violations"""


class Violation(msgspec.Struct, frozen=True, kw_only=True):
    """A rule of axe that elements break; `where` holds their selectors."""

    rule: str
    impact: str
    says: str
    where: list[str]


async def violations(page: Page) -> list[Violation]:
    """What breaks WCAG 2.2 A and AA on the page as it stands. The driver brings axe in; the page's policy stays."""
    await page.evaluate((SOURCES / "node_modules" / "axe-core" / "axe.min.js").read_text())
    return [
        Violation(
            rule=each["id"],
            impact=each["impact"],
            says=each["help"],
            where=[" ".join(map(str, node["target"])) for node in each["nodes"]],
        )
        for each in await page.evaluate(_RUN, WCAG)
    ]


async def picture(page: Page, path: Path) -> Path:
    """Writes what is seen, without animations and carets."""
    await page.screenshot(path=path, animations="disabled", caret="hide")
    return path

"""Every relative link in a page leads somewhere, its heading included (house rule on docs, CONTRIBUTING.md)."""

import re
from collections.abc import Iterator
from pathlib import PurePosixPath
from urllib.parse import unquote

from tree import Finding, Source, Tree, line_at

_FENCE = re.compile(r"^(?P<fence>```|~~~).*?^(?P=fence)", re.MULTILINE | re.DOTALL)
_CODE = re.compile(r"`[^`\n]*`")
_LINK = re.compile(
    r"\[[^\]]*\]\((?P<target>[^)\s]+)(?:\s+\"[^\"]*\")?\)|^\[[^\]]+\]:\s*(?P<reference>\S+)", re.MULTILINE
)
_ABSOLUTE = re.compile(r"^(?:[a-z][a-z0-9+.-]*:|//)", re.IGNORECASE)
_HEADING = re.compile(r"^#{1,6}\s+(?P<title>.+?)\s*#*$", re.MULTILINE)


def check(tree: Tree) -> Iterator[Finding]:
    """Links to files or headings that are not there."""
    for source in tree.ending(".md"):
        text = _blank(_CODE, _blank(_FENCE, source.text))
        for match in _LINK.finditer(text):
            target = match["target"] or match["reference"]
            if not _ABSOLUTE.match(target):
                reason = _broken(tree, source, target)
                if reason is not None:
                    yield source.finding(line_at(text, match.start()), f"{target}: {reason}")


def _broken(tree: Tree, source: Source, target: str) -> str | None:
    path, _, heading = unquote(target).partition("#")
    file = source.path if path == "" else _normal(source.folder, path)
    if file is None:
        return "leads out of the repository"
    if not (tree.root / file).exists():
        return "no such file"
    if heading and file.endswith(".md") and heading not in _anchors((tree.root / file).read_text(encoding="utf-8")):
        return "no such heading"
    return None


def _normal(folder: str, path: str) -> str | None:
    parts: list[str] = [] if path.startswith("/") else [part for part in folder.split("/") if part]
    for part in PurePosixPath(path.lstrip("/")).parts:
        if part == "..":
            if not parts:
                return None
            parts.pop()
        elif part != ".":
            parts.append(part)
    return "/".join(parts)


def _anchors(text: str) -> set[str]:
    """Headings as GitHub and others name them."""
    titles = [match["title"] for match in _HEADING.finditer(_blank(_FENCE, text))]
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def _blank(pattern: re.Pattern[str], text: str) -> str:
    return pattern.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), text)

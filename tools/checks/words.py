"""Words that say nothing, and things that belong to one machine (house rules, CONTRIBUTING.md).

No module or class is called helper, util, misc, manager, data, info or process. No file holds an absolute
path of somebody's machine or the host of a package registry: what is installed from where is not ours to say.
The patterns are put together from pieces, so that this file does not hold them itself.
"""

import ast
import re
from collections.abc import Iterator

from tree import Finding, Source, Tree, line_at

BANNED = re.compile(r"^(helpers?|utils?|utilit(y|ies)|misc|managers?|data|infos?|process)$")

_CAMEL = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z0-9]+|[A-Z]+")
_SLASH = "/"
_BEFORE = r"(?<![\w.:/-])"
MACHINE_PATHS = (
    _BEFORE + _SLASH + "root" + _SLASH,
    _BEFORE + _SLASH + "home" + _SLASH + r"(?!nonroot\b)[a-z][\w.-]*",
    _BEFORE + _SLASH + "Users" + _SLASH + r"[A-Za-z]",
    _BEFORE + _SLASH + "work" + _SLASH,
)
REGISTRIES = (
    "pypi" + r"\.org",
    "python" + r"hosted\.org",
    "npm" + r"js\.(?:org|com)",
    "yarn" + r"pkg\.com",
    "crates" + r"\.io",
    "proxy" + r"\.golang\.org",
    "ruby" + r"gems\.org",
    "arti" + "factory",
)
_FORBIDDEN = [
    (re.compile("|".join(MACHINE_PATHS)), "absolute path of one machine"),
    (re.compile("|".join(REGISTRIES), re.IGNORECASE), "host of a package registry"),
]
_BINARY = (".png", ".jpg", ".ico", ".woff2", ".gz", ".zip", ".pdf")


def check(tree: Tree) -> Iterator[Finding]:
    """Names and contents that are not wanted."""
    for source in tree.sources:
        if source.name.endswith(_BINARY):
            continue
        yield from _contents(source)
        if source.name.endswith(".py"):
            yield from _names(source)


def _contents(source: Source) -> Iterator[Finding]:
    text = source.text
    for pattern, what in _FORBIDDEN:
        for match in pattern.finditer(text):
            yield source.finding(line_at(text, match.start()), f"{what}: {match[0]}")


def _names(source: Source) -> Iterator[Finding]:
    stem = source.name.removesuffix(".py")
    for word in stem.strip("_").split("_"):
        if BANNED.match(word):
            yield source.finding(1, f"module {stem}: “{word}” says nothing")
    for node in ast.walk(source.parse()):
        if isinstance(node, ast.ClassDef):
            for word in _CAMEL.findall(node.name):
                if BANNED.match(word.lower()):
                    yield source.finding(node.lineno, f"class {node.name}: “{word}” says nothing")

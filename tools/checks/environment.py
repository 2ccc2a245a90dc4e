"""The environment is read once, into settings (house rule, CONTRIBUTING.md).

`os.environ` and `os.getenv` appear in `settings.py`, the testkit, the embedded servers, tools and tests only:
a setting that is read anywhere else is in no Struct, in no reference page and cannot be given by a test.
"""

import ast
from collections.abc import Iterator

from tree import Finding, Tree

FREE_PACKAGES = {"testkit", "embedded"}
NAMES = {"environ", "environb", "getenv", "getenvb", "putenv"}


def check(tree: Tree) -> Iterator[Finding]:
    """Other readers of the environment."""
    for source in tree.python():
        if source.name == "settings.py" or source.package in FREE_PACKAGES or source.parts[0] == "tools":
            continue
        for node in ast.walk(source.parse()):
            if _reads(node):
                line = getattr(node, "lineno", 1)
                yield source.finding(line, "reads the environment: put a documented field into settings.py")


def _reads(node: ast.AST) -> bool:
    match node:
        case ast.Attribute(value=ast.Name(id="os"), attr=attr):
            return attr in NAMES
        case ast.ImportFrom(module="os", names=names):
            return any(each.name in NAMES for each in names)
        case _:
            return False

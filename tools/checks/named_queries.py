"""Every named query is used, and every name that is used exists (house rule on stores, CONTRIBUTING.md).

A query belongs to the modules in its own folder: `SQL["load_alert"]`. Where a name is computed (`SQL[step]`),
the names that the module spells out as strings count as used.
"""

import ast
import re
from collections.abc import Iterator

from tree import Finding, Source, Tree, line_at

_QUERY = re.compile(r"^-- name: (?P<name>.+?)\s*$", re.MULTILINE)
_NAME = re.compile(r"[a-z0-9_]+")


def check(tree: Tree) -> Iterator[Finding]:
    """Queries without users, users without queries, and names that break the form."""
    named = {folder: _named(tree, folder) for folder in {source.folder for source in tree.query_files()}}
    used: set[tuple[str, str]] = set()
    for source in tree.python():
        queries = named.get(source.folder, {})
        for line, name in _uses(source):
            if name not in queries:
                yield source.finding(line, f"there is no query {name}")
            used.add((source.folder, name))
        if _computes_names(source):
            used |= {(source.folder, word) for word in _strings(source)}
    for folder, queries in named.items():
        yield from _unused(queries, {name for where, name in used if where == folder})


def _unused(queries: dict[str, Finding], used: set[str]) -> Iterator[Finding]:
    for name, found in queries.items():
        if not _NAME.fullmatch(name):
            yield Finding(found.path, found.line, f"query {name}: a name is lower-case letters, digits and _")
        elif name not in used:
            yield Finding(found.path, found.line, f"query {name} is used nowhere")


def _named(tree: Tree, folder: str) -> dict[str, Finding]:
    return {
        match["name"]: source.finding(line_at(source.text, match.start()), "")
        for source in tree.query_files()
        if source.folder == folder
        for match in _QUERY.finditer(source.text)
    }


def _uses(source: Source) -> Iterator[tuple[int, str]]:
    for node in ast.walk(source.parse()):
        match node:
            case ast.Subscript(value=ast.Name(id=holder), slice=ast.Constant(value=str(name))) if _is_sql(holder):
                yield node.lineno, name
            case _:
                pass


def _computes_names(source: Source) -> bool:
    subscripts = (node for node in ast.walk(source.parse()) if isinstance(node, ast.Subscript))
    return any(
        isinstance(node.value, ast.Name) and _is_sql(node.value.id) and not isinstance(node.slice, ast.Constant)
        for node in subscripts
    )


def _strings(source: Source) -> set[str]:
    nodes = (node for node in ast.walk(source.parse()) if isinstance(node, ast.Constant))
    return {node.value for node in nodes if isinstance(node.value, str)}


def _is_sql(name: str) -> bool:
    return name == "SQL" or name.endswith("_SQL")

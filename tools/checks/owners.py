"""Each table is written by its owners alone (ADR 0007 and schemas/sql/OWNERS.md).

Every named query, and every SQL text inside Python code, that writes a table must belong to a package that
OWNERS.md lists as a writer of it. The page lists every table of the migrations, and no other.
"""

import ast
import re
from collections.abc import Iterator

from tree import Finding, Source, Tree, line_at, without_comments

PAGE = "schemas/sql/OWNERS.md"

_ROW = re.compile(r"^\|\s*(?P<table>[\w.]+)\s*\|\s*(?P<writers>[\w, ]*?)\s*\|", re.MULTILINE)
_NAME = r"(?:ONLY\s+)?(?P<table>\"?[a-z_][\w]*\"?(?:\.\"?[a-z_]\w*\"?)?)"
_WRITE = re.compile(
    r"(?P<lock>\b(?:FOR(?:\s+NO\s+KEY)?|DO|ON)\s+)?"
    rf"\b(?:INSERT\s+INTO|UPDATE|DELETE\s+FROM|MERGE\s+INTO|TRUNCATE(?:\s+TABLE)?)\s+{_NAME}",
    re.IGNORECASE,
)
_CREATE = re.compile(rf"\bCREATE\s+TABLE\s+(?:IF\s+NOT\s+EXISTS\s+)?{_NAME}(?P<rest>[^;]{{0,40}})", re.IGNORECASE)
_DROP = re.compile(rf"\bDROP\s+TABLE\s+(?:IF\s+EXISTS\s+)?{_NAME}", re.IGNORECASE)
_QUOTED = re.compile(r"'(?:[^']|'')*'")
_SQL_START = re.compile(r"^\s*(?:--|WITH|INSERT|UPDATE|DELETE|MERGE|TRUNCATE|CREATE|SELECT)\b")


def check(tree: Tree) -> Iterator[Finding]:
    """Writes by strangers, tables that the page leaves out, and tables that it invents."""
    page = tree.find(PAGE)
    if page is None:
        yield Finding(PAGE, 1, "is missing")
        return
    owners = {match["table"]: match for match in _ROW.finditer(page.text) if match["table"] != "table"}
    yield from _compare(page, set(owners), _tables(tree))
    writers = {table: set(re.split(r"[,\s]+", match["writers"])) for table, match in owners.items()}
    for source, line, table in _writes(tree):
        if table in writers and source.package not in writers[table]:
            allowed = ", ".join(sorted(writers[table]))
            yield source.finding(line, f"{source.package} writes {table}, which only {allowed} may (see {PAGE})")
        elif table not in writers:
            yield source.finding(line, f"writes {table}, which {PAGE} does not list")


def _compare(page: Source, listed: set[str], made: dict[str, Finding]) -> Iterator[Finding]:
    for table in sorted(listed - set(made)):
        line = line_at(page.text, page.text.index(f"| {table} |"))
        yield page.finding(line, f"lists {table}, which no migration makes")
    for table in sorted(set(made) - listed):
        yield Finding(made[table].path, made[table].line, f"makes {table}, which {PAGE} does not list")


def _tables(tree: Tree) -> dict[str, Finding]:
    """Tables as the migrations leave them: name → where it is made. Partitions are parts of their table."""
    tables: dict[str, Finding] = {}
    for source, line, text in _schema_texts(tree):
        for match in _CREATE.finditer(text):
            if not match["rest"].lstrip().upper().startswith("PARTITION OF") and "%" not in match["table"]:
                at = line + line_at(text, match.start()) - 1
                tables.setdefault(_plain(match["table"]), source.finding(at, ""))
        for match in _DROP.finditer(text):
            tables.pop(_plain(match["table"]), None)
    return tables


def _schema_texts(tree: Tree) -> Iterator[tuple[Source, int, str]]:
    for source in tree.ending(".sql"):
        if source.folder in {"schemas/sql/global", "schemas/sql/tenant"} and source.name != "schema.sql":
            yield source, 1, _without_bodies(without_comments(source.text))
    for source in tree.python():
        if source.package == "sql":
            yield from ((source, line, text) for line, text in _strings(source))


def _writes(tree: Tree) -> Iterator[tuple[Source, int, str]]:
    for source in tree.query_files():
        yield from ((source, line, table) for line, table in _writes_in(without_comments(source.text)))
    for source in tree.python():
        if source.package is None:
            continue
        for start, text in _strings(source):
            yield from ((source, start + line - 1, table) for line, table in _writes_in(text))


def _writes_in(text: str) -> Iterator[tuple[int, str]]:
    sql = _QUOTED.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), text)
    for match in _WRITE.finditer(sql):
        if match["lock"] is None and match["table"].upper() not in {"SET", "OF", "SKIP"}:
            yield line_at(sql, match.start()), _plain(match["table"])


def _strings(source: Source) -> Iterator[tuple[int, str]]:
    """SQL texts in Python code: strings that start with a keyword in capitals, as prose does not."""
    for node in ast.walk(source.parse()):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and _SQL_START.match(node.value):
            yield node.lineno, node.value


def _without_bodies(sql: str) -> str:
    """Without dollar-quoted function bodies, where tables are made by name patterns."""
    return re.sub(r"\$\$.*?\$\$", lambda match: re.sub(r"[^\n]", " ", match[0]), sql, flags=re.DOTALL)


def _plain(name: str) -> str:
    return name.replace('"', "").lower()

"""Small pieces (house rule, CONTRIBUTING.md): modules up to 400 lines, function bodies up to 25 without docstring.

A body that is long for a good reason says so on its `def` line: `# long: <reason>`.
"""

import ast
from collections.abc import Iterator

from tree import Finding, Source, Tree

MODULE_LINES = 400
BODY_LINES = 25

Function = ast.FunctionDef | ast.AsyncFunctionDef


def check(tree: Tree) -> Iterator[Finding]:
    """Modules and bodies past the limits."""
    for source in tree.python():
        lines = source.text.splitlines()
        if len(lines) > MODULE_LINES:
            yield source.finding(len(lines), f"module of {len(lines)} lines; the limit is {MODULE_LINES}")
        yield from _functions(source, lines)


def _functions(source: Source, lines: list[str]) -> Iterator[Finding]:
    for node in ast.walk(source.parse()):
        if isinstance(node, Function):
            length = _body_lines(node)
            if length > BODY_LINES and not _is_excused(node, lines):
                yield source.finding(node.lineno, f"{node.name}: body of {length} lines; the limit is {BODY_LINES}")


def _body_lines(function: Function) -> int:
    body = function.body[1:] if ast.get_docstring(function) is not None else function.body
    return 0 if not body else (body[-1].end_lineno or 0) - body[0].lineno + 1


def _is_excused(function: Function, lines: list[str]) -> bool:
    signature = lines[function.lineno - 1 : function.body[0].lineno]
    return any("# long: " in line for line in signature)

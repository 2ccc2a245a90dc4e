"""Everything that is published goes through `Bus.publish` (ADR 0001 and 0003): stream named, PubAck awaited, id set.

A call in the wrapper's own form, one message and at most `timeout_seconds`, is the wrapper. Any other
`.publish(…)` outside `nightowl_common/bus.py` is a client's or a framework's, which may lose the message
without a word. Tools that run once and await the PubAck themselves say so: `# bus: <reason>`, on the line
or the one above it.
"""

import ast
from collections.abc import Iterator

from tree import Finding, Source, Tree

WRAPPER = "libs/common/src/nightowl_common/bus.py"
RAW = {"publish", "publish_async", "publish_batch"}
REMEDY = "use nightowl_common.bus.Bus.publish"
EXCUSE = "# bus: "


def check(tree: Tree) -> Iterator[Finding]:
    """Calls of `.publish` that are not the wrapper's, and decorators that publish what a function returns."""
    for source in tree.python():
        if source.path != WRAPPER:
            yield from _in(source)


def _in(source: Source) -> Iterator[Finding]:
    for node in ast.walk(source.parse()):
        match node:
            case ast.Call(func=ast.Attribute(attr=name)) if name in RAW:
                if not _has_wrapper_form(name, node) and not _is_excused(source, node.lineno):
                    yield source.finding(node.lineno, f".{name}() past the wrapper: {REMEDY}")
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                yield from _decorators(source, node)
            case _:
                pass


def _has_wrapper_form(name: str, call: ast.Call) -> bool:
    is_starred = any(isinstance(each, ast.Starred) for each in call.args)
    keywords = {each.arg for each in call.keywords}
    return name == "publish" and len(call.args) == 1 and not is_starred and keywords <= {"timeout_seconds"}


def _is_excused(source: Source, line: int) -> bool:
    near = source.text.splitlines()[max(0, line - 2) : line]
    return source.parts[0] == "tools" and any(EXCUSE in each for each in near)


def _decorators(source: Source, function: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[Finding]:
    for each in function.decorator_list:
        called = each.func if isinstance(each, ast.Call) else each
        if isinstance(called, ast.Attribute) and called.attr == "publisher":
            yield source.finding(each.lineno, f"@….publisher sends without a PubAck: {REMEDY}")

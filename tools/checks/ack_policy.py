"""Every FastStream subscriber acknowledges by hand (ADR 0005): `ack_policy=AckPolicy.MANUAL`.

The framework's default terminates a message on any exception, which would lose it for ever.
"""

import ast
from collections.abc import Iterator

from tree import Finding, Tree

MESSAGE = "subscriber(…) needs ack_policy=AckPolicy.MANUAL: the default terminates a message on any exception"


def check(tree: Tree) -> Iterator[Finding]:
    """Subscribers (`broker.subscriber(…)`, `router.subscriber(…)`) with another policy, or with none said."""
    for source in tree.python():
        for node in ast.walk(source.parse()):
            match node:
                case ast.Call(func=ast.Attribute(attr="subscriber")) if not _is_manual(node):
                    yield source.finding(node.lineno, MESSAGE)
                case _:
                    pass


def _is_manual(call: ast.Call) -> bool:
    policies = [ast.unparse(each.value) for each in call.keywords if each.arg == "ack_policy"]
    return any(policy.endswith("AckPolicy.MANUAL") for policy in policies)

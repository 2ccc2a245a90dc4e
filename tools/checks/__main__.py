"""`python tools/checks [--root FOLDER] [CHECK …]`: runs the small checks, prints `file:line: message`, exits 1 on any.

Each check is a module with a docstring that names its rule and a function `check(tree)`.
"""

import argparse
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import ack_policy
import environment
import links
import named_queries
import owners
import publishing
import requirements
import secrets_in_files
import sizes
import words
from tree import Finding, Tree

CHECKS: Mapping[str, Callable[[Tree], Iterable[Finding]]] = {
    "owners": owners.check,
    "publishing": publishing.check,
    "ack_policy": ack_policy.check,
    "environment": environment.check,
    "requirements": requirements.check,
    "secrets": secrets_in_files.check,
    "sizes": sizes.check,
    "words": words.check,
    "named_queries": named_queries.check,
    "links": links.check,
}


def main() -> int:
    """Runs the wanted checks (all of them by default)."""
    parser = argparse.ArgumentParser(prog="python tools/checks", description="Small checks of this repository.")
    parser.add_argument("checks", nargs="*", metavar="CHECK", help=f"one of {', '.join(CHECKS)}; all by default")
    parser.add_argument("--root", type=Path, default=Path(__file__).resolve().parents[2], help="the checkout")
    options = parser.parse_args()
    unknown = set(options.checks) - set(CHECKS)
    if unknown:
        parser.error(f"no such check: {', '.join(sorted(unknown))}")
    return report(Tree(options.root), options.checks or list(CHECKS))


def report(tree: Tree, names: Iterable[str]) -> int:
    """Prints what the checks find; 0 when that is nothing."""
    findings = sorted((finding, name) for name in names for finding in CHECKS[name](tree))
    for finding, name in findings:
        print(f"{finding} [{name}]")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())

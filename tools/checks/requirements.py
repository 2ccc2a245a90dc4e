"""Every `requirements.lock` pins each package to one version and its hashes, and names no index.

So what is installed is what was reviewed, from wherever it comes. Whether a pinned version is known to be vulnerable
needs the network: `just audit`.
"""

import re
from collections.abc import Iterator

from tree import Finding, Source, Tree

LOCK = "requirements.lock"
_PINNED = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._-]*(\[[a-z0-9,_-]+\])?==[A-Za-z0-9.!+_-]+( ;[^\\]*)?\s*\\$")
_HASH = re.compile(r"^\s+--hash=sha256:[0-9a-f]{64}( \\)?$")


def check(tree: Tree) -> Iterator[Finding]:
    """Every line that is neither a pinned package that has hashes, nor a hash, nor a comment."""
    for lock in tree.ending(LOCK):
        yield from _in(lock)


def _in(lock: Source) -> Iterator[Finding]:
    lines = lock.text.splitlines()
    for number, line in enumerate(lines, start=1):
        if not line.strip() or line.lstrip().startswith("#") or _HASH.match(line):
            continue
        if not _PINNED.match(line):
            yield lock.finding(number, "neither name==version with hashes nor a hash; run `just lock`")
        elif number == len(lines) or not _HASH.match(lines[number]):
            yield lock.finding(number, "has no hash; run `just lock`")

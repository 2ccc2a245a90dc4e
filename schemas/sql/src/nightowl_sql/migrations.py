"""Migration files: where they are, their order and their checksums. Does no database work."""

import hashlib
import re
from pathlib import Path
from typing import Literal, cast

import msgspec

Scope = Literal["global", "tenant"]
Phase = Literal["pre", "post"]

_POST = re.compile(r"^\d{4}_post_")

_NAME = re.compile(r"^(?P<version>\d{4})_(?P<phase>pre|post)_(?P<what>[a-z0-9_]+)\.sql$")


class MigrationError(Exception):
    """The migrations and the database do not fit together; the message says which and what to do."""


class Migration(msgspec.Struct, frozen=True, kw_only=True):
    """One file. `checksum` is SHA-256 of its bytes: an applied file must never change."""

    version: int
    phase: Phase
    name: str
    sql: str
    checksum: str


def load_migrations(scope: Scope) -> list[Migration]:
    """All migrations of a scope, in order.

    Raises:
        MigrationError: a file name breaks the rule, or the numbers have a gap or a double.
    """
    files = sorted(_folder(scope).glob("*.sql"))
    loaded = [_read(path) for path in files if path.name != "schema.sql"]
    if [each.version for each in loaded] != list(range(1, len(loaded) + 1)):
        message = f"{scope} migrations must be numbered 0001, 0002, … without gap or double"
        raise MigrationError(message)
    return loaded


def is_contracting(name: str) -> bool:
    """Whether a migration, also one that this code does not have, takes away what older code may use."""
    return _POST.match(name) is not None


def _folder(scope: Scope) -> Path:
    inside_wheel = Path(__file__).parent / scope
    return inside_wheel if inside_wheel.is_dir() else Path(__file__).parents[2] / scope


def _read(path: Path) -> Migration:
    match = _NAME.match(path.name)
    if match is None:
        message = f"{path.name}: a migration is called NNNN_<pre|post>_<what>.sql"
        raise MigrationError(message)
    body = path.read_bytes()
    return Migration(
        version=int(match["version"]),
        phase=cast("Phase", match["phase"]),
        name=path.name,
        sql=body.decode(),
        checksum=hashlib.sha256(body).hexdigest(),
    )

"""A tenant as one signed file: written from one snapshot, and taken in as a whole or not at all.

A zip file: `manifest.json` names each table's file with its rows and SHA-256, `manifest.sig` is the manifest's
HMAC-SHA256 under the operator's export key. Rows are JSON lines, as Postgres writes them, so numbers and times keep
their digits.
"""

import hashlib
import hmac
from collections.abc import AsyncIterable, Iterator
from pathlib import Path
from typing import Any, TypeAlias
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile

import asyncpg
import msgspec

from nightowl_common.errors import ConflictError, InvalidError, NotFoundError
from nightowl_common.settings import Secret
from nightowl_sql import create_tenant, schema_of

Connection: TypeAlias = "asyncpg.Connection[Any]"

FORMAT = 1
PART = 500
"""Rows of one statement."""
LEFT_OUT = frozenset({"tenant_credentials", "push_subscriptions", "idempotency_keys"})
"""Sealed for this tenant of this installation, and answers of yesterday."""
SHARED = ("timers", "api_keys")
SHORTEST_KEY = 32


class ExportKeyError(InvalidError):
    """NIGHTOWL_EXPORT_KEY must have 32 characters or more; the same for export and import."""

    code = "export_key"


class BundleError(InvalidError):
    """The file is no export, or is not as it was written."""

    code = "bundle"


class TenantGoneError(NotFoundError):
    """There is no such tenant."""

    code = "unknown_tenant"


class TablePart(msgspec.Struct, frozen=True, kw_only=True):
    """One table's file."""

    name: str
    columns: list[str]
    rows: int
    sha256: str


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What is inside. `migrations` are those of the tenant's schema, name → SHA-256."""

    format: int
    slug: str
    name: str
    made_at: str
    migrations: dict[str, str]
    tables: list[TablePart]
    shared: list[TablePart]
    left_out_keys: list[str]
    severity_words: dict[str, str] = {}


async def export_tenant(connection: Connection, slug: str, path: Path, key: Secret) -> Manifest:
    """Writes the file, from one snapshot; a half-written one is never left under its name.

    Raises:
        ExportKeyError: no key to sign with.
        TenantGoneError: there is no such tenant.
    """
    _require_key(key)
    unfinished = path.with_name(f"{path.name}.part")
    try:
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            with ZipFile(unfinished, "w", ZIP_DEFLATED) as bundle:
                manifest = await _write(connection, slug, bundle)
                body = msgspec.json.format(msgspec.json.encode(manifest))
                bundle.writestr("manifest.json", body)
                bundle.writestr("manifest.sig", _sign(body, key))
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
    return manifest


def read_manifest(bundle: ZipFile, key: Secret) -> Manifest:
    """The manifest, if its signature is right.

    Raises:
        ExportKeyError: no key to check with.
        BundleError: no export, or not signed with this key.
    """
    _require_key(key)
    try:
        body, signature = bundle.read("manifest.json"), bundle.read("manifest.sig")
    except (KeyError, BadZipFile) as error:
        raise BundleError("the file is no export") from error
    if not hmac.compare_digest(signature, _sign(body, key)):
        raise BundleError("the signature is not of this export key")
    manifest = msgspec.json.decode(body, type=Manifest)
    if manifest.format != FORMAT:
        raise BundleError(f"the export has format {manifest.format}; this version reads {FORMAT}")
    return manifest


async def import_tenant(connection: Connection, path: Path, key: Secret, *, slug: str | None) -> Manifest:
    """Makes the tenant from the file, suspended, in one transaction.

    Raises:
        ExportKeyError: no key to check with.
        BundleError: no export, not signed with this key, changed, or made with other migrations.
        ConflictError: what the tenant owes is in this installation already.
        TenantExistsError: the slug is taken.
    """
    try:
        with ZipFile(path) as bundle:
            manifest = read_manifest(bundle, key)
            async with connection.transaction():
                await _load(connection, bundle, manifest, slug or manifest.slug)
    except BadZipFile as error:
        raise BundleError("the file is no export") from error
    except asyncpg.UniqueViolationError as error:
        raise ConflictError("this tenant's timers are here already: drop the one that has them first") from error
    return manifest


def _require_key(key: Secret) -> None:
    if len(key.reveal()) < SHORTEST_KEY:
        raise ExportKeyError


def _sign(body: bytes, key: Secret) -> bytes:
    return hmac.new(key.reveal().encode(), body, hashlib.sha256).hexdigest().encode()


async def _migrations(connection: Connection, slug: str) -> dict[str, str]:
    applied = await connection.fetch("SELECT name, checksum FROM public.migrations WHERE scope = $1", slug)
    return {each["name"]: each["checksum"] for each in applied}


async def _require_same_migrations(connection: Connection, manifest: Manifest, slug: str) -> None:
    """A new tenant here must have the shape that the exported one had."""
    ours = await _migrations(connection, slug)
    differing = sorted(set(ours.items()) ^ set(manifest.migrations.items()))
    if differing:
        raise BundleError(f"the export was made with other migrations, first {differing[0][0]}: use the same version")


async def _write(connection: Connection, slug: str, bundle: ZipFile) -> Manifest:  # long: one line per part
    row = await connection.fetchrow(
        "SELECT name, severity_words::text AS words, now()::text AS now FROM public.tenants WHERE slug = $1", slug
    )
    if row is None:
        raise TenantGoneError
    schema = schema_of(slug)
    tables = []
    for table in await _tables(connection, schema):
        columns = await _columns(connection, schema, table)
        rows = connection.cursor(f'SELECT to_jsonb(t)::text FROM "{schema}"."{table}" AS t', prefetch=PART)
        tables.append(await _write_rows(bundle, f"tables/{table}.jsonl", table, columns, rows))
    shared = [
        await _write_rows(bundle, f"shared/{table}.jsonl", table, [], connection.cursor(_SHARED_ROWS[table], slug))
        for table in SHARED
    ]
    signed = await connection.fetch(
        "SELECT prefix FROM public.api_keys WHERE tenant = $1 AND revoked_at IS NULL AND webhook_secret IS NOT NULL",
        slug,
    )
    return Manifest(
        format=FORMAT,
        slug=slug,
        name=row["name"],
        made_at=row["now"],
        migrations=await _migrations(connection, slug),
        tables=tables,
        shared=shared,
        left_out_keys=[each["prefix"] for each in signed],
        severity_words=msgspec.json.decode(row["words"]),
    )


_SHARED_ROWS = {
    "timers": "SELECT to_jsonb(t)::text FROM public.timers AS t WHERE tenant = $1",
    "api_keys": """SELECT (to_jsonb(k) - 'webhook_secret')::text FROM public.api_keys AS k
        WHERE tenant = $1 AND revoked_at IS NULL AND webhook_secret IS NULL""",
}


async def _write_rows(
    bundle: ZipFile, file: str, name: str, columns: list[str], rows: AsyncIterable[asyncpg.Record]
) -> TablePart:  # fmt: skip
    digest, count = hashlib.sha256(), 0
    with bundle.open(file, "w", force_zip64=True) as out:
        async for row in rows:
            line = row[0].encode() + b"\n"
            digest.update(line)
            out.write(line)
            count += 1
    return TablePart(name=name, columns=columns, rows=count, sha256=digest.hexdigest())


async def _tables(connection: Connection, schema: str) -> list[str]:
    rows = await connection.fetch(
        """SELECT relname FROM pg_catalog.pg_class
        WHERE relnamespace = $1::text::regnamespace AND relkind = 'r' ORDER BY relname""",
        schema,
    )
    return [row["relname"] for row in rows if row["relname"] not in LEFT_OUT]


async def _columns(connection: Connection, schema: str, table: str) -> list[str]:
    """Those that can be written: a generated column comes out the same again."""
    rows = await connection.fetch(
        """SELECT attname FROM pg_catalog.pg_attribute
        WHERE attrelid = format('%I.%I', $1::text, $2::text)::regclass
            AND attnum > 0 AND NOT attisdropped AND attgenerated = ''
        ORDER BY attnum""",
        schema, table,
    )  # fmt: skip
    return [row["attname"] for row in rows]


async def _register(connection: Connection, manifest: Manifest, slug: str) -> None:
    """Suspended, with what the registry knows of the tenant itself."""
    await create_tenant(connection, slug=slug, name=manifest.name)
    await connection.execute(
        "UPDATE public.tenants SET status = 'suspended', severity_words = $2::text::jsonb WHERE slug = $1",
        slug, msgspec.json.encode(manifest.severity_words).decode(),
    )  # fmt: skip


async def _load(connection: Connection, bundle: ZipFile, manifest: Manifest, slug: str) -> None:
    schema = schema_of(slug)
    await _register(connection, manifest, slug)
    await _require_same_migrations(connection, manifest, slug)
    if {each.name for each in manifest.tables} != set(await _tables(connection, schema)):
        raise BundleError("the export has other tables than this version")
    await connection.execute(f'SET LOCAL search_path TO "{schema}"')
    links = await _drop_links(connection, schema)
    await connection.execute("ALTER TABLE audit_log DISABLE TRIGGER audit_chain")
    for part in manifest.tables:
        await connection.execute(f'DELETE FROM "{schema}"."{part.name}"')
        names = ", ".join(f'"{each}"' for each in await _columns(connection, schema, part.name))
        insert = (
            f'INSERT INTO "{schema}"."{part.name}" ({names})'
            f' SELECT {names} FROM jsonb_populate_recordset(NULL::"{schema}"."{part.name}", $1::text::jsonb)'
        )
        for lines in _read_rows(bundle, f"tables/{part.name}.jsonl", part):
            await connection.execute(insert, lines)
    await connection.execute("ALTER TABLE audit_log ENABLE TRIGGER audit_chain")
    for table, name, definition in links:
        await connection.execute(f'ALTER TABLE "{schema}"."{table}" ADD CONSTRAINT "{name}" {definition}')
    for part in manifest.shared:
        for lines in _read_rows(bundle, f"shared/{part.name}.jsonl", part):
            await connection.execute(_SHARED_INSERTS[part.name], lines, slug)
    await connection.execute("SET LOCAL search_path TO pg_catalog")


_SHARED_INSERTS = {
    "timers": """INSERT INTO public.timers (kind, ref, tenant, version, due_at)
        SELECT kind, ref, $2, version, due_at FROM jsonb_populate_recordset(NULL::public.timers, $1::text::jsonb)""",
    "api_keys": """INSERT INTO public.api_keys
            (id, tenant, prefix, key_hash, role, scopes, description, user_id, created_at, expires_at, mapping)
        SELECT id, $2, prefix, key_hash, role, scopes, description, user_id, created_at, expires_at, mapping
        FROM jsonb_populate_recordset(NULL::public.api_keys, $1::text::jsonb)
        ON CONFLICT DO NOTHING""",
}


async def _drop_links(connection: Connection, schema: str) -> list[tuple[str, str, str]]:
    """Takes the foreign keys away while rows come in any order; adding them again checks every row."""
    rows = await connection.fetch(
        """SELECT relname, conname, pg_get_constraintdef(c.oid) AS definition
        FROM pg_catalog.pg_constraint AS c JOIN pg_catalog.pg_class AS t ON t.oid = c.conrelid
        WHERE contype = 'f' AND connamespace = $1::text::regnamespace ORDER BY relname, conname""",
        schema,
    )
    for row in rows:
        await connection.execute(f'ALTER TABLE "{schema}"."{row["relname"]}" DROP CONSTRAINT "{row["conname"]}"')
    return [(row["relname"], row["conname"], row["definition"]) for row in rows]


def _read_rows(bundle: ZipFile, file: str, part: TablePart) -> Iterator[str]:
    """The rows, as JSON arrays of up to `PART`.

    Raises:
        BundleError: the file is not what the manifest says.
    """
    digest, count = hashlib.sha256(), 0
    lines: list[bytes] = []
    with bundle.open(file) as rows:
        for line in rows:
            digest.update(line)
            count += 1
            lines.append(line)
            if len(lines) == PART:
                yield f"[{b','.join(lines).decode()}]"
                lines = []
    if (count, digest.hexdigest()) != (part.rows, part.sha256):
        raise BundleError(f"{file} is not what was exported")
    if lines:
        yield f"[{b','.join(lines).decode()}]"

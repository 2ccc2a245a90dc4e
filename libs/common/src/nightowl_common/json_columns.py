"""How `json` and `jsonb` travel: in binary form, the bytes of their text, so that no `str` is made on the way."""

from typing import Any

import asyncpg
import msgspec

_JSONB_VERSION = b"\x01"


async def register(connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    """Columns of both types are Python values on this connection; whatever msgspec can encode may be given."""
    await connection.set_type_codec(
        "json", schema="pg_catalog", encoder=msgspec.json.encode, decoder=msgspec.json.decode, format="binary"
    )
    await connection.set_type_codec(
        "jsonb", schema="pg_catalog", encoder=_to_jsonb, decoder=_from_jsonb, format="binary"
    )


def _to_jsonb(value: object) -> bytes:
    return _JSONB_VERSION + msgspec.json.encode(value)


def _from_jsonb(data: bytes) -> Any:
    return msgspec.json.decode(memoryview(data)[1:])

"""The OpenAPI document as a file, packaged with query, which serves it."""

import msgspec

from nightowl_cli.openapi import system_openapi


def generated_files() -> dict[str, str]:
    """`openapi.json` in the query package."""
    text = msgspec.json.format(msgspec.json.encode(system_openapi()), indent=2).decode() + "\n"
    return {"services/query/src/nightowl_query/openapi.json": text}

"""The system's API document and Swagger UI, all served from here: no third-party origin is ever asked.

`openapi.json` is generated from the services' own schemas (`nightowl generate`); nobody writes it by hand.
"""

from functools import cache
from importlib.resources import files
from pathlib import Path

import msgspec
import yaml
from litestar import MediaType, Response, Router, get
from litestar.datastructures import CacheControlHeader
from litestar.static_files import create_static_files_router
from swagger_ui_bundle import swagger_ui_path

ASSET_SECONDS = 3_600

_DOCUMENT = "openapi.json"
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
HEADERS = {"Content-Security-Policy": _POLICY, "Cache-Control": "no-cache"}

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>NightOwl API</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/api/docs/assets/swagger-ui.css">
</head>
<body>
<div id="swagger-ui"></div>
<script src="/api/docs/assets/swagger-ui-bundle.js"></script>
<script src="/api/docs/start.js"></script>
</body>
</html>
"""

_START = """window.ui = SwaggerUIBundle({
  url: "/api/docs/openapi.json",
  dom_id: "#swagger-ui",
  deepLinking: true,
  validatorUrl: null,
  persistAuthorization: false,
});
"""


@cache
def document() -> bytes:
    """The OpenAPI document as JSON."""
    return files("nightowl_query").joinpath(_DOCUMENT).read_bytes()


@cache
def document_as_yaml() -> str:
    """The same document as YAML."""
    return yaml.safe_dump(msgspec.json.decode(document()), sort_keys=False, allow_unicode=True, width=120)


@get("/", media_type=MediaType.HTML, sync_to_thread=False)
def get_docs() -> Response[str]:
    """Swagger UI."""
    return Response(_PAGE, media_type=MediaType.HTML, headers=HEADERS)


@get("/start.js", sync_to_thread=False)
def get_start() -> Response[str]:
    """Its start-up, a file because the policy forbids scripts in the page."""
    return Response(_START, media_type="text/javascript", headers=HEADERS)


@get("/openapi.json", sync_to_thread=False)
def get_json() -> Response[bytes]:
    """The document as JSON."""
    return Response(document(), media_type="application/json")


@get("/openapi.yaml", sync_to_thread=False)
def get_yaml() -> Response[str]:
    """The document as YAML."""
    return Response(document_as_yaml(), media_type="application/yaml")


def router() -> Router:
    """`/api/docs` and everything below it, without authentication."""
    kept = CacheControlHeader(max_age=ASSET_SECONDS, public=True)
    assets = create_static_files_router(
        path="/assets", directories=[Path(str(swagger_ui_path))], cache_control=kept
    )  # fmt: skip
    return Router(
        "/api/docs", route_handlers=[get_docs, get_start, get_json, get_yaml, assets], include_in_schema=False
    )

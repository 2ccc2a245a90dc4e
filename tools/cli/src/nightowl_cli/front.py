"""The front door of `nightowl up`: one port, each request passed to the service that `routing` names.

A plain reverse proxy for one machine; in a cluster the ingress controller does this from the same table.
"""

from collections.abc import Mapping

import aiohttp
from aiohttp import web
from multidict import CIMultiDictProxy
from yarl import URL

from nightowl_cli.routing import service_for

_HOP_BY_HOP = frozenset(
    {
        "connection",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)
_NOT_OURS = frozenset({"Accept", "Accept-Encoding", "Content-Type", "User-Agent"})
"""Headers that the client would add where a caller sent none: what is asked for is the caller's business."""

MAX_BODY_BYTES = 16 * 1024 * 1024
"""The services have their own, lower limits and better words; this one only protects the door."""


class FrontDoor:
    """Listens on one address and passes requests on, streaming answers as they come."""

    def __init__(self, *, host: str, port: int, services: Mapping[str, str]) -> None:
        self._host = host
        self._port = port
        self._services = services
        self._runner: web.AppRunner | None = None
        self._client: aiohttp.ClientSession | None = None

    async def start(self) -> str:
        """Begins to listen; returns the URL.

        Raises:
            OSError: the port is taken.
        """
        application = web.Application(client_max_size=MAX_BODY_BYTES)
        application.router.add_route("*", "/{path:.*}", self._pass_on)
        self._client = aiohttp.ClientSession(
            auto_decompress=False,
            skip_auto_headers=_NOT_OURS,
            timeout=aiohttp.ClientTimeout(total=None, connect=5, sock_read=60),
            connector=aiohttp.TCPConnector(limit=200),
        )
        # A caller who leaves takes the call behind the door along; else a stream would stand until its next word.
        self._runner = web.AppRunner(
            application, access_log=None, handle_signals=False, shutdown_timeout=1, handler_cancellation=True
        )
        await self._runner.setup()
        site = web.TCPSite(self._runner, self._host, self._port)
        await site.start()
        port = self._runner.addresses[0][1]
        return f"http://{self._host}:{port}"

    async def stop(self) -> None:
        """Closes the door and its connections."""
        if self._client is not None:
            await self._client.close()
        if self._runner is not None:
            await self._runner.cleanup()

    async def _pass_on(self, request: web.Request) -> web.StreamResponse:
        service = service_for(request.path, request.method)
        headers = [(k, v) for k, v in _end_to_end(request.headers) if k.lower() != "host"]
        headers.append(("X-Forwarded-Host", request.host))
        if request.remote is not None:  # at the right, where the services look; what is left of it they do not believe
            headers.append(("X-Forwarded-For", request.remote))
        if self._client is None:
            raise web.HTTPServiceUnavailable
        try:
            answer = await self._client.request(
                request.method,
                URL(f"{self._services[service]}{request.raw_path}", encoded=True),
                headers=headers,
                data=request.content if request.body_exists else None,
                allow_redirects=False,
            )
        except (aiohttp.ClientConnectionError, TimeoutError):
            return _unavailable(service)
        async with answer:
            return await _relay(request, answer)


async def _relay(request: web.Request, answer: aiohttp.ClientResponse) -> web.StreamResponse:
    response = web.StreamResponse(status=answer.status, reason=answer.reason)
    for name, value in _end_to_end(answer.headers):
        response.headers.add(name, value)
    await response.prepare(request)
    try:
        async for chunk in answer.content.iter_any():
            await response.write(chunk)
        await response.write_eof()
    except (aiohttp.ClientError, TimeoutError):  # the caller has left, or the service died: half must not look whole
        if request.transport is not None:
            request.transport.abort()
    return response


def _end_to_end(headers: CIMultiDictProxy[str]) -> list[tuple[str, str]]:
    """Headers without those that are about one connection: the known ones, and what `Connection` names."""
    named = {each.strip().lower() for line in headers.getall("Connection", []) for each in line.split(",")}
    return [(name, value) for name, value in headers.items() if name.lower() not in _HOP_BY_HOP | named]


def _unavailable(service: str) -> web.Response:
    return web.json_response(
        {
            "title": "Unavailable, try again",
            "status": 503,
            "code": "unavailable",
            "detail": f"The service {service} is starting or was restarted.",
        },
        status=503,
        headers={"Retry-After": "1"},
        content_type="application/problem+json",
    )

"""A service's application running inside the test's process, without a port or on one."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TypeVar

import uvicorn
from httpx import ASGITransport, AsyncClient
from litestar import Litestar

SettingsT = TypeVar("SettingsT")


class RunningApp:
    """A started application. `client` has no key; `client_with` makes more, all closed with the application."""

    def __init__(self, app: Litestar, stack: AsyncExitStack) -> None:
        self.app = app
        self._stack = stack
        self.client = self.client_with()

    def client_with(self, **headers: str) -> AsyncClient:
        """An HTTP client that sends these headers; `X_API_Key` stands for `X-API-Key`."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        transport = ASGITransport(app=self.app)  # type: ignore[arg-type]  # both are ASGI, typed each in its own way
        client = AsyncClient(transport=transport, base_url="http://service.test", headers=named)
        self._stack.push_async_callback(client.aclose)
        return client


@asynccontextmanager
async def running_app(build: Callable[[SettingsT], Litestar], settings: SettingsT) -> AsyncIterator[RunningApp]:
    """Starts an application and stops it at the end; what its start raises is raised here.

    One task of its own enters and leaves the lifespan, as lifespans must be, so this may be entered in one task and
    left in another: pytest does so with fixtures.
    """
    app = build(settings)
    started, stop = asyncio.Event(), asyncio.Event()
    life = asyncio.create_task(_live(app, started, stop))
    starting = asyncio.create_task(started.wait())
    await asyncio.wait({life, starting}, return_when=asyncio.FIRST_COMPLETED)
    starting.cancel()
    if life.done():
        life.result()
    try:
        async with AsyncExitStack() as stack:
            yield RunningApp(app, stack)
    finally:
        stop.set()
        await life


@asynccontextmanager
async def listening(app: Litestar, port: int) -> AsyncIterator[str]:
    """Serves an application on a port of loopback until the end; gives its address. For what needs a real socket."""
    config = uvicorn.Config(
        app, port=port, log_config=None, access_log=False, lifespan="on", timeout_graceful_shutdown=1
    )  # fmt: skip
    server = uvicorn.Server(config)
    task = asyncio.create_task(server._serve())  # noqa: SLF001  # `serve` would take pytest's signal handlers
    async with asyncio.timeout(20):
        while not server.started:
            await asyncio.sleep(0.02)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    await task


async def _live(app: Litestar, started: asyncio.Event, stop: asyncio.Event) -> None:
    async with app.lifespan():
        started.set()
        await stop.wait()

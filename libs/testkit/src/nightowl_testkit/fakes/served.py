"""An HTTP server on a port of loopback, as long as an `async with` lasts."""

from abc import ABC, abstractmethod
from typing import Self

from aiohttp import web


class Served(ABC):
    """Whoever has `port` and routes is served there: started by `async with`, and gone at its end."""

    port: int
    _runner: web.AppRunner | None = None

    @abstractmethod
    def _routes(self) -> web.Application:
        """The routes."""

    async def __aenter__(self) -> Self:
        self._runner = web.AppRunner(self._routes(), access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.port).start()
        return self

    async def __aexit__(self, *_error: object) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

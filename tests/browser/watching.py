"""What a page did that nobody should see; a test that did not ask for it fails."""

import re
from urllib.parse import urlsplit

from playwright.async_api import BrowserContext, ConsoleMessage, Request, WebError

OWN_SCHEMES = ("data", "blob", "about")


class Watch:
    """Errors in the console (also those of the page's policy), errors that nobody caught, and requests elsewhere."""

    def __init__(self, origin: str) -> None:
        self._origin = origin
        self._seen: list[str] = []
        self._expected: list[re.Pattern[str]] = []
        self._allowed: list[re.Pattern[str]] = []

    def over(self, context: BrowserContext) -> None:
        """Begins to watch all pages of a context."""
        context.on("console", self._heard)
        context.on("weberror", self._failed)
        context.on("request", self._asked)

    def expect(self, pattern: str) -> None:
        """The test provokes this; it fails when nothing of the kind happens."""
        self._expected.append(re.compile(pattern))

    def allow(self, pattern: str) -> None:
        """This may happen: the browser logs every refusal, also one that the page is made for."""
        self._allowed.append(re.compile(pattern))

    def troubles(self) -> list[str]:
        """What happened and was not expected, and what was expected and did not happen."""
        known = [*self._expected, *self._allowed]
        unexpected = [each for each in self._seen if not any(one.search(each) for one in known)]
        missing = [one.pattern for one in self._expected if not any(one.search(each) for each in self._seen)]
        return [*unexpected, *(f"expected, and did not happen: {each}" for each in missing)]

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "assert"}:
            self._seen.append(f"console: {message.text} ({message.location.get('url', '')})")

    def _failed(self, error: WebError) -> None:
        self._seen.append(f"not caught: {error.error}")

    def _asked(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme not in OWN_SCHEMES and f"{parts.scheme}://{parts.netloc}" != self._origin:
            self._seen.append(f"asked elsewhere: {request.method} {request.url}")

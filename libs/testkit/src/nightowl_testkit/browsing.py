"""A browser that signs in at a provider: between a service in this process and the provider over HTTP."""

from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import parse_qs, urlsplit

from httpx import AsyncClient, Response

LOGIN, ME = "/api/v1/auth/oidc/login", "/api/v1/auth/me"


class Browser:
    """Keeps the service's cookies by name, and follows no redirect by itself."""

    def __init__(self, client: AsyncClient) -> None:
        self.client = client
        self.cookies: dict[str, str] = {}
        self.csrf = ""

    async def call(self, method: str, path: str, **options: Any) -> Response:
        """Any call of the service, with cookies and CSRF token."""
        sent = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        answer = await self.client.request(
            method, path, headers={**sent, "X-CSRF-Token": self.csrf, **options.pop("headers", {})}, **options
        )
        for header in answer.headers.get_list("set-cookie"):
            for name, cookie in SimpleCookie(header).items():
                self.cookies[name] = cookie.value
                if cookie["max-age"] == "0":
                    del self.cookies[name]
        return answer

    async def begin(self, **asked: str) -> Response:
        """Opens the page that leads to the provider."""
        return await self.call("GET", LOGIN, params=asked)

    async def visit(self, begun: Response) -> str:
        """Goes to the provider, which asks nothing; returns where it sends the browser back."""
        assert begun.status_code == 303, begun.text
        async with AsyncClient() as outside:
            answer = await outside.get(begun.headers["location"])
        assert answer.status_code == 302, answer.text
        return answer.headers["location"]

    async def come_back(self, url: str) -> Response:
        """Opens the address that the provider has given."""
        parts = urlsplit(url)
        return await self.call("GET", f"{parts.path}?{parts.query}")

    async def sign_in(self, **asked: str) -> Response:
        """All of it; the answer of the last step."""
        answer = await self.come_back(await self.visit(await self.begin(**asked)))
        if answer.status_code == 303:
            self.csrf = (await self.me())["csrf_token"]
        return answer

    async def me(self) -> dict[str, Any]:
        """Who the service says this is."""
        found: dict[str, Any] = (await self.call("GET", ME)).json()
        return found


def query_of(url: str) -> dict[str, str]:
    """The parameters of an address."""
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}

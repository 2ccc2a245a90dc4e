"""Applications inside the test's process."""

from contextlib import asynccontextmanager

import pytest
from litestar import Litestar, Request, get

from nightowl_testkit.apps import running_app


@get("/key")
async def key(request: Request) -> str:
    return request.headers.get("x-api-key", "none")


def build(lifespan) -> Litestar:
    return Litestar([key], lifespan=[lifespan], openapi_config=None, logging_config=None)


@pytest.fixture
def told():
    """What the lifespan did."""
    return []


@pytest.fixture
async def service(told):
    """Entered in one task and left in another, as fixtures are."""

    @asynccontextmanager
    async def lifespan(_app):
        told.append("started")
        yield
        told.append("stopped")

    async with running_app(build, lifespan) as running:
        yield running
    assert told == ["started", "stopped"]


async def test_an_application_runs_until_the_end(service, told):
    """Its clients reach it."""
    assert (await service.client.get("/key")).text == "none"
    assert (await service.client_with(X_API_Key="mine").get("/key")).text == "mine"
    assert told == ["started"]


async def test_a_start_that_fails_is_told():
    """The error is the application's own, in the group that Litestar puts around it."""

    @asynccontextmanager
    async def lifespan(_app):
        raise LookupError
        yield

    with pytest.raises(ExceptionGroup) as caught:
        async with running_app(build, lifespan):
            pytest.fail("the body must not run")

    assert caught.group_contains(LookupError)


async def test_an_application_is_stopped_when_the_test_fails(told):
    """And the failure stays what it was."""

    @asynccontextmanager
    async def lifespan(_app):
        yield
        told.append("stopped")

    with pytest.raises(LookupError):
        async with running_app(build, lifespan):
            raise LookupError

    assert told == ["stopped"]

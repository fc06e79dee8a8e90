"""A web application over two handbooks, and clients of it."""

from collections.abc import AsyncIterator

import httpx
import pytest

from bot.app import App
from bot.web.front import Front
from tests.support.api import calling


@pytest.fixture
def front(app: App) -> Front:
    """What the web server stands in front of."""
    return Front(app)


@pytest.fixture
async def api(front: Front) -> AsyncIterator[httpx.AsyncClient]:
    """A client with a key."""
    async with calling(front, await front.app.keys.create("shop")) as client:
        yield client

"""The web application over a small one, called in this process."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import httpx

from bot.app import App
from bot.metrics import Metrics
from bot.web.front import Front
from bot.web.server import create_web


@asynccontextmanager
async def calling(front: Front, key: str = "") -> AsyncIterator[httpx.AsyncClient]:
    """A client of the web application; with a key it is let in."""
    transport = httpx.ASGITransport(create_web(front), raise_app_exceptions=False)
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    async with httpx.AsyncClient(transport=transport, base_url="http://test", headers=headers) as client:
        yield client


def with_settings(app: App, **changes: Any) -> App:
    """The same application under other settings."""

    return replace(app, settings=app.settings.model_copy(update=changes), metrics=Metrics())


def events_of(text: str) -> Iterator[tuple[str, str]]:
    """Server-sent events as (name, data)."""
    for block in text.strip().split("\n\n"):
        name, data = block.split("\n", 1)
        yield name.removeprefix("event: "), data.removeprefix("data: ")

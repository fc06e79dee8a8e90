"""Requests that take long: ended when the client goes away or the server stops."""

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

from starlette.requests import Request

T = TypeVar("T")


async def gone(request: Request) -> None:
    """Until the client has closed the connection. The body must have been read."""
    while (await request.receive())["type"] != "http.disconnect":
        pass


async def ended(request: Request, stopping: asyncio.Event) -> None:
    """Until there is no use in an answer: nobody waits for it, or the server stops."""
    await first(gone(request), stopping.wait())


async def first(work: Awaitable[T], *ends: Awaitable[object]) -> T | None:
    """What `work` gives, or None when one of `ends` comes before it; the rest is cancelled."""
    task = asyncio.ensure_future(work)
    tasks = [task, *(asyncio.ensure_future(end) for end in ends)]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        return task.result() if task.done() else None
    finally:
        for pending in tasks:
            pending.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

"""Server-sent events: what grows while it is made, then the whole, or what went wrong."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import suppress
from typing import Any

from pydantic import BaseModel

from bot.streaming import Show
from bot.web.errors import as_api_error

TYPE = "text/event-stream"


def event(name: str, data: Mapping[str, Any]) -> str:
    """One event on the wire."""
    return f"event: {name}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n"


async def events(work: Callable[[Show], Awaitable[BaseModel]]) -> AsyncIterator[str]:
    """`sentence` events with what is new each time, then one `answer`, or one `error`.

    `work` is given what to call with the whole text so far; it is cancelled when nobody listens any more.
    """
    grown: asyncio.Queue[str | None] = asyncio.Queue()
    loop = asyncio.get_running_loop()

    def show(text: str) -> None:
        loop.call_soon_threadsafe(grown.put_nowait, text)

    task = asyncio.ensure_future(work(show))
    task.add_done_callback(lambda _: grown.put_nowait(None))
    shown = ""
    try:
        while (text := await grown.get()) is not None:
            new = text.removeprefix(shown).strip()
            if new:
                yield event("sentence", {"text": new})
            shown = text
        yield _last(task)
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError, Exception):
            await task


def _last(task: "asyncio.Future[BaseModel]") -> str:
    error = task.exception()
    if isinstance(error, Exception):
        return event("error", as_api_error(error).body)
    return event("answer", task.result().model_dump(mode="json"))

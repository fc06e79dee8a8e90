"""The chat page: its files, the stream of what happens, and the files that were sent in the chats."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import quote

from fastapi import APIRouter, Request, Response
from fastapi.responses import FileResponse, StreamingResponse

from bot.simulator.errors import not_found
from bot.simulator.events import Event
from bot.simulator.model import JsonObject
from bot.simulator.requests import ended
from bot.simulator.simulation import Simulation
from bot.simulator.view import change, snapshot
from bot.simulator.world import World

STATIC = Path(__file__).with_name("static")
_RETRY = "retry: 1000\n\n"  # milliseconds until a page that lost the stream asks again
_PICTURES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})


def page_router(simulation: Simulation, stopping: asyncio.Event) -> APIRouter:
    """The routes of the page. The stream ends when `stopping` is set."""
    router = APIRouter()

    @router.get("/")
    async def index() -> Response:
        return FileResponse(STATIC / "index.html")

    @router.get("/sim/events")
    async def events(request: Request) -> Response:
        stream = _stream(simulation.world, request, stopping)
        return StreamingResponse(stream, media_type="text/event-stream")

    @router.get("/sim/files/{file_id}")
    async def download(file_id: str) -> Response:
        """A file as an attachment; what is no picture has no type that a browser would open."""
        file = simulation.world.state.files.get(file_id)
        data = simulation.world.files.read(file) if file else None
        if file is None or data is None:
            raise not_found()
        kind = file.media_type if file.media_type in _PICTURES else "application/octet-stream"
        headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(file.name, safe='')}"}
        return Response(data, media_type=kind, headers=headers)

    return router


async def _stream(world: World, request: Request, stopping: asyncio.Event) -> AsyncIterator[str]:
    """A snapshot and then every change, as server-sent events."""
    changes: asyncio.Queue[JsonObject | None] = asyncio.Queue()

    def listen(event: Event) -> None:
        for item in change(world, event):
            changes.put_nowait(item)

    async def finish() -> None:
        await ended(request, stopping)
        changes.put_nowait(None)

    changes.put_nowait(snapshot(world))
    world.listeners.append(listen)
    finishing = asyncio.create_task(finish())
    try:
        yield _RETRY
        while (item := await changes.get()) is not None:
            yield f"data: {json.dumps(item, ensure_ascii=False)}\n\n"
    finally:
        world.listeners.remove(listen)
        finishing.cancel()

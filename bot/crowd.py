"""A Bot API server with a crowd before it: for measuring, it knows no more of Telegram than a bot needs that answers.

The simulator keeps Telegram's rules and remembers all that was said; this one does next to nothing for a message, so
that what is measured is the bot. It must run in another process than the bot, and counts how long each person waits.
"""

import asyncio
import itertools
import json
import socket
import time
from collections import deque
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

TOKEN = "7001:crowd"  # noqa: S105 - of no bot that exists
_BOT = {"id": 7001, "is_bot": True, "first_name": "Dawen", "username": "dawen_crowd_bot"}
_FIRST = 100_000  # the number of the first person
_BATCH = 100  # updates, as Telegram's


@dataclass(frozen=True, slots=True)
class Wait:
    """A person, when they wrote, and how many seconds they waited for the answer."""

    person: int
    at: float
    seconds: float


class Crowd:
    """People who write, each in a private chat. Times are of `time.monotonic`."""

    def __init__(self, questions: Sequence[str]) -> None:
        """`questions` are asked in turn, again and again."""
        self.waits: list[Wait] = []
        self._questions = itertools.cycle(questions)
        self._numbers = itertools.count(1)
        self._updates: deque[dict[str, Any]] = deque()
        self._asked: dict[int, deque[float]] = {}
        self._forgotten: set[int] = set()
        self._news = asyncio.Event()

    @property
    def unanswered(self) -> int:
        """How many messages have no answer yet."""
        return sum(map(len, self._asked.values()))

    @property
    def unfetched(self) -> int:
        """How many updates the bot has not confirmed."""
        return len(self._updates)

    def say(self, person: int, ago: float = 0.0) -> None:
        """One of the people writes, or did so some seconds ago."""
        chat, number = _FIRST + person, next(self._numbers)
        if person not in self._forgotten:
            self._asked.setdefault(chat, deque()).append(time.monotonic())
        sender = {"id": chat, "is_bot": False, "first_name": "P", "language_code": "en"}
        message = {
            "message_id": number,
            "date": int(time.time() - ago),
            "chat": {"id": chat, "type": "private", "first_name": "P"},
            "from": sender,
            "text": next(self._questions),
        }
        self._updates.append({"update_id": number, "message": message})
        self._news.set()

    def forget(self, person: int) -> None:
        """Do not wait for the answers to one of the people."""
        self._forgotten.add(person)

    async def call(self, request: Request) -> Response:
        """One request of the bot."""
        fields = parse_qs(request.url.query or (await request.body()).decode())
        given = {name: values[0] for name, values in fields.items()}
        match request.path_params["method"]:
            case "getMe":
                result: Any = _BOT
            case "getUpdates":
                result = await self._get_updates(int(given.get("offset", 0)), float(given.get("timeout", 0)))
            case "sendMessage":
                result = self._take(int(given["chat_id"]), given["text"])
            case "getMyDescription" | "getMyShortDescription":
                result = {"description": "-", "short_description": "-"}
            case _:
                result = True
        return Response(json.dumps({"ok": True, "result": result}), media_type="application/json")

    async def _get_updates(self, offset: int, seconds: float) -> list[dict[str, Any]]:
        while self._updates and self._updates[0]["update_id"] < offset:
            self._updates.popleft()
        if not self._updates and seconds:
            self._news.clear()
            try:
                async with asyncio.timeout(seconds):
                    await self._news.wait()
            except TimeoutError:
                return []
        return list(itertools.islice(self._updates, _BATCH))

    def _take(self, chat: int, text: str) -> dict[str, Any]:
        asked = self._asked.get(chat)
        if asked:
            began = asked.popleft()
            self.waits.append(Wait(chat - _FIRST, began, time.monotonic() - began))
        place = {"id": chat, "type": "private", "first_name": "P"}
        return {"message_id": next(self._numbers), "date": int(time.time()), "chat": place, "from": _BOT, "text": text}


@asynccontextmanager
async def serving(crowd: Crowd) -> AsyncIterator[str]:
    """The crowd's server on this machine, in the running loop; its address."""
    app = Starlette(routes=[Route("/bot{token}/{method}", crowd.call, methods=["GET", "POST"])])
    listener = socket.create_server(("127.0.0.1", 0))
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    config = uvicorn.Config(app, ws="none", lifespan="off", log_config=None, access_log=False)
    config.timeout_graceful_shutdown = 1
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve([listener]))
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        await asyncio.gather(task, return_exceptions=True)
        listener.close()

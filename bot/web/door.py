"""The door of the REST API: nobody gets past it without a key, too often, for too long, or when everything ends.

It stands before the reading of any body, so that strangers cost next to nothing.
"""

import asyncio
import math
from collections import defaultdict
from dataclasses import dataclass

from fastapi import Depends, Request
from fastapi.responses import JSONResponse
from fastapi.security import HTTPBearer
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot import tracing
from bot.limiter import Bucket, Rates
from bot.web.errors import ApiError
from bot.web.events import event
from bot.web.front import Front
from storage.records import ApiKey

PREFIX = "/v1"
_AT_ONCE, _AT_ONCE_EACH = 64, 16  # requests under way: of all keys, and of one
_LEAST_BURST = 5.0

described = Depends(HTTPBearer(auto_error=False, description="A key that `dawen keys create` has shown."))


def key_of(request: Request) -> ApiKey:
    """The key that the door has let in."""
    key: ApiKey = request.scope["state"]["key"]
    return key


@dataclass(slots=True)
class _Guest:
    """A key's share of the time: what it may still ask, and how much of it is under way."""

    bucket: Bucket
    under_way: int = 0


class Door:
    """Lets requests with a key in, within their limits."""

    def __init__(self, app: ASGIApp, front: Front) -> None:
        self._app = app
        self._front = front
        rate, self._seconds = front.app.settings.api_rate, front.app.settings.api_seconds
        rates = Rates(rate, 60.0, max(_LEAST_BURST, rate / 4))
        self._guests: defaultdict[int, _Guest] = defaultdict(lambda: _Guest(Bucket(rates)))
        self._under_way = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http" or not f"{scope['path']}/".startswith(f"{PREFIX}/"):
            await self._app(scope, receive, send)
            return
        try:
            key = await self._let_in(Headers(scope=scope).get("Authorization", ""))
        except ApiError as error:
            await JSONResponse(error.body, error.status_code, error.headers)(scope, receive, send)
            return
        scope.setdefault("state", {})["key"] = key
        guest = self._guests[key.id]
        guest.under_way, self._under_way = guest.under_way + 1, self._under_way + 1
        try:
            with tracing.root("request", method=scope["method"]):
                await self._in_time(scope, receive, send)
                if endpoint := scope.get("endpoint"):  # its name, as the path may hold what somebody wrote
                    tracing.note(use=endpoint.__name__)
        finally:
            guest.under_way, self._under_way = guest.under_way - 1, self._under_way - 1

    async def _let_in(self, authorization: str) -> ApiKey:
        if self._front.stopping:
            raise ApiError(503, "stopping", "the bot is about to end")
        scheme, _, shown = authorization.partition(" ")
        key = await self._front.app.keys.recognise(shown.strip()) if scheme.lower() == "bearer" else None
        if key is None:
            said = "give a key in the header 'Authorization: Bearer KEY'; 'dawen keys create' makes one"
            raise ApiError(401, "unauthorized", said, {"WWW-Authenticate": "Bearer"})
        guest, now = self._guests[key.id], asyncio.get_running_loop().time()
        if wait := guest.bucket.wait(now):
            raise ApiError(429, "rate", "this key asks too often", {"Retry-After": str(math.ceil(wait))})
        if guest.under_way >= _AT_ONCE_EACH or self._under_way >= _AT_ONCE:
            raise ApiError(503, "busy", "too many requests are under way", {"Retry-After": "1"})
        guest.bucket.take(now)
        return key

    async def _in_time(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer within the deadline; what is under way then is cancelled, down to the models."""
        begun = False

        async def noticed(message: Message) -> None:
            nonlocal begun
            begun = True
            if message["type"] == "http.response.start":
                tracing.note(status=message["status"])
            await send(message)

        try:
            async with asyncio.timeout(self._seconds):
                await self._app(scope, receive, noticed)
        except TimeoutError:
            late = ApiError(504, "deadline", f"the request took more than {self._seconds:g} s")
            tracing.failed(late)
            if begun:  # only events take time after their beginning
                await send({"type": "http.response.body", "body": event("error", late.body).encode()})
            else:
                await JSONResponse(late.body, late.status_code)(scope, receive, send)

"""Bounds on requests, before anything is read: the size of a body is counted while it comes in."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.web.errors import ApiError

BODY = 1_000_000  # bytes
FILE = 20_000_000  # bytes of an upload, as much as a bot may download from Telegram
UPLOADS = "/v1/documents"
_FRAME = 10_000  # bytes of a form around the file in it


class BodyLimit:
    """Refuses bodies that are too large with 413, whatever length they claim."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        left = FILE + _FRAME if scope["path"].rstrip("/") == UPLOADS else BODY

        async def bounded() -> Message:
            nonlocal left
            message = await receive()
            left -= len(message.get("body", b""))
            if left < 0:
                raise ApiError(413, "too_large", "the body is too large", {"Connection": "close"})
            return message

        await self._app(scope, bounded, send)

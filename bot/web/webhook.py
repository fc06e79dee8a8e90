"""Updates that Telegram posts: committed to the inbox before they are acknowledged, like those that are polled.

Whatever is not acknowledged with 200, Telegram sends again.
"""

import asyncio
import hashlib
import hmac
import json
import logging
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from fastapi import APIRouter, Request, Response
from telegram import Bot
from telegram.error import TelegramError

from bot.handlers.routes import ALLOWED_UPDATES
from bot.intake import Intake, new_update
from bot.points import reached
from bot.settings import Settings
from bot.web.errors import ApiError
from bot.web.front import Entrance
from storage.records import NewUpdate

_log = logging.getLogger(__name__)
_HEADER = "X-Telegram-Bot-Api-Secret-Token"
_COMMIT_WITHIN = 20.0  # seconds; then Telegram is asked to come again
_LOOK_EVERY = 60.0


class Webhook:
    """Receives by a webhook. Its secret follows from the token, so that it survives restarts and is stored nowhere."""

    def __init__(self, bot: Bot, intake: Intake, settings: Settings) -> None:
        """`bot` is initialized; `intake` gets the updates."""
        self._bot = bot
        self._intake = intake
        self._url = settings.webhook_url
        self._networks = settings.webhook_addresses
        self._secret = hmac.new(bot.token.encode(), b"dawen webhook", hashlib.sha256).hexdigest()
        self._open = True

    @property
    def silent_for(self) -> float:
        """0: nobody can tell a webhook that is not called from one that nothing is posted to."""
        return 0.0

    async def start(self) -> None:
        """See `Receiver.start`."""
        self._open = True
        await self._bot.set_webhook(
            self._url, secret_token=self._secret, allowed_updates=ALLOWED_UPDATES, drop_pending_updates=False
        )

    async def watch(self) -> None:
        """Set the webhook again whenever somebody has put another in its place; runs until cancelled."""
        while True:
            await asyncio.sleep(_LOOK_EVERY)
            try:
                if (await self._bot.get_webhook_info()).url != self._url:
                    _log.error("the webhook was changed by somebody else, setting it again")
                    await self.start()
            except TelegramError as error:
                _log.warning("the webhook cannot be looked at: %s", type(error).__name__)

    async def stop(self) -> None:
        """Take nothing any more; Telegram keeps what it has and posts it after the next start."""
        self._open = False

    async def take(self, request: Request) -> None:
        """Commit the update in a request.

        Raises:
            ApiError: it is not from Telegram, is no update, or cannot be stored now.
        """
        self._check_sender(request)
        new = self._read(await _json(request))
        if not self._open:
            raise ApiError(503, "stopping", "the bot is about to end")
        try:
            # What is cut off after its commit is found by the lanes, which look into the inbox every few seconds.
            async with asyncio.timeout(_COMMIT_WITHIN):
                await self._intake.keep([new])
                reached("webhook.kept")
        except TimeoutError as error:
            raise ApiError(503, "busy", "the update cannot be stored now") from error

    def _check_sender(self, request: Request) -> None:
        shown = request.headers.get(_HEADER, "")
        if not hmac.compare_digest(shown.encode(), self._secret.encode()):
            raise ApiError(403, "forbidden", f"the header {_HEADER} is missing or wrong")
        if self._networks and not self._is_known(request.client.host if request.client else ""):
            raise ApiError(403, "forbidden", "updates are not taken from this address")

    def _is_known(self, host: str) -> bool:
        try:
            address = ip_address(host)
        except ValueError:
            return False
        return any(address in network for network in self._networks)

    def _read(self, posted: Any) -> NewUpdate:
        try:
            return new_update(posted, self._bot.id)
        except ValueError as error:
            raise ApiError(400, "invalid", "the body is not an update") from error


async def _json(request: Request) -> Any:
    if request.headers.get("Content-Type", "").partition(";")[0].strip().lower() != "application/json":
        raise ApiError(415, "type", "the body must be application/json")
    try:
        return json.loads(await request.body())
    except (ValueError, RecursionError) as error:
        raise ApiError(400, "invalid", "the body is not JSON") from error


def webhook_router(front: Entrance) -> APIRouter:
    """The route at the path of the webhook's address."""
    router = APIRouter()

    @router.post(urlsplit(front.settings.webhook_url).path, include_in_schema=False)
    async def receive(request: Request) -> Response:
        if not isinstance(front.receiver, Webhook):
            raise ApiError(503, "starting", "the bot is about to begin")
        await front.receiver.take(request)
        return Response()

    return router

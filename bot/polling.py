"""Long polling that is watched: the sign of life is the last completed getUpdates, not that the process runs.

A poller can be alive and deaf: its task dead while `Updater.running` stays true, or its connection stuck. When no call
has completed for too long, polling is started again from where Telegram was last told. Each start has an `Updater` of
its own, because one whose task has died never polls again.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Any

from telegram import Bot
from telegram.error import Conflict, NetworkError, TelegramError
from telegram.ext import Updater
from telegram.request import HTTPXRequest

from bot.handlers.routes import ALLOWED_UPDATES
from bot.points import reached

_log = logging.getLogger(__name__)
POLL_SECONDS = 10
_DEAF_AFTER = 90.0
_LOOK_EVERY = 5.0
_STOP_WITHIN = 20.0
_START_RETRIES = 2
_TOKEN_REFUSED = (401, 404)  # HTTP statuses


async def _nothing() -> None:
    pass


class WatchedRequest(HTTPXRequest):
    """Remembers when a request last completed, and lets no answer end polling.

    The library gives up for good when the token is refused, as a server in trouble does for a while.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.completed_at = time.monotonic()
        self.before: Callable[[], Awaitable[None]] = _nothing  # each request, which confirms what the last one brought

    async def do_request(self, *args: Any, **kwargs: Any) -> tuple[int, bytes]:
        """As its parent does; a refusal of the token is trouble like any other.

        Raises:
            NetworkError: there is no answer, the token is refused, or what was brought cannot be confirmed.
        """
        await self.before()
        result = await super().do_request(*args, **kwargs)
        if result[0] in _TOKEN_REFUSED:
            raise NetworkError(f"the token is refused ({result[0]})")
        self.completed_at = time.monotonic()
        reached("updates.fetched")
        return result


class Poller:
    """Keeps polling going."""

    def __init__(
        self, bot: Bot, queue: asyncio.Queue[object], request: WatchedRequest, deaf_after: float = _DEAF_AFTER
    ) -> None:
        """`bot` is initialized and makes its getUpdates calls by `request`; `queue` gets the updates."""
        self._bot = bot
        self._queue = queue
        self._request = request
        self._deaf_after = deaf_after
        self._updater = Updater(bot, queue)

    @property
    def silent_for(self) -> float:
        """Seconds since the last completed getUpdates."""
        return time.monotonic() - self._request.completed_at

    async def start(self) -> None:
        """Begin to poll; what Telegram holds for the bot is kept.

        Raises:
            TelegramError: Telegram cannot be reached, or refuses.
        """
        self._request.completed_at = time.monotonic()
        self._updater = Updater(self._bot, self._queue)
        await self._updater.initialize()
        await self._updater.start_polling(
            timeout=POLL_SECONDS,
            bootstrap_retries=_START_RETRIES,
            allowed_updates=ALLOWED_UPDATES,
            drop_pending_updates=False,
            error_callback=_on_error,
        )

    async def watch(self) -> None:
        """Start polling again whenever it has gone deaf; runs until cancelled."""
        while True:
            await asyncio.sleep(min(_LOOK_EVERY, self._deaf_after / 4))
            if self.silent_for > self._deaf_after:
                _log.error("no answer to getUpdates for %.0f s, polling again", self.silent_for)
                await self._start_again()
                if (us := asyncio.current_task()) and us.cancelling():  # the library may have caught what was for us
                    raise asyncio.CancelledError

    async def _start_again(self) -> None:
        try:
            await self.stop()
            await self.start()
        except TelegramError as error:
            _log.error("polling did not begin again (%s), trying later", type(error).__name__)

    async def stop(self) -> None:
        """End polling, whatever state it is in."""
        try:
            async with asyncio.timeout(_STOP_WITHIN):
                if self._updater.running:
                    await self._updater.stop()
        except TimeoutError:
            _log.error("polling did not stop in time")
        except TelegramError as error:
            _log.error("polling had ended already (%s)", type(error).__name__)


def _on_error(error: TelegramError) -> None:
    if isinstance(error, Conflict):
        _log.error(
            "another program receives this bot's messages with the same token, so each gets only some of them: stop "
            "it, or get a token of its own from @BotFather"
        )
    else:
        _log.warning("polling: %s", type(error).__name__)

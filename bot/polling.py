"""Long polling that is watched: the sign of life is the last fetch that succeeded, not that the process runs.

Updates are fetched as Telegram sends them, committed, and confirmed by the next fetch. The library's own loop reads
each of them first, which takes longer than all that is done with one from somebody who floods the bot; and it ends for
good where the token is refused, as a server in trouble does for a while.

A poller can be alive and deaf: its connection stuck. When no fetch has succeeded for too long, polling is started again
from where Telegram was last told.
"""

import asyncio
import json
import logging
import random
import time
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from telegram import Bot
from telegram.error import Conflict, NetworkError, RetryAfter, TelegramError, TimedOut
from telegram.request import BaseRequest

from bot.handlers.routes import ALLOWED_UPDATES
from bot.intake import Intake, new_update
from bot.limiter import seconds
from bot.points import reached
from storage.records import NewUpdate

_log = logging.getLogger(__name__)
POLL_SECONDS = 10  # for which Telegram holds a fetch back where there is nothing
READ_WITHIN = 5.0  # seconds beyond those
_DEAF_AFTER = 90.0
_LOOK_EVERY = 5.0
_STOP_WITHIN = 20.0
_START_TRIES, _START_DELAY = 3, 1.0
_FIRST_DELAY, _DELAY_MOST, _GROWTH = 1.0, 30.0, 1.5  # seconds after trouble, and by how much more after each
_APART = 0.05  # seconds between the beginnings of fetches at a busy time, so that each brings more
_MOST = 100  # updates, Telegram's limit for a fetch
_JITTER = 0.25  # of a delay: bots that lost one server do not all come back at once


class Poller:
    """Keeps polling going."""

    def __init__(self, bot: Bot, intake: Intake, request: BaseRequest, deaf_after: float = _DEAF_AFTER) -> None:
        """`bot` is initialized; `request` is the connection for fetches; `intake` gets what they bring."""
        self._bot = bot
        self._intake = intake
        self._request = request
        self._deaf_after = deaf_after
        self._next = 0  # the number from which Telegram has not been told
        self._fetched_at = time.monotonic()
        self._task: asyncio.Task[None] | None = None
        self._keeping = asyncio.Lock()

    @property
    def silent_for(self) -> float:
        """Seconds since the last fetch that succeeded."""
        return time.monotonic() - self._fetched_at

    async def start(self) -> None:
        """Begin to poll; what Telegram holds for the bot is kept.

        Raises:
            TelegramError: Telegram cannot be reached, or refuses.
        """
        self._fetched_at = time.monotonic()
        await self._without_webhook()
        self._task = asyncio.create_task(self._poll(), name="polling")

    async def _without_webhook(self) -> None:
        for tries_left in reversed(range(_START_TRIES)):
            try:
                await self._bot.delete_webhook(drop_pending_updates=False)
                return
            except (NetworkError, RetryAfter) as error:
                if not tries_left:
                    raise
                await asyncio.sleep(_pause(error, _START_DELAY))

    async def _poll(self) -> None:
        """Fetch, commit, confirm; whatever happens, again."""
        trouble = 0.0  # seconds waited after it the last time
        while True:
            try:
                pause, trouble = await self._once(), 0.0
            except TimedOut:
                pause = trouble = 0.0
            except Exception as error:
                _tell(error)
                trouble = min(_DELAY_MOST, trouble * _GROWTH or _FIRST_DELAY)
                pause = _pause(error, trouble)
            await asyncio.sleep(pause)

    async def _once(self) -> float:
        """Fetch and commit; for how many seconds more may come before the next fetch."""
        began, news = time.monotonic(), await self._fetch(POLL_SECONDS)
        if not news:
            return 0.0
        # The loop may be started again meanwhile; what is committed must reach its lane all the same.
        await asyncio.shield(self._keep(news))
        self._next = news[-1].update_id + 1
        return max(0.0, began + _APART - time.monotonic()) if len(news) < _MOST else 0.0

    async def _keep(self, news: Sequence[NewUpdate]) -> None:
        async with self._keeping:
            await self._intake.keep(news)

    async def _fetch(self, hold_back: int) -> list[NewUpdate]:
        """The updates that wait, oldest first; all before them are confirmed by that."""
        asked = {"offset": self._next, "timeout": hold_back, "allowed_updates": json.dumps(ALLOWED_UPDATES)}
        url = f"{self._bot.base_url}/getUpdates?{urlencode(asked)}"
        try:
            # Not by the bot, whose `get_updates` makes objects of what comes.
            found: Any = await self._request.post(url, read_timeout=hold_back + READ_WITHIN)
            news = [new_update(sent, self._bot.id) for sent in found]
        except (KeyError, TypeError, ValueError) as error:
            raise NetworkError("the answer to getUpdates holds no updates") from error
        self._fetched_at = time.monotonic()
        reached("updates.fetched")
        return news

    async def watch(self) -> None:
        """Start polling again whenever it has gone deaf; runs until cancelled."""
        while True:
            await asyncio.sleep(min(_LOOK_EVERY, self._deaf_after / 4))
            if self.silent_for > self._deaf_after:
                _log.error("no answer to getUpdates for %.0f s, polling again", self.silent_for)
                await self._start_again()

    async def _start_again(self) -> None:
        try:
            await self._end()
            await self.start()
        except TelegramError as error:
            _log.error("polling did not begin again (%s), trying later", type(error).__name__)

    async def stop(self) -> None:
        """End polling, whatever state it is in, and confirm what was committed."""
        if await self._end() and self._next:
            try:
                async with asyncio.timeout(_STOP_WITHIN):
                    await self._fetch(0)
            except (TelegramError, TimeoutError) as error:
                _log.warning("Telegram may send again what is here already (%s)", type(error).__name__)

    async def _end(self) -> bool:
        """End the loop; whether there was one."""
        task, self._task = self._task, None
        if task is None:
            return False
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        return True


def _pause(error: Exception, otherwise: float) -> float:
    """How many seconds to wait after trouble: as many as Telegram asks for, where it does."""
    wait = seconds(error) if isinstance(error, RetryAfter) else otherwise
    return wait * random.uniform(1, 1 + _JITTER)  # noqa: S311


def _tell(error: Exception) -> None:
    if isinstance(error, Conflict):
        _log.error(
            "another program receives this bot's messages with the same token, so each gets only some of them: stop "
            "it, or get a token of its own from @BotFather"
        )
    elif isinstance(error, TelegramError):
        _log.warning("polling: %s", type(error).__name__)
    else:
        _log.error("polling", exc_info=error)

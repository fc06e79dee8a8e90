"""A reply in the making, shown while it is written: as a draft in private chats, by edits in groups.

What is shown here is not kept: the whole reply comes by `bot.delivery`, which stores it first. The message that was
edited in a group is deleted when the reply stands below it.
"""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from telegram import Bot
from telegram.error import RetryAfter, TelegramError

from bot.delivery import reply_parameters
from bot.dialogue import Incoming
from bot.limiter import seconds
from bot.richtext import LIMIT, plain, split, to_plain
from bot.streaming import Show

_DRAFT_EVERY = 0.7  # seconds
_EDIT_EVERY = 3.0  # seconds; Telegram allows about twenty messages and edits a minute in a group
_MORE = " …"


@asynccontextmanager
async def growing(bot: Bot, incoming: Incoming) -> AsyncIterator[Show]:
    """What to call with the growing text of the reply to a message; that it cannot be shown does no harm."""
    view = _Edited(bot, incoming) if incoming.place.is_group else _Draft(bot, incoming)
    task = asyncio.create_task(view.follow())
    try:
        yield view.show
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        with suppress(TelegramError):
            await view.clear()


class _View(ABC):
    """The newest text, put before people no faster than `every` seconds."""

    every = _DRAFT_EVERY

    def __init__(self, bot: Bot, incoming: Incoming) -> None:
        self._bot = bot
        self._incoming = incoming
        self._newest = ""

    def show(self, text: str) -> None:
        """Take the whole text so far; safe from any thread, as one name is set."""
        self._newest = text

    async def follow(self) -> None:
        """Put what is new before people, until cancelled."""
        shown = ""
        while True:
            await asyncio.sleep(self.every)
            newest = self._newest
            if newest.strip() and newest != shown:
                shown = newest if await self._put(_fitting(newest)) else shown

    async def _put(self, text: str) -> bool:
        """Try to show a text; false when it should be tried again."""
        try:
            await self.put(text)
        except RetryAfter as error:
            await asyncio.sleep(seconds(error))
            return False
        except TelegramError:
            return False
        return True

    @abstractmethod
    async def put(self, text: str) -> None:
        """Show a text in place of the one before."""

    @abstractmethod
    async def clear(self) -> None:
        """Take away what was shown, where it does not go by itself."""


class _Draft(_View):
    """A draft in a private chat; the next message of the bot ends it."""

    async def put(self, text: str) -> None:
        place, number = self._incoming.place, self._incoming.telegram_id or 1
        await self._bot.send_message_draft(place.chat_id, number, text, message_thread_id=place.thread_id)

    async def clear(self) -> None:
        """A draft goes by itself."""


class _Edited(_View):
    """A message in a group that is edited, and deleted at the end."""

    every = _EDIT_EVERY
    _message_id: int | None = None

    async def put(self, text: str) -> None:
        place, quoted = self._incoming.place, reply_parameters(self._incoming.telegram_id)
        if self._message_id is not None:
            await self._bot.edit_message_text(text, place.chat_id, self._message_id)
            return
        message = await self._bot.send_message(
            place.chat_id, text, message_thread_id=place.thread_id, reply_parameters=quoted, disable_notification=True
        )
        self._message_id = message.message_id

    async def clear(self) -> None:
        if self._message_id is not None:
            await self._bot.delete_message(self._incoming.place.chat_id, self._message_id)


def _fitting(text: str) -> str:
    """As much of the text as one message holds, with a sign that more is to come."""
    return to_plain(split(plain(text.strip()), LIMIT - len(_MORE))[0]) + _MORE

"""The sign that the bot is at work, for what takes longer than a moment."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from telegram import Bot
from telegram.constants import ChatAction
from telegram.error import TelegramError

from bot.dialogue import Place

_AFTER = 0.7  # seconds; most answers take less
_AGAIN = 4.5  # Telegram takes the sign away after five


@asynccontextmanager
async def typing(bot: Bot, place: Place) -> AsyncIterator[None]:
    """Show "typing…" in a conversation while the block goes on; that it cannot be shown does no harm."""
    task = asyncio.create_task(_type(bot, place))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _type(bot: Bot, place: Place) -> None:
    await asyncio.sleep(_AFTER)
    while True:
        with suppress(TelegramError):
            await bot.send_chat_action(place.chat_id, ChatAction.TYPING, message_thread_id=place.thread_id)
        await asyncio.sleep(_AGAIN)

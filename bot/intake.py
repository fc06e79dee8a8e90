"""How updates come into the inbox: committed before Telegram is told of them, those of one fetch together.

python-telegram-bot puts the updates of a fetch into a queue, one by one, and confirms them with the next fetch. So
they are gathered here, and whoever fetches commits them first. A transaction for each would cost a synchronous write
each, and somebody who floods the bot would hold up everybody else's messages.
"""

import asyncio
import logging
from collections.abc import Sequence
from typing import Any, Protocol

from telegram import Update
from telegram.error import NetworkError

from bot.points import reached
from storage.database import Database
from storage.errors import FenceLost
from storage.records import NewUpdate, PendingUpdate

_log = logging.getLogger(__name__)
_FIRST_DELAY, _DELAY_MOST = 0.1, 10.0  # seconds before the second attempt, doubled each time


class Takes(Protocol):
    """What is told of each update that is stored."""

    def offer(self, update: PendingUpdate) -> object:
        """An update was stored."""


class InboxQueue(asyncio.Queue[object]):
    """What python-telegram-bot puts updates into; they are safe once `commit` has returned."""

    def __init__(self, database: Database, lanes: Takes, bot_id: int) -> None:
        super().__init__()
        self._database = database
        self._lanes = lanes
        self._bot_id = bot_id
        self._fetched: list[NewUpdate] = []
        self._committing = asyncio.Lock()

    async def put(self, item: object) -> None:
        """Gather an update for the next commit."""
        if isinstance(item, Update):
            self._fetched.append(new_update(item, self._bot_id))
            reached("update.received")

    async def commit(self) -> None:
        """Commit what was put, however long that takes: Telegram must not be told of it before.

        Raises:
            NetworkError: another process receives by now; Telegram is not to be told of the updates here.
        """
        if self._fetched or self._committing.locked():
            # Polling that is started again cancels us; what is committed must reach its lane all the same.
            await asyncio.shield(self._commit())

    async def _commit(self) -> None:
        async with self._committing:
            if news := list(self._fetched):
                await self._keep(news)
                del self._fetched[: len(news)]

    async def keep(self, new: NewUpdate) -> None:
        """Commit an update and hand it to its lane; tries until that succeeds.

        Raises:
            NetworkError: another process receives by now.
        """
        reached("update.received")
        await self._keep([new])

    async def _keep(self, news: Sequence[NewUpdate]) -> None:
        delay = _FIRST_DELAY
        while True:
            try:
                async with self._database.write() as tx:
                    stored = await tx.inbox.add_all(news)
                break
            except FenceLost as error:
                raise NetworkError("another process receives by now") from error
            except Exception:  # raised from here, it would end polling for good
                _log.exception("%d updates are not stored yet, trying again", len(news))
                await asyncio.sleep(delay)
                delay = min(delay * 2, _DELAY_MOST)
        reached("update.committed")
        for pending in stored:
            self._lanes.offer(pending)
            reached("update.offered")


def new_update(update: Update, bot_id: int) -> NewUpdate:
    """An update to a bot account as it is stored: its lane is its chat, or its person where there is no chat."""
    chat, user = update.effective_chat, update.effective_user
    lane = f"chat:{chat.id}" if chat else f"user:{user.id}" if user else "other"
    payload: dict[str, Any] = update.to_dict()
    return NewUpdate(bot_id, update.update_id, lane, payload, fingerprint(update))


def fingerprint(update: Update) -> str | None:
    """A name for the event itself: Telegram may send one event again under another update number."""
    if update.message:
        return f"message:{update.message.chat_id}:{update.message.message_id}"
    if update.callback_query:
        return f"callback:{update.callback_query.id}"
    return None

"""How updates come into the inbox: committed before Telegram is told of them, those of one fetch together.

A transaction for each would cost a synchronous write each, and somebody who floods the bot would hold up everybody
else's messages. They are stored as Telegram sent them: what reads them comes later.
"""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from typing import Any, Protocol, TypeGuard

from telegram.error import NetworkError

from bot.points import reached
from storage.database import Database
from storage.errors import FenceLost
from storage.records import NewUpdate, PendingUpdate

_log = logging.getLogger(__name__)
_FIRST_DELAY, _DELAY_MOST = 0.1, 10.0  # seconds before the second attempt, doubled each time
_LARGEST_NUMBER = 2**63 - 1


class Takes(Protocol):
    """What is told of each update that is stored."""

    def offer(self, update: PendingUpdate) -> object:
        """An update was stored."""


class Intake:
    """Brings updates into the inbox; they are safe once `keep` has returned."""

    def __init__(self, database: Database, lanes: Takes) -> None:
        self._database = database
        self._lanes = lanes

    async def keep(self, news: Sequence[NewUpdate]) -> None:
        """Commit updates, however long that takes, and hand them to their lanes: Telegram must not be told before.

        Raises:
            NetworkError: another process receives by now; Telegram is not to be told of the updates here.
        """
        for _ in news:
            reached("update.received")
        delay = _FIRST_DELAY
        while True:
            try:
                async with self._database.write() as tx:
                    stored = await tx.inbox.add_all(news)
                break
            except FenceLost as error:
                raise NetworkError("another process receives by now") from error
            except Exception:  # raised from here, it would lose what was fetched
                _log.exception("%d updates are not stored yet, trying again", len(news))
                await asyncio.sleep(delay)
                delay = min(delay * 2, _DELAY_MOST)
        reached("update.committed")
        for pending in stored:
            self._lanes.offer(pending)
            reached("update.offered")


def new_update(sent: object, bot_id: int) -> NewUpdate:
    """What Telegram sent to a bot account, as it is stored: its lane is its chat, or its person where there is none.

    An update that nobody will understand is stored all the same: it fails in its lane, and is set aside there.

    Raises:
        ValueError: it is no update.
    """
    number = sent.get("update_id") if isinstance(sent, dict) else None
    if not isinstance(sent, dict) or not _is_number(number) or abs(number) > _LARGEST_NUMBER:
        raise ValueError("this is not an update")
    kind, content = next(((key, value) for key, value in sent.items() if isinstance(value, dict)), ("", {}))
    return NewUpdate(bot_id, number, _lane(content), sent, _fingerprint(kind, content))


def _lane(content: Mapping[str, Any]) -> str:
    for name, found in (
        ("chat", content.get("chat")),
        ("chat", _part(content, "message").get("chat")),
        ("user", content.get("from")),
        ("user", content.get("user")),
    ):
        if isinstance(found, dict) and _is_number(found.get("id")):
            return f"{name}:{found['id']}"
    return "other"


def _fingerprint(kind: str, content: Mapping[str, Any]) -> str | None:
    """A name for the event itself: Telegram may send one event again under another update number."""
    chat, message, query = _part(content, "chat").get("id"), content.get("message_id"), content.get("id")
    if kind == "message" and _is_number(chat) and _is_number(message):
        return f"message:{chat}:{message}"
    return f"callback:{query}" if kind == "callback_query" and isinstance(query, str) else None


def _part(content: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = content.get(name)
    return found if isinstance(found, dict) else {}


def _is_number(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool)

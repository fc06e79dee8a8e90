"""Whoever waits long for their turn is told their place in the line, once in a while and in private chats alone."""

import asyncio
import logging
import time

from telegram import Bot
from telegram.error import TelegramError

from bot import busy_texts
from bot.dialogue import interface_language
from bot.inbox import Lanes
from bot.limiter import Rank, ranked
from bot.windows import MINUTE, Window
from storage.database import Database

_log = logging.getLogger(__name__)
_LONG = 10.0  # seconds in the line
_LOOK_EVERY = 2.0
_AT_ONCE = 20  # people that are told at one look, so that answers are not held up
_PRIVATE = "chat:"  # how the lane of a chat begins; a private chat has the number of its person, above zero


class Patience:
    """Looks at the line of chats that wait for their turn."""

    def __init__(self, database: Database, bot: Bot, lanes: Lanes, long: float = _LONG) -> None:
        """`long` is after how many seconds in the line somebody is told."""
        self._database = database
        self._bot = bot
        self._lanes = lanes
        self._long = long
        self._told = Window(1, MINUTE)

    async def keep(self) -> None:
        """Look again and again; until cancelled."""
        while True:
            await asyncio.sleep(_LOOK_EVERY)
            await self.look()

    async def look(self) -> None:
        """Tell those who have waited long, the first in the line first."""
        now = time.monotonic()
        told = 0
        for place, (lane, since) in enumerate(self._lanes.line, 1):
            person = _person(lane)
            if told < _AT_ONCE and person > 0 and now - since > self._long and self._told.take(person, now) <= 0:
                told += 1
                await self._tell(person, place)

    async def _tell(self, person: int, place: int) -> None:
        try:
            async with self._database.read() as tx:
                user = await tx.people.user(person)
            if user is not None:
                language = interface_language(user.language, user.telegram_language)
                text = busy_texts.IN_LINE.plain(language, place=place)
                await self._bot.send_message(person, text, **ranked(self._bot, Rank.LATE))
        except TelegramError as error:
            _log.info("somebody in the line could not be told (%s)", type(error).__name__)
        except Exception:
            _log.exception("somebody in the line could not be told")


def _person(lane: str) -> int:
    """The person of a private chat; 0 or less for any other lane."""
    number = lane.removeprefix(_PRIVATE)
    return int(number) if lane.startswith(_PRIVATE) and number.lstrip("-").isdecimal() else 0

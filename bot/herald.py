"""Telling all admins something that nobody has asked for, each in their language."""

import logging
from collections.abc import Callable

from telegram import Bot
from telegram.constants import ParseMode
from telegram.error import TelegramError

from bot.delivery import keyboard
from bot.dialogue import Button, interface_language
from bot.limiter import Rank, ranked
from bot.richtext import RichText, split, to_html
from bot.settings import Settings
from nlp.types import Language
from storage.database import Database
from storage.records import User

_log = logging.getLogger(__name__)
Told = Callable[[Language], RichText]
Buttons = Callable[[Language], tuple[tuple[Button, ...], ...]]


def no_buttons(_language: Language) -> tuple[tuple[Button, ...], ...]:
    """Nothing to press."""
    return ()


class Herald:
    """Writes to the admins, in private."""

    def __init__(self, settings: Settings, database: Database, bot: Bot) -> None:
        self._settings = settings
        self._database = database
        self._bot = bot

    async def tell(self, text: Told, buttons: Buttons = no_buttons, picture: bytes = b"") -> None:
        """Send a text with buttons, and a picture where there is one, to every admin who can be reached."""
        for user_id, language in await self._admins():
            try:
                rows = [[[button.label, button.data] for button in row] for row in buttons(language)]
                html = to_html(split(text(language))[0])
                late = ranked(self._bot, Rank.LATE)
                await self._bot.send_message(user_id, html, ParseMode.HTML, reply_markup=keyboard(rows), **late)
                if picture:
                    await self._bot.send_photo(user_id, picture, **late)
            except TelegramError as error:
                _log.info("an admin could not be told (%s)", type(error).__name__)

    async def _admins(self) -> list[tuple[int, Language]]:
        async with self._database.read() as tx:
            listed = {user_id: await tx.people.user(user_id) for user_id in self._settings.admins}
            known = {user.id: user for user in await tx.people.admins()}
        everybody: dict[int, User | None] = {**listed, **known}
        return [(user_id, _language(everybody[user_id])) for user_id in sorted(everybody)]


def _language(user: User | None) -> Language:
    return interface_language(user.language, user.telegram_language) if user else "en"

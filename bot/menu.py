"""What Telegram shows before anything is said: who the bot is, and its commands; both in both languages.

The menu of commands is shorter in groups and longer for admins.
"""

import logging
from collections.abc import Awaitable, Callable, Mapping

from telegram import (
    Bot,
    BotCommand,
    BotCommandScope,
    BotCommandScopeAllGroupChats,
    BotCommandScopeAllPrivateChats,
    BotCommandScopeChat,
)
from telegram.error import TelegramError

from bot.texts import ADMIN_COMMANDS, COMMANDS, DESCRIPTION, SHORT_DESCRIPTION, Text
from nlp.types import LANGUAGES, Language

_log = logging.getLogger(__name__)
_IN_GROUPS = ("ask", "summarize", "digest", "sources", "reset", "help")


async def show_menus(bot: Bot, admins: list[int]) -> None:
    """Set every menu; a menu that cannot be set is logged and does no harm."""
    await _show(bot, COMMANDS, BotCommandScopeAllPrivateChats())
    await _show(bot, {name: COMMANDS[name] for name in _IN_GROUPS}, BotCommandScopeAllGroupChats())
    for admin in admins:
        await show_admin_menu(bot, admin)


async def introduce(bot: Bot) -> None:
    """Describe the bot to who opens its chat or its profile; the owner's own words, from @BotFather, are kept."""
    try:
        if not (await bot.get_my_description()).description:
            await _say(bot.set_my_description, DESCRIPTION)
        if not (await bot.get_my_short_description()).short_description:
            await _say(bot.set_my_short_description, SHORT_DESCRIPTION)
    except TelegramError as error:
        _log.warning("the description of the bot was not set (%s)", type(error).__name__)


async def _say(set_text: Callable[..., Awaitable[bool]], text: Text) -> None:
    """Set a text for each language, and last for people with any other."""
    for language in LANGUAGES:
        await set_text(text.plain(language), language)
    await set_text(text.plain("en"))


async def show_admin_menu(bot: Bot, admin: int) -> None:
    """Show an admin, in their private chat, what admins can do."""
    await _show(bot, {**COMMANDS, **ADMIN_COMMANDS}, BotCommandScopeChat(admin))


async def _show(bot: Bot, commands: Mapping[str, Text], scope: BotCommandScope) -> None:
    try:
        await bot.set_my_commands(_menu(commands, "en"), scope)
        for language in LANGUAGES:
            await bot.set_my_commands(_menu(commands, language), scope, language)
    except TelegramError as error:
        _log.warning("a command menu was not set (%s)", type(error).__name__)


def _menu(commands: Mapping[str, Text], language: Language) -> list[BotCommand]:
    return [BotCommand(name, text.plain(language)) for name, text in commands.items()]

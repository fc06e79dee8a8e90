"""What every handler is given, typed: the application behind python-telegram-bot's context."""

from dataclasses import dataclass, field
from typing import Any

from telegram.ext import Application, CallbackContext, ExtBot

from bot.app import App
from bot.delivery import Delivery
from bot.limiter import Rank


@dataclass(slots=True)
class Services:
    """The use cases and the way to reply. `failures` carries a handler's error to the inbox, by update number."""

    app: App
    delivery: Delivery
    failures: dict[int, Exception] = field(default_factory=dict)


Data = dict[Any, Any]


class Context(CallbackContext[ExtBot[Rank], Data, Data, Services]):
    """python-telegram-bot's context, with `bot_data` being our services."""


TelegramApp = Application[ExtBot[Rank], Context, Data, Data, Services, None]

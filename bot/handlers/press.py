"""A pressed button, and what its action may return."""

from dataclasses import dataclass

from telegram import CallbackQuery, InlineKeyboardButton, Message

from bot.app import App
from bot.dialogue import Reply
from bot.handlers.gate import Visit
from bot.texts import Text


@dataclass(frozen=True, slots=True)
class Press:
    """A pressed button: who pressed it, the message it is under, and the value behind its name."""

    seen: Visit
    app: App
    query: CallbackQuery
    message: Message
    value: str

    @property
    def rows(self) -> list[list[InlineKeyboardButton]]:
        """The buttons under the message, as far as Telegram has told."""
        markup = self.message.reply_markup
        return [list(row) for row in markup.inline_keyboard] if markup else []


@dataclass(frozen=True, slots=True)
class Quiet:
    """Nothing to say: what the message shows now says it."""


@dataclass(frozen=True, slots=True)
class Said:
    """What a button says in the person's place, which is logged as their message, and the reply to it."""

    text: str
    reply: Reply


Result = Said | Text | Quiet | None  # a reply to send, a text to show for a moment, or nothing; None for an old button

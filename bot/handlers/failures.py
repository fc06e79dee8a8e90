"""What happens when a handler fails: the inbox tries again, and at last the person is told, without details."""

from telegram import Update

from bot import texts
from bot.dialogue import interface_language, notice
from bot.handlers.context import Context
from bot.handlers.reading import incoming_of


async def on_error(update: object, context: Context) -> None:
    """Carry a handler's error to the inbox, which decides whether to try again."""
    if isinstance(update, Update) and isinstance(context.error, Exception):
        context.bot_data.failures[update.update_id] = context.error


async def apologise(update: Update, context: Context) -> None:
    """Tell the person that their message could not be dealt with."""
    incoming = incoming_of(update, context.bot.username)
    if incoming is None or (incoming.place.is_group and update.callback_query is None):
        return
    language = interface_language(None, incoming.person.telegram_language)
    await context.bot_data.delivery.send(incoming, notice(language, texts.SORRY.rich(language)))

"""What happens when a handler fails: the inbox tries again, and at last the person is told, without details."""

from dataclasses import replace

from telegram import Update

from bot import texts
from bot.dialogue import notice
from bot.handlers.context import Context
from bot.handlers.gate import visit


async def on_error(update: object, context: Context) -> None:
    """Carry a handler's error to the inbox, which decides whether to try again."""
    if isinstance(update, Update) and isinstance(context.error, Exception):
        context.bot_data.failures[update.update_id] = context.error


async def apologise(update: Update, context: Context) -> None:
    """Tell the person that their message could not be dealt with, also when it has a reply that cannot be sent."""
    seen = await visit(update, context)
    if seen is None or (seen.incoming.place.is_group and update.callback_query is None):
        return
    sorry = notice(seen.language, texts.SORRY.rich(seen.language))
    await context.bot_data.delivery.send(replace(seen.incoming, update_id=None), sorry)

"""The one table of what goes where. Handlers are tried from top to bottom; the first that fits is the only one."""

from typing import Any

from telegram import Update
from telegram.ext import (
    BaseHandler,
    CallbackQueryHandler,
    CommandHandler,
    MessageHandler,
    MessageReactionHandler,
    filters,
)

from bot.handlers import buttons, commands, messages, private, rating, retraining, reviewing
from bot.handlers.context import Context

ALLOWED_UPDATES = [Update.MESSAGE, Update.CALLBACK_QUERY, Update.MESSAGE_REACTION]
_NEW = filters.UpdateType.MESSAGE


def routes() -> list[BaseHandler[Any, Context, Any]]:
    """Every handler, in order."""
    return [
        CommandHandler("start", commands.start, _NEW),
        CommandHandler("help", commands.help_, _NEW),
        CommandHandler("ask", commands.ask, _NEW),
        CommandHandler("summarize", commands.summarize, _NEW),
        CommandHandler("digest", commands.digest, _NEW),
        CommandHandler("translate", commands.translate, _NEW),
        CommandHandler("write", commands.write, _NEW),
        CommandHandler("reset", commands.reset, _NEW),
        CommandHandler("sources", commands.sources, _NEW),
        CommandHandler("language", commands.language, _NEW),
        CommandHandler("whoami", commands.whoami, _NEW),
        CommandHandler("review", reviewing.review, _NEW),
        CommandHandler("gaps", commands.gaps, _NEW),
        CommandHandler("privacy", private.privacy, _NEW),
        CommandHandler("optin", private.opt_in, _NEW),
        CommandHandler("optout", private.opt_out, _NEW),
        CommandHandler("export", private.export, _NEW),
        CommandHandler("forget", private.forget, _NEW),
        CommandHandler("stats", commands.stats, _NEW),
        CommandHandler("invite", commands.invite, _NEW),
        CommandHandler("allow", commands.allow, _NEW),
        CommandHandler("disallow", commands.disallow, _NEW),
        CommandHandler("retrain", retraining.retrain, _NEW),
        CommandHandler("cancel", retraining.cancel, _NEW),
        CommandHandler("models", retraining.models, _NEW),
        CommandHandler("rollback", retraining.rollback, _NEW),
        MessageHandler(_NEW & filters.COMMAND, commands.unknown),
        MessageHandler(_NEW & filters.TEXT, messages.on_text),
        MessageHandler(_NEW & filters.Document.ALL, messages.on_document),
        MessageHandler(_NEW & filters.ALL, messages.on_other),
        CallbackQueryHandler(buttons.on_button),
        MessageReactionHandler(rating.on_reaction),
    ]

"""Free messages and files."""

from pathlib import Path

from telegram import Message, Update

from bot import texts
from bot.dialogue import Attachment, Reply, notice
from bot.handlers import commands
from bot.handlers.context import Context
from bot.handlers.gate import Visit, admitted
from bot.handlers.rating import lesson
from bot.handlers.reading import incoming_of, is_addressed
from bot.handlers.reviewing import named_intent
from bot.knowledge import Added, Source, chat_scope
from bot.reading import saved
from bot.replies import share_button
from nlp.errors import DocumentError
from storage.records import Change

_ADDED = {Change.ADDED: texts.FILE_ADDED, Change.REPLACED: texts.FILE_REPLACED, Change.UNCHANGED: texts.FILE_UNCHANGED}


@admitted
async def _answer(seen: Visit, context: Context) -> Reply:
    taught = await lesson(seen, context) or await named_intent(seen, context)
    return taught or await context.bot_data.app.conversation.respond(seen.incoming, seen.language)


async def on_text(update: Update, context: Context) -> None:
    """A text: answered when it is meant for the bot, else heard where a group has asked for digests."""
    message = update.effective_message
    if message is None:
        return
    if is_addressed(message, context.bot.id, context.bot.username):
        await _answer(update, context)
    elif incoming := incoming_of(update, context.bot.username):
        await context.bot_data.app.digests.hear(incoming)


async def on_document(update: Update, context: Context) -> None:
    """A file: summarised where its caption asks for that, else read and from then on searched in this chat alone."""
    message = update.effective_message
    if message is None or not is_addressed(message, context.bot.id, context.bot.username):
        return
    await (commands.summarize if _is_summarize(message) else _read)(update, context)


def _is_summarize(message: Message) -> bool:
    """True for a caption that begins with /summarize, which no command handler sees."""
    return (message.caption or "").lower().startswith("/summarize")


@admitted
async def _read(seen: Visit, context: Context) -> Reply | None:
    app, attached = context.bot_data.app, seen.incoming.attached
    if attached is None:
        return None
    if seen.incoming.text and await app.conversation.wants_summary(seen.incoming):
        return await app.summaries.respond(seen.incoming, seen.language)
    return await _add(seen, context, attached)


async def _add(seen: Visit, context: Context, attached: Attachment) -> Reply:
    name = Path(attached.name).name
    try:
        added = await _download_and_add(seen, context, attached, name)
    except DocumentError as error:
        return notice(seen.language, texts.FILE_ERRORS[error.reason].rich(seen.language, name=name))
    text = _ADDED[added.change].rich(seen.language, title=added.title)
    if not seen.admission.is_admin:
        return notice(seen.language, text)
    return notice(seen.language, text, share_button(await _document_id(seen, context, added.uri), seen.language))


async def _download_and_add(seen: Visit, context: Context, attached: Attachment, name: str) -> Added:
    place = seen.incoming.place
    async with saved(attached) as path:
        scope = chat_scope(place.chat_id, place.thread_id)
        source = Source(path, f"telegram:{name}", scope, added_by=seen.incoming.person.id)
        return await context.bot_data.app.knowledge.add(source)


async def _document_id(seen: Visit, context: Context, uri: str) -> int:
    place = seen.incoming.place
    documents = await context.bot_data.app.knowledge.documents({chat_scope(place.chat_id, place.thread_id)})
    return next(document.id for document in documents if document.uri == uri)


@admitted
async def _cannot_read(seen: Visit, _context: Context) -> Reply:
    return notice(seen.language, texts.NOT_TEXT.rich(seen.language))


async def on_other(update: Update, context: Context) -> None:
    """A picture, a voice, a sticker: said to be unreadable when it is meant for the bot."""
    message = update.effective_message
    if message is not None and _has_content(message) and is_addressed(message, context.bot.id, context.bot.username):
        await _cannot_read(update, context)


def _has_content(message: Message) -> bool:
    return message.effective_attachment is not None

"""Free messages and files."""

import tempfile
from pathlib import Path

from telegram import Document, Message, Update

from bot import texts
from bot.dialogue import Reply, notice
from bot.handlers.context import Context
from bot.handlers.gate import Visit, admitted, visit
from bot.handlers.presence import typing
from bot.handlers.rating import lesson
from bot.handlers.reading import is_addressed
from bot.knowledge import Added, Source, chat_scope
from bot.replies import share_button
from nlp.documents import MAX_BYTES
from nlp.errors import DocumentError
from storage.records import Change

_STEM_LENGTH, _SUFFIX_LENGTH = 50, 10  # characters, each up to four bytes of the 255 that a name may have
_ADDED = {Change.ADDED: texts.FILE_ADDED, Change.REPLACED: texts.FILE_REPLACED, Change.UNCHANGED: texts.FILE_UNCHANGED}


@admitted
async def _answer(seen: Visit, context: Context) -> Reply:
    taught = await lesson(seen, context)
    return taught or await context.bot_data.app.conversation.respond(seen.incoming, seen.language)


async def on_text(update: Update, context: Context) -> None:
    """A text: answered when it is meant for the bot."""
    message = update.effective_message
    if message is not None and is_addressed(message, context.bot.id, context.bot.username):
        await _answer(update, context)


async def on_document(update: Update, context: Context) -> None:
    """A file: read, and from then on searched for questions in this chat alone."""
    message = update.effective_message
    if message is None or message.document is None or not is_addressed(message, context.bot.id, context.bot.username):
        return
    seen = await visit(update, context)
    if seen is None:
        return
    if not seen.admission.allowed:
        await _answer(update, context)  # which tells them so
        return
    async with typing(context.bot, seen.incoming.place):
        reply = await _add(seen, context, message.document)
    await context.bot_data.delivery.send(seen.incoming, reply)


async def _add(seen: Visit, context: Context, document: Document) -> Reply:
    name = Path(document.file_name or "file").name
    try:
        added = await _download_and_add(seen, context, document, name)
    except DocumentError as error:
        return notice(seen.language, texts.FILE_ERRORS[error.reason].rich(seen.language, name=name))
    text = _ADDED[added.change].rich(seen.language, title=added.title)
    if not seen.admission.is_admin:
        return notice(seen.language, text)
    return notice(seen.language, text, share_button(await _document_id(seen, context, added.uri), seen.language))


async def _download_and_add(seen: Visit, context: Context, document: Document, name: str) -> Added:
    if (document.file_size or 0) > min(MAX_BYTES, 20_000_000):
        raise DocumentError(f"{name!r} is larger than a bot may download", "too_large")
    place = seen.incoming.place
    file = await document.get_file()
    with tempfile.TemporaryDirectory(prefix="dawen-") as folder:
        path = await file.download_to_drive(Path(folder) / _short(name))
        scope = chat_scope(place.chat_id, place.thread_id)
        source = Source(path, f"telegram:{name}", scope, added_by=seen.incoming.person.id)
        return await context.bot_data.app.knowledge.add(source)


def _short(name: str) -> str:
    """A name that every file system takes, with the same ending."""
    path = Path(name)
    return (path.stem.strip(". ")[:_STEM_LENGTH] or "file") + path.suffix[:_SUFFIX_LENGTH]


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

"""From Telegram's objects to ours."""

from pathlib import Path

from telegram import Chat, Message, MessageEntity, Update, User

from bot.dialogue import Attachment, Incoming, Person, Place


def person_of(user: User) -> Person:
    """A Telegram user as we know people."""
    return Person(user.id, user.full_name, user.language_code)


def place_of(chat: Chat, message: Message | None) -> Place:
    """A chat and, for messages in a forum topic, the topic."""
    thread = message.message_thread_id if message is not None and message.is_topic_message else None
    return Place(chat.id, chat.type, chat.effective_name or "", thread)


def incoming_of(update: Update, bot_name: str) -> Incoming | None:
    """The message that an update brings, without a mention of the bot or a command in front; None when it has none."""
    message, user, chat = update.effective_message, update.effective_user, update.effective_chat
    if not isinstance(message, Message) or user is None or chat is None:
        return None
    quoted = message.reply_to_message
    return Incoming(
        person=person_of(user),
        place=place_of(chat, message),
        text=said_to(message, bot_name),
        telegram_id=message.message_id,
        update_id=update.update_id,
        quoted=(quoted.text or quoted.caption or "") if quoted else "",
        quoted_id=quoted.message_id if quoted else None,
        attached=_attachment(message),
        links=_hidden_links(message),
        quoted_file=_attachment(quoted) if quoted else None,
        quoted_links=_hidden_links(quoted) if quoted else (),
        forwarded=message.forward_origin is not None,
    )


def _attachment(message: Message) -> Attachment | None:
    document = message.document
    if document is None:
        return None

    async def save(path: Path) -> None:
        file = await document.get_file()
        await file.download_to_drive(path)

    return Attachment(document.file_name or "file", document.file_size or 0, save)


def _hidden_links(message: Message) -> tuple[str, ...]:
    """The links behind words, which the text itself does not show."""
    entities = [*message.entities, *message.caption_entities]
    return tuple(entity.url for entity in entities if entity.type == MessageEntity.TEXT_LINK and entity.url)


def said_to(message: Message, bot_name: str) -> str:
    """The text of a message without a leading command and without mentions of the bot."""
    text = message.text or message.caption or ""
    entities = message.entities or message.caption_entities
    for entity in sorted(entities, key=lambda e: -e.offset):
        if _is_address(message, entity, bot_name):
            text = cut_utf16(text, entity.offset, entity.length)
    return text.strip()


def _is_address(message: Message, entity: MessageEntity, bot_name: str) -> bool:
    if entity.type == MessageEntity.BOT_COMMAND:
        return entity.offset == 0
    return entity.type == MessageEntity.MENTION and _entity_text(message, entity).lower() == f"@{bot_name.lower()}"


def _entity_text(message: Message, entity: MessageEntity) -> str:
    return message.parse_entity(entity) if message.text else message.parse_caption_entity(entity)


def cut_utf16(text: str, offset: int, length: int) -> str:
    """`text` without the given stretch, both counted in UTF-16 code units as Telegram counts."""
    units = text.encode("utf-16-le")
    return (units[: 2 * offset] + units[2 * (offset + length) :]).decode("utf-16-le")


def is_addressed(message: Message, bot_id: int, bot_name: str) -> bool:
    """True when a message is meant for the bot: in private always, in groups when it mentions or answers the bot."""
    if message.chat.type == Chat.PRIVATE:
        return True
    quoted = message.reply_to_message
    if quoted is not None and quoted.from_user is not None and quoted.from_user.id == bot_id:
        return True
    entities = [*message.entities, *message.caption_entities]
    return any(
        entity.type == MessageEntity.MENTION and _entity_text(message, entity).lower() == f"@{bot_name.lower()}"
        for entity in entities
    )

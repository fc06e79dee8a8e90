"""Updates as Telegram sends them, without Telegram."""

from datetime import UTC, datetime

from telegram import Chat, Message, Update, User

from bot.intake import InboxQueue, Takes
from storage.database import Database

BOT = 9001


def update(number: int, chat: int = 1, message_id: int | None = None) -> Update:
    """A message in a private chat."""
    message = Message(
        message_id or number,
        datetime.now(UTC),
        Chat(chat, "private"),
        from_user=User(chat, "Ada", is_bot=False),
        text="hi",
    )
    return Update(number, message=message)


async def receive(database: Database, takes: Takes, *updates: Update) -> None:
    """They come with one fetch."""
    queue = InboxQueue(database, takes, BOT)
    for one in updates:
        await queue.put(one)
    await queue.commit()

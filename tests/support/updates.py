"""Updates as Telegram sends them, without Telegram."""

import time
from typing import Any

from bot.intake import Intake, Takes, new_update
from storage.database import Database

BOT = 9001


def update(number: int, chat: int = 1, message_id: int | None = None) -> dict[str, Any]:
    """A message in a private chat."""
    message = {
        "message_id": message_id or number,
        "date": int(time.time()),
        "chat": {"id": chat, "type": "private", "first_name": "Ada"},
        "from": {"id": chat, "is_bot": False, "first_name": "Ada"},
        "text": "hi",
    }
    return {"update_id": number, "message": message}


async def receive(database: Database, takes: Takes, *updates: dict[str, Any]) -> None:
    """They come with one fetch."""
    await Intake(database, takes).keep([new_update(one, BOT) for one in updates])

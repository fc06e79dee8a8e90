"""What a bot has written down of what it sent, read from its database while it does not run."""

import asyncio
from collections.abc import Iterable

from sqlalchemy import select, tuple_

from storage.database import Database
from storage.schema import Delivery

Copy = tuple[int, int]  # a chat and a message in it


def marked(url: str, copies: Iterable[Copy]) -> set[Copy]:
    """Those of some messages that the database knows to be sent."""
    return asyncio.run(_marked(url, list(copies)))


async def _marked(url: str, copies: list[Copy]) -> set[Copy]:
    database = Database(url)
    key = tuple_(Delivery.chat_id, Delivery.telegram_id)
    async with database.engine.connect() as connection:
        found = await connection.execute(select(Delivery.chat_id, Delivery.telegram_id).where(key.in_(copies)))
        known = {(chat, number) for chat, number in found if number is not None}
    await database.close()
    return known

"""Floods: what one person sends far beyond their budget is put away many at a time, unread.

Each would be refused in its turn anyway. But a turn costs a few transactions, and hundreds of them a second would take
from everybody else the time that their answers need.
"""

from collections.abc import Collection, Mapping
from typing import Any

from bot.access import Access
from bot.budgets import Budgets
from storage.database import Database
from storage.records import StoredUpdate


class Floods:
    """Puts away what is refused in private chats. In groups, what is not said to the bot costs nothing yet."""

    def __init__(self, database: Database, access: Access, budgets: Budgets) -> None:
        """`access` tells who is never refused."""
        self._database = database
        self._access = access
        self._budgets = budgets

    async def put_away(self, keys: Collection[int]) -> set[int]:
        """Of updates that wait in one chat, those that are refused and by now dealt with."""
        async with self._database.read() as tx:
            waiting = await tx.inbox.look(keys)
        spent = {update.id: person for update in waiting if (person := self._spender(update)) is not None}
        admins = {person for person in set(spent.values()) if await self._access.is_admin(person)}
        refused = {key for key, person in spent.items() if person not in admins}
        if refused:
            async with self._database.write() as tx:
                await tx.inbox.finish(refused, "refused")
        return refused

    def _spender(self, update: StoredUpdate) -> int | None:
        """Who sent a plain message beyond their budget; None for all else, which is looked at in its turn."""
        message: Mapping[str, Any] = update.payload.get("message", {})
        text: str = message.get("text", "/")
        if text.startswith("/") or message.get("chat", {}).get("type") != "private":
            return None
        person: int = message["from"]["id"]
        return person if self._budgets.is_spent(person, message["date"], update.id) else None

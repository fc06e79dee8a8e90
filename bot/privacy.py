"""Use case: what is stored of a person: told, handed out, and deleted so that no trace is left in any file."""

import json
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.knowledge import Knowledge
from bot.teaching import address
from storage.database import Database
from storage.records import Forgotten, Held

_log = logging.getLogger(__name__)
_LEFT_OUT = frozenset({"id", "vector"})  # of the rows that are handed out

Unlearn = Callable[[Forgotten, Sequence[str]], Awaitable[None]]


class Privacy:
    """One person's data. `unlearn` takes what was forgotten, with its texts, out of what models are made from."""

    def __init__(self, database: Database, knowledge: Knowledge, unlearn: Unlearn, days: int = 0) -> None:
        """`days` is how long messages are kept; 0 is for good."""
        self._database = database
        self._knowledge = knowledge
        self._unlearn = unlearn
        self.days = days

    async def held(self, user_id: int) -> tuple[Held, bool | None]:
        """How much is stored of a person, and whether their messages may teach; None where they have not said."""
        async with self._database.read() as tx:
            user = await tx.people.user(user_id)
            return await tx.privacy.held(user_id), user.consent if user else None

    async def export(self, user_id: int) -> bytes:
        """All that is stored of a person, as JSON in UTF-8."""
        async with self._database.read() as tx:
            tables = await tx.privacy.everything(user_id)
        told = {name: [_told(row) for row in rows] for name, rows in tables.items()}
        return json.dumps(told, ensure_ascii=False, indent=1, default=str).encode()

    async def forget(self, user_id: int, *, keep_shared: bool) -> Forgotten:
        """Delete what is stored of a person; `keep_shared` leaves the documents that they have added for everybody.

        What was taught from their messages is taken out of the snapshots, and the caches of the search are made anew.
        """
        async with self._database.write() as tx:
            texts = await tx.privacy.texts(user_id)
            addresses = {address(question) for question in await tx.privacy.questions(user_id)}
            forgotten = await tx.privacy.forget(user_id, keep_shared=keep_shared, addresses=addresses)
        await self._unlearn(forgotten, texts)
        if forgotten.documents:
            await self._knowledge.index.purge()
        await self._database.erase_traces()
        _log.info("forgot %d messages and %d documents", len(forgotten.messages), len(forgotten.documents))
        return forgotten

    async def expire(self, now: datetime | None = None) -> int:
        """Delete messages that are older than they are to be kept; returns how many that were."""
        if not self.days:
            return 0
        before = (now or datetime.now(UTC)) - timedelta(days=self.days)
        async with self._database.write() as tx:
            gone = await tx.privacy.expire(before)
        if gone:
            await self._database.erase_traces()
        return len(gone)


def _told(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in _LEFT_OUT and value is not None}

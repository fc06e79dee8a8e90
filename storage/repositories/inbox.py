"""The inbox: what was received and not yet dealt with."""

from collections.abc import Collection, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import bindparam, exists, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from storage.records import DeadUpdate, NewUpdate, PendingUpdate, StoredUpdate
from storage.repositories.sql import insert_into, is_sqlite, ring, table
from storage.schema import Message, Update, now
from storage.slots import slot_of

CAME = "came"  # what is rung for each update, followed by the bot account and the slot
_SET_ASIDE = ("failed", "dead")

_UPDATES, _MESSAGES = table(Update), table(Message)
_BEGIN = (
    update(_UPDATES)
    .where(_UPDATES.c.id == bindparam("key"), _UPDATES.c.finished_at.is_(None))
    .values(attempts=_UPDATES.c.attempts + 1)
    .returning(
        _UPDATES.c.update_id,
        _UPDATES.c.lane,
        _UPDATES.c.payload,
        _UPDATES.c.attempts,
        exists().where(_MESSAGES.c.update_id == bindparam("key")),  # SQLite takes a bare `id` there for the message's
    )
)
_LOOK = (
    select(_UPDATES.c.id, _UPDATES.c.update_id, _UPDATES.c.lane, _UPDATES.c.payload, _UPDATES.c.attempts)
    .where(_UPDATES.c.id.in_(bindparam("keys", expanding=True)), _UPDATES.c.finished_at.is_(None))
    .order_by(_UPDATES.c.id)
)
_FINISHED = update(_UPDATES).where(_UPDATES.c.id.in_(bindparam("keys", expanding=True)))
_SET_ASIDE_AS = _FINISHED.values(finished_at=bindparam("at"), outcome=bindparam("how"))
_DONE_AS = _SET_ASIDE_AS.values(payload=bindparam("kept"))


@cache
def _adding(for_sqlite: bool) -> Any:
    """Store what is not stored already."""
    return insert_into(_UPDATES, for_sqlite).on_conflict_do_nothing().returning(_UPDATES.c.id, _UPDATES.c.lane)


class Inbox:
    """Updates, in the order in which they came."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(self, new: NewUpdate) -> PendingUpdate | None:
        """Store an update; None when it, or the same event under another number, is stored already."""
        return next(iter(await self.add_all([new])), None)

    async def add_all(self, news: Sequence[NewUpdate]) -> list[PendingUpdate]:
        """Store updates, in their order; those that were not stored already."""
        rows = [
            {
                "bot_id": new.bot_id,
                "update_id": new.update_id,
                "lane": new.lane,
                "slot": slot_of(new.lane),
                "payload": dict(new.payload),
                "fingerprint": new.fingerprint,
            }
            for new in news
        ]
        added = [PendingUpdate(*row) for row in await self._session.execute(_adding(is_sqlite(self._session)), rows)]
        for slot in sorted({slot_of(pending.lane) for pending in added}):
            await ring(self._session, f"{CAME}:{news[0].bot_id}:{slot}")
        return sorted(added, key=lambda pending: pending.id)

    async def pending(self, bot_id: int) -> list[PendingUpdate]:
        """All updates to a bot account that wait, oldest first."""
        rows = await self._session.execute(
            select(Update.id, Update.lane)
            .where(Update.bot_id == bot_id, Update.finished_at.is_(None))
            .order_by(Update.id)
        )
        return [PendingUpdate(*row) for row in rows]

    async def first(self, bot_id: int, slots: Collection[int], most: int) -> list[PendingUpdate]:
        """Of each lane in some slots the `most` updates that have waited longest, oldest first."""
        place = func.row_number().over(partition_by=Update.lane, order_by=Update.id).label("place")
        waiting = (
            select(Update.id, Update.lane, place)
            .where(Update.bot_id == bot_id, Update.slot.in_(slots), Update.finished_at.is_(None))
            .subquery()
        )
        rows = await self._session.execute(
            select(waiting.c.id, waiting.c.lane).where(waiting.c.place <= most).order_by(waiting.c.id)
        )
        return [PendingUpdate(*row) for row in rows]

    async def busy(self, bot_id: int) -> set[int]:
        """The slots in which updates to a bot account wait."""
        waiting = select(Update.slot).where(Update.bot_id == bot_id, Update.finished_at.is_(None)).distinct()
        return set(await self._session.scalars(waiting))

    async def begin(self, key: int) -> StoredUpdate | None:
        """Count another attempt on an update and return it; None when it is finished or gone."""
        row = (await self._session.execute(_BEGIN, {"key": key})).one_or_none()
        return None if row is None else StoredUpdate(key, *row)

    async def look(self, keys: Collection[int]) -> list[StoredUpdate]:
        """Updates that wait, in the order in which they came, without an attempt on them."""
        return [StoredUpdate(*row) for row in await self._session.execute(_LOOK, {"keys": list(keys)})]

    async def finish(self, keys: int | Collection[int], outcome: str) -> None:
        """Mark updates as dealt with, and how: "done", "failed", "dead" or "refused".

        The contents of those that are done or refused go.
        """
        values = {"keys": [keys] if isinstance(keys, int) else list(keys), "at": now(), "how": outcome}
        if outcome in _SET_ASIDE:
            await self._session.execute(_SET_ASIDE_AS, values)
        else:
            await self._session.execute(_DONE_AS, {**values, "kept": {}})

    async def dead(self) -> list[DeadUpdate]:
        """What was set aside, oldest first: it can be tried again or dropped."""
        rows = await self._session.scalars(select(Update).where(Update.outcome.in_(_SET_ASIDE)).order_by(Update.id))
        return [
            DeadUpdate(row.id, row.lane, row.outcome or "", row.attempts, row.received_at, row.finished_at or now())
            for row in rows
        ]

    async def retry(self, keys: Collection[int]) -> int:
        """Let what was set aside be tried again, from its first attempt; how many that were."""
        fresh = {"finished_at": None, "outcome": None, "attempts": 0}
        return await self._change(keys, fresh)

    async def drop(self, keys: Collection[int]) -> int:
        """Give up what was set aside: its contents go, and the mark stays, so that it is not taken again."""
        return await self._change(keys, {"payload": {}, "outcome": "dropped"})

    async def _change(self, keys: Collection[int], values: dict[str, Any]) -> int:
        matches = Update.id.in_(keys), Update.outcome.in_(_SET_ASIDE)
        changed = await self._session.execute(update(Update).where(*matches).values(**values).returning(Update.id))
        return len(changed.all())

    async def count_pending(self) -> int:
        """How many updates wait."""
        return (
            await self._session.scalar(select(func.count()).select_from(Update).where(Update.finished_at.is_(None)))
            or 0
        )

    async def oldest(self) -> datetime | None:
        """When the update that waits longest was received; None when none waits."""
        return await self._session.scalar(
            select(Update.received_at).where(Update.finished_at.is_(None)).order_by(Update.id).limit(1)
        )

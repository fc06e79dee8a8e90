"""The talk of groups that have asked for digests."""

from datetime import datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from storage import schema
from storage.records import Said
from storage.repositories.sql import upsert


class Talk:
    """What is said in groups; kept only where a group has asked for it."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def is_kept(self, chat_id: int) -> bool:
        """True where a group has asked for digests."""
        found = await self._session.scalar(select(schema.Chat.digest).where(schema.Chat.id == chat_id))
        return bool(found)

    async def keep(self, chat_id: int, *, kept: bool) -> None:
        """Begin or end to keep a group's talk; at the end, all of it goes."""
        await self._session.execute(update(schema.Chat).where(schema.Chat.id == chat_id).values(digest=kept))
        if not kept:
            await self._session.execute(delete(schema.Talk).where(schema.Talk.chat_id == chat_id))

    async def add(self, chat_id: int, thread_id: int | None, said: Said) -> None:
        """Store a message; one that is stored already stays as it is."""
        row = {
            "chat_id": chat_id,
            "thread_id": thread_id,
            "telegram_id": said.telegram_id,
            "user_id": said.user_id,
            "name": said.name,
            "text": said.text,
            "created_at": said.created_at,
        }
        await self._session.execute(upsert(self._session, schema.Talk).values(**row).on_conflict_do_nothing())

    async def trim(self, chat_id: int, before: datetime, most: int) -> None:
        """Drop what was said before a moment, and all but the newest `most` messages."""
        here = schema.Talk.chat_id == chat_id
        oldest = select(schema.Talk.id).where(here).order_by(schema.Talk.id.desc()).offset(most).limit(1)
        limit = func.coalesce(oldest.scalar_subquery(), 0)
        await self._session.execute(
            delete(schema.Talk).where(here, (schema.Talk.created_at < before) | (schema.Talk.id <= limit))
        )

    async def latest(self, chat_id: int, thread_id: int | None, since: datetime, most: int) -> list[Said]:
        """The newest messages of a conversation since a moment, oldest first; a forum topic is one of its own."""
        thread = schema.Talk.thread_id
        rows = await self._session.scalars(
            select(schema.Talk)
            .where(
                schema.Talk.chat_id == chat_id,
                thread.is_(None) if thread_id is None else thread == thread_id,
                schema.Talk.created_at >= since,
            )
            .order_by(schema.Talk.id.desc())
            .limit(most)
        )
        found = [Said(row.telegram_id, row.user_id, row.name, row.text, row.created_at) for row in rows]
        return found[::-1]

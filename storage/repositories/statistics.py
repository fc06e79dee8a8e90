"""Counts for an overview."""

from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from storage import schema
from storage.records import Statistics
from storage.repositories.feedback import SAID
from storage.repositories.inbox import Inbox


class StatisticsRepository:
    """Numbers only: nothing here tells who said what."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def overview(self) -> Statistics:
        """Everything at once."""
        said = select(func.count()).select_from(schema.Feedback).where(schema.Feedback.channel.in_(SAID))
        up, down = said.where(schema.Feedback.value > 0), said.where(schema.Feedback.value < 0)
        return Statistics(
            users=await self._count(schema.User),
            chats=await self._count(schema.Chat),
            messages=await self._count(schema.Message),
            documents=await self._count(schema.Document),
            chunks=await self._count(schema.Chunk),
            pending=await Inbox(self._session).count_pending(),
            languages=await self._group(schema.Route.language),
            intents=await self._group(schema.Route.intent),
            topics=await self._group(schema.Route.topic),
            answers=await self._group(schema.Answer.kind),
            votes_up=await self._session.scalar(up) or 0,
            votes_down=await self._session.scalar(down) or 0,
        )

    async def newest_message(self) -> datetime | None:
        """When the newest message was stored; None where there is none."""
        return await self._session.scalar(select(func.max(schema.Message.created_at)))

    async def _count(self, table: type[schema.Base]) -> int:
        return await self._session.scalar(select(func.count()).select_from(table)) or 0

    async def _group(self, column: InstrumentedAttribute[Any]) -> dict[str, int]:
        rows = await self._session.execute(
            select(column, func.count())
            .where(column.is_not(None))
            .group_by(column)
            .order_by(func.count().desc(), column)
        )
        return {str(name): count for name, count in rows}

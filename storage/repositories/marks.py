"""When something that comes again and again was last done."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from storage import schema
from storage.repositories.sql import upsert


class Marks:
    """Moments by name."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def at(self, name: str) -> datetime | None:
        """When `name` was last done; None where it never was."""
        return await self._session.scalar(select(schema.Mark.at).where(schema.Mark.name == name))

    async def set(self, name: str, at: datetime) -> None:
        """Remember when `name` was done; at most 48 characters."""
        statement = upsert(self._session, schema.Mark).values(name=name, at=at)
        await self._session.execute(statement.on_conflict_do_update(index_elements=["name"], set_={"at": at}))

"""The rows of a table as they are stored, for tests of what is stored."""

from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from storage.database import Database
from storage.schema import Base

Row = TypeVar("Row", bound=Base)


async def rows(database: Database, table: type[Row]) -> list[Row]:
    """All rows of a table, in the order in which they were added."""
    async with AsyncSession(database.engine) as session:
        return list(await session.scalars(select(table).order_by(*table.__table__.primary_key)))

"""When things that come again were last done."""

from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from storage import schema
from storage.repositories.sql import upsert


class Marks:
    """Moments by name."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def last(self, name: str) -> datetime | None:
        """When something was last done; None for never."""
        mark = await self._session.get(schema.Mark, name, populate_existing=True)
        return mark.at if mark else None

    async def claim(self, name: str, at: datetime, every: timedelta | None = None) -> bool:
        """Mark something as done at a moment, unless that was less than `every` ago, or ever where `every` is None.

        True for the one caller that may do it now; of several at once only one is told so.
        """
        statement = upsert(self._session, schema.Mark).values(name=name, at=at)
        if every is None:
            statement = statement.on_conflict_do_nothing(index_elements=["name"])
        else:
            statement = statement.on_conflict_do_update(
                index_elements=["name"], set_={"at": at}, where=schema.Mark.at <= at - every
            )
        return (await self._session.execute(statement.returning(schema.Mark.name))).scalar_one_or_none() is not None

"""The few things that SQLAlchemy leaves to each dialect."""

from typing import Any
from typing import cast as typed

from sqlalchemy import ColumnElement, Float, Table, cast, extract, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

CHANNEL = "dawen"
_JULIAN_EPOCH = 2440587.5  # 1970-01-01 in days of SQLite's calendar


def table(entity: Any) -> Table:
    """The table of a mapped class. What every message asks is asked of tables, by statements that are made once and
    take their values as parameters: to make one on classes takes longer than to carry it out."""
    return typed("Table", entity.__table__)


def is_sqlite(session: AsyncSession) -> bool:
    """True for SQLite, false for PostgreSQL."""
    return session.get_bind().dialect.name == "sqlite"


def upsert(session: AsyncSession, table: Any) -> Any:
    """An INSERT that knows `on_conflict_do_nothing` and `on_conflict_do_update`, in the session's dialect."""
    return insert_into(table, is_sqlite(session))


def insert_into(table: Any, for_sqlite: bool) -> Any:
    """As `upsert`, for a statement that is kept."""
    return sqlite.insert(table) if for_sqlite else postgresql.insert(table)


def clock(session: AsyncSession) -> ColumnElement[float]:
    """The database's clock, in seconds since 1970: one for all processes, whatever theirs say."""
    if is_sqlite(session):
        return (func.julianday("now") - _JULIAN_EPOCH) * 86400.0
    return cast(extract("epoch", func.clock_timestamp()), Float(53))


async def ring(session: AsyncSession, news: str) -> None:
    """Let every process that listens hear `news` once this transaction is committed; SQLite has nobody to tell."""
    if not is_sqlite(session):
        await session.execute(select(func.pg_notify(CHANNEL, news)))

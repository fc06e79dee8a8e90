"""The database: one engine per application, one session per unit of work, the caller owns the transaction.

    async with database.write() as tx:
        await tx.users.save(...)

SQLite is opened for durability first: WAL, a synchronous write per commit, foreign keys on, and BEGIN IMMEDIATE for
whatever writes, so that no transaction fails half-way for want of the write lock. One writer at a time per process
keeps the waiting in Python, in order, and stays clear of SQLite's WAL-reset bug (before 3.51.3).
"""

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, nullcontext
from functools import cached_property
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, make_url, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError, DBAPIError, InterfaceError, OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine

from storage.errors import DatabaseUnavailable
from storage.fencing import fence
from storage.listening import listening
from storage.repositories.answers import Answers
from storage.repositories.documents import Documents
from storage.repositories.earlier import Earlier
from storage.repositories.feedback import FeedbackRepository
from storage.repositories.health import HealthRepository
from storage.repositories.inbox import Inbox
from storage.repositories.keys import Keys
from storage.repositories.leases import Leases
from storage.repositories.marks import Marks
from storage.repositories.models import Models
from storage.repositories.people import People
from storage.repositories.privacy import Privacy
from storage.repositories.review import Reviewing
from storage.repositories.rollouts import Rollouts
from storage.repositories.runs import Runs
from storage.repositories.samples import Samples
from storage.repositories.statistics import StatisticsRepository
from storage.repositories.talk import Talk
from storage.repositories.trends import Trends
from storage.sqlite import open_engine

_TRIES, _PAUSE = 50, 0.1  # to empty the write-ahead log while others read; seconds
_PASSWORD = re.compile(r":[^:/@]*@")
_DRIVERS = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+asyncpg", "postgres": "postgresql+asyncpg"}


class Transaction:
    """One unit of work: every repository over the same session."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    @cached_property
    def people(self) -> People:
        """Users, chats and invitations."""
        return People(self._session)

    @cached_property
    def keys(self) -> Keys:
        """What lets programs in."""
        return Keys(self._session)

    @cached_property
    def inbox(self) -> Inbox:
        """Updates received and not yet dealt with."""
        return Inbox(self._session)

    @cached_property
    def leases(self) -> Leases:
        """What one process at a time does."""
        return Leases(self._session)

    @cached_property
    def answers(self) -> Answers:
        """Messages with their routes, answers, sources and deliveries."""
        return Answers(self._session)

    @cached_property
    def feedback(self) -> FeedbackRepository:
        """Votes and labels."""
        return FeedbackRepository(self._session)

    @cached_property
    def earlier(self) -> Earlier:
        """What people were answered before."""
        return Earlier(self._session)

    @cached_property
    def review(self) -> Reviewing:
        """Messages as reviewers see them, what was labelled, and what was asked in vain."""
        return Reviewing(self._session)

    @cached_property
    def marks(self) -> Marks:
        """When things that come again were last done."""
        return Marks(self._session)

    @cached_property
    def talk(self) -> Talk:
        """What is said in groups that have asked for digests."""
        return Talk(self._session)

    @cached_property
    def documents(self) -> Documents:
        """Documents, chunks and the knowledge generation."""
        return Documents(self._session)

    @cached_property
    def models(self) -> Models:
        """Training runs and model versions."""
        return Models(self._session)

    @cached_property
    def runs(self) -> Runs:
        """Training runs, waiting, running and over."""
        return Runs(self._session)

    @cached_property
    def samples(self) -> Samples:
        """What conversations can teach."""
        return Samples(self._session)

    @cached_property
    def rollouts(self) -> Rollouts:
        """Versions on their way into service."""
        return Rollouts(self._session)

    @cached_property
    def health(self) -> HealthRepository:
        """How versions fare with people."""
        return HealthRepository(self._session)

    @cached_property
    def trends(self) -> Trends:
        """What happened day by day."""
        return Trends(self._session)

    @cached_property
    def privacy(self) -> Privacy:
        """What is stored of one person."""
        return Privacy(self._session)

    @cached_property
    def statistics(self) -> StatisticsRepository:
        """Counts."""
        return StatisticsRepository(self._session)


class Database:
    """SQLite or PostgreSQL, by URL: `sqlite:///path/to/file` or `postgresql://user:password@host/name`."""

    def __init__(self, url: str) -> None:
        """Prepare the engine; nothing is opened yet.

        Raises:
            DatabaseUnavailable: the URL is malformed, names another kind of database, or a folder that cannot be made.
        """
        self.url = parse_url(url)
        self._engine = _create_engine(self.url)
        self._writer = self._engine.execution_options(writes=True)  # the same connections
        self._writing = asyncio.Lock() if self.is_sqlite else nullcontext()

    @property
    def is_sqlite(self) -> bool:
        """True for SQLite, false for PostgreSQL."""
        return self.url.get_backend_name() == "sqlite"

    @property
    def engine(self) -> AsyncEngine:
        """The engine, for migrations and tests."""
        return self._engine

    def describe(self) -> str:
        """The address without its password."""
        return self.url.render_as_string(hide_password=True)

    @asynccontextmanager
    async def read(self) -> AsyncIterator[Transaction]:
        """A transaction that sees one state of the database and changes nothing."""
        async with AsyncSession(self._engine, expire_on_commit=False) as session:
            yield Transaction(session)

    @asynccontextmanager
    async def write(self) -> AsyncIterator[Transaction]:
        """A transaction that is committed when the block ends, and rolled back when it raises.

        Raises:
            FenceLost: what is at work here is no longer this process's.
        """
        async with self._writing, AsyncSession(self._writer, expire_on_commit=False) as session, session.begin():
            if (held := fence.get()) is not None:
                await Leases(session).check(held)
            yield Transaction(session)

    @asynccontextmanager
    async def listening(self, hear: Callable[[str], None]) -> AsyncIterator[asyncio.Event]:
        """As `storage.listening.listening`; with SQLite nothing is ever rung."""
        if self.is_sqlite:
            yield asyncio.Event()
            return
        async with listening(self._engine, hear) as gone:
            yield gone

    async def ping(self) -> None:
        """Open the database and ask it something.

        Raises:
            DatabaseUnavailable: it cannot be reached, opened or written, or PostgreSQL would lose what it acknowledged.
        """
        try:
            async with self._writer.begin() as connection:
                await connection.execute(text("SELECT 1"))
                if not self.is_sqlite:
                    await connection.run_sync(_check_durability)
        except (OperationalError, InterfaceError, DBAPIError, OSError, TypeError) as error:
            raise DatabaseUnavailable(self._explain(error)) from error

    async def erase_traces(self) -> None:
        """Leave nothing readable of deleted rows.

        SQLite overwrites them at once, but for copies that pages keep when rows move between them: the file is written
        anew, and the write-ahead log emptied. PostgreSQL is told to clear them away; its own log outlives that.
        """
        async with self._writing, self._engine.connect() as connection:
            raw: Any = (await connection.get_raw_connection()).driver_connection
            await raw.execute("VACUUM")
            if not self.is_sqlite:
                return
            for _ in range(_TRIES):
                async with raw.execute("PRAGMA wal_checkpoint(TRUNCATE)") as cursor:
                    if not (await cursor.fetchone())[0]:
                        return
                await asyncio.sleep(_PAUSE)  # somebody still reads what was before

    async def close(self) -> None:
        """Close every connection."""
        await self._engine.dispose()

    def _explain(self, error: Exception) -> str:
        reason = str(getattr(error, "orig", None) or error).splitlines()[0]
        remedy = (
            "check that the folder exists and can be written" if self.is_sqlite else "check address, user and password"
        )
        return f"database {self.describe()!r} cannot be opened ({reason}): {remedy}"


def parse_url(url: str) -> URL:
    """The database URL with the async driver filled in.

    Raises:
        DatabaseUnavailable: it is not the URL of a SQLite or PostgreSQL database.
    """
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError) as error:
        shown = _PASSWORD.sub(":***@", url)
        raise DatabaseUnavailable(f"{shown!r} is not a database URL: use sqlite:///FILE or postgresql://…") from error
    driver = _DRIVERS.get(parsed.get_backend_name())
    if driver is None:
        raise DatabaseUnavailable(
            f"{parsed.get_backend_name()!r} is not supported: use sqlite:///FILE or postgresql://…"
        )
    return parsed.set(drivername=driver)


def sqlite_file(url: str | URL) -> Path | None:
    """The file of a SQLite database; None for one in memory and for PostgreSQL.

    Raises:
        DatabaseUnavailable: it is not the URL of a SQLite or PostgreSQL database.
    """
    parsed = parse_url(url) if isinstance(url, str) else url
    if parsed.get_backend_name() != "sqlite" or parsed.database in (None, "", ":memory:"):
        return None
    return Path(parsed.database or "")


def _create_engine(url: URL) -> AsyncEngine:
    return open_engine(url) if url.get_backend_name() == "sqlite" else create_async_engine(url, pool_pre_ping=True)


def _check_durability(connection: Connection) -> None:
    for setting in ("fsync", "synchronous_commit"):
        if connection.execute(text(f"SHOW {setting}")).scalar_one() == "off":
            raise DatabaseUnavailable(f"PostgreSQL runs with {setting} = off and may lose messages: turn it on")

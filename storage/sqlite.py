"""SQLite under SQLAlchemy: opened for durability, and with one journey to the connection's thread a statement.

aiosqlite makes a journey to open a cursor, to execute, to fetch and to close, and SQLAlchemy adds those of BEGIN and of
a ROLLBACK where nothing is left to roll back. Each wakes a thread and then the event loop, which takes longer than most
statements do.
"""

import sqlite3
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Any, Self

import aiosqlite
from sqlalchemy import Connection as Connected
from sqlalchemy import event
from sqlalchemy.engine import URL
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from storage.errors import DatabaseUnavailable

BUSY_TIMEOUT_MS = 10_000
_PRAGMAS = (
    f"busy_timeout = {BUSY_TIMEOUT_MS}",
    "journal_mode = WAL",
    "synchronous = FULL",
    "foreign_keys = ON",
    "secure_delete = ON",
    "mmap_size = 0",
)


class Cursor:
    """What SQLAlchemy asks of a cursor: all rows of a statement are there once it is executed."""

    def __init__(self, connection: "SqliteConnection") -> None:
        self.description: Any = None
        self.rowcount = -1
        self.lastrowid: int | None = None
        self.arraysize = 1
        self._connection = connection
        self._rows: deque[Any] = deque()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def __aiter__(self) -> AsyncIterator[Any]:
        while self._rows:
            yield self._rows.popleft()

    async def execute(self, sql: str, parameters: Any = ()) -> Self:
        """Execute a statement, behind the BEGIN that is due."""
        await self._connection.work(lambda raw: self._keep(raw.execute(sql, parameters)))
        return self

    async def executemany(self, sql: str, parameters: Iterable[Any]) -> Self:
        """Execute a statement once for each of its parameters."""
        await self._connection.work(lambda raw: self._keep(raw.executemany(sql, parameters)))
        return self

    async def fetchone(self) -> Any:
        """The next row, None where there is none."""
        return self._rows.popleft() if self._rows else None

    async def fetchmany(self, size: int | None = None) -> list[Any]:
        """The next rows."""
        wanted = self.arraysize if size is None else size
        return [self._rows.popleft() for _ in range(min(wanted, len(self._rows)))]

    async def fetchall(self) -> list[Any]:
        """The rows that are left."""
        return await self.fetchmany(len(self._rows))

    async def close(self) -> None:
        """Let the rows go."""
        self._rows.clear()

    def _keep(self, done: sqlite3.Cursor) -> None:
        self._rows = deque(done.fetchall() if done.description else ())
        self.description, self.rowcount, self.lastrowid = done.description, done.rowcount, done.lastrowid
        done.close()


class SqliteConnection(aiosqlite.Connection):
    """A connection that begins a transaction with its first statement, and ends none that has not begun."""

    def __init__(self, connector: Callable[[], sqlite3.Connection]) -> None:
        super().__init__(connector, iter_chunk_size=64)
        self._thread.daemon = True  # as SQLAlchemy makes it: what hangs in it must not hold up the end of the program
        self.due = ""  # the BEGIN that goes before the next statement
        self._sent = self._done = 0  # the first is counted by the loop, the second by the thread

    def cursor(self) -> Cursor:  # type: ignore[override]  # which would be a journey
        """A cursor, at once."""
        return Cursor(self)

    async def work(self, do: Callable[[sqlite3.Connection], None]) -> None:
        """Do something inside the transaction. It takes its BEGIN along: cancelled, it still is undone as a whole."""
        begin, self.due = self.due, ""
        try:
            await self._execute(self._begun, begin, do)
        except sqlite3.Error:
            if begin and not self.in_transaction:  # it could not begin
                self.due = begin
            raise

    async def commit(self) -> None:
        """Commit what was done; costs nothing where nothing was."""
        if self._ends_something():
            await super().commit()

    async def rollback(self) -> None:
        """Undo what was done, before anything else; costs nothing where nothing was, and nobody waits for it."""
        if self._ends_something():
            self._sent += 1
            self._tx.put_nowait((None, partial(self._counted, self._undo)))

    def _ends_something(self) -> bool:
        self.due = ""
        idle = self._sent == self._done  # else somebody was cancelled who began something
        return not (idle and self._connection is not None and not self.in_transaction)

    def _begun(self, begin: str, do: Callable[[sqlite3.Connection], None]) -> None:
        if begin:
            self._undo()  # in case that the last attempt to do so failed
            self._conn.execute(begin).close()
        do(self._conn)

    def _undo(self) -> None:
        if self._conn.in_transaction:
            self._conn.rollback()

    async def _execute(self, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        self._sent += 1
        return await super()._execute(self._counted, fn, *args, **kwargs)  # type: ignore[no-untyped-call]

    def _counted(self, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        try:
            return fn(*args, **kwargs)
        finally:
            self._done += 1


def open_engine(url: URL) -> AsyncEngine:
    """An engine for the file of a URL; what is to write says so by `execution_options(writes=True)`.

    Raises:
        DatabaseUnavailable: the folder of the file cannot be made.
    """
    if url.database and url.database != ":memory:":
        _make_folder(Path(url.database).parent)
    places, options = url.get_dialect()().create_connect_args(url)
    options = {**options, "timeout": BUSY_TIMEOUT_MS / 1000, "isolation_level": None}  # BEGIN is said by `_on_begin`
    connector = partial(sqlite3.connect, *places, **options)
    engine = create_async_engine(url, async_creator=lambda: SqliteConnection(connector))
    event.listen(engine.sync_engine, "connect", _on_connect)
    event.listen(engine.sync_engine, "begin", _on_begin)
    return engine


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DatabaseUnavailable(
            f"folder {str(folder)!r} of the database cannot be made ({error.strerror}): choose another"
        ) from error


def _on_connect(connection: Any, _record: object) -> None:
    cursor = connection.cursor()
    for pragma in _PRAGMAS:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _on_begin(connection: Connected) -> None:
    """The write lock is taken at once by what will write, so that no transaction fails half-way for want of it."""
    driver: Any = connection.connection.driver_connection
    driver.due = "BEGIN IMMEDIATE" if connection.get_execution_options().get("writes", False) else "BEGIN"

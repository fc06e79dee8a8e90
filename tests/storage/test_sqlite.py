"""SQLite's connections: one journey to their thread a statement, and no state left behind by whoever was cancelled."""

import asyncio
import threading
from collections.abc import Callable
from typing import Any

import aiosqlite
import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.database import Database
from storage.records import NewUpdate
from storage.sqlite import SqliteConnection


@pytest.fixture
def journeys(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of what was carried out in a connection's thread."""
    made: list[str] = []
    plain = aiosqlite.Connection._execute

    async def counted(self: Any, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        made.append(getattr(args[0], "__name__", "?"))
        return await plain(self, fn, *args, **kwargs)  # type: ignore[no-untyped-call]

    monkeypatch.setattr(aiosqlite.Connection, "_execute", counted)
    return made


async def driver_of(connection: AsyncConnection) -> SqliteConnection:
    driver = (await connection.get_raw_connection()).driver_connection
    assert isinstance(driver, SqliteConnection)
    return driver


async def test_a_reading_takes_a_journey_a_statement_and_waits_for_none_to_end(
    sqlite: Database, journeys: list[str]
) -> None:
    async with sqlite.read() as tx:  # a connection is there by now
        await tx.inbox.count_pending()
    journeys.clear()
    async with sqlite.read() as tx:
        await tx.inbox.count_pending()
        await tx.people.count_users()
    assert journeys == ["_begun", "_begun"]
    async with sqlite.engine.connect() as connection:
        driver = await driver_of(connection)
        while driver._sent != driver._done:  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0)
        assert not driver.in_transaction


async def test_what_could_not_be_undone_is_undone_before_the_next_begins(
    sqlite: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(SqliteConnection, "_undo", lambda _: None)
        async with sqlite.read() as tx:
            await tx.inbox.count_pending()
    async with sqlite.engine.connect() as connection:
        assert (await driver_of(connection)).in_transaction
    async with sqlite.write() as tx:
        await tx.inbox.add(NewUpdate(9, 1, "chat:1", {}))
    async with sqlite.read() as tx:
        assert await tx.inbox.count_pending() == 1


async def test_a_writing_ends_with_its_commit(sqlite: Database, journeys: list[str]) -> None:
    async with sqlite.write() as tx:
        await tx.inbox.count_pending()
    journeys.clear()
    async with sqlite.write() as tx:
        await tx.people.count_users()
    assert journeys == ["_begun", "commit"]


async def test_a_transaction_in_which_nothing_happens_is_none(sqlite: Database, journeys: list[str]) -> None:
    async with sqlite.write() as tx:
        await tx.inbox.count_pending()
    journeys.clear()
    async with sqlite.write(), sqlite.read():
        pass
    assert not journeys


async def test_what_is_written_is_there_for_the_next(sqlite: Database) -> None:
    async with sqlite.write() as tx:
        added = await tx.inbox.add_all([NewUpdate(9, number, "chat:1", {"text": "你好"}) for number in range(3)])
    async with sqlite.write() as tx:
        assert [pending.id for pending in added] == [pending.id for pending in await tx.inbox.pending(9)]


async def test_a_statement_that_fails_leaves_nothing_and_the_connection_goes_on(sqlite: Database) -> None:
    async def fail() -> None:
        async with sqlite.write() as tx:
            await tx.inbox.add(NewUpdate(9, 1, "chat:1", {}))
            await tx.feedback.vote(404, 404, "button", 1)

    with pytest.raises(IntegrityError):
        await fail()
    async with sqlite.write() as tx:
        assert await tx.inbox.count_pending() == 0


async def test_whoever_is_cancelled_leaves_no_transaction_behind(sqlite: Database) -> None:
    """The thread is still at the statement when the rollback is due: it must wait for it, and not find nothing yet."""
    async with sqlite.engine.execution_options(writes=True).connect() as connection:
        driver = await driver_of(connection)
        slow = text(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 400000) SELECT max(i) FROM n"
        )
        task = asyncio.create_task(connection.execute(slow))
        while driver._sent == driver._done:  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert not driver._connection or not driver.in_transaction
    async with asyncio.timeout(5), sqlite.write() as tx:  # the lock is free
        assert await tx.inbox.count_pending() == 0


async def test_what_was_cancelled_before_its_turn_is_not_committed(sqlite: Database) -> None:
    """The thread is busy with something else, so that the rollback is due before the statement was begun."""
    busy = threading.Event()
    async with sqlite.engine.execution_options(writes=True).connect() as connection:
        driver = await driver_of(connection)
        driver._tx.put_nowait((None, busy.wait))
        change = text("INSERT INTO counters (name, value) VALUES ('cancelled', 1)")
        task = asyncio.create_task(connection.execute(change))
        while driver._sent == driver._done:  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0)
        task.cancel()
        asyncio.get_running_loop().call_later(0.1, busy.set)
        with pytest.raises(asyncio.CancelledError):
            await task
    async with sqlite.engine.connect() as connection:
        count = text("SELECT count(*) FROM counters WHERE name = 'cancelled'")
        assert (await connection.execute(count)).scalar_one() == 0


async def test_a_lock_that_is_held_is_waited_for_and_then_refused(sqlite: Database) -> None:
    other = Database(str(sqlite.url))
    async with other.engine.connect() as waiting:
        await waiting.exec_driver_sql("PRAGMA busy_timeout = 50")
    async with sqlite.write() as tx:
        await tx.inbox.count_pending()
        with pytest.raises(OperationalError, match="locked"):
            async with other.write() as late:
                await late.inbox.count_pending()
    async with other.write() as tx:  # and it goes on once the lock is free
        await tx.inbox.add(NewUpdate(9, 1, "chat:1", {}))
    await other.close()


async def test_a_cursor_gives_its_rows_as_it_is_asked(sqlite: Database) -> None:
    async with sqlite.engine.connect() as connection:
        driver = await driver_of(connection)
        async with driver.cursor() as cursor:
            await cursor.execute("SELECT 1 AS value UNION ALL VALUES (2), (3), (4), (5)")
            assert cursor.description[0][0] == "value"
            assert await cursor.fetchone() == (1,)
            assert await cursor.fetchmany() == [(2,)]
            assert await cursor.fetchmany(2) == [(3,), (4,)]
            assert [row async for row in cursor] == [(5,)]
            assert await cursor.fetchone() is None
            assert await cursor.fetchall() == []

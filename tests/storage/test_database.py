"""How the databases are opened: what is refused, and what SQLite is told."""

import asyncio
import os
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, OperationalError

from storage.database import Database, parse_url
from storage.errors import DatabaseUnavailable
from storage.records import NewUpdate
from storage.schema import User, now


@pytest.mark.parametrize(
    ("pragma", "value"),
    [("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1), ("busy_timeout", 10_000)],
)
async def test_sqlite_is_opened_for_durability(sqlite: Database, pragma: str, value: object) -> None:
    async with sqlite.engine.connect() as connection:
        assert (await connection.execute(text(f"PRAGMA {pragma}"))).scalar_one() == value


async def test_a_write_takes_the_lock_at_once(sqlite: Database) -> None:
    other = Database(str(sqlite.url))
    async with sqlite.write() as tx:
        await tx.people.count_users()
        async with other.engine.connect() as connection:
            await connection.exec_driver_sql("PRAGMA busy_timeout = 0")
            await connection.exec_driver_sql("ROLLBACK")
            with pytest.raises(OperationalError, match="locked"):
                await connection.exec_driver_sql("BEGIN IMMEDIATE")
            await connection.exec_driver_sql("BEGIN")
    await other.close()


async def test_readers_go_on_while_somebody_writes(sqlite: Database) -> None:
    async with sqlite.write() as tx:
        await tx.inbox.add(NewUpdate(9, 1, "chat:1", {}))
        async with sqlite.read() as other:
            assert await other.inbox.count_pending() == 0
    async with sqlite.read() as tx:
        assert await tx.inbox.count_pending() == 1


async def test_writers_wait_for_each_other(sqlite: Database) -> None:
    async def grow() -> None:
        async with sqlite.write() as tx:
            count = await tx.inbox.count_pending()
            await asyncio.sleep(0.005)
            await tx.inbox.add(NewUpdate(9, count, "chat:1", {}))

    await asyncio.gather(*(grow() for _ in range(10)))
    async with sqlite.read() as tx:
        assert await tx.inbox.count_pending() == 10


async def test_foreign_keys_hold(database: Database) -> None:
    with pytest.raises(IntegrityError):
        async with database.write() as tx:
            await tx.feedback.vote(404, 404, "button", 1)


@pytest.mark.parametrize("url", ["mysql://localhost/x", "not a url", "oracle://x"])
def test_other_databases_are_refused_in_one_sentence(url: str) -> None:
    with pytest.raises(DatabaseUnavailable, match="use sqlite:///FILE or postgresql://"):
        parse_url(url)


async def test_an_unreachable_database_is_named_without_its_password() -> None:
    database = Database("postgresql://ada:geheim@127.0.0.1:1/dawen")
    with pytest.raises(DatabaseUnavailable, match="check address, user and password") as caught:
        await database.ping()
    await database.close()
    assert "geheim" not in str(caught.value)
    assert "127.0.0.1" in str(caught.value)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
async def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    database = Database(f"sqlite:///{tmp_path}/x.db")
    with pytest.raises(DatabaseUnavailable, match="can be written"):
        await database.ping()
    await database.close()


async def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    (tmp_path / "x.db").write_text("this is not a database, it only has its name" * 50)
    database = Database(f"sqlite:///{tmp_path}/x.db")
    with pytest.raises(DatabaseUnavailable, match=r"x\.db"):
        await database.ping()
    await database.close()


async def test_moments_come_back_in_utc(database: Database) -> None:
    moment = now()
    async with database.write() as tx:
        tx._session.add(User(id=1, created_at=moment, seen_at=moment))
    async with database.read() as tx:
        row = await tx._session.get_one(User, 1)
        assert row.created_at == moment
        assert row.created_at.utcoffset() == moment.utcoffset()


async def test_postgres_that_may_lose_commits_is_refused(postgres: Database) -> None:
    await postgres.ping()
    async with postgres.engine.begin() as connection:
        await connection.execute(text("ALTER DATABASE postgres SET synchronous_commit = off"))
    await postgres.close()
    try:
        with pytest.raises(DatabaseUnavailable, match="synchronous_commit = off"):
            await postgres.ping()
    finally:
        async with postgres.engine.begin() as connection:
            await connection.execute(text("ALTER DATABASE postgres RESET synchronous_commit"))
        await postgres.close()

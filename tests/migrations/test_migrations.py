"""Migrations walk up, down and up again on both databases, and agree with the tables that the code expects."""

import asyncio

import pytest
from sqlalchemy import inspect, text

from storage import migrate
from storage.database import Database
from storage.errors import SchemaOutdated
from storage.records import NewMessage, NewUpdate
from storage.schema import Base
from storage.slots import slot_of
from tests.storage.test_answers import meet, record


async def tables(database: Database) -> set[str]:
    async with database.engine.connect() as connection:
        names = await connection.run_sync(lambda sync: inspect(sync).get_table_names())
    return set(names) - {"alembic_version"}


async def test_up_down_up(database: Database) -> None:
    assert await tables(database) == set(Base.metadata.tables)
    await migrate.downgrade(database, "base")
    assert await tables(database) == set()
    await migrate.upgrade(database)
    assert await tables(database) == set(Base.metadata.tables)


async def test_messages_survive_every_step_down_to_the_first_and_up(database: Database) -> None:
    await meet(database)
    await record(database, NewMessage(10, "要多久？", 1, understood="退款要多久？"))
    await migrate.downgrade(database, "0001")
    await migrate.upgrade(database)
    async with database.read() as tx:
        assert [turn.question for turn in await tx.answers.history(10, None, 5)] == ["要多久？"]


async def test_the_tables_are_what_the_code_expects(database: Database) -> None:
    await migrate.check(database)


async def test_upgrading_twice_changes_nothing(database: Database) -> None:
    before = await migrate.current(database)
    await migrate.upgrade(database)
    assert await migrate.current(database) == before == migrate.newest()


async def test_a_database_without_tables_is_told_apart(empty_sqlite: Database) -> None:
    assert await migrate.current(empty_sqlite) is None
    with pytest.raises(SchemaOutdated, match="dawen db upgrade"):
        await migrate.check(empty_sqlite)


async def test_tables_changed_by_hand_are_found(sqlite: Database) -> None:
    async with sqlite.engine.begin() as connection:
        await connection.execute(text("ALTER TABLE users ADD COLUMN nickname TEXT"))
    with pytest.raises(SchemaOutdated, match="changed by hand"):
        await migrate.check(sqlite)


async def test_a_database_of_a_newer_version_is_refused(sqlite: Database) -> None:
    async with sqlite.engine.begin() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(SchemaOutdated, match="update Dawen"):
        await migrate.upgrade(sqlite)


async def test_chunks_from_before_are_there_and_not_whole(database: Database) -> None:
    from tests.storage.test_documents import document, save

    await save(database, document())
    await migrate.downgrade(database, "0001")
    async with database.engine.begin() as connection:
        rows = await connection.execute(text("SELECT text FROM chunks ORDER BY id"))
        assert list(rows.scalars()) == ["one", "two"]
    await migrate.upgrade(database)
    async with database.read() as tx:
        assert [c.whole for c in await tx.documents.chunks(sorted(await tx.documents.keys()))] == [False, False]
    await migrate.check(database)


async def test_of_several_processes_that_start_at_once_one_brings_the_tables_up_to_date(postgres: Database) -> None:
    await migrate.downgrade(postgres, "0007")
    await asyncio.gather(*(migrate.upgrade(postgres) for _ in range(4)))
    await migrate.check(postgres)


async def test_what_waits_gets_its_slot(database: Database) -> None:
    async with database.write() as tx:
        for number, lane in enumerate(("chat:1", "chat:2", "chat:1")):
            await tx.inbox.add(NewUpdate(9, number, lane, {}))
    await migrate.downgrade(database, "0007")
    await migrate.upgrade(database)
    async with database.read() as tx:
        assert await tx.inbox.busy(9) == {slot_of("chat:1"), slot_of("chat:2")}
        assert len(await tx.inbox.first(9, [slot_of("chat:1")], 5)) == 2

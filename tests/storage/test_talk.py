"""The talk of groups, on both databases."""

from datetime import UTC, datetime, timedelta

from storage.database import Database
from storage.records import Said

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
LONG_AGO = NOW - timedelta(days=100)


def said(number: int, text: str = "hello", days: int = 0) -> Said:
    return Said(number, 1, "Ada", text, NOW - timedelta(days=days))


async def numbers(database: Database, thread: int | None = None, most: int = 100) -> list[int]:
    async with database.read() as tx:
        return [message.telegram_id for message in await tx.talk.latest(10, thread, LONG_AGO, most)]


async def prepare(database: Database) -> None:
    async with database.write() as tx:
        await tx.people.see_chat(10, "supergroup", "Team")
        for number in range(1, 6):
            await tx.talk.add(10, None, said(number, days=6 - number))
        await tx.talk.add(10, 7, said(6))


async def test_messages_come_back_in_order_by_conversation_and_time(database: Database) -> None:
    await prepare(database)
    assert await numbers(database) == [1, 2, 3, 4, 5]
    assert await numbers(database, most=2) == [4, 5]
    assert await numbers(database, thread=7) == [6]
    async with database.read() as tx:
        found = await tx.talk.latest(10, None, NOW - timedelta(days=2), 100)
    assert found == [said(4, days=2), said(5, days=1)]


async def test_a_message_is_stored_once(database: Database) -> None:
    await prepare(database)
    async with database.write() as tx:
        await tx.talk.add(10, None, said(5, "again"))
    async with database.read() as tx:
        assert (await tx.talk.latest(10, None, LONG_AGO, 1))[0].text == "hello"


async def test_what_is_old_or_too_much_is_dropped(database: Database) -> None:
    await prepare(database)
    async with database.write() as tx:
        await tx.talk.trim(10, NOW - timedelta(days=4), 100)
    assert await numbers(database) == [2, 3, 4, 5]
    async with database.write() as tx:
        await tx.talk.trim(10, LONG_AGO, 3)
    assert await numbers(database) == [4, 5]
    assert await numbers(database, thread=7) == [6]


async def test_a_group_that_no_longer_keeps_its_talk_has_none(database: Database) -> None:
    await prepare(database)
    async with database.read() as tx:
        assert not await tx.talk.is_kept(10)
        assert not await tx.talk.is_kept(11)
    async with database.write() as tx:
        await tx.talk.keep(10, kept=True)
        assert await tx.talk.is_kept(10)
        await tx.talk.keep(10, kept=False)
    assert await numbers(database) == await numbers(database, thread=7) == []

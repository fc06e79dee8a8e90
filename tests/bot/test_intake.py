"""What comes in: committed before Telegram is told, those of one fetch together, each once."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import pytest
from telegram import Update
from telegram.error import NetworkError

from bot import intake
from bot.intake import InboxQueue, fingerprint, new_update
from storage.database import Database, Transaction
from storage.errors import FenceLost
from storage.records import PendingUpdate
from tests.support.updates import BOT, receive, update


class Told:
    """Remembers what was stored."""

    def __init__(self) -> None:
        self.lanes: list[str] = []

    def offer(self, update: PendingUpdate) -> None:
        self.lanes.append(update.lane)


class Writes:
    """Counts the transactions of a database, and fails those that it is told to fail."""

    def __init__(self, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
        self.count = 0
        self.failures: list[Exception] = []
        self.held = asyncio.Event()
        self.held.set()
        self._write = database.write
        monkeypatch.setattr(database, "write", self.write)

    @asynccontextmanager
    async def write(self) -> AsyncIterator[Transaction]:
        self.count += 1
        await self.held.wait()
        if self.failures:
            raise self.failures.pop()
        inner: AbstractAsyncContextManager[Transaction] = self._write()
        async with inner as tx:
            yield tx


@pytest.fixture
def writes(database: Database, monkeypatch: pytest.MonkeyPatch) -> Writes:
    monkeypatch.setattr(intake, "_FIRST_DELAY", 0.005)
    return Writes(database, monkeypatch)


async def stored(database: Database) -> int:
    """As another process sees it."""
    other = Database(database.url.render_as_string(hide_password=False))
    async with other.read() as tx:
        found = await tx.inbox.count_pending()
    await other.close()
    return found


async def test_those_of_one_fetch_are_committed_together(database: Database, writes: Writes) -> None:
    told = Told()
    await receive(database, told, *(update(number, chat=number % 3) for number in range(100)))
    assert (writes.count, await stored(database)) == (1, 100)
    assert told.lanes == [f"chat:{number % 3}" for number in range(100)]


async def test_nothing_is_done_where_nothing_came(database: Database, writes: Writes) -> None:
    await receive(database, Told())
    assert writes.count == 0


async def test_the_same_update_twice_is_taken_once(database: Database, writes: Writes) -> None:
    told = Told()
    await receive(database, told, update(1), update(1), update(2, message_id=1))
    await receive(database, told, update(1))
    assert (told.lanes, await stored(database)) == (["chat:1"], 1)


async def test_a_database_in_trouble_is_waited_for(database: Database, writes: Writes) -> None:
    writes.failures = [OSError("disk on fire"), OSError("still")]
    told = Told()
    await receive(database, told, update(1), update(2))
    assert (writes.count, told.lanes, await stored(database)) == (3, ["chat:1", "chat:1"], 2)


async def test_where_another_receives_by_now_telegram_is_told_of_nothing(database: Database, writes: Writes) -> None:
    told = Told()
    queue = InboxQueue(database, told, BOT)
    await queue.put(update(1))
    for _ in range(2):  # polling tries again, and would confirm what is not here
        writes.failures = [FenceLost("receiver")]
        with pytest.raises(NetworkError):
            await queue.commit()
    assert (told.lanes, await stored(database)) == ([], 0)


async def test_a_commit_that_nobody_waits_for_any_more_ends_before_the_next(database: Database, writes: Writes) -> None:
    told = Told()
    queue = InboxQueue(database, told, BOT)
    await queue.put(update(1))
    writes.held.clear()
    cut = asyncio.create_task(queue.commit())
    await asyncio.sleep(0.01)
    cut.cancel()
    with pytest.raises(asyncio.CancelledError):
        await cut
    last = asyncio.create_task(queue.commit())
    await asyncio.sleep(0.01)
    assert not last.done()
    writes.held.set()
    await last
    assert (writes.count, told.lanes) == (1, ["chat:1"])


def test_an_update_keeps_everything_telegram_sent() -> None:
    stored = new_update(update(7, chat=5), BOT)
    assert (stored.update_id, stored.lane, stored.fingerprint) == (7, "chat:5", "message:5:7")
    again = Update.de_json(dict(stored.payload), None)
    assert again.to_dict() == update(7, chat=5).to_dict() | {"message": again.to_dict()["message"]}
    unknown = Update.de_json({"update_id": 8, "something_new": {"a": 1}}, None)
    assert new_update(unknown, BOT).payload["something_new"] == {"a": 1}
    assert (new_update(unknown, BOT).lane, fingerprint(unknown)) == ("other", None)

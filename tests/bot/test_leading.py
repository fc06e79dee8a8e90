"""One process does some work, and another goes on when it ends, is killed, or has lost its lease."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from bot import leading
from bot.leading import Leader, Tasks, holding, turn
from storage.database import Database
from storage.errors import FenceLost
from storage.fencing import Fence, fence

EXPIRES = 1.0  # seconds
PATIENCE = 30.0


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, seconds in (("EXPIRES_AFTER", EXPIRES), ("RENEW_EVERY", 0.2), ("LOOK_EVERY", 0.05)):
        monkeypatch.setattr(leading, name, seconds)


class Work:
    """Notes whether it is done, and behind which fence."""

    def __init__(self) -> None:
        self.done = False
        self.fence: Fence | None = None
        self.trouble: Exception | None = None

    async def start(self) -> None:
        if self.trouble:
            raise self.trouble
        self.done, self.fence = True, fence.get()

    async def stop(self) -> None:
        self.done = False


async def until(predicate: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not predicate():  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0.01)


@asynccontextmanager
async def leader(database: Database, holder: str, work: Work) -> AsyncIterator[asyncio.Task[None]]:
    """Somebody who does the work or waits for it; cancelling the task is their sudden death."""
    found = Leader(database, "trainer", holder, work)
    await found.begin()
    task = asyncio.create_task(found.run())
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await found.end()


async def test_one_does_the_work_and_the_next_when_it_ends(postgres: Database) -> None:
    first, second = Work(), Work()
    async with leader(postgres, "one", first), leader(postgres, "two", second):
        assert (first.done, second.done) == (True, False)
        assert first.fence == Fence("trainer", 1)
        assert fence.get() is None
    async with leader(postgres, "two", second):
        assert (first.done, second.done) == (False, True)


async def test_another_goes_on_when_one_is_killed(postgres: Database) -> None:
    first, second = Work(), Work()
    async with leader(postgres, "one", first) as life, leader(postgres, "two", second):
        await asyncio.sleep(2 * EXPIRES)
        assert (first.done, second.done) == (True, False)  # it is renewed
        life.cancel()
        await until(lambda: second.done)
        assert second.fence == Fence("trainer", 2)


async def test_who_has_lost_the_lease_ends_the_work(postgres: Database) -> None:
    work = Work()
    async with leader(postgres, "one", work):
        held = work.fence
        assert held is not None
        async with postgres.write() as tx:
            await tx.leases.release([held])
            await tx.leases.take(["trainer"], "two", 60)
        await until(lambda: not work.done)
        fence.set(held)
        with pytest.raises(FenceLost):
            async with postgres.write():
                pass
        fence.set(None)


async def test_who_cannot_reach_the_database_ends_the_work_in_time(
    postgres: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    work = Work()

    def gone() -> None:
        raise OSError("no route to host")

    async with leader(postgres, "one", work):
        monkeypatch.setattr(postgres, "write", gone)
        await until(lambda: not work.done)
        monkeypatch.undo()


async def test_work_that_cannot_begin_leaves_the_lease_to_others(postgres: Database) -> None:
    broken, other = Work(), Work()
    broken.trouble = OSError("taken port")
    with pytest.raises(OSError, match="taken port"):
        await Leader(postgres, "trainer", "one", broken).begin()
    async with leader(postgres, "two", other):
        assert other.done


async def test_with_sqlite_the_work_is_begun_without_a_lease(sqlite: Database) -> None:
    work = Work()
    async with leader(sqlite, "one", work):
        assert (work.done, work.fence) == (True, None)
    assert not work.done


async def test_tasks_are_work_that_ends_when_it_is_stopped() -> None:
    ended: list[str] = []

    async def endless() -> None:
        try:
            await asyncio.sleep(3600)
        finally:
            ended.append("one")

    tasks = Tasks({"one": endless})
    await tasks.start()
    await asyncio.sleep(0)
    await tasks.stop()
    assert ended == ["one"]


async def test_who_cannot_have_a_lease_is_told_or_waits_for_their_turn(postgres: Database) -> None:
    async with holding(postgres, "manual") as mine:
        assert mine
        waiting = asyncio.create_task(_take_turn(postgres))
        await asyncio.sleep(0.1)
        assert not waiting.done()
    async with asyncio.timeout(PATIENCE):
        assert await waiting


async def _take_turn(database: Database) -> bool:
    async with turn(database, "manual"):
        return True

"""Several workers on one inbox: each chat in order, by one of them at a time, whichever of them ends or sleeps."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import groupby

import pytest

from bot import sharing
from bot.inbox import Lanes
from bot.news import News
from bot.sharing import Slots
from storage.database import Database
from storage.errors import FenceLost
from storage.fencing import fence
from storage.records import NewUpdate, StoredUpdate
from storage.slots import SLOTS, slot_of

BOT = 9001
EXPIRES = 1.5  # seconds
PATIENCE = 60.0


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, seconds in (("EXPIRES_AFTER", EXPIRES), ("RENEW_EVERY", 0.3), ("LOOK_EVERY", 0.1)):
        monkeypatch.setattr(sharing, name, seconds)


class World:
    """What all workers together have done, as people would see it."""

    def __init__(self) -> None:
        self.done: list[tuple[str, int, str]] = []  # lane, update, worker
        self.at_work: dict[str, str] = {}
        self.changed = asyncio.Condition()

    async def note(self, stored: StoredUpdate, worker: str) -> None:
        async with self.changed:
            self.done.append((stored.lane, stored.update_id, worker))
            self.changed.notify_all()

    def of(self, lane: str) -> list[int]:
        """What was done in a lane; what was cut off before its mark is done again, which the outbox takes care of."""
        return [number for number, _ in groupby(number for name, number, _ in self.done if name == lane)]

    def by(self) -> dict[str, int]:
        counts: dict[str, int] = defaultdict(int)
        for _, _, worker in self.done:
            counts[worker] += 1
        return counts

    async def has_done(self, updates: int) -> None:
        async with asyncio.timeout(PATIENCE), self.changed:
            await self.changed.wait_for(lambda: len({number for _, number, _ in self.done}) >= updates)


class Worker:
    """A worker with a connection of its own, as in another process; `halt` lets it be killed."""

    def __init__(self, world: World, database: Database, name: str, pause: float = 0.0) -> None:
        self.world = world
        self.name = name
        self.pause = pause
        self.asleep = asyncio.Event()
        self.asleep.set()  # set: awake
        self.refused = 0
        self.workers = 0
        self.database = database
        self.lanes = Lanes(database, self.handle, self.handle, width=32)
        self.slots = Slots(database, self.lanes, BOT, name, self.count)
        self.news = News(database)
        self.slots.listen(self.news)
        self.tasks: list[asyncio.Task[None]] = []
        self.keeping: asyncio.Task[None] | None = None

    def count(self, workers: int) -> None:
        self.workers = workers

    async def handle(self, stored: StoredUpdate) -> None:
        assert stored.lane not in self.world.at_work, "two workers in one chat at once"
        self.world.at_work[stored.lane] = self.name
        try:
            await asyncio.sleep(self.pause)
            await self.asleep.wait()
            async with self.database.write():  # what is stored and sent is behind the fence
                pass
        except FenceLost:
            self.refused += 1
            raise
        finally:
            self.world.at_work.pop(stored.lane, None)
        await self.world.note(stored, self.name)

    async def start(self) -> None:
        await self.slots.open()
        self.keeping = asyncio.create_task(self.slots.keep())
        self.tasks = [asyncio.create_task(work) for work in (self.news.run(), self.slots.take(), self.lanes.run())]

    async def kill(self) -> None:
        """End without a word."""
        for task in [*self.tasks, *([self.keeping] if self.keeping else [])]:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        await self.lanes.drain(0)

    async def stop(self) -> None:
        """End as the program does when it is told to."""
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        self.slots.close_door()
        await self.lanes.drain(5)
        if self.keeping is not None:
            self.keeping.cancel()
            await asyncio.gather(self.keeping, return_exceptions=True)
        await self.slots.close()


@asynccontextmanager
async def working(world: World, url: str, name: str, pause: float = 0.0) -> AsyncIterator[Worker]:
    database = Database(url)
    worker = Worker(world, database, name, pause)
    try:
        await worker.start()
        yield worker
    finally:
        await worker.kill()
        await database.close()


@pytest.fixture
def world() -> World:
    return World()


async def send(database: Database, updates: int, chats: int) -> None:
    async with database.write() as tx:
        for number in range(updates):
            await tx.inbox.add(NewUpdate(BOT, number, f"chat:{number % chats}", {}))


def assert_each_once_in_order(world: World, updates: int, chats: int) -> None:
    for chat in range(chats):
        assert world.of(f"chat:{chat}") == list(range(chat, updates, chats))


def test_chats_are_spread_over_all_slots_and_stay_where_they_are() -> None:
    counts = [0] * SLOTS
    for chat in range(100 * SLOTS):
        counts[slot_of(f"chat:{chat}")] += 1
    assert min(counts) > 50
    assert max(counts) < 200
    assert [slot_of(lane) for lane in ("chat:1001", "chat:-1001000000001", "other")] == [125, 43, 32]


async def test_two_workers_share_the_chats_and_keep_their_order(
    postgres: Database, postgres_url: str, world: World
) -> None:
    async with working(world, postgres_url, "one", 0.01) as one, working(world, postgres_url, "two", 0.01) as two:
        await send(postgres, 60, 20)
        await world.has_done(60)
        await one.slots.beat()
        assert (one.workers, two.workers) == (2, 2)
    assert_each_once_in_order(world, 60, 20)
    assert min(world.by().values()) > 10


async def test_a_second_worker_gets_its_share_of_what_the_first_has_taken(
    postgres: Database, postgres_url: str, world: World
) -> None:
    await send(postgres, 80, 16)
    async with working(world, postgres_url, "one", 0.3):
        await world.has_done(10)
        async with working(world, postgres_url, "two", 0.05):
            await world.has_done(80)
    assert_each_once_in_order(world, 80, 16)
    assert world.by()["two"] > 0


async def held(database: Database) -> int:
    async with database.read() as tx:
        return await tx.leases.count(f"slot:{BOT}:")


async def test_what_is_empty_is_given_back(postgres: Database, postgres_url: str, world: World) -> None:
    async with working(world, postgres_url, "one") as one:
        await send(postgres, 20, 20)
        await world.has_done(20)
        async with asyncio.timeout(PATIENCE):
            while await held(postgres):  # noqa: ASYNC110 - nobody tells
                await asyncio.sleep(0.02)
        assert one.lanes.fences == {}


async def test_the_chats_of_a_killed_worker_go_on_with_another(
    postgres: Database, postgres_url: str, world: World
) -> None:
    async with working(world, postgres_url, "one", 0.05) as one:
        await send(postgres, 50, 10)
        await world.has_done(12)
        async with working(world, postgres_url, "two", 0.01):
            await one.kill()
            await world.has_done(50)
    assert_each_once_in_order(world, 50, 10)


async def test_a_worker_that_is_stopped_hands_over_at_once(
    postgres: Database, postgres_url: str, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sharing, "EXPIRES_AFTER", 60.0)
    async with working(world, postgres_url, "one", 0.03) as one:
        await send(postgres, 36, 6)
        await world.has_done(6)
        async with working(world, postgres_url, "two"):
            await one.stop()
            await world.has_done(36)
    assert_each_once_in_order(world, 36, 6)


async def test_a_worker_that_slept_past_its_lease_stores_nothing(
    postgres: Database, postgres_url: str, world: World
) -> None:
    async with working(world, postgres_url, "one") as one:
        one.asleep.clear()
        await send(postgres, 3, 1)
        async with asyncio.timeout(PATIENCE):
            while not world.at_work:  # noqa: ASYNC110 - nobody tells
                await asyncio.sleep(0.01)
        for task in [*one.tasks, *([one.keeping] if one.keeping else [])]:
            task.cancel()  # it renews nothing, and its handler waits
        world.at_work.clear()
        async with working(world, postgres_url, "two"):
            await world.has_done(3)
            one.asleep.set()
            async with asyncio.timeout(PATIENCE):
                await one.lanes.idle()
    assert [worker for _, _, worker in world.done] == ["two"] * 3
    assert_each_once_in_order(world, 3, 1)
    assert one.refused == 1


async def test_a_worker_whose_lease_was_taken_drops_what_it_is_at(
    postgres: Database, postgres_url: str, world: World
) -> None:
    async with working(world, postgres_url, "one", 30.0) as one:
        await send(postgres, 2, 1)
        async with asyncio.timeout(PATIENCE):
            while not world.at_work:  # noqa: ASYNC110 - nobody tells
                await asyncio.sleep(0.01)
        name = f"slot:{BOT}:{slot_of('chat:0')}"
        async with postgres.write() as tx:
            held = (one.lanes.fences or {})[slot_of("chat:0")]
            await tx.leases.release([held])
            assert await tx.leases.take([name], "two", 60.0)
        async with asyncio.timeout(PATIENCE):
            await one.lanes.idle()
        assert not world.at_work


async def test_a_long_backlog_of_one_chat_is_read_bit_by_bit(
    postgres: Database, postgres_url: str, world: World
) -> None:
    await send(postgres, 40, 1)
    async with working(world, postgres_url, "one") as one:
        assert len(one.lanes._known) <= 32
        await world.has_done(40)
    assert_each_once_in_order(world, 40, 1)


async def test_what_another_account_got_is_left_alone(postgres: Database, postgres_url: str, world: World) -> None:
    async with postgres.write() as tx:
        await tx.inbox.add(NewUpdate(9002, 1, "chat:1", {}))
    async with working(world, postgres_url, "one") as one:
        await send(postgres, 2, 1)
        await world.has_done(2)
        await one.lanes.idle()
    async with postgres.read() as tx:
        assert await tx.inbox.count_pending() == 1


async def test_without_news_everything_is_found_a_little_later(
    postgres: Database, postgres_url: str, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def deaf(_: News) -> None:
        await asyncio.sleep(3600)

    monkeypatch.setattr(News, "run", deaf)
    async with working(world, postgres_url, "one"):
        await send(postgres, 10, 2)
        await world.has_done(10)
    assert_each_once_in_order(world, 10, 2)
    assert fence.get() is None


async def test_a_look_that_waited_for_a_lock_is_not_rested_from_for_long(
    sqlite: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def wait(_: Slots) -> None:
        await asyncio.sleep(0.2)

    async def nobody(_: object) -> None:
        pass

    monkeypatch.setattr(Slots, "look", wait)
    monkeypatch.setattr(sharing, "_REST", 3600.0)
    slots = Slots(sqlite, Lanes(sqlite, nobody, nobody, width=1), BOT, "one", lambda _: None)
    async with asyncio.timeout(PATIENCE):
        await slots._look_and_rest()

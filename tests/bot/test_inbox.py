"""The inbox: in order per chat, many chats at once, again after a crash."""

import asyncio
from collections import defaultdict

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot import inbox
from bot.inbox import MAX_ATTEMPTS, Lanes
from storage.database import Database
from storage.records import NewUpdate, PendingUpdate, StoredUpdate
from tests.support.updates import BOT, receive, update


class Worker:
    """Remembers what it was given; fails or waits as told."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, int]] = []
        self.given_up: list[int] = []
        self.running: dict[str, int] = defaultdict(int)
        self.most_at_once = 0
        self.pause = 0.002  # seconds
        self.failures: dict[int, int] = {}

    async def handle(self, stored: StoredUpdate) -> None:
        self.running[stored.lane] += 1
        assert self.running[stored.lane] == 1, "two updates of one chat at once"
        self.most_at_once = max(self.most_at_once, sum(self.running.values()))
        await asyncio.sleep(self.pause)
        self.running[stored.lane] -= 1
        if self.failures.get(stored.update_id, 0) > 0:
            self.failures[stored.update_id] -= 1
            raise RuntimeError("text of a message")
        self.seen.append((stored.lane, stored.update_id))

    async def give_up(self, stored: StoredUpdate) -> None:
        self.given_up.append(stored.update_id)


@pytest.fixture(autouse=True)
def quick_retries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inbox, "_FIRST_DELAY", 0.005)


@pytest.fixture
def worker() -> Worker:
    return Worker()


async def work_off(lanes: Lanes) -> None:
    running = asyncio.create_task(lanes.run())
    async with asyncio.timeout(20):
        await lanes.idle()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_each_chat_in_order_and_many_chats_at_once(database: Database, worker: Worker) -> None:
    worker.pause = 0.05  # longer than a commit takes on a slow disk
    lanes = Lanes(database, worker.handle, worker.give_up, width=5)
    await receive(database, lanes, *(update(number, chat=number % 6) for number in range(60)))
    await work_off(lanes)
    for chat in range(6):
        assert [n for lane, n in worker.seen if lane == f"chat:{chat}"] == list(range(chat, 60, 6))
    assert 1 < worker.most_at_once <= 5


async def test_what_was_not_finished_is_found_at_the_next_start(database: Database, worker: Worker) -> None:
    first = Lanes(database, worker.handle, worker.give_up, width=4)
    await receive(database, first, *(update(number, chat=number % 7) for number in range(50)))
    second = Lanes(database, worker.handle, worker.give_up, width=4)
    assert await second.load(BOT) == 50
    await work_off(second)
    assert sorted(n for _, n in worker.seen) == list(range(50))
    assert await Lanes(database, worker.handle, worker.give_up, width=4).load(BOT) == 0


async def test_a_failure_is_tried_again_before_the_chat_goes_on(sqlite: Database, worker: Worker) -> None:
    worker.failures = {1: 2}
    lanes = Lanes(sqlite, worker.handle, worker.give_up, width=4)
    await receive(sqlite, lanes, update(1), update(2))
    await work_off(lanes)
    assert worker.seen == [("chat:1", 1), ("chat:1", 2)]
    assert worker.given_up == []


async def test_a_lasting_failure_is_given_up_and_the_chat_goes_on(sqlite: Database, worker: Worker) -> None:
    worker.failures = {1: 99}
    lanes = Lanes(sqlite, worker.handle, worker.give_up, width=4)
    await receive(sqlite, lanes, update(1), update(2))
    await work_off(lanes)
    assert worker.seen == [("chat:1", 2)]
    assert worker.given_up == [1]
    assert worker.failures == {1: 99 - MAX_ATTEMPTS}


async def test_what_keeps_killing_the_process_is_set_aside(sqlite: Database, worker: Worker) -> None:
    async with sqlite.write() as tx:
        pending = await tx.inbox.add(NewUpdate(BOT, 1, "chat:1", {}))
        assert pending is not None
        for _ in range(MAX_ATTEMPTS):
            await tx.inbox.begin(pending.id)
    lanes = Lanes(sqlite, worker.handle, worker.give_up, width=1)
    assert await lanes.load(BOT) == 1
    await work_off(lanes)
    assert (worker.seen, worker.given_up) == ([], [])
    async with sqlite.read() as tx:
        assert await tx.inbox.pending(BOT) == []


async def test_draining_cuts_off_what_takes_too_long_and_keeps_it(sqlite: Database) -> None:
    async def forever(_: StoredUpdate) -> None:
        await asyncio.sleep(60)

    lanes = Lanes(sqlite, forever, forever, width=2)
    await receive(sqlite, lanes, update(1))
    running = asyncio.create_task(lanes.run())
    await asyncio.sleep(0.05)
    running.cancel()
    await lanes.drain(0.05)
    async with sqlite.read() as tx:
        assert [item.lane for item in await tx.inbox.pending(BOT)] == ["chat:1"]


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(min_value=0, max_value=4), max_size=40), st.integers(min_value=1, max_value=6))
def test_no_interleaving_breaks_the_order_of_a_chat(chats: list[int], width: int) -> None:
    asyncio.run(_run_in_memory(chats, width))


async def _run_in_memory(chats: list[int], width: int) -> None:
    worker = Worker()
    lanes = Lanes(_Memory(chats), worker.handle, worker.give_up, width)  # type: ignore[arg-type]
    for number, chat in enumerate(chats):
        lanes.offer(PendingUpdate(number, f"chat:{chat}"))
    await work_off(lanes)
    for chat in set(chats):
        assert [n for lane, n in worker.seen if lane == f"chat:{chat}"] == [n for n, c in enumerate(chats) if c == chat]


class _Memory:
    """A stand-in for the database that only knows which lane a number has."""

    def __init__(self, chats: list[int]) -> None:
        self._chats = chats
        self.inbox = self

    def write(self) -> "_Memory":
        return self

    async def __aenter__(self) -> "_Memory":
        return self

    async def __aexit__(self, *_: object) -> None:
        return None

    async def begin(self, key: int) -> StoredUpdate:
        return StoredUpdate(key, key, f"chat:{self._chats[key]}", {}, 1)

    async def finish(self, key: int, outcome: str) -> None:
        return None


async def test_what_is_to_be_tried_again_is_taken_up_while_the_bot_runs(
    sqlite: Database, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbox, "_LOOK_EVERY", 0.01)
    worker.failures = {1: MAX_ATTEMPTS}
    lanes = Lanes(sqlite, worker.handle, worker.give_up, width=4)
    await receive(sqlite, lanes, update(1))
    running = [asyncio.create_task(lanes.run()), asyncio.create_task(lanes.watch(BOT))]
    async with asyncio.timeout(20):
        await lanes.idle()
        assert worker.given_up == [1]
        async with sqlite.write() as tx:
            assert await tx.inbox.retry([dead.id for dead in await tx.inbox.dead()]) == 1
        while not worker.seen:  # noqa: ASYNC110 - the worker of all tests tells nobody
            await asyncio.sleep(0.01)
        await lanes.idle()
    for task in running:
        task.cancel()
    await asyncio.gather(*running, return_exceptions=True)
    assert worker.seen == [("chat:1", 1)]


async def test_what_waits_already_is_not_taken_up_twice(sqlite: Database, worker: Worker) -> None:
    lanes = Lanes(sqlite, worker.handle, worker.give_up, width=4)
    await receive(sqlite, lanes, update(1))
    assert await lanes.load(BOT) == 0
    await work_off(lanes)
    assert worker.seen == [("chat:1", 1)]

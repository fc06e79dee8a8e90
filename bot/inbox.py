"""The durable inbox: what was received is worked on in order per chat, and chats at once.

What was received and not finished is found again at the next start. In memory there are only the numbers of waiting
updates; their contents stay in the database until their turn. How they come into it is in `bot.intake`.
"""

import asyncio
import itertools
import logging
import time
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Collection

from telegram import Bot, Update

from bot import tracing
from bot.logs import update_id
from bot.points import reached
from storage.database import Database
from storage.errors import FenceLost
from storage.fencing import Fence, fence
from storage.records import PendingUpdate, StoredUpdate
from storage.slots import slot_of

_log = logging.getLogger(__name__)
MAX_ATTEMPTS = 5
_FIRST_DELAY = 0.5  # seconds before the second attempt, doubled each time
_DELAY_MOST = 10.0
_LOOK_EVERY = 5.0  # seconds
_LONG, _AT_ONCE = 50, 500  # updates that wait in a lane; of a longer one so many are looked at together

Handle = Callable[[StoredUpdate], Awaitable[None]]
GiveUp = Callable[[StoredUpdate], Awaitable[None]]
PutAway = Callable[[Collection[int]], Awaitable[set[int]]]


class Lanes:
    """Works on stored updates: one at a time per lane, at most `width` at once.

    Where several processes share the inbox, `fences` has the lease of each slot that this one serves: work is done
    behind that of its slot, and dropped when it falls. `emptied` is told the slot of a lane in which nothing is left.
    """

    def __init__(self, database: Database, handle: Handle, give_up: GiveUp, width: int) -> None:
        """`handle` deals with an update; `give_up` is called once when it has failed for the last time."""
        self._database = database
        self._handle = handle
        self._give_up = give_up
        self._waiting: dict[str, deque[int]] = {}
        self._ready: asyncio.Queue[str] = asyncio.Queue()
        self._lined_up: dict[str, float] = {}  # the lanes in `_ready`, in order, and since when
        self._free = asyncio.Semaphore(width)
        self._tasks: dict[str, asyncio.Task[None]] = {}  # by lane
        self._known: set[int] = set()  # what waits or runs
        self.fences: dict[int, Fence] | None = None  # None where no other process can be there
        self.emptied: Callable[[int], None] = lambda _: None
        self.put_away: PutAway | None = None  # deals at once with what it can of a long lane
        self.outcomes: Counter[str] = Counter()  # of updates since the start: received, done, refused, failed, dead

    @property
    def waiting(self) -> int:
        """How many lanes have something to do."""
        return len(self._waiting)

    @property
    def line(self) -> list[tuple[str, float]]:
        """The lanes that wait for their turn, the next first, and since when, by the monotonic clock."""
        return [(lane, since) for lane, since in self._lined_up.items() if lane in self._waiting]

    @property
    def running(self) -> int:
        """How many lanes are at work."""
        return len(self._tasks)

    @property
    def slots(self) -> set[int]:
        """Where something waits or runs."""
        return set(map(slot_of, self._waiting))

    async def load(self, bot_id: int) -> int:
        """Take up what a bot account received and did not finish; returns how much of that is new here."""
        async with self._database.read() as tx:
            pending = await tx.inbox.pending(bot_id)
        return sum(map(self.offer, pending))

    async def watch(self, bot_id: int) -> None:
        """Take up what is to be tried again at somebody's wish; runs until cancelled."""
        while True:
            await asyncio.sleep(_LOOK_EVERY)
            try:
                await self.load(bot_id)
            except Exception:
                _log.exception("the inbox cannot be read, looking again later")

    def offer(self, update: PendingUpdate) -> bool:
        """Add a stored update to its lane; false where it is there already."""
        if update.id in self._known:
            return False
        self._known.add(update.id)
        self.outcomes["received"] += 1
        if update.lane in self._waiting:
            self._waiting[update.lane].append(update.id)
        else:
            self._waiting[update.lane] = deque([update.id])
            self._line_up(update.lane)
        return True

    def leave(self, slots: Collection[int], *, cut: bool = False) -> None:
        """Begin nothing more in some slots; what runs there is finished, or cut off."""
        for lane in [lane for lane in self._waiting if slot_of(lane) in slots]:
            queue, running = self._waiting[lane], self._tasks.get(lane)
            if running is None:
                self._forget(lane)
            elif cut:
                running.cancel()
            else:
                self._known.difference_update(list(queue)[1:])
                self._waiting[lane] = deque([queue[0]])

    def _line_up(self, lane: str) -> None:
        if lane not in self._lined_up:
            self._lined_up[lane] = time.monotonic()
            self._ready.put_nowait(lane)

    def _forget(self, lane: str) -> None:
        self._known.difference_update(self._waiting.pop(lane, ()))
        self.emptied(slot_of(lane))

    async def run(self) -> None:
        """Work until cancelled."""
        while True:
            await self._free.acquire()
            try:
                lane = await self._ready.get()
            except asyncio.CancelledError:
                self._free.release()
                raise
            self._lined_up.pop(lane, None)
            if lane not in self._waiting:  # it was left meanwhile
                self._free.release()
                continue
            task = asyncio.create_task(self._work(lane), name=f"lane {lane}")
            self._tasks[lane] = task
            task.add_done_callback(lambda done, lane=lane: self._done(lane, done))  # type: ignore[misc]

    async def drain(self, seconds: float) -> None:
        """Let running work end, at most so long; what is cut off is done again at the next start."""
        if self._tasks:
            _, late = await asyncio.wait(self._tasks.values(), timeout=seconds)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def idle(self) -> None:
        """Wait until nothing waits or runs."""
        while self._waiting or self._tasks:  # noqa: ASYNC110 - for tests; an event would cost every update
            await asyncio.sleep(0.01)

    def _done(self, lane: str, task: asyncio.Task[None]) -> None:
        """One update of a lane is over; the lane goes to the end of the line for its next."""
        del self._tasks[lane]
        self._free.release()
        queue = self._waiting[lane]
        if not task.cancelled() and task.exception() is None:
            self._known.discard(queue.popleft())
            if queue:
                self._line_up(lane)
                return
        elif not task.cancelled() and not isinstance(task.exception(), FenceLost):
            _log.error("a lane ended unexpectedly", exc_info=task.exception())
        self._forget(lane)

    async def _work(self, lane: str) -> None:
        """One update of a lane; raises FenceLost where another process serves it by now."""
        if self.fences is not None:
            held = self.fences.get(slot_of(lane))
            if held is None:
                raise FenceLost(f"lane {lane!r} is served by another process")
            fence.set(held)
        reached("lane.taken")
        await self._thin_out(lane)
        key = self._waiting[lane][0]
        with tracing.root("update", update=key, lane=lane.partition(":")[0]):
            await self._attempt(key)

    async def _thin_out(self, lane: str) -> None:
        """Let what can be dealt with at once leave a long lane; never its first."""
        queue = self._waiting[lane]
        if self.put_away is None or len(queue) <= _LONG:
            return
        try:
            gone = await self.put_away(list(itertools.islice(queue, _AT_ONCE))[1:])
        except FenceLost:
            raise
        except Exception:
            _log.exception("a long lane cannot be looked through, going on with its first update")
            return
        self._waiting[lane] = deque(key for key in self._waiting[lane] if key not in gone)
        self._known -= gone
        self.outcomes["refused"] += len(gone)

    async def _attempt(self, key: int) -> None:
        delay = _FIRST_DELAY
        update_id.set(key)
        while not await self._step(key):
            await asyncio.sleep(delay)
            delay = min(delay * 2, _DELAY_MOST)

    async def _step(self, key: int) -> bool:
        """Try an update once; true when no further attempt is due."""
        try:
            async with self._database.write() as tx:
                update = await tx.inbox.begin(key)
            if update is None:
                return True
            reached("update.begun")
            outcome = await self._outcome(update)
            if outcome is None:
                return False
            reached("update.handled")
            async with self._database.write() as tx:
                await tx.inbox.finish(key, outcome)
            reached("update.finished")
            self.outcomes[outcome] += 1
            tracing.note(outcome=outcome, attempts=update.attempts)
            if outcome == "done":
                tracing.succeeded()
        except FenceLost:
            raise
        except Exception:
            _log.exception("the inbox cannot be read or written, trying again")
            return False
        return True

    async def _outcome(self, update: StoredUpdate) -> str | None:
        """How an attempt ended: "done", "failed" or "dead" for good, None when it should be made again."""
        if update.attempts > MAX_ATTEMPTS:  # the earlier ones ended with the process
            _log.error("update %d ended the process too often, it is set aside", update.update_id)
            return "dead"
        try:
            await self._handle(update)
        except FenceLost:
            raise
        except Exception as error:
            tracing.failed(error)
            _log.exception("update %d failed, attempt %d", update.update_id, update.attempts)
            if update.attempts < MAX_ATTEMPTS:
                return None
            await self._apologise(update)
            return "failed"
        return "done"

    async def _apologise(self, update: StoredUpdate) -> None:
        try:
            await self._give_up(update)
        except FenceLost:
            raise
        except Exception:
            _log.exception("update %d: the apology was not sent", update.update_id)


def restore(stored: StoredUpdate, bot: Bot) -> Update:
    """A stored update as the handlers see it: its number is that of its row, which no other bot account shares."""
    return Update.de_json({**stored.payload, "update_id": stored.id}, bot)
